import Engine
import Model
import Placement

/// Brings what was observed of a pool into the form in which `PoolDemand` decides its size.
enum PoolSize {
    struct Wanted: Equatable {
        let count: Int
        let cause: Reason
        let reason: String
        /// When the answer may change by itself: a cool-down that ends.
        var again: Duration?
    }

    static func desired(_ world: PoolReconciler.World, active: [Worker], price: Money, now: Moment) -> Wanted {
        let spec = world.pool.spec
        if world.settings.onDemand {
            // Between the waves of a plan workers stay; after the last plan none does.
            guard world.inUse else {
                return Wanted(count: 0, cause: .scalingDown, reason: "no unfinished plan uses it")
            }
        }
        var input = PoolDemand.Input()
        input.live = active.count
        input.provisioning = active.filter { $0.status.state == .provisioning }.count
        input.idle = active.filter { $0.status.state.takesTasks && world.bound[$0.metadata.name] == nil }.count
        // A worker came or went since the round looked: the next round says anew what is missing.
        let present = active.count { $0.status.state.takesTasks }
        input.waitingTasks = world.demand.tasks
        input.waitingWorkers = world.demand.present == present ? world.demand.workers : 0
        input.sinceScale = world.pool.status.lastScale?.time.map { now.wall - $0 }
        input.slotsPerWorker = max(1, spec.worker.maxConcurrentTasks)
        input.pricePerWorker = price
        input.budget = budget(world, price: price, now: now)
        input.mayScale = world.region?.spec.capabilities.autoscaling ?? true
        input.onDemand = world.settings.onDemand
        let demand = PoolDemand.desired(spec, input)
        if world.settings.onDemand, demand.desired < active.count {
            return Wanted(count: active.count, cause: .atSize, reason: "an unfinished plan uses it")
        }
        var again: Duration?
        let cooldown = spec.autoscaling?.cooldown.down ?? Cooldown().down
        if let since = input.sinceScale, since < cooldown, input.idle > 0, active.count > spec.minWorkers {
            again = cooldown - since + .milliseconds(1)
        }
        return Wanted(count: demand.desired, cause: demand.cause, reason: demand.reason, again: again)
    }

    /// What every cap over the pool leaves for more workers: its own, and its region's.
    private static func budget(_ world: PoolReconciler.World, price: Money, now: Moment) -> BudgetGate.Answer {
        let pool = headroom(
            world.pool.spec.budget, rate: Ledger.rate(of: world.workers), accrual: world.pool.status.accrued,
            since: world.pool.status.costPerHour, now: now)
        var scopes = [BudgetGate.Scope("pool \(world.pool.metadata.name)", pool)]
        if let region = world.region {
            let place = headroom(
                region.spec.budget, rate: world.regionRate, accrual: region.status.accrued,
                since: region.status.costPerHour, now: now)
            scopes.append(BudgetGate.Scope("region \(region.metadata.name)", place))
        }
        // Whatever the provider bills by, an hour is never less than its quantum.
        return BudgetGate.affordable(price: price, reserved: .hours(1), under: scopes)
    }

    private static func headroom(
        _ budget: Budget?, rate: Money, accrual: Accrual?, since: Money, now: Moment
    ) -> Headroom {
        guard let budget else { return Headroom() }
        let spent = accrual.map { Ledger.spent($0, rate: since, now: now) } ?? (.zero, .zero)
        func left(_ cap: Money?, _ used: Money) -> Money? { cap.map { max(.zero, $0 - used) } }
        return Headroom(
            perHour: left(budget.perHour, rate), perDay: left(budget.perDay, spent.today + rate),
            total: left(budget.total, spent.total + rate))
    }
}
