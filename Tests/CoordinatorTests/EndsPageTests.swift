import Controllers
import FoundationEssentials
import Model
import Testing
import WorkerProtocol

/// The page that says whose fault an end is, held to the table that decides it.
@Suite struct EndsPageTests {
    private func page() throws -> String {
        let root = #filePath.split(separator: "/Tests/")[0]
        let path = "\(root)/Sources/reconcile/Documentation.docc/Ends.md"
        return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }

    /// One line for each report, and for each kind of stop that makes a difference to it.
    private var lines: [String] {
        AttemptReport.ends.flatMap { report in
            let rows = EndRule.rows([report])
            var rules: [EndRule] = []
            for row in rows where !rules.contains(row.rule) { rules.append(row.rule) }
            return rules.map { rule in
                let stops = rows.filter { $0.rule == rule }.map { $0.stop.map { "`\($0.rawValue)`" } ?? "nothing" }
                let asked = stops.count == rows.count ? "anything" : stops.joined(separator: ", ")
                return "| `\(report.rawValue)` | \(asked) | \(becomes(rule)) | \(yes(rule.usesRetry)) | "
                    + "\(yes(rule.countsAsLoss)) | \(yes(rule.harmsWorker)) |"
            }
        }
    }

    private func yes(_ isSo: Bool) -> String { isSo ? "yes" : "no" }

    private func becomes(_ rule: EndRule) -> String {
        switch rule {
        case .succeeds: "`Succeeded`"
        case .fails(let event, let reason), .ends(let event, let reason):
            "`\(TaskLife.after(.running, event)?.rawValue ?? "")`, `\(reason.rawValue)`"
        case .isLost(let reason): "placed again, `\(reason.rawValue)`"
        }
    }

    @Test func thePageSaysWhatTheTableDecides() throws {
        let table = try page().split(separator: "## What it means")[1].split(separator: "\n## ")[0]
        let written = table.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        #expect(written == lines, "it is to be:\n\(lines.joined(separator: "\n"))")
    }

    @Test func everyEndHasItsPlaceInWhatIsSeen() throws {
        let table = try page().split(separator: "## What is seen")[1].split(separator: "\n## ")[0]
        for report in AttemptReport.ends { #expect(table.contains("`\(report.rawValue)`"), "\(report.rawValue)") }
    }
}
