import Model

/// One placement round: all waiting tasks, all workers, all limits at once. Pure and deterministic: the same
/// input, in any order, gives the same result.
///
/// Tasks are decided one by one in `TaskOrder`. Each takes the best worker that fits by its plan's algorithm
/// (`WorkerOrder`, `LoadTable.load`), of the lowest tier of its region policy that has one with room, and
/// reserves slot, resources, concurrency and budget before the next is looked at. So no limit is ever passed,
/// and whoever comes first has the choice. What fits but finds no room waits for a pool that can grow, in the
/// same order and against the same limits.
package enum Round {
    package static func decide(_ input: RoundInput) -> RoundResult {
        var run = RoundRun(input)
        run.decideAll()
        return run.result
    }
}

/// The state of a round while it decides.
struct RoundRun {
    let tasks: [PlacementTask]
    let plans: [PlacementPlan]
    let planOf: [Int32]
    var facts: Facts
    var result = RoundResult()

    var free: [Amounts]
    var loadTable: LoadTable
    /// Tasks each plan may still start.
    var startable: [Int]
    var ledger: Ledger
    var growth: Growth
    /// Worker index behind the one RoundRobin chose last.
    var turn: Int

    var fits: [Fit] = []
    var fitIDs: [Fit.Key: Int] = [:]
    var classes: [TaskClass] = []
    var classIDs: [TaskClass.Key: Int] = [:]
    var scopes = Interner<Scope>()
    var scopeOf: [Int32] = []
    var masksOfScope: [Int32: [FieldMask]] = [:]
    var avoidSets = Interner<[Int32]>()
    var workerByUID: [String: Int32] = [:]
    /// By `SchedulingAlgorithm.ordinal`.
    var orders = [WorkerOrder?](repeating: nil, count: 4)
    var scoreText = ScoreText()
    /// By plan: the regions its freely placed tasks may use, as an index into `regionChoices`; -1: all.
    var regionsOf: [Int32] = []
    var regionChoices: [RegionChoice.Allowed] = []

    init(_ input: RoundInput) {
        tasks = input.tasks
        facts = Facts(input)
        (plans, planOf) = RoundRun.indexPlans(input)
        startable = plans.map { max(0, ($0.maxConcurrentTasks ?? Int.max) - max(0, $0.running)) }
        ledger = Ledger(plans: plans, regions: facts.regions, pools: facts.pools)
        growth = Growth(facts.pools)
        free = facts.workers.map { worker in
            var free = Amounts(worker.capacity, slots: worker.slots)
            free -= Amounts(worker.used, slots: worker.slotsUsed)
            return free
        }
        loadTable = LoadTable(facts, free: free)
        turn = 0
        if let cursor = input.cursor { turn = facts.workers.firstIndex { cursor < $0.key } ?? 0 }
        result.cursor = input.cursor
        _ = avoidSets.intern([])
        scopeOf.reserveCapacity(tasks.count)
        var last: Scope?
        var lastID: Int32 = 0
        for index in tasks.indices {
            let scope = Scope(tasks[index])
            if scope != last {
                lastID = Int32(scopes.intern(scope))
                last = scope
            }
            scopeOf.append(lastID)
        }
        if tasks.contains(where: { !$0.avoidWorkers.isEmpty }) {
            for (index, worker) in facts.workers.enumerated() { workerByUID[worker.uid] = Int32(index) }
        }
    }

    /// Plans by creation, then key, and the plan of each task; one whose plan is not in the input has no
    /// limits.
    private static func indexPlans(_ input: RoundInput) -> ([PlacementPlan], [Int32]) {
        var met: [PlacementPlan] = []
        var index: [ObjectKey: Int32] = [:]
        for plan in input.plans where index[plan.key] == nil {
            index[plan.key] = Int32(met.count)
            met.append(plan)
        }
        var metOf: [Int32] = []
        metOf.reserveCapacity(input.tasks.count)
        for task in input.tasks.indices {
            let key = input.tasks[task].plan
            if let known = index[key] {
                metOf.append(known)
            } else {
                metOf.append(Int32(met.count))
                index[key] = Int32(met.count)
                met.append(PlacementPlan(key: key))
            }
        }
        let order = met.indices.sorted { a, b in
            met[a].createdOrder != met[b].createdOrder
                ? met[a].createdOrder < met[b].createdOrder : met[a].key < met[b].key
        }
        var rank = [Int32](repeating: 0, count: met.count)
        for (position, plan) in order.enumerated() { rank[plan] = Int32(position) }
        return (order.map { met[$0] }, metOf.map { rank[Int($0)] })
    }

    mutating func decideAll() {
        chooseRegions()
        let order = TaskOrder.order(
            tasks, planOf: planOf, running: plans.map(\.running))
        result.bindings.reserveCapacity(tasks.count)
        for task in order {
            let task = Int(task)
            decide(task, as: classID(task))
        }
        result.needs = growth.needs(facts)
    }

    private mutating func decide(_ task: Int, as id: Int) {
        let plan = Int(planOf[task])
        let fit = classes[id].fit
        if fits[fit].feasible.isEmpty && fits[fit].pools.isEmpty {
            wait(task, id, verdict(id))
        } else if startable[plan] == 0 {
            let limit = plans[plan].maxConcurrentTasks ?? 0
            wait(
                task, id,
                .init(
                    reason: .concurrencyLimit,
                    message:
                        "plan \(plans[plan].key.name) has \(limit) of \(limit) tasks started or next to start"
                ))
        } else if let choice = take(task, plan, id) {
            bind(task, plan, id, choice)
        } else if let pool = grow(task, plan, id) {
            wait(task, id, provisioning(pool), pool: facts.pools[pool].key)
            growForMore(task, plan, id)
        } else {
            for _ in 0...tasks[task].more { guard wish(id) else { break } }
            wait(task, id, verdict(id))
        }
    }

    private mutating func verdict(_ id: Int) -> TaskClass.Verdict {
        if let known = classes[id].verdict { return known }
        let verdict = explain(id)
        classes[id].verdict = verdict
        return verdict
    }

    func charge(_ task: Int, _ plan: Int, candidate: Int) -> Ledger.Charge {
        Ledger.Charge(
            plan: plan, region: facts.candidates[candidate].region,
            pool: facts.candidates[candidate].poolIndex,
            rate: facts.candidates[candidate].share, p90: tasks[task].duration.p90)
    }

    private mutating func bind(_ task: Int, _ plan: Int, _ id: Int, _ choice: Choice) {
        let candidate = Int(facts.candidateOf[choice.worker])
        // The record shows scores as they were when it was chosen, so before anything is reserved.
        let record = bindingRecord(id, choice)
        let fit = classes[id].fit
        free[choice.worker] -= fits[fit].request
        loadTable.update(choice.worker, free: free[choice.worker])
        if !ledger.isOpen { ledger.reserve(charge(task, plan, candidate: candidate)) }
        startable[plan] -= 1
        if fits[fit].algorithm == .roundRobin {
            turn = choice.worker + 1
            result.cursor = facts.workers[choice.worker].key
        }
        result.bindings.append(
            Binding(
                task: tasks[task].key, taskUID: tasks[task].uid, worker: facts.workers[choice.worker].key,
                workerUID: facts.workers[choice.worker].uid, region: facts.workers[choice.worker].region,
                pool: facts.workers[choice.worker].pool, score: choice.score,
                ratePerHour: Money(micros: facts.candidates[candidate].share),
                baselinePerHour: Money(micros: fits[fit].baseline), record: record))
    }

    private mutating func wait(_ task: Int, _ id: Int, _ verdict: TaskClass.Verdict, pool: ObjectKey? = nil) {
        var record = PlacementRecord()
        let fit = classes[id].fit
        record.strategy = fits[fit].algorithm
        record.considered = fits[fit].considered
        record.rejected = fits[fit].rejected
        record.rejections = fits[fit].rejections
        result.pending.append(
            Pending(
                task: tasks[task].key, taskUID: tasks[task].uid, reason: verdict.reason,
                message: verdict.message,
                waitsFor: pool, record: record, isHopeless: isHopeless(fits[fit])))
    }

    private func isHopeless(_ fit: Fit) -> Bool {
        // Where a plan's number of regions leaves some out, what its other tasks take changes that.
        guard fit.feasible.isEmpty, fit.allowed == nil else { return false }
        return !fit.pools.contains { pool in
            let pool = facts.pools[pool]
            return pool.room > 0 || pool.provisioning > 0 || pool.isShortOfMoney
        }
    }

    /// The pool that will bring a worker for the task, with the room and the money for it set aside; nil
    /// where none can.
    private mutating func grow(_ task: Int, _ plan: Int, _ id: Int) -> Int? {
        let fit = classes[id].fit
        for pool in fits[fit].pools {
            let charge = charge(task, plan, candidate: facts.workerCandidates + pool)
            guard growth.holds(fits[fit].request, pool: pool) else { continue }
            guard ledger.admits(charge) else {
                classes[id].noteRefused(facts.workerCandidates + pool, facts)
                continue
            }
            growth.take(fits[fit].request, pool: pool)
            ledger.reserve(charge)
            startable[plan] -= 1
            return pool
        }
        return nil
    }

    /// The same for those behind a task that are not in the input themselves.
    private mutating func growForMore(_ task: Int, _ plan: Int, _ id: Int) {
        var left = tasks[task].more
        while left > 0, startable[plan] > 0, grow(task, plan, id) != nil { left -= 1 }
        while left > 0, startable[plan] > 0, wish(id) { left -= 1 }
    }

    /// Counts a task as demand of the first pool that a budget alone keeps from bringing a worker for it.
    private mutating func wish(_ id: Int) -> Bool {
        let fit = classes[id].fit
        for pool in fits[fit].pools
        where facts.pools[pool].isShortOfMoney && growth.wouldHold(fits[fit].request, pool: pool) {
            growth.take(fits[fit].request, pool: pool)
            return true
        }
        return false
    }

    private func provisioning(_ index: Int) -> TaskClass.Verdict {
        let pool = facts.pools[index]
        let coming =
            pool.provisioning > 0
            ? "\(pool.provisioning) of \(pool.live) live ones on the way" : "\(pool.live) live"
        return .init(
            reason: .provisioningWorkers,
            message: "waits for a worker of pool \(pool.key.name) (\(coming), at most \(pool.maxWorkers))")
    }
}
