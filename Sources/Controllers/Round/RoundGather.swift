import Engine
import Model
import Placement

/// Makes the placement round's input out of a snapshot.
struct RoundGather {
    let snapshot: Snapshot
    /// Tasks that a commit in flight holds: their state is about to change.
    let locked: Set<ObjectKey>
    let now: Moment

    private var cache: Cache { snapshot.cache }

    func input() -> RoundInput {
        var input = RoundInput()
        let ready = readyTasks()
        guard !ready.isEmpty else { return input }
        input.tasks = ready
        input.plans = plans(of: ready)
        input.regions = cache.keys(of: .region).compactMap { cache.regions[$0]?.object }.map(region)
        input.workers = cache.keys(of: .worker).compactMap { cache.workers[$0]?.object }.map(worker)
        input.pools = cache.keys(of: .workerPool).compactMap { cache.pools[$0]?.object }.compactMap(pool)
        input.cursor = snapshot.live.cursor
        input.turn = snapshot.live.turn
        return input
    }

    // MARK: Tasks and plans

    private func readyTasks() -> [PlacementTask] {
        let reconciler = TaskReconciler()
        var order = 0
        var ready: [PlacementTask] = []
        for planKey in cache.keys(of: .executionPlan) {
            guard let plan = cache.plans[planKey]?.object, !plan.status.phase.isTerminal, !plan.metadata.isDeleting,
                !plan.spec.cancel, !plan.spec.suspend
            else { continue }
            let positions = Dictionary(plan.spec.taskNames.enumerated().map { ($1, $0) }) { first, _ in first }
            for task in cache.tasks(of: planKey) {
                guard task.status.phase == .pending, !task.metadata.isDeleting, !locked.contains(task.key),
                    snapshot.live.reports[task.key] == nil, let world = reconciler.gather(task.key, from: snapshot),
                    case .ready = TaskReadiness.of(world, now: now)
                else { continue }
                ready.append(placement(task, plan, order: order + (positions[task.spec.task] ?? 0)))
            }
            order += plan.spec.taskCount
        }
        return ready
    }

    private func placement(_ task: WorkTask, _ plan: ExecutionPlan, order: Int) -> PlacementTask {
        var placed = PlacementTask(key: task.key, uid: task.metadata.uid, plan: plan.key)
        placed.requires = task.spec.requires
        placed.needsEngine = task.spec.run.image != nil
        placed.region = task.spec.region
        placed.pool = task.spec.pool.map { ObjectKey(.workerPool, task.key.namespace, $0) }
        placed.priority = task.spec.urgency ?? task.spec.priority
        placed.path = task.spec.criticalPath ?? .zero
        placed.reservation = task.status.reservation
        if let declared = task.spec.estimatedDuration { placed.duration = DurationEstimate(declared: declared) }
        let lost = task.status.attempts.filter { RepeatedLoss.reasons.contains($0.reason) }
        placed.avoidWorkers = lost.compactMap { attempt in
            cache.workers[ObjectKey(.worker, task.key.namespace, attempt.worker)]?.object.metadata.uid
        }
        placed.createdOrder = order
        FailoverChoice.apply(to: &placed, task: task, plan: plan, snapshot: snapshot, now: now)
        return placed
    }

    private func plans(of tasks: [PlacementTask]) -> [PlacementPlan] {
        let keys = Set(tasks.map(\.plan)).sorted()
        let byCreation = keys.sorted { a, b in
            let (left, right) = (created(a), created(b))
            return left != right ? left < right : a < b
        }
        return byCreation.enumerated().compactMap { index, key in
            guard let plan = cache.plans[key]?.object else { return nil }
            let bound = cache.tasks(of: key).filter { $0.status.phase.isBound }
            var placed = PlacementPlan(key: key)
            placed.algorithm = plan.spec.scheduling.algorithm
            placed.weights = plan.spec.scheduling.weights
            placed.maxConcurrentTasks = plan.spec.scheduling.maxConcurrentTasks
            placed.running = bound.count
            placed.maxRegions = plan.spec.scheduling.maxRegions
            placed.regionsInUse = Set(bound.compactMap(\.status.assignment?.region)).sorted()
            placed.inFlight = .milliseconds(bound.reduce(0) { $0 + RoundInputs.estimate(of: $1).p50.milliseconds })
            placed.served = snapshot.live.served[key]
            PlanCaps(plan, snapshot: snapshot, now: now).fill(&placed)
            placed.createdOrder = index
            return placed
        }
    }

    private func created(_ key: ObjectKey) -> Timestamp {
        cache.plans[key]?.object.metadata.creationTimestamp ?? Timestamp(milliseconds: 0)
    }

    // MARK: Places

    private func region(_ region: Region) -> PlacementRegion {
        var placed = PlacementRegion(region.metadata.name)
        placed.provider = region.spec.provider.kind
        placed.regulations = region.spec.regulations
        placed.latency = region.spec.latency ?? region.status.latency
        placed.availability = region.spec.availability?.double
        placed.multiplier = region.spec.pricing.multiplier
        placed.allowedNamespaces = region.spec.allowedNamespaces
        placed.circuitOpen = snapshot.circuits[region.metadata.name]?.contains { $0.state == .open } ?? false
        // A region that is down has no worker that takes tasks; that new ones may be asked for there is how it
        // comes up again.
        placed.down = region.metadata.isDeleting
        placed.loadBalancing = region.spec.capabilities.loadBalancing
        placed.headroom = Ledger.headroom(
            region.spec.budget, rate: cache.rate(ofRegion: region.metadata.name), accrual: region.status.accrued,
            since: region.status.costPerHour, now: now)
        return placed
    }

    private func worker(_ worker: Worker) -> PlacementWorker {
        let pool = ObjectKey(.workerPool, worker.key.namespace, worker.spec.pool)
        var placed = PlacementWorker(
            key: worker.key, uid: worker.metadata.uid, pool: pool, region: worker.spec.region)
        placed.capabilities = worker.spec.capabilities
        placed.capacity = worker.spec.resources
        for task in cache.tasks(on: worker.key) {
            placed.used.add(task.spec.requires)
            placed.slotsUsed += 1
            let from = task.status.startedAt ?? task.status.assignment?.assignedAt ?? now.wall
            placed.releases.append(
                .init(
                    after: max(.zero, RoundInputs.estimate(of: task).p50 - (now.wall - from)),
                    requires: task.spec.requires))
        }
        placed.slots = worker.spec.maxConcurrentTasks
        placed.slot = worker.spec.slot
        placed.reliability = reliability(pool)
        placed.hasEngine = worker.status.containerEngine != nil
        placed.costPerHour = worker.spec.price.perHour
        placed.health = worker.status.health
        placed.state = worker.status.state
        if snapshot.live.leaving.contains(worker.metadata.uid) { placed.refusal = "it is shutting down" }
        if worker.metadata.isDeleting { placed.refusal = "it is being deleted" }
        return placed
    }

    /// The share of a pool's workers that did not fail, with ten that did not beside them: one loss among few says
    /// little.
    private func reliability(_ pool: ObjectKey) -> Double {
        guard let status = cache.pools[pool]?.object.status, status.lost > 0 else { return 1 }
        let made = max(status.slots.reduce(0) { $0 + $1.attempt }, status.lost)
        return Double(made - status.lost + 10) / Double(made + 10)
    }

    private func pool(_ pool: WorkerPool) -> PlacementPool? {
        guard !pool.metadata.isDeleting, let region = cache.region(pool.spec.region),
            snapshot.settings.serving(region.spec.provider.kind) != nil
        else { return nil }
        let template = pool.spec.worker
        var placed = PlacementPool(key: pool.key, region: pool.spec.region)
        let choice = PoolWorker.choose(template, region.spec)
        placed.capabilities = template.capabilities
        placed.capacity = choice.resources
        placed.slots = choice.slots
        placed.costPerHour = choice.price?.perHour ?? .zero
        let workers = cache.workers(of: pool.key)
        placed.types = PoolWorker.types(template, region.spec)
        placed.slotsTaken = Set(workers.map(\.spec.slot))
        if pool.spec.budget != nil || region.spec.budget != nil {
            placed.headroom = Ledger.headroom(
                pool.spec.budget, rate: Ledger.rate(of: workers), accrual: pool.status.accrued,
                since: pool.status.costPerHour, now: now)
        }
        let live = workers.filter { $0.status.state != .failed && !$0.metadata.isDeleting }
        placed.hasEngine = hasEngine(live, region)
        placed.live = live.count
        placed.provisioning = live.filter { $0.status.state == .provisioning }.count
        placed.maxWorkers =
            pool.spec.autoscaling == nil ? pool.spec.replicas ?? pool.spec.maxWorkers : pool.spec.maxWorkers
        placed.blocked = blocked(pool, region, choice)
        return placed
    }

    /// As its workers that have joined say. Where there are none: processes of this machine find what this one found,
    /// and containers are given none.
    private func hasEngine(_ live: [Worker], _ region: Region) -> Bool {
        let heard = live.filter { $0.status.onlineAt != nil }
        guard heard.isEmpty else { return heard.contains { $0.status.containerEngine != nil } }
        return snapshot.settings.containerEngine && snapshot.settings.serving(region.spec.provider.kind) == .local
    }

    private func blocked(_ pool: WorkerPool, _ region: Region, _ choice: PoolWorker.Choice) -> PlacementPool.Blocked? {
        if choice.price == nil { return .init(.noFeasibleWorker, choice.reason) }
        if pool.spec.suspend { return .init(.suspended, "pool \(pool.metadata.name) is suspended") }
        if !region.spec.capabilities.autoscaling {
            return .init(.noFeasibleWorker, "autoscaling is switched off in \(pool.spec.region)")
        }
        if let budget = pool.status.conditions[.withinBudget], budget.status == .no {
            return .init(.budgetExceeded, budget.message)
        }
        return nil
    }
}

extension Resources {
    /// Adds what a task takes of its worker.
    mutating func add(_ requires: Requirements) {
        if let more = requires.cpu { cpu = (cpu ?? .zero) + more }
        if let more = requires.memory { memory = (memory ?? .zero) + more }
        if let more = requires.storage { storage = (storage ?? .zero) + more }
        if let more = requires.networkMbps { networkMbps = (networkMbps ?? 0) + more }
        if let more = requires.gpu {
            var total = gpu ?? GPU()
            total.count += more.count
            gpu = total
        }
    }
}
