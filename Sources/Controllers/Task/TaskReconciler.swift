package import Engine
package import Model

/// Runs the life of one task: why it waits, what its agent reports, when an attempt ends, and whether there is another.
package struct TaskReconciler: Reconciler {
    package typealias Object = WorkTask

    package struct World: Sendable, Equatable {
        package var task: WorkTask
        package var plan: ExecutionPlan?
        package var dependencies: [Dependency]
        package var points: [Point]
        /// The worker of the assignment, where there is one.
        package var worker: Worker?
        package var reports: [TaskReport]
        package var externalsMissing: [String]
        package var settings: Settings
    }

    package struct Dependency: Sendable, Hashable {
        package var name: String
        /// Nil where there is no such task (yet).
        package var phase: TaskPhase?
    }

    package struct Point: Sendable, Hashable {
        package var name: String
        /// Nil where there is no such sync point (yet).
        package var state: SyncPointState?
        package var arrived: String
    }

    package init() {}

    package var reads: LiveParts? { [.reports, .externals] }

    package func gather(_ key: ObjectKey, from snapshot: Snapshot) -> World? {
        let cache = snapshot.cache
        guard let task = cache.tasks[key]?.object else { return nil }
        let plan = cache.plans[ObjectKey(.executionPlan, key.namespace, task.spec.plan)]?.object
        let reports = snapshot.live.reports[key] ?? []
        var world = World(
            task: task, plan: plan, dependencies: [], points: [], worker: nil, reports: reports, externalsMissing: [],
            settings: snapshot.settings)
        if let assignment = task.status.assignment {
            world.worker = cache.workers[ObjectKey(.worker, key.namespace, assignment.worker)]?.object
        }
        guard task.status.phase == .pending else { return world }
        world.dependencies = task.spec.dependsOn.map { name in
            let other = cache.tasks[ObjectKey(.task, key.namespace, TaskNames.object(plan: task.spec.plan, task: name))]
            return Dependency(name: name, phase: other?.object.status.phase)
        }
        world.points = task.spec.waitFor.map { name in
            let point = cache.syncPoints[ObjectKey(.syncPoint, key.namespace, name)]?.object
            return Point(name: name, state: point?.status.state, arrived: point?.status.summary?.arrived ?? "0/0")
        }
        world.externalsMissing = missingExternals(task, plan, snapshot)
        return world
    }

    private func missingExternals(_ task: WorkTask, _ plan: ExecutionPlan?, _ snapshot: Snapshot) -> [String] {
        guard let entry = plan?.spec.regions.first(where: { $0.region == task.spec.region }) else { return [] }
        return entry.externals.filter { external in
            guard !snapshot.settings.assumesExternals, let endpoint = external.endpoint else { return false }
            return snapshot.live.externals[endpoint]?.available != true
        }.map(\.name)
    }

    package func decide(_ world: World, now: Moment) -> Decision<WorkTask> {
        var step = TaskStep(world: world, now: now)
        step.run()
        return step.decision
    }
}
