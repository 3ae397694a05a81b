import Engine
import Model
import Placement

/// Makes the placement round's input out of a snapshot.
struct RoundGather {
    let snapshot: Snapshot
    /// Tasks that a commit in flight holds: their state is about to change.
    let locked: Set<ObjectKey>
    let now: Moment

    var cache: Cache { snapshot.cache }

    // MARK: Tasks and plans

    /// Every task that may have to be looked at.
    func pendingTasks() -> [ObjectKey] { cache.tasks.filter { $0.value.object.status.phase == .pending }.map(\.key) }

    /// Whether the task may be bound now, whatever its status says.
    func isReady(_ key: ObjectKey) -> Bool { !locked.contains(key) && waitsForNothing(key) }

    /// Whether a pending task is one to look at, now or when it is no longer locked.
    func concernsRound(_ task: WorkTask) -> Bool {
        if PendingReasons.concernsRound(task.status.reason) { return true }
        guard PendingReasons.mayConcernRound(task.status.reason) else { return false }
        return !TaskReadiness.hasOpenDependency(task, cache) && waitsForNothing(task.key)
    }

    private func waitsForNothing(_ key: ObjectKey) -> Bool {
        guard snapshot.live.reports[key] == nil, let world = TaskReconciler().gather(key, from: snapshot),
            case .ready = TaskReadiness.of(world, now: now)
        else { return false }
        return true
    }

    func placement(_ task: WorkTask, _ plan: ExecutionPlan, order: Int) -> PlacementTask {
        var placed = PlacementTask(key: task.key, uid: task.metadata.uid, plan: plan.key)
        placed.requires = task.spec.requires
        placed.needsEngine = task.spec.run.image != nil
        placed.region = task.spec.region
        placed.pool = task.spec.pool.map { ObjectKey(.workerPool, task.key.namespace, $0) }
        placed.priority = task.spec.urgency ?? task.spec.priority
        placed.path = task.spec.criticalPath ?? .zero
        placed.reservation = task.status.reservation
        if let declared = task.spec.estimatedDuration { placed.duration = DurationEstimate(declared: declared) }
        let lost = task.status.attempts.filter { attempt in
            Reason(rawValue: attempt.reason).map { EndRule.isLost($0).countsAsLoss } ?? false
        }
        placed.avoidWorkers = lost.compactMap { attempt in
            cache.workers[ObjectKey(.worker, task.key.namespace, attempt.worker)]?.object.metadata.uid
        }
        placed.isIsolated = RepeatedLoss.isSuspect(task.status.attempts)
        placed.createdOrder = order
        if let why = FailoverChoice.circumstance(of: task, snapshot: snapshot) {
            FailoverChoice.apply(why, to: &placed, task: task, plan: plan, snapshot: snapshot)
        }
        return placed
    }

    /// The same input, with every task that fits nothing where it stands free to go where its plan's rules for that
    /// lead; nil where none may go anywhere else.
    func widened(_ input: RoundInput, after result: RoundResult) -> RoundInput? {
        let stranded = Set(result.pending.lazy.filter { $0.reason == .noFeasibleWorker }.map(\.task))
        guard !stranded.isEmpty else { return nil }
        var wider = input
        var isWider = false
        for index in wider.tasks.indices where stranded.contains(wider.tasks[index].key) {
            // One that lost its worker or its region has left already.
            guard wider.tasks[index].region != nil, let task = cache.tasks[wider.tasks[index].key]?.object,
                let plan = cache.plans[wider.tasks[index].plan]?.object,
                FailoverChoice.apply(.noCapacity, to: &wider.tasks[index], task: task, plan: plan, snapshot: snapshot)
            else { continue }
            isWider = true
        }
        return isWider ? wider : nil
    }

    func plans(of tasks: [PlacementTask]) -> [PlacementPlan] {
        let keys = Set(tasks.map(\.plan)).sorted()
        let byCreation = keys.sorted { a, b in
            let (left, right) = (created(a), created(b))
            return left != right ? left < right : a < b
        }
        return byCreation.enumerated().compactMap { index, key in
            guard let plan = cache.plans[key]?.object else { return nil }
            let bound = cache.boundTasks(of: key)
            var placed = PlacementPlan(key: key)
            placed.algorithm = plan.spec.scheduling.algorithm
            placed.weights = plan.spec.scheduling.weights
            placed.mayScale = plan.spec.scaling == .auto
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

    func workerKeys() -> [ObjectKey] { cache.keys(of: .worker) }
    func regions() -> [PlacementRegion] {
        cache.keys(of: .region).compactMap { cache.regions[$0]?.object }.map(region)
    }
    func pools() -> [PlacementPool] {
        cache.keys(of: .workerPool).compactMap { cache.pools[$0]?.object }.compactMap(pool)
    }

    /// Of each region what `FailoverChoice` looks at.
    func troubles() -> Set<String> {
        var troubles: Set<String> = []
        for (key, held) in cache.regions {
            let region = held.object
            let isOpen = snapshot.circuits[key.name]?.contains { $0.state == .open } == true
            let isDown = isOpen || region.status.conditions.isTrue(.regionDown)
            let provider = region.spec.provider.kind?.rawValue ?? ""
            troubles.insert("\(key.name) \(provider) \(isDown) \(region.spec.capabilities.faultTolerance)")
        }
        return troubles
    }

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

    func worker(_ worker: Worker) -> PlacementWorker {
        let pool = ObjectKey(.workerPool, worker.key.namespace, worker.spec.pool)
        var placed = PlacementWorker(
            key: worker.key, uid: worker.metadata.uid, pool: pool, region: worker.spec.region)
        placed.capabilities = worker.spec.capabilities
        placed.capacity = worker.spec.resources
        for task in cache.tasks(on: worker.key) {
            placed.used.add(task.spec.requires)
            placed.slotsUsed += 1
            if RepeatedLoss.isSuspect(task.status.attempts) { placed.holdsIsolated = true }
            // By what never changes during an attempt: a worker is read again only when tasks come or go.
            guard let from = task.status.assignment?.assignedAt else { continue }
            placed.releases.append(.init(at: from + RoundInputs.estimate(of: task).p50, requires: task.spec.requires))
        }
        placed.slots = worker.spec.maxConcurrentTasks
        placed.slot = worker.spec.slot
        placed.reliability = reliability(pool)
        placed.hasEngine = worker.status.containerEngine != nil || worker.status.onlineAt == nil && hasEngine(pool)
        placed.costPerHour = worker.spec.price.perHour
        placed.health = worker.status.health
        placed.state = worker.status.state
        if snapshot.live.leaving.contains(worker.metadata.uid) { placed.refusal = "it is shutting down" }
        if worker.metadata.isDeleting || snapshot.leaving.contains(worker.key) {
            placed.refusal = "it is being deleted"
        }
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
        placed.maxWorkers = pool.spec.largestSize
        placed.limit = pool.spec.maxWorkers
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

    /// What its pool promises of one that has not joined: were it taken for one without, another would be rented for
    /// the same task, and so on.
    private func hasEngine(_ pool: ObjectKey) -> Bool {
        guard let pool = cache.pools[pool]?.object, let region = cache.region(pool.spec.region) else { return false }
        return hasEngine(cache.workers(of: pool.key).filter { $0.status.state != .failed }, region)
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
