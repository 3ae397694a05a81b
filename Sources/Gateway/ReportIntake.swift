import Model
import WorkerProtocol

/// The reports of one worker: each goes out once, at most one of them terminal per fence (S10), and is acknowledged
/// when the commit that holds it is durable. What is refused is acknowledged too, so that the agent's spool empties.
struct ReportIntake: Sendable {
    /// The highest sequence looked at.
    private var received = 0
    /// Handed out and not yet durable, rising.
    private var pending: [Int] = []
    /// Fence of the terminal report taken in, by task, while that attempt is assigned.
    private var ended: [String: Int] = [:]

    /// Reports out at a time; an honest agent shows `WireLimits.reports`.
    static let limit = 1024

    var acknowledged: Int { pending.first.map { $0 - 1 } ?? received }

    func hasEnded(_ assignment: AssignmentMessage) -> Bool { ended[assignment.taskUID] == assignment.fence }

    /// The reports to hand out, by sequence, and those about tasks that the worker was not given.
    mutating func take(
        _ reports: [AttemptReport], of worker: WorkerTasks, counting counters: inout GatewayCounters
    ) -> (taken: [AttemptReport], foreign: [AttemptReport]) {
        var taken: [AttemptReport] = []
        var foreign: [AttemptReport] = []
        for report in reports.sorted(by: { $0.sequence < $1.sequence }) {
            guard report.sequence > received else {
                counters.repeatedReports += 1
                continue
            }
            guard pending.count < Self.limit else { break }
            received = report.sequence
            guard isAcceptable(report, of: worker, counting: &counters, &foreign) else { continue }
            if report.phase == .ended { ended[report.taskUID] = report.fence }
            pending.append(report.sequence)
            taken.append(report)
        }
        return (taken, foreign)
    }

    private func isAcceptable(
        _ report: AttemptReport, of worker: WorkerTasks, counting counters: inout GatewayCounters,
        _ foreign: inout [AttemptReport]
    ) -> Bool {
        if report.nonsense != nil {
            counters.invalidReports += 1
        } else if let assignment = worker.assignment(of: report.taskUID) {
            if assignment.id == report.id, assignment.task == report.task {
                guard ended[report.taskUID] == report.fence else { return true }
                counters.secondResults += 1
            } else if report.fence < assignment.fence {
                counters.fencedReports += 1
            } else {
                counters.foreignReports += 1
                foreign.append(report)
            }
        } else if worker.held(taskUID: report.taskUID, attempt: report.attempt) {
            counters.fencedReports += 1
        } else {
            counters.foreignReports += 1
            foreign.append(report)
        }
        return false
    }

    mutating func commit(_ sequences: [Int]) { pending.removeAll { sequences.contains($0) } }

    /// Forgets the ends of attempts that are no longer assigned.
    mutating func prune(to worker: WorkerTasks) {
        ended = ended.filter { worker.assignment(of: $0.key)?.fence == $0.value }
    }
}
