import Engine
import Model

/// The record of each lost worker whose tasks of this plan had to move: made from what the tasks' own histories
/// say, so that it survives the worker object and a controller that was away.
enum PlanRecoveries {
    static func update(_ standing: [RecoveryRecord], world: PlanReconciler.World) -> [RecoveryRecord] {
        var records = standing
        for (worker, moved) in lost(world.tasks) {
            let index = records.firstIndex { $0.worker == worker }
            if let index, records[index].running != nil,
                Set(records[index].tasks).isSuperset(of: moved.map(\.task.spec.task))
            {
                continue
            }
            let record = record(of: worker, moved)
            if let index { records[index] = record } else { records.append(record) }
        }
        // By when they were lost, so that what fell out of the list is not found anew in the tasks' histories.
        let byTime = records.sorted { a, b in
            let (first, second) = (a.detected ?? Self.never, b.detected ?? Self.never)
            return first != second ? first < second : a.worker < b.worker
        }
        return Array(byTime.suffix(Self.limit))
    }

    /// Records kept: the latest.
    private static let limit = 10
    private static let never = Timestamp(milliseconds: 0)

    private struct Move {
        let task: WorkTask
        let lost: AttemptRecord
    }

    /// Attempts that ended with their worker, by worker in order of detection.
    private static func lost(_ tasks: [WorkTask]) -> [(String, [Move])] {
        var order: [String] = []
        var moves: [String: [Move]] = [:]
        for task in tasks {
            for attempt in task.status.attempts where attempt.reason == Reason.workerLost.rawValue {
                if moves[attempt.worker] == nil { order.append(attempt.worker) }
                moves[attempt.worker, default: []].append(Move(task: task, lost: attempt))
            }
        }
        let sorted = order.sorted { a, b in
            let first = moves[a]?.first?.lost.detectedAt ?? Self.never
            let second = moves[b]?.first?.lost.detectedAt ?? Self.never
            return first != second ? first < second : a < b
        }
        return sorted.map { ($0, moves[$0] ?? []) }
    }

    private static func record(of worker: String, _ moves: [Move]) -> RecoveryRecord {
        var record = RecoveryRecord()
        record.worker = worker
        record.region = moves[0].lost.region
        record.reason = moves[0].lost.message ?? moves[0].lost.reason
        record.lastSeen = moves.compactMap(\.lost.lastSeen).max()
        record.detected = moves.compactMap(\.lost.detectedAt).min()
        record.fenced = moves.compactMap(\.lost.finishedAt).max()
        record.tasks = moves.map(\.task.spec.task)
        record.cost = moves.reduce(.zero) { $0 + $1.lost.cost }
        let successors = moves.map { move in successor(of: move) }
        record.regions = Array(Set(successors.compactMap { $0?.region }).sorted())
        if successors.allSatisfy({ $0?.assigned != nil }) {
            record.rescheduled = successors.compactMap { $0?.assigned }.max()
        }
        // Running again: the last of them started, or ended without needing to.
        if successors.allSatisfy({ $0?.started != nil }) {
            record.running = successors.compactMap { $0?.started }.max()
            if let running = record.running, let seen = record.lastSeen ?? record.detected {
                let milliseconds = max(0, (running - seen).milliseconds)
                record.downtimeSeconds = Money(micros: milliseconds * 1000).decimal
            }
        }
        return record
    }

    /// The attempt after the lost one: in the history if it ended too, else the current assignment.
    private static func successor(of move: Move) -> (region: String, assigned: Timestamp?, started: Timestamp?)? {
        let status = move.task.status
        if let next = status.attempts.first(where: { $0.attempt > move.lost.attempt }) {
            return (next.region, next.startedAt, next.startedAt)
        }
        guard let assignment = status.assignment, status.attempt > move.lost.attempt else { return nil }
        return (assignment.region, assignment.assignedAt, status.startedAt)
    }
}
