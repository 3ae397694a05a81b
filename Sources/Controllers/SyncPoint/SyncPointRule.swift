import Model

/// What a region owes a sync point, by the tasks of its plan.
enum SyncPointRule {
    /// Those of the `after` tasks that the region owns; if it owns none, all of them; with none named, its tasks
    /// that do not, transitively, wait for this point.
    static func obligation(
        of region: String, point: SyncPoint, plan: ExecutionPlan, tasks: [WorkTask]
    ) -> SyncPointReconciler.Obligation {
        let owned: [WorkTask]
        if point.spec.after.isEmpty {
            // A plan unfolds in several steps: a task that does not exist yet has not succeeded.
            let standing = Set(tasks.map(\.spec.task))
            let absent = plan.spec.taskNames.filter { !standing.contains($0) }
            if !absent.isEmpty { return .init(open: absent, failed: []) }
            let behind = waiting(for: point.metadata.name, tasks)
            owned = tasks.filter { $0.spec.region == region && !behind.contains($0.spec.task) }
        } else {
            let named = tasks.filter { point.spec.after.contains($0.spec.task) }
            let own = named.filter { $0.spec.region == region }
            owned = own.isEmpty ? named : own
            // A task that does not exist yet has not succeeded.
            let absent = point.spec.after.filter { name in !tasks.contains { $0.spec.task == name } }
            if !absent.isEmpty { return .init(open: absent, failed: []) }
        }
        return .init(
            open: owned.filter { !$0.status.phase.isTerminal }.map(\.spec.task),
            failed: owned.filter { $0.status.phase.isTerminal && !$0.status.phase.satisfies }.map(\.spec.task))
    }

    /// Tasks that wait for the point themselves or depend on one that does.
    private static func waiting(for point: String, _ tasks: [WorkTask]) -> Set<String> {
        var behind = Set(tasks.filter { $0.spec.waitFor.contains(point) }.map(\.spec.task))
        var grew = true
        while grew {
            grew = false
            for task in tasks where !behind.contains(task.spec.task) {
                guard task.spec.dependsOn.contains(where: behind.contains) else { continue }
                behind.insert(task.spec.task)
                grew = true
            }
        }
        return behind
    }

    static func wanted(_ spec: SyncPointSpec) -> Int {
        spec.quorum > 0 ? min(spec.quorum, spec.participants.count) : spec.participants.count
    }

    static func missing(_ spec: SyncPointSpec, _ status: SyncPointStatus) -> [String] {
        let present = Set(status.arrivals.map(\.participant))
        return spec.participants.map(\.identity).filter { !present.contains($0) }
    }
}
