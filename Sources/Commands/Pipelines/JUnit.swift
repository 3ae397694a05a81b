import Model

/// A run as JUnit XML: a suite a plan, a case a task.
enum JUnit {
    static func text(_ summary: RunSummary) -> String {
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"reconcile\">\n"
        for plan in summary.board.plans { text += suite(plan, summary) }
        return text + "</testsuites>\n"
    }

    private static func suite(_ plan: ExecutionPlan, _ summary: RunSummary) -> String {
        let tasks = summary.board.tasks.filter {
            $0.plan == plan.metadata.name && $0.key.namespace == plan.metadata.namespace
        }
        let failures = tasks.count { $0.phase == .failed || $0.phase == .timedOut }
        let skipped = tasks.count { !$0.phase.isTerminal || $0.phase == .cancelled || $0.phase == .skipped }
        let start = plan.status.startedAt
        let whole = start.map { (plan.status.finishedAt ?? summary.now) - $0 } ?? .zero
        var text =
            "  <testsuite name=\"\(escaped(plan.metadata.name))\" tests=\"\(tasks.count)\" failures=\"\(failures)\""
        text += " skipped=\"\(skipped)\" time=\"\(seconds(whole))\""
        if let start { text += " timestamp=\"\(start.wholeSeconds.description.dropLast())\"" }
        text += ">\n"
        for task in tasks { text += testCase(task, summary.now) }
        return text + "  </testsuite>\n"
    }

    private static func testCase(_ task: RunBoard.TaskRow, _ now: Timestamp) -> String {
        let name = escaped(task.name)
        let group = escaped("\(task.plan).\(task.region.isEmpty ? "unplaced" : task.region)")
        let head =
            "    <testcase name=\"\(name)\" classname=\"\(group)\" time=\"\(seconds(task.duration(now) ?? .zero))\""
        let why = escaped(task.message.isEmpty ? task.reason : task.message)
        switch task.phase {
        case .succeeded: return head + "/>\n"
        case .failed, .timedOut:
            return head + ">\n      <failure type=\"\(task.phase.rawValue)\" message=\"\(why)\"/>\n    </testcase>\n"
        case .pending, .assigned, .running, .cancelled, .skipped:
            return head + ">\n      <skipped message=\"\(escaped(task.phase.rawValue)): \(why)\"/>\n    </testcase>\n"
        }
    }

    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = max(0, duration.milliseconds)
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }

    /// XML 1.0 has no word for most control characters: they are left out.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "&#10;"
            case "\t": result += "&#9;"
            default: if scalar.value >= 0x20 && scalar.value != 0x7F { result.unicodeScalars.append(scalar) }
            }
        }
        return result
    }
}
