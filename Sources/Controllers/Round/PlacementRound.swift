package import Engine
import Model
import Placement

/// Binds every ready task at once: one snapshot, one decision, one commit.
package enum PlacementRound {
    package static let reconciler = RoundReconciler { snapshot, locked, now in
        let input = RoundGather(snapshot: snapshot, locked: locked, now: now).input()
        guard !input.tasks.isEmpty else { return RoundReconciler.Result() }
        return outcome(of: Round.decide(input), snapshot: snapshot, now: now)
    }

    private static func outcome(of result: RoundResult, snapshot: Snapshot, now: Moment) -> RoundReconciler.Result {
        var outcome = RoundReconciler.Result()
        outcome.cursor = result.cursor
        for need in result.needs {
            let present = snapshot.cache.workers(of: need.pool).count {
                $0.status.state.takesTasks && !$0.metadata.isDeleting
            }
            outcome.demand[need.pool] = Demand(
                tasks: need.tasks, workers: need.workers, present: present, types: need.types)
        }
        let standing = snapshot.live.served.filter { key, _ in
            snapshot.cache.plans[key].map { !$0.object.status.phase.isTerminal } ?? false
        }
        outcome.turns = (standing.merging(result.served) { $1 }, result.turn)
        for binding in result.bindings {
            guard let task = snapshot.cache.tasks[binding.task]?.object else { continue }
            outcome.statuses.append((binding.task, bound(task, to: binding, now: now)))
            if task.status.attempt == 0 {
                let message = "Bound to \(binding.worker.name) in \(binding.region)"
                outcome.events.append((binding.task, EventRecord(.normal, .assigned, message)))
            } else {
                let message = "Attempt \(task.status.attempt + 1) bound to \(binding.worker.name) in \(binding.region)"
                outcome.events.append((binding.task, EventRecord(.normal, .rescheduled, message)))
            }
        }
        for waiting in result.pending {
            guard let task = snapshot.cache.tasks[waiting.task]?.object else { continue }
            var status = task.status
            status.reason = waiting.reason.rawValue
            status.message = waiting.message
            status.placement = waiting.record
            status.reservation = waiting.reservation
            status.conditions.set(
                Condition(.succeeded, .unknown, waiting.reason, waiting.message), generation: task.metadata.generation,
                at: now.wall)
            outcome.statuses.append((waiting.task, status))
        }
        return outcome
    }

    /// The binding is the only place where a fence rises: with every attempt, by one.
    private static func bound(_ task: WorkTask, to binding: Binding, now: Moment) -> TaskStatus {
        var status = task.status
        var assignment = Assignment()
        assignment.worker = binding.worker.name
        assignment.workerUID = binding.workerUID
        assignment.region = binding.region
        assignment.pool = binding.pool.name
        assignment.assignedAt = now.wall
        status.phase = .assigned
        status.assignment = assignment
        status.attempt += 1
        status.fence += 1
        status.retryAt = nil
        status.reservation = nil
        status.startedAt = nil
        status.finishedAt = nil
        status.exitCode = nil
        status.reason = Reason.assigned.rawValue
        status.message = nil
        status.placement = binding.record
        status.conditions.set(
            Condition(.succeeded, .unknown, .assigned, "on \(binding.worker.name)"),
            generation: task.metadata.generation,
            at: now.wall)
        return status
    }
}
