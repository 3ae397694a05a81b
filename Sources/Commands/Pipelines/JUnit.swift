import Model
import Text

/// A run as JUnit XML: a suite a plan, a case a task.
enum JUnit {
    static func text(_ summary: RunSummary) -> Encoded<XML> {
        var text: Encoded<XML> = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"reconcile\">\n"
        for plan in summary.board.plans { text += suite(plan, summary) }
        return text + "</testsuites>\n"
    }

    private static func suite(_ plan: ExecutionPlan, _ summary: RunSummary) -> Encoded<XML> {
        let tasks = summary.board.tasks.filter {
            $0.plan == plan.metadata.name && $0.key.namespace == plan.metadata.namespace
        }
        let failures = tasks.count { $0.phase == .failed || $0.phase == .timedOut }
        let skipped = tasks.count { !$0.phase.isTerminal || $0.phase == .cancelled || $0.phase == .skipped }
        let start = plan.status.startedAt
        let whole = start.map { (plan.status.finishedAt ?? summary.now) - $0 } ?? .zero
        var text: Encoded<XML> =
            "  <testsuite name=\"\(plan.metadata.name)\" tests=\"\(tasks.count)\" failures=\"\(failures)\""
        text += " skipped=\"\(skipped)\" time=\"\(seconds(whole))\""
        if let start { text += " timestamp=\"\(start.wholeSeconds.description.dropLast())\"" }
        text += ">\n"
        for task in tasks { text += testCase(task, summary.now) }
        return text + "  </testsuite>\n"
    }

    private static func testCase(_ task: RunBoard.TaskRow, _ now: Timestamp) -> Encoded<XML> {
        let name = task.name
        let group = "\(task.plan).\(task.region.isEmpty ? "unplaced" : task.region)"
        let head: Encoded<XML> =
            "    <testcase name=\"\(name)\" classname=\"\(group)\" time=\"\(seconds(task.duration(now) ?? .zero))\""
        let why = task.message.isEmpty ? task.reason : task.message
        switch task.phase {
        case .succeeded: return head + "/>\n"
        case .failed, .timedOut:
            return head + ">\n      <failure type=\"\(task.phase.rawValue)\" message=\"\(why)\"/>\n    </testcase>\n"
        case .pending, .assigned, .running, .cancelled, .skipped:
            return head + ">\n      <skipped message=\"\(task.phase.rawValue): \(why)\"/>\n    </testcase>\n"
        }
    }

    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = max(0, duration.milliseconds)
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }
}
