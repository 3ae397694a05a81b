import Model

/// What keeps the places of a plan from having workers, in a sentence for the plan that waits for them.
struct PlanTrouble: Equatable {
    let reason: Reason
    let message: String

    /// Of the pools that it may use, else of their regions; nil where nothing is wrong with any.
    static func of(_ world: PlanReconciler.World) -> PlanTrouble? {
        let pools = world.pools.sorted { $0.key < $1.key }.map(\.value)
        let regions = Set(pools.map(\.spec.region)).union(world.plan.spec.regions.map(\.region)).sorted()
        let ofRegions = regions.lazy.compactMap { of(world.regions[$0]) }.first
        // A region that makes none says more than the pool that gets none.
        return ofRegions ?? pools.lazy.compactMap(of).first
    }

    static func of(_ pool: WorkerPool?) -> PlanTrouble? {
        guard let pool, let ready = pool.status.conditions[.ready], ready.status == .no,
            ready.reason == Reason.provisioningFailed.rawValue
        else { return nil }
        return PlanTrouble(reason: .provisioningFailed, message: "pool \(pool.metadata.name): \(ready.message)")
    }

    static func of(_ region: Region?) -> PlanTrouble? {
        guard let region, let ready = region.status.conditions[.ready], ready.status == .no,
            let reason = Reason(rawValue: ready.reason)
        else { return nil }
        return PlanTrouble(reason: reason, message: "region \(region.metadata.name): \(ready.message)")
    }
}
