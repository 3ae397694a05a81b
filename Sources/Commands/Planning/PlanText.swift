import Model
import Text

/// A plan report for people: blocks of changes, offerings, placements, what fits nowhere, totals; the last line counts.
struct PlanText {
    let report: PlanReport
    let paint: Paint
    private var lines: [TerminalText] = []

    /// Columns of the terminal; nil: a program may read it, and nothing is folded but sentences.
    private let columns: Int?
    /// Of sentences.
    private var width: Int { min(columns ?? 100, 100) }
    private static let mostPlacements = 60

    init(_ report: PlanReport, paint: Paint, columns: Int?) {
        self.report = report
        self.columns = columns
        self.paint = paint
    }

    static func render(_ report: PlanReport, paint: Paint = Paint(false), width: Int? = nil) -> TerminalText {
        var text = PlanText(report, paint: paint, columns: width)
        text.write()
        return text.lines.lines()
    }

    private mutating func write() {
        changes()
        pools()
        placements()
        pending()
        failures()
        totals()
        for note in report.notes { lines += Self.wrapped("Note: \(note.text)", to: width) }
        if !report.notes.isEmpty { lines.append("") }
        lines.append("\(Self.lastLine(report))")
    }

    static func lastLine(_ report: PlanReport) -> String {
        guard report.hasChanges else { return "No changes." }
        let replaced = report.count(.replace)
        return
            "Plan: \(report.count(.create) + replaced) to add, \(report.count(.update)) to change, "
            + "\(report.count(.delete) + replaced) to destroy."
    }

    // MARK: Changes

    private mutating func changes() {
        for change in report.changes {
            let mark = change.action.mark.padded(to: 3)
            lines.append("\(paint(Self.colour(change.action), "\(mark) \(change.key)"))\(Self.cost(change))")
            if !change.reason.isEmpty { lines += Self.wrapped(change.reason, to: width - 6, lead: "      ") }
            let pathWidth = min(48, change.fields.map(\.path.count).max() ?? 0)
            for field in change.fields { lines.append("\(Self.field(field, change.action, pathWidth))") }
            lines.append("")
        }
    }

    private static func field(_ field: PlanReport.FieldChange, _ action: PlanReport.Action, _ width: Int) -> String {
        let path = field.path.padded(to: width)
        let new = field.new ?? "(known after apply)"
        switch (field.old, action) {
        case (nil, _): return Terminal.encode("      + \(path)   \(new)")
        case (let old?, .delete): return Terminal.encode("      - \(path)   \(old)")
        case (let old?, _): return Terminal.encode("      ~ \(path)   \(old) -> \(new)")
        }
    }

    private static func cost(_ change: PlanReport.Change) -> String {
        switch (change.costBefore, change.costAfter) {
        case (nil, nil): ""
        case (let before?, let after?) where before == after: "   \(rate(after))"
        case (let before, let after): "   \(rate(before ?? .zero)) -> \(rate(after ?? .zero))"
        }
    }

    private static func colour(_ action: PlanReport.Action) -> Paint.Colour {
        switch action {
        case .create: .green
        case .update: .yellow
        case .delete: .red
        case .replace: .yellow
        }
    }

    static func rate(_ money: Money) -> String { "\(CellText.money(money))/h" }

    // MARK: Workers and tasks

    private mutating func pools() {
        for pool in report.pools where pool.workersAfter != pool.workersBefore || !pool.offerings.isEmpty {
            let count =
                pool.workersBefore == pool.workersAfter
                ? "\(pool.workersAfter) workers" : "\(pool.workersBefore) -> \(pool.workersAfter) workers"
            lines.append(
                paint(
                    .bold, "Pool \(pool.pool.namespace)/\(pool.pool.name) in \(pool.region): \(count), \(pool.backend)")
            )
            if !pool.choice.isEmpty { lines += Self.wrapped(pool.choice, to: width - 2, lead: "  ") }
            if !pool.offerings.isEmpty {
                let rows = pool.offerings.map { offering -> [TextTable.Cell] in
                    [
                        TextTable.Cell(offering.isChosen ? "*" : ""),
                        TextTable.Cell(offering.name, offering.isChosen ? .green : nil),
                        TextTable.Cell(offering.resources), TextTable.Cell(Self.rate(offering.perHour)),
                        TextTable.Cell(offering.rejection ?? (offering.isChosen ? "chosen" : "costs more")),
                    ]
                }
                let table = TextTable(["", "Offering", "Resources", "Price", "Verdict"], rows, rightAligned: [3])
                lines += table.shown(paint, indent: 2, width: columns)
            }
            lines.append("")
        }
    }

    private mutating func placements() {
        guard !report.placements.isEmpty else { return }
        let rows = report.placements.prefix(Self.mostPlacements).map { placement -> [TextTable.Cell] in
            [
                TextTable.Cell(placement.task.name), TextTable.Cell(placement.region), TextTable.Cell(placement.worker),
                TextTable.Cell(placement.reason),
            ]
        }
        lines += TextTable(["Task", "Region", "Worker", "Reason"], Array(rows)).shown(paint, width: columns)
        let more = report.placements.count - Self.mostPlacements
        if more > 0 { lines.append("… and \(more) more; -o json has all of them") }
        lines.append("")
    }

    private mutating func pending() {
        guard !report.pending.isEmpty else { return }
        lines.append(
            paint(
                .yellow, report.pending.count == 1 ? "1 task would wait:" : "\(report.pending.count) tasks would wait:")
        )
        for task in report.pending.prefix(Self.mostPlacements) {
            let text = "\(task.task.name): \(task.reason.rawValue): \(task.message)"
            let wrapped = Self.wrapped(text, to: width - 4)
            lines += wrapped.enumerated().map { ($0.offset == 0 ? "  " : "    ") + $0.element }
            if let nearest = task.nearestOffering { lines.append("    nearest offering: \(nearest)") }
        }
        let more = report.pending.count - Self.mostPlacements
        if more > 0 { lines.append("  … and \(more) more; -o json has all of them") }
        lines.append("")
    }

    private mutating func failures() {
        for failure in report.failures {
            lines.append(paint(.bold, "If \(failure.failure) failed:"))
            lines.append("  downtime   \(failure.downtimeText)")
            lines.append("  cost       \(failure.extraCost.micros < 0 ? "" : "+")\(CellText.money(failure.extraCost))")
            lines += names("  moved      ", failure.moved)
            lines += names("  blocked    ", failure.blocked)
            lines.append("")
        }
    }

    private static func wrapped(_ text: String, to width: Int, lead: TerminalText = "") -> [TerminalText] {
        Terminal.encode(text).wrapped(to: width).map { "\(lead)\($0)" }
    }

    private func names(_ label: String, _ names: [String]) -> [TerminalText] {
        let text = names.isEmpty ? "none" : names.joined(separator: ", ")
        return Self.wrapped(text, to: width - label.count).enumerated().map { index, line in
            "\(index == 0 ? label : String(repeating: " ", count: label.count))\(line)"
        }
    }

    private mutating func totals() {
        guard report.rateAfter != report.rateBefore || report.estimate != nil else { return }
        lines.append("Rate:     \(Self.rate(report.rateBefore)) -> \(Self.rate(report.rateAfter))")
        if let estimate = report.estimate {
            lines.append("Time:     \(estimate.p50.text) as likely as not, \(estimate.p90.text) in 9 of 10 cases")
            let (cost, high) = (CellText.money(estimate.cost), CellText.money(estimate.costP90))
            lines.append("Cost:     \(cost), \(high) in 9 of 10 cases")
            if let share = estimate.share, estimate.cost > .zero {
                let percent = Int(Int128(share.micros) * 100 / Int128(estimate.cost.micros))
                let part = "\(CellText.money(share)) (\(percent) %)"
                lines.append("          tasks hold \(part) of it, the rest is start-up and idle")
            }
        }
        lines.append("")
    }
}
