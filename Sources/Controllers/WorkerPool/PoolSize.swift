import Engine
import Model

/// How many workers a pool should have, and how many more its caps allow.
enum PoolSize {
    struct Wanted: Equatable {
        let count: Int
        let reason: String
        /// When the answer may change by itself: a cool-down that ends.
        var again: Duration?
    }

    static func desired(_ world: PoolReconciler.World, active: [Worker], now: Moment) -> Wanted {
        let spec = world.pool.spec
        let floor = world.settings.onDemand ? 0 : spec.minWorkers
        let ceiling = max(spec.maxWorkers, floor)
        if let fixed = spec.replicas, spec.autoscaling == nil {
            if world.settings.onDemand, !world.inUse { return Wanted(count: 0, reason: "no unfinished plan uses it") }
            return Wanted(count: fixed, reason: "spec.replicas is \(fixed)")
        }
        let slots = max(1, spec.worker.maxConcurrentTasks)
        let bound = active.reduce(0) { $0 + (world.bound[$1.metadata.name] ?? 0) }
        let needed = (bound + world.demand + slots - 1) / slots
        if let region = world.region, !region.spec.capabilities.autoscaling {
            let size = min(max(active.count, floor), ceiling)
            return Wanted(count: size, reason: "autoscaling is switched off in \(spec.region)")
        }
        // Tasks bound to different workers may keep more of them busy than their number needs.
        let busy = active.filter { world.bound[$0.metadata.name] != nil }.count
        let target = min(max(needed, floor), ceiling)
        if target > active.count {
            let reason = needed > floor ? "\(world.demand) tasks wait for a slot" : "minWorkers is \(floor)"
            return Wanted(count: target, reason: reason)
        }
        let lower = max(target, min(busy, ceiling))
        guard lower < active.count else { return Wanted(count: active.count, reason: "as many as needed") }
        return down(to: lower, world, active: active, now: now)
    }

    private static func down(
        to target: Int, _ world: PoolReconciler.World, active: [Worker], now: Moment
    ) -> Wanted {
        let spec = world.pool.spec
        if world.settings.onDemand {
            // Between the waves of a plan workers stay; after the last plan none does.
            return world.inUse
                ? Wanted(count: active.count, reason: "an unfinished plan uses it")
                : Wanted(count: target, reason: "no unfinished plan uses it")
        }
        if active.count > spec.maxWorkers {
            return Wanted(count: max(target, min(active.count, spec.maxWorkers)), reason: "maxWorkers is \(spec.maxWorkers)")
        }
        let cooldown = spec.autoscaling?.cooldown.down ?? Cooldown().down
        if let last = world.pool.status.lastScale?.time, now.wall - last < cooldown {
            let left = cooldown - (now.wall - last)
            return Wanted(count: active.count, reason: "cooling down", again: left + .milliseconds(1))
        }
        return Wanted(count: target, reason: "idle")
    }

    /// As many of `wanted` as every cap allows, and the sentence that refuses the rest.
    static func affordable(
        _ world: PoolReconciler.World, _ region: Region, price: Money, wanted: Int, now: Moment
    ) -> (count: Int, refusal: String?) {
        guard price > .zero else { return (wanted, nil) }
        let poolRate = Ledger.rate(of: world.workers)
        var best = wanted
        var refusal: String?
        func cap(_ limit: Money?, at current: Money, _ what: String) {
            guard let limit else { return }
            let left = max(0, limit.micros - current.micros)
            let fits = Int(left / price.micros)
            guard fits < best else { return }
            best = fits
            let missing = current + Money(micros: price.micros * Int64(wanted)) - limit
            refusal = "\(wanted) more at \(price)/h would pass \(what) of \(limit): \(missing) short"
        }
        cap(world.pool.spec.budget?.perHour, at: poolRate, "the pool's budget.perHour")
        cap(region.spec.budget?.perHour, at: world.regionRate, "region \(region.metadata.name)'s budget.perHour")
        for (budget, accrual, rate, name) in [
            (world.pool.spec.budget, world.pool.status.accrued, world.pool.status.costPerHour, "the pool's"),
            (region.spec.budget, region.status.accrued, region.status.costPerHour, "region \(region.metadata.name)'s"),
        ] {
            let spent = accrual.map { Ledger.spent($0, rate: rate, now: now) } ?? (.zero, .zero)
            // An hour of every worker, new and old, is what admission reserves.
            cap(budget?.perDay, at: spent.today + rate, "\(name) budget.perDay")
            cap(budget?.total, at: spent.total + rate, "\(name) budget.total")
        }
        return (best, refusal)
    }
}
