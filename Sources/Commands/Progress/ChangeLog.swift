import Model
import Text

/// The board where nobody watches a screen: one timestamped line a change, and a line every half minute without one.
struct ChangeLog {
    static let heartbeat = Duration.seconds(30)

    private struct Seen: Hashable {
        var phase: String
        var detail: String
    }

    private let sink: any TextSink
    private var seen: [ObjectKey: Seen] = [:]
    private var lastLine: Timestamp?

    init(_ sink: any TextSink) { self.sink = sink }

    mutating func write(_ board: RunBoard, now: Timestamp) {
        for plan in board.plans {
            note(
                plan.key, plan.status.phase.rawValue, plan.status.phase == .blocked ? plan.status.message ?? "" : "",
                now
            ) {
                "plan \(plan.metadata.name): \(plan.status.phase.rawValue)" + ($0.isEmpty ? "" : ": \($0)")
            }
        }
        for task in board.tasks where !Self.isFleeting(task) {
            // A pending task's reason is worth a line; its sentence changes with every count in it.
            let detail = task.phase == .pending ? task.reason : "\(task.attempt)"
            note(task.key, task.phase.rawValue, detail, now) { _ in Self.line(task, now) }
        }
        for point in board.points {
            note(point.key, point.state.rawValue, point.arrived, now) {
                "sync point \(point.name): \(point.state.rawValue), \($0) arrived"
            }
        }
        for (key, verdict) in board.others.sorted(by: { $0.key < $1.key }) where key.kind != .syncPoint {
            note(key, Self.word(verdict), "", now) { _ in "\(key.kind.singular) \(key.name): \(Self.word(verdict))" }
        }
        if let last = lastLine, now - last >= Self.heartbeat { line(LiveBoard.totals(board, now: now), now) }
    }

    private mutating func note(
        _ key: ObjectKey, _ phase: String, _ detail: String, _ now: Timestamp, _ text: (String) -> String
    ) {
        let state = Seen(phase: phase, detail: detail)
        guard seen[key] != state else { return }
        seen[key] = state
        line(text(detail), now)
    }

    private mutating func line(_ text: String, _ now: Timestamp) {
        sink.line("\(now.clock) \(text)")
        lastLine = now
    }

    private static func line(_ task: RunBoard.TaskRow, _ now: Timestamp) -> String {
        var text = "task \(task.name): \(task.phase.rawValue)"
        switch task.phase {
        case .pending: if !task.reason.isEmpty { text += ": \(task.reason)" }
        case .assigned, .running: text += " on \(task.worker) in \(task.region)\(attempt(task))"
        case .succeeded: text += " in \(task.duration(now)?.age ?? "no time")\(attempt(task))"
        case .failed, .timedOut, .cancelled, .skipped:
            text += ": \(task.message.isEmpty ? task.reason : task.message)\(attempt(task))"
        }
        return text
    }

    private static func attempt(_ task: RunBoard.TaskRow) -> String {
        task.attempt > 1 ? " (attempt \(task.attempt))" : ""
    }

    /// Between two looks of the scheduler: nothing to tell yet.
    private static func isFleeting(_ task: RunBoard.TaskRow) -> Bool {
        task.phase == .pending && (task.reason.isEmpty || task.reason == Reason.waitingForRound.rawValue)
    }

    private static func word(_ verdict: RunVerdict) -> String {
        switch verdict {
        case .done: "Ready"
        case .underWay: "not ready yet"
        case .failed(let why): "Failed: \(why)"
        case .stuck(let why): "stuck: \(why)"
        }
    }
}

extension Timestamp {
    /// The time of day in UTC, `18:05:09`.
    var clock: String { String(wholeSeconds.description.dropFirst(11).dropLast()) }
}
