import Model
import Text

/// What a run came to: each task with where it ran, how long and what it cost; sync points in the order of their
/// release; totals; and what went wrong.
struct RunSummary {
    let board: RunBoard
    let now: Timestamp

    private static let mostTasks = 100
    private static let mostProblems = 10

    func text(_ paint: Paint, width: Int? = nil) -> TerminalText {
        var lines: [TerminalText] = []
        for plan in board.plans { lines.append(headline(plan, paint)) }
        if !board.tasks.isEmpty {
            lines.append("")
            lines += taskTable.shown(paint, width: width)
            let more = board.tasks.count - Self.mostTasks
            if more > 0 { lines.append("… and \(more) more tasks: reconcile get tasks") }
        }
        if !board.points.isEmpty {
            lines.append("")
            lines += pointTable.shown(paint, width: width)
        }
        let problems = self.problems
        if !problems.isEmpty {
            lines.append("")
            for problem in problems {
                lines += Terminal.encode(problem).wrapped(to: min(width ?? 100, 100)).map { "\($0)" }
            }
        }
        if !board.tasks.isEmpty { lines += ["", "\(total)"] }
        return lines.lines()
    }

    func headline(_ plan: ExecutionPlan, _ paint: Paint) -> TerminalText {
        let status = plan.status
        var text: TerminalText =
            "Plan \(plan.metadata.name): \(paint(.of(state: status.phase.rawValue), status.phase.rawValue))"
        if let start = status.startedAt { text += " after \(((status.finishedAt ?? now) - start).age)" }
        text += ", \(status.counts.succeeded) of \(status.counts.total) tasks succeeded"
        if let message = status.message, status.phase != .succeeded { text += ": \(message)" }
        return text
    }

    var taskTable: TextTable {
        let rows = board.tasks.prefix(Self.mostTasks).map { task -> [TextTable.Cell] in
            [
                TextTable.Cell(task.name), .optional(task.region), .optional(task.worker), .state(task.phase.rawValue),
                TextTable.Cell(String(task.attempt)), .optional(task.duration(now)?.age),
                TextTable.Cell(CellText.money(task.cost)),
            ]
        }
        return TextTable(
            ["Task", "Region", "Worker", "Phase", "Attempts", "Duration", "Cost"], Array(rows), rightAligned: [4, 5, 6])
    }

    /// Released ones first, in the order in which they opened.
    var points: [RunBoard.PointRow] {
        board.points.enumerated().sorted { a, b in
            switch (a.element.releasedAt, b.element.releasedAt) {
            case (let x?, let y?) where x != y: x < y
            case (_?, nil): true
            case (nil, _?): false
            default: a.offset < b.offset
            }
        }.map(\.element)
    }

    var pointTable: TextTable {
        let start = board.plans.compactMap(\.status.startedAt).min()
        let rows = points.map { point -> [TextTable.Cell] in
            let after = point.releasedAt.flatMap { released in start.map { "\((released - $0).age) after the start" } }
            return [
                TextTable.Cell(point.name), .state(point.state.rawValue), TextTable.Cell(point.arrived),
                .optional(after),
            ]
        }
        return TextTable(["Sync point", "State", "Arrived", "Released"], rows)
    }

    /// What to look at, with the command that shows more.
    var problems: [String] {
        var problems: [String] = []
        for task in board.tasks where task.phase == .failed || task.phase == .timedOut {
            let why = task.message.isEmpty ? task.reason : task.message
            problems.append(
                "\(task.name) \(task.phase.rawValue): \(why). See: reconcile logs xtask/\(task.key.name) -n \(task.key.namespace)"
            )
        }
        for task in board.tasks where task.phase == .pending && !task.message.isEmpty {
            problems.append("\(task.name) waits: \(task.reason): \(task.message)")
        }
        for (key, verdict) in board.verdicts where key.kind != .executionPlan {
            if case .stuck(let why) = verdict { problems.append("\(key.kind.singular) \(key.name): \(why)") }
            if case .failed(let why) = verdict { problems.append("\(key.kind.singular) \(key.name): \(why)") }
        }
        guard problems.count > Self.mostProblems else { return problems }
        return problems.prefix(Self.mostProblems) + ["… and \(problems.count - Self.mostProblems) more"]
    }

    var total: String {
        let regions = Set(board.tasks.map(\.region).filter { !$0.isEmpty }).count
        let start = board.plans.compactMap(\.status.startedAt).min()
        let end =
            board.plans.allSatisfy { $0.status.finishedAt != nil }
            ? board.plans.compactMap(\.status.finishedAt).max() : now
        let tasks = "\(board.tasks.count) \(board.tasks.count == 1 ? "task" : "tasks")"
        var text = "Total: \(tasks) in \(regions) \(regions == 1 ? "region" : "regions")"
        if let start, let end { text += ", \((end - start).age)" }
        return text + ", \(CellText.money(board.cost))"
    }
}
