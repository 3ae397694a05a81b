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
        /// What a person is told to do, where it is left to him.
        var advice = Advice.nothing
        /// Caps don't pay for one more worker, whether or not one is wanted.
        var isBroke = false
        /// The workers that may go, in the order in which they do.
        var idle: [Worker] = []
    }

    enum Advice: Equatable {
        case nothing
        /// What was said stands until the next round has looked.
        case asBefore
        case size(Int, because: String)
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
        let idle = Idleness(world, active: active, now: now)
        input.idle = idle.free.count
        input.kept = idle.kept
        input.resting = idle.resting
        // A worker came or went since the round looked: the next round says anew what is missing.
        let present = active.count { $0.status.state.takesTasks }
        input.waitingTasks = world.demand.tasks
        input.waitingWorkers = world.demand.present == present ? world.demand.workers : 0
        input.sinceScale = world.pool.status.lastScale?.time.map { now.wall - $0 }
        input.slotsPerWorker = max(1, active.first?.spec.maxConcurrentTasks ?? spec.worker.maxConcurrentTasks ?? 1)
        input.pricePerWorker = price
        input.budget = budget(world, price: price, now: now)
        input.mayScale = (world.region?.spec.capabilities.autoscaling ?? true) && !world.isManual
        input.standing = world.pool.status.desiredReplicas
        input.onDemand = world.settings.onDemand
        let demand = PoolDemand.desired(spec, input)
        let advice = advice(world, input, present: present, over: demand.desired)
        if world.settings.onDemand, demand.desired < active.count {
            return Wanted(
                count: active.count, cause: .atSize, reason: "an unfinished plan uses it", advice: advice)
        }
        return Wanted(
            count: demand.desired, cause: demand.cause, reason: demand.reason,
            again: active.count > spec.minWorkers ? idle.again : nil, advice: advice,
            isBroke: input.budget.workers == 0, idle: idle.free)
    }

    /// The size that the pool would have if it scaled itself, for the tasks that leave that to a person too.
    private static func advice(
        _ world: PoolReconciler.World, _ input: PoolDemand.Input, present: Int, over size: Int
    ) -> Advice {
        let asked = world.demand.advisedTasks
        guard !input.mayScale || asked > 0 else { return .nothing }
        guard asked == 0 || world.demand.present == present else { return .asBefore }
        var spec = world.pool.spec
        if world.isManual || asked > 0 { spec.replicas = nil }
        var free = input
        free.mayScale = true
        free.onDemand = false
        free.waitingTasks += asked
        free.waitingWorkers = max(free.waitingWorkers, input.provisioning) + world.demand.advisedWorkers
        let wish = PoolDemand.desired(spec, free)
        return wish.desired == size ? .nothing : .size(wish.desired, because: wish.reason)
    }

    /// The idle workers of a pool: each counts from when it fell idle itself.
    private struct Idleness {
        /// Idle for as long as the cool-down says, and of no use to a next task: longest slot number first.
        var free: [Worker] = []
        /// Held for a task that comes next.
        var kept = 0
        /// Not yet idle for long enough.
        var resting = 0
        /// When the first of those may go.
        var again: Duration?

        init(_ world: PoolReconciler.World, active: [Worker], now: Moment) {
            let idle = active.filter { $0.status.state.takesTasks && world.bound[$0.metadata.name] == nil }
                .sorted { $0.spec.slot < $1.spec.slot }
            guard !idle.isEmpty else { return }
            let cooldown = (world.pool.spec.autoscaling?.cooldown ?? Cooldown()).down
            let held = IdleWorkers.kept(
                idle.map {
                    .init(
                        slots: $0.spec.maxConcurrentTasks, capacity: $0.spec.resources,
                        capabilities: $0.spec.capabilities, hasEngine: $0.status.containerEngine != nil,
                        costPerHour: $0.spec.price.perHour)
                }, for: world.next, in: region(world), horizon: now.wall + cooldown)
            kept = held.count
            for (index, worker) in idle.enumerated().reversed() where !held.contains(index) {
                let since = worker.status.idleSince.map { now.wall - $0 } ?? .zero
                if since >= cooldown {
                    free.append(worker)
                } else {
                    resting += 1
                    let left = cooldown - since + .milliseconds(1)
                    again = min(again ?? left, left)
                }
            }
        }

        private func region(_ world: PoolReconciler.World) -> PlacementRegion {
            var place = PlacementRegion(world.pool.spec.region)
            guard let region = world.region else { return place }
            place.regulations = region.spec.regulations
            place.latency = region.spec.latency ?? region.status.latency
            return place
        }
    }

    /// What every cap over the pool leaves for more workers: its own, and its region's.
    private static func budget(_ world: PoolReconciler.World, price: Money, now: Moment) -> BudgetGate.Answer {
        let pool = Ledger.headroom(
            world.pool.spec.budget, rate: Ledger.rate(of: world.workers), accrual: world.pool.status.accrued,
            since: world.pool.status.costPerHour, now: now)
        var scopes = [BudgetGate.Scope("pool \(world.pool.metadata.name)", pool)]
        if let region = world.region {
            let place = Ledger.headroom(
                region.spec.budget, rate: world.regionRate, accrual: region.status.accrued,
                since: region.status.costPerHour, now: now)
            scopes.append(BudgetGate.Scope("region \(region.metadata.name)", place))
        }
        // Whatever the provider bills by, an hour is never less than its quantum.
        return BudgetGate.affordable(price: price, reserved: .hours(1), under: scopes)
    }
}
