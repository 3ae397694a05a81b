package import Engine
package import Model
import Tree

/// Unfolds a plan into tasks, sync points and pools, and folds their states back into phase, counts, cost, estimate
/// and recoveries.
package struct PlanReconciler: Reconciler {
    package typealias Object = ExecutionPlan

    package struct World: Sendable, Equatable {
        package var plan: ExecutionPlan
        package var tasks: [WorkTask]
        package var points: [SyncPoint]
        /// Pools made from this plan's templates.
        package var ownPools: [WorkerPool]
        /// Pools the plan names or made, by name.
        package var pools: [String: WorkerPool]
        package var regions: [String: Region]
        package var workers: [Worker]
        /// What of the rented workers this plan pays for.
        var rents: [PlanBill.Rent] = []
        package var externals: [String: ExternalState]
        package var settings: Settings
        /// Objects this plan stands for whose names somebody else's objects have.
        package var taken: [ObjectKey] = []
        /// Why the store does not take what this plan would make: its namespace is at its quota.
        package var refusal: String?
        /// Of regions and pools that don't exist: the name of one that does and is written alike.
        var similar: [String: String] = [:]
    }

    package init() {}

    package var reads: LiveParts? { .externals }

    package func gather(_ key: ObjectKey, from snapshot: Snapshot) -> World? {
        let cache = snapshot.cache
        guard let plan = cache.plans[key]?.object else { return nil }
        var world = World(
            plan: plan, tasks: cache.tasks(of: key), points: cache.syncPoints(of: key), ownPools: [], pools: [:],
            regions: [:], workers: [], externals: [:], settings: snapshot.settings)
        for entry in plan.spec.regions {
            world.regions[entry.region] = cache.region(entry.region)
            if world.regions[entry.region] == nil {
                world.similar[entry.region] = NearestName.suggest(
                    entry.region, among: cache.keys(of: .region).map(\.name))
            }
            let name = entry.pool ?? TaskNames.pool(plan: key.name, region: entry.region)
            let poolKey = ObjectKey(.workerPool, key.namespace, name)
            guard let pool = cache.pools[poolKey]?.object else {
                let others = cache.keys(of: .workerPool).filter { $0.namespace == key.namespace }
                world.similar[name] = NearestName.suggest(name, among: others.map(\.name))
                continue
            }
            world.pools[name] = pool
            if pool.metadata.controllerOwner?.uid == plan.metadata.uid { world.ownPools.append(pool) }
            world.workers += cache.workers(of: poolKey)
            for external in entry.externals {
                if let endpoint = external.endpoint { world.externals[endpoint] = snapshot.live.externals[endpoint] }
            }
        }
        if !plan.spec.tasks.isEmpty { addRoaming(to: &world, key.namespace, cache) }
        world.rents = PlanBill.rents(of: plan, cache: cache, onDemand: snapshot.settings.onDemand)
        world.taken = taken(plan, world, cache)
        world.refusal = snapshot.live.refusals[key]?.message
        return world
    }

    /// Tasks without a region run on any pool of the namespace.
    private func addRoaming(to world: inout World, _ namespace: String, _ cache: Cache) {
        for key in cache.keys(of: .workerPool) where key.namespace == namespace && world.pools[key.name] == nil {
            world.pools[key.name] = cache.pools[key]?.object
            world.workers += cache.workers(of: key)
        }
    }

    /// Two plans and their tasks may join to the same name: `a-b` with `c`, and `a` with `b-c`.
    private func taken(_ plan: ExecutionPlan, _ world: World, _ cache: Cache) -> [ObjectKey] {
        let namespace = plan.metadata.namespace ?? ""
        var taken: [ObjectKey] = []
        if world.tasks.count < plan.spec.taskCount {
            taken += plan.spec.taskNames.compactMap { task in
                let name = TaskNames.object(plan: plan.metadata.name, task: task)
                let key = ObjectKey(.task, namespace, name)
                return cache.tasks[key].map { $0.object.spec.plan != plan.metadata.name } == true ? key : nil
            }
        }
        for point in plan.spec.synchronization?.points ?? [] {
            let name = TaskNames.syncPoint(plan: plan.metadata.name, point: point.name)
            let key = ObjectKey(.syncPoint, namespace, name)
            guard let held = cache.syncPoints[key]?.object else { continue }
            // One that the user made for this plan serves it as well.
            if held.spec.plan != plan.metadata.name { taken.append(key) }
        }
        return taken
    }

    package func decide(_ world: World, now: Moment) -> Decision<ExecutionPlan> {
        var step = PlanStep(world: world, now: now)
        step.run()
        return step.decision
    }
}
