import Engine
import Model

/// Whether a pending task may be placed, or what it waits for: one small check after the other, in the order people
/// would ask.
enum TaskReadiness: Equatable {
    case ready
    /// Ready at a known time.
    case later(Reason, String, Duration)
    case waits(Reason, String)
    /// Can never run: what it depends on ended the wrong way.
    case never(Reason, String)
    /// Is not needed: what it depends on ended well, and it runs only otherwise.
    case unneeded(String)

    static func of(_ world: TaskReconciler.World, now: Moment) -> TaskReadiness {
        guard let plan = world.plan else { return .waits(.suspended, "its plan is gone") }
        if plan.spec.suspend, plan.ending == nil {
            return .waits(.suspended, "the plan is suspended; `reconcile resume` continues it")
        }
        if let lost = undecided(world.task, plan) {
            let key = world.task.key
            return .waits(
                .awaitingDecision,
                "worker \(lost.worker) was lost, and autoFailover is off: `reconcile retry xtask/\(key.name) -n \(key.namespace)` "
                    + "runs it again, `reconcile cancel xplan/\(world.task.spec.plan) -n \(key.namespace)` gives the plan up"
            )
        }
        if let answer = dependencies(world) { return answer }
        if let answer = points(world) { return answer }
        if !world.externalsMissing.isEmpty {
            return .waits(.waitingForExternal, "not available: \(world.externalsMissing.joined(separator: ", "))")
        }
        if let retryAt = world.task.status.retryAt, retryAt > now.wall {
            let reason: Reason
            switch world.task.status.attempts.last?.reason {
            case Reason.workerLost.rawValue, Reason.preempted.rawValue:
                reason = world.task.status.moves.count > TaskStep.movesPerHour ? .migrationLimit : .fenced
            default: reason = .retryBackoff
            }
            return .later(reason, "next attempt at \(retryAt.wholeSeconds)", retryAt - now.wall)
        }
        return .ready
    }

    /// The attempt that was lost with its worker, where nobody has decided yet whether another one follows.
    static func undecided(_ task: WorkTask, _ plan: ExecutionPlan) -> AttemptRecord? {
        guard !plan.spec.faultTolerance.autoFailover, let last = task.status.attempts.last,
            last.reason == Reason.workerLost.rawValue, last.attempt == task.status.attempt
        else { return nil }
        return task.metadata.annotations[Names.retryAfter] == String(last.attempt) ? nil : last
    }

    /// Whether something that the task depends on is not over. Found without gathering all that it depends on.
    static func hasOpenDependency(_ task: WorkTask, _ cache: Cache) -> Bool {
        task.spec.dependsOn.contains { name in
            let key = ObjectKey(.task, task.key.namespace, TaskNames.object(plan: task.spec.plan, task: name))
            return cache.tasks[key]?.object.status.phase.isTerminal != true
        }
    }

    private static func dependencies(_ world: TaskReconciler.World) -> TaskReadiness? {
        let spec = world.task.spec
        let open = world.dependencies.filter { $0.phase?.isTerminal != true }
        let bad = world.dependencies.filter { $0.phase?.isTerminal == true && $0.phase?.satisfies != true }
        if spec.runWhen == .succeeded, let first = bad.first {
            return .never(.dependencyFailed, "\(first.name) ended \(first.phase?.rawValue ?? "")")
        }
        guard open.isEmpty else {
            return .waits(.waitingForDependencies, "waits for \(list(open.map(\.name)))")
        }
        if spec.runWhen == .failed, !world.dependencies.isEmpty, bad.isEmpty {
            return .unneeded("nothing it depends on failed, and it runs only then")
        }
        return nil
    }

    private static func points(_ world: TaskReconciler.World) -> TaskReadiness? {
        if let failed = world.points.first(where: { $0.state == .failed }) {
            return .never(.syncPointFailed, "sync point \(failed.name) failed")
        }
        let closed = world.points.filter { $0.state != .released }
        guard let first = closed.first else { return nil }
        guard first.state != nil else {
            return .waits(.waitingForSyncPoint, "sync point \(first.name) does not exist yet")
        }
        return .waits(.waitingForSyncPoint, "waits for \(list(closed.map { "\($0.name) (\($0.arrived))" }))")
    }

    /// The first three names and how many more.
    static func list(_ names: [String]) -> String {
        let shown = names.prefix(3).joined(separator: ", ")
        return names.count > 3 ? "\(shown) and \(names.count - 3) more" : shown
    }
}
