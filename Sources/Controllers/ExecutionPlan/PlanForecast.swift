import Engine
import Model
import Placement

/// When a plan will be done and what its bill will be, from what its tasks declare and the workers that its pools have
/// or can bring.
struct PlanForecast {
    private let plan: ExecutionPlan
    private let world: PlanReconciler.World
    private let now: Moment
    private let hands: [String: Hands]

    /// The workers of one pool: what there is of each was counted once, for there may be hundreds of pools.
    private struct Hands {
        /// Slots of the first worker, and of the first that takes tasks.
        let first: Int
        var ready: Int?
        /// Tasks at once on those that take tasks.
        var present = 0
    }

    init(_ plan: ExecutionPlan, _ world: PlanReconciler.World, now: Moment) {
        self.plan = plan
        self.world = world
        self.now = now
        var hands: [String: Hands] = [:]
        for worker in world.workers {
            let slots = worker.spec.maxConcurrentTasks
            var pool = hands[worker.spec.pool] ?? Hands(first: slots)
            if worker.status.state.takesTasks {
                pool.ready = pool.ready ?? slots
                pool.present += slots
            }
            hands[worker.spec.pool] = pool
        }
        self.hands = hands
    }

    // MARK: Time

    /// By the list that the round goes through too: longest path first.
    func completion() -> (p50: Duration, p90: Duration)? {
        let open = world.tasks.filter { !$0.status.phase.isTerminal }
        let names = Set(open.map(\.spec.task))
        let work = open.map { task in
            CompletionForecast.Work(
                task.spec.task, Self.duration(of: task), dependsOn: task.spec.dependsOn.filter(names.contains),
                running: task.status.phase == .running ? task.status.startedAt.map { max(.zero, now.wall - $0) } : nil,
                lane: task.spec.pool)
        }
        let lanes = world.pools.mapValues(slots)
        let all = max(1, lanes.values.reduce(0, +))
        let limit = min(all, plan.spec.scheduling.maxConcurrentTasks ?? Int.max)
        return CompletionForecast.estimate(work, slots: limit, lanes: lanes).map { ($0.p50, $0.p90) }
    }

    /// Tasks at once when the pool has grown as far as it may.
    private func slots(_ pool: WorkerPool) -> Int {
        let hands = hands[pool.metadata.name]
        let present = hands?.present ?? 0
        guard !pool.spec.suspend, !pool.metadata.isDeleting else { return max(1, present) }
        let most = pool.spec.autoscaling == nil ? pool.spec.replicas ?? pool.spec.maxWorkers : pool.spec.maxWorkers
        let each = hands?.ready ?? pool.spec.worker.maxConcurrentTasks ?? 1
        return max(1, present, most * each)
    }

    static func duration(of task: WorkTask) -> DurationEstimate {
        if let started = task.status.startedAt, let finished = task.status.finishedAt, task.status.phase == .succeeded {
            return DurationEstimate(p50: finished - started, p90: finished - started)
        }
        return task.spec.estimatedDuration.map { DurationEstimate(declared: $0) } ?? .unknown
    }

    // MARK: Money

    /// The bill so far, what is rented now until the end, and at the least the work that is left on workers that are
    /// used in full; the savings against renting a worker for each task.
    func bill(_ cost: PlanCost, until end: Timestamp?) -> (total: Money, savingsPercent: Int?) {
        let isOver = plan.status.phase.isTerminal || end == nil
        let left = isOver ? Money.zero : cost.ratePerHour.perHour(over: max(.zero, (end ?? now.wall) - now.wall))
        let prices = world.pools.compactMapValues(price)
        let all = prices.keys.sorted().compactMap { prices[$0] }
        let items = world.tasks.map { task in
            item(task, task.spec.pool.map { name in prices[name].map { [$0] } ?? [] } ?? all)
        }
        let work = CostForecast.estimate(items)
        let total = isOver ? max(cost.accrued, .zero) : max(cost.accrued + left, work.total)
        let saved = work.baseline - total
        let percent =
            work.baseline > .zero ? Int(Int128(saved.micros) * 100 / Int128(work.baseline.micros)) : nil
        return (total, percent.map { max(-1_000_000, $0) })
    }

    /// Its work at the share of the cheapest worker it may have; the baseline is the dearest, whole.
    private func item(_ task: WorkTask, _ prices: [(share: Money, whole: Money)]) -> CostForecast.Item {
        CostForecast.Item(
            Self.duration(of: task), ratePerHour: prices.map(\.share).min() ?? .zero,
            baselinePerHour: prices.map(\.whole).max() ?? .zero)
    }

    private func price(_ pool: WorkerPool) -> (share: Money, whole: Money)? {
        guard let price = pool.status.price?.perHour else { return nil }
        let slots = hands[pool.metadata.name]?.first ?? pool.spec.worker.maxConcurrentTasks ?? 1
        return (price.scaled(by: 1, over: Int64(max(1, slots))), price)
    }
}
