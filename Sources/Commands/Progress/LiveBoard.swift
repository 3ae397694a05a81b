import Model
import Text

/// The board on a terminal, drawn over itself: a line a task, a line a sync point, a line of totals.
struct LiveBoard {
    private let sink: any TextSink
    private let paint: Paint
    /// Lines on the screen now, which the next drawing goes over.
    private var drawn = 0

    private static let widest = 100
    private static let mostPoints = 12
    /// Fewer tasks than this are not shown, however low the screen is.
    private static let fewestTasks = 3

    init(_ sink: any TextSink, _ paint: Paint) {
        self.sink = sink
        self.paint = paint
    }

    mutating func draw(_ board: RunBoard, now: Timestamp) {
        let lines = Self.lines(board, now: now, width: min(Self.widest, sink.width), height: sink.height, paint)
        var text: TerminalText = drawn > 0 ? "\u{1B}[\(drawn)A\u{1B}[J" : ""
        for line in lines { text += line + "\n" }
        sink.write(text)
        drawn = lines.count
    }

    /// Takes the board off the screen: what follows is written where it began.
    mutating func erase() {
        if drawn > 0 { sink.write("\u{1B}[\(drawn)A\u{1B}[J") }
        drawn = 0
    }

    /// At most `height - 1` lines, or they could not be drawn over. Tasks that find no place are counted, and
    /// the ones to look at first are shown.
    static func lines(_ board: RunBoard, now: Timestamp, width: Int, height: Int, _ paint: Paint) -> [TerminalText] {
        let points = board.points.filter { $0.state != .released } + board.points.filter { $0.state == .released }
        let shownPoints = points.prefix(mostPoints)
        let rest = height - 5 - (shownPoints.isEmpty ? 0 : shownPoints.count + 2)
        let shown = chosen(board.tasks, most: max(fewestTasks, rest))
        let rows = shown.map { task -> [TextTable.Cell] in
            [
                TextTable.Cell(task.name.cut(to: 28)), .optional(task.region.cut(to: 16)),
                .optional(task.worker.cut(to: 20)),
                .state(task.phase.rawValue), TextTable.Cell(task.duration(now)?.age ?? ""),
                TextTable.Cell(task.cost == .zero ? "" : CellText.money(task.cost)),
                TextTable.Cell(task.phase == .pending ? task.reason : ""),
            ]
        }
        var lines = TextTable(["Task", "Region", "Worker", "Phase", "Time", "Cost", "Waits for"], rows)
            .lines(paint, width: width)
        let hidden = board.tasks.count - shown.count
        if hidden > 0 { lines.append("… and \(hidden) more tasks") }
        if !board.points.isEmpty {
            let points = shownPoints.map { point -> [TextTable.Cell] in
                [
                    TextTable.Cell(point.name.cut(to: 40)), .state(point.state.rawValue),
                    TextTable.Cell("\(point.arrived) arrived"),
                ]
            }
            lines.append("")
            lines += TextTable(["Sync point", "State", "Arrived"], points).lines(paint, width: width)
        }
        lines.append("")
        lines.append("\(totals(board, now: now).cut(to: width))")
        return lines
    }

    static func totals(_ board: RunBoard, now: Timestamp) -> String {
        var parts = ["\(board.finished) of \(board.tasks.count) tasks finished", "\(board.running) running"]
        if board.cost != .zero { parts.append("\(CellText.money(board.cost)) so far") }
        if let eta = board.plans.compactMap(\.status.estimatedCompletion?.p50).max(), eta > now {
            parts.append("about \((eta - now).age) left")
        }
        return parts.joined(separator: ", ")
    }

    /// All, or of too many: what runs, what went wrong, what waits, what is done, each in the order of the plan.
    private static func chosen(_ tasks: [RunBoard.TaskRow], most: Int) -> [RunBoard.TaskRow] {
        guard tasks.count > most else { return tasks }
        func rank(_ phase: TaskPhase) -> Int {
            switch phase {
            case .running, .assigned: 0
            case .failed, .timedOut: 1
            case .pending: 2
            case .succeeded, .cancelled, .skipped: 3
            }
        }
        let ranked = tasks.enumerated().sorted {
            (rank($0.element.phase), $0.offset) < (rank($1.element.phase), $1.offset)
        }
        return ranked.prefix(most).sorted { $0.offset < $1.offset }.map(\.element)
    }
}
