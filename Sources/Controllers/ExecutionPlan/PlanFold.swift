import Engine
import Model
import Placement

/// What a plan's parts add up to.
enum PlanFold {
    static func counts(_ tasks: [WorkTask]) -> TaskCounts {
        var counts = TaskCounts()
        counts.total = tasks.count
        for task in tasks {
            switch task.status.phase {
            case .pending: counts.pending += 1
            case .assigned: counts.assigned += 1
            case .running: counts.running += 1
            case .succeeded: counts.succeeded += 1
            case .failed: counts.failed += 1
            case .timedOut: counts.timedOut += 1
            case .cancelled: counts.cancelled += 1
            case .skipped: counts.skipped += 1
            }
        }
        return counts
    }

    /// By the region each task runs or ran in, else the one it is listed under.
    static func regions(_ plan: ExecutionPlan, _ world: PlanReconciler.World) -> [PlanRegionStatus] {
        var order = plan.spec.regions.map(\.region)
        var rows: [String: PlanRegionStatus] = [:]
        for task in world.tasks {
            let place = task.status.assignment?.region ?? task.status.attempts.last?.region ?? task.spec.region
            guard let place else { continue }
            if !order.contains(place) { order.append(place) }
            var row = rows[place] ?? PlanRegionStatus()
            row.tasks += 1
            if task.status.phase == .running { row.running += 1 }
            if task.status.phase == .succeeded { row.succeeded += 1 }
            row.cost += task.status.cost
            rows[place] = row
        }
        let prices = Dictionary(world.workers.map { ($0.spec.region, $0.spec.price.perHour) }) { min($0, $1) }
        let scores = RoundInputs.scores(
            of: order.compactMap { world.regions[$0] }, prices: prices, weights: plan.spec.scheduling.weights)
        return order.map { name in
            var row = rows[name] ?? PlanRegionStatus()
            row.region = name
            if let score = scores[name] {
                row.score = score.score
                row.terms = score.terms
            }
            return row
        }
    }

    static func cost(_ plan: ExecutionPlan, _ world: PlanReconciler.World, now: Moment) -> PlanCost {
        var cost = PlanCost()
        let workers = Dictionary(world.workers.map { ($0.metadata.name, $0) }) { first, _ in first }
        for task in world.tasks {
            cost.accrued += task.status.cost
            guard task.status.phase.isBound, let name = task.status.assignment?.worker, let worker = workers[name]
            else {
                continue
            }
            cost.ratePerHour += worker.spec.price.perHour.scaled(
                by: 1, over: Int64(max(1, worker.spec.maxConcurrentTasks)))
        }
        let estimate = RoundInputs.costEstimate(tasks: world.tasks, workers: world.workers)
        cost.estimatedTotal = plan.status.phase.isTerminal ? cost.accrued : max(cost.accrued, estimate.total)
        cost.savingsPercent = estimate.savingsPercent
        cost.baseline = estimate.savingsPercent == nil ? nil : CostForecast.baselineName
        return cost
    }

    static func estimate(_ plan: ExecutionPlan, _ world: PlanReconciler.World, now: Moment) -> CompletionEstimate? {
        guard !world.tasks.isEmpty, !plan.status.phase.isTerminal else { return nil }
        let slots = world.workers.filter { $0.status.state.takesTasks }.reduce(0) { $0 + $1.spec.maxConcurrentTasks }
        let open = world.tasks.filter { !$0.status.phase.isTerminal }
        guard
            let (p50, p90) = RoundInputs.completion(
                open, slots: min(max(1, slots), plan.spec.scheduling.maxConcurrentTasks ?? Int.max), now: now)
        else { return nil }
        var estimate = CompletionEstimate()
        // Kept while it stays within a tenth: nobody reads a forecast that flickers.
        estimate.p50 = steady(plan.status.estimatedCompletion?.p50, now.wall + p50, now)
        estimate.p90 = steady(plan.status.estimatedCompletion?.p90, now.wall + p90, now)
        return estimate
    }

    private static func steady(_ standing: Timestamp?, _ fresh: Timestamp, _ now: Moment) -> Timestamp {
        guard let standing else { return fresh.wholeSeconds }
        let span = max(10_000, abs((fresh - now.wall).milliseconds))
        return abs((fresh - standing).milliseconds) * 10 < span ? standing : fresh.wholeSeconds
    }

    /// Why nothing moves, if every pending task waits for something that only a person or another party can change.
    static func blockers(_ world: PlanReconciler.World) -> (Reason, String)? {
        for entry in world.plan.spec.regions {
            if world.regions[entry.region] == nil {
                return (.regionNotFound, "region \"\(entry.region)\" does not exist; the plan goes on when it does")
            }
            if let pool = entry.pool, world.pools[pool] == nil {
                return (.poolNotFound, "worker pool \"\(pool)\" does not exist; the plan goes on when it does")
            }
        }
        let hard: [Reason] = [
            .noFeasibleWorker, .budgetExceeded, .residencyBlocked, .waitingForExternal, .notAllowed, .awaitingDecision,
        ]
        let pending = world.tasks.filter { $0.status.phase == .pending }
        for task in pending {
            guard let reason = task.status.reason.flatMap(Reason.init(rawValue:)), hard.contains(reason) else {
                continue
            }
            return (reason, "\(task.spec.task): \(task.status.message ?? "")")
        }
        return nil
    }
}
