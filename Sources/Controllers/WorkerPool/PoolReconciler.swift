package import Engine
package import Model
package import Placement

/// Keeps a pool at its size: one Worker object per slot, a next attempt of a slot only when the one before is
/// confirmed gone (S1), inside its budgets.
package struct PoolReconciler: Reconciler {
    package typealias Object = WorkerPool

    package struct World: Sendable, Equatable {
        package var pool: WorkerPool
        package var ownerGone: Bool
        package var region: Region?
        package var workers: [Worker]
        /// Tasks bound to each worker, by its name.
        package var bound: [String: Int]
        /// Pending tasks that would run here if there were a worker more.
        package var demand: Demand
        /// The unfinished plans that use it leave its size to a person, and some do.
        package var isManual: Bool
        /// Whether an unfinished plan uses the pool.
        package var inUse: Bool
        /// Tasks that idle workers could run next; empty where none is idle that could go.
        package var next: [IdleWorkers.Use]
        /// The rate of all workers of the region, this pool's included, and what the region has spent today.
        package var regionRate: Money
        package var settings: Settings
    }

    package init() {}

    package var reads: LiveParts? { .demand }

    package func gather(_ key: ObjectKey, from snapshot: Snapshot) -> World? {
        let cache = snapshot.cache
        guard let pool = cache.pools[key]?.object else { return nil }
        let workers = cache.workers(of: key)
        var bound: [String: Int] = [:]
        for worker in workers {
            let count = cache.taskKeys(on: worker.key).count
            if count > 0 { bound[worker.metadata.name] = count }
        }
        let owner = pool.metadata.controllerOwner
        let ownerKey = ObjectKey(.executionPlan, key.namespace, owner?.name ?? "")
        let isElastic = pool.spec.autoscaling != nil || pool.spec.replicas == nil
        let hasIdle =
            isElastic && workers.count > pool.spec.minWorkers
            && workers.contains { $0.status.state.takesTasks && bound[$0.metadata.name] == nil }
        return World(
            pool: pool, ownerGone: owner != nil && cache.plans[ownerKey]?.object.metadata.uid != owner?.uid,
            region: cache.region(pool.spec.region), workers: workers, bound: bound,
            demand: snapshot.live.demand[key] ?? Demand(tasks: 0, workers: 0, present: 0),
            isManual: Self.isManual(key, cache), inUse: cache.isInUse(key),
            next: hasIdle ? NextTasks(cache: cache, pool: key).uses() : [],
            regionRate: cache.rate(ofRegion: pool.spec.region),
            settings: snapshot.settings)
    }

    private static func isManual(_ pool: ObjectKey, _ cache: Cache) -> Bool {
        let plans = cache.plans(using: pool).compactMap { cache.plans[$0]?.object }
        return !plans.isEmpty && plans.allSatisfy { $0.spec.scaling == .manual }
    }

    package func decide(_ world: World, now: Moment) -> Decision<WorkerPool> {
        var step = PoolStep(world: world, now: now)
        step.run()
        return step.decision
    }
}
