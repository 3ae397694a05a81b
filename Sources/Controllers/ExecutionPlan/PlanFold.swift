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
    static func regions(
        _ plan: ExecutionPlan, _ world: PlanReconciler.World, now: Moment
    ) -> [PlanRegionStatus] {
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
        bill(&rows, &order, plan, world, now)
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

    /// Each region's part of the bill, brought up to date where its rate changes.
    private static func bill(
        _ rows: inout [String: PlanRegionStatus], _ order: inout [String], _ plan: ExecutionPlan,
        _ world: PlanReconciler.World, _ now: Moment
    ) {
        var rates: [String: Money] = [:]
        for rent in world.rents where rent.part > .zero { rates[rent.region, default: .zero] += rent.part }
        let standing = Dictionary(plan.status.regions.map { ($0.region, $0) }) { first, _ in first }
        for name in rates.keys.sorted() where !order.contains(name) { order.append(name) }
        for name in order {
            let (before, rate) = (standing[name], rates[name] ?? .zero)
            var row = rows[name] ?? PlanRegionStatus()
            row.ratePerHour = rate
            row.accrual = Ledger.advance(before?.accrual, from: before?.ratePerHour ?? .zero, to: rate, now: now)
            rows[name] = row
        }
    }

    /// `isAnew`: something moved, so that the bill is brought up to date; its rate is looked at always.
    static func cost(
        _ plan: ExecutionPlan, _ world: PlanReconciler.World, isAnew: Bool, end: CompletionEstimate?, now: Moment
    ) -> PlanCost {
        var cost = plan.status.cost
        let rate = PlanBill.rate(world.rents)
        if isAnew || rate != cost.ratePerHour, cost.accrual != nil || rate > .zero {
            cost.accrual = Ledger.brought(cost.accrual, rate: cost.ratePerHour, now: now)
        }
        cost.ratePerHour = rate
        cost.accrued = cost.accrual?.total ?? .zero
        cost.share = world.tasks.reduce(.zero) { $0 + $1.status.cost }
        guard isAnew || plan.status.cost.ratePerHour != rate else { return cost }
        let forecast = PlanForecast(plan, world, now: now).bill(cost, until: end?.p50)
        cost.estimatedTotal = forecast.total
        cost.savingsPercent = forecast.savingsPercent
        cost.baseline = forecast.savingsPercent == nil ? nil : CostForecast.baselineName
        return cost
    }

    static func estimate(_ plan: ExecutionPlan, _ world: PlanReconciler.World, now: Moment) -> CompletionEstimate? {
        guard !world.tasks.isEmpty, !plan.status.phase.isTerminal else { return nil }
        guard let (p50, p90) = PlanForecast(plan, world, now: now).completion() else { return nil }
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
                return (.regionNotFound, missing("region", entry.region, .regionNotFound, world))
            }
            if let pool = entry.pool, world.pools[pool] == nil {
                return (.poolNotFound, missing("worker pool", pool, .poolNotFound, world))
            }
        }
        let hard: [Reason] = [
            .noFeasibleWorker, .budgetExceeded, .residencyBlocked, .waitingForExternal, .notAllowed, .awaitingDecision,
            .circuitOpen, .scaleRecommended,
        ]
        let pending = world.tasks.filter { $0.status.phase == .pending }
        for task in pending {
            guard let reason = task.status.reason.flatMap(Reason.init(rawValue:)), hard.contains(reason) else {
                continue
            }
            let why = "\(task.spec.task): \(task.status.message ?? "")"
            guard reason == .circuitOpen || reason == .noFeasibleWorker, let trouble = PlanTrouble.of(world) else {
                return (reason, why)
            }
            return (reason, "\(why); \(trouble.message)")
        }
        return nil
    }

    /// The name that was meant is found once: what comes and goes beside it does not change the sentence (L5).
    private static func missing(
        _ what: String, _ name: String, _ reason: Reason, _ world: PlanReconciler.World
    ) -> String {
        let head = "\(what) \"\(name)\" does not exist"
        if world.plan.status.reason == reason.rawValue, let said = world.plan.status.message, said.hasPrefix(head) {
            return said
        }
        let meant = world.similar[name].map { " (did you mean \"\($0)\"?)" } ?? ""
        return "\(head)\(meant); the plan goes on when it does"
    }
}
