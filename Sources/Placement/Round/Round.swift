import Model

/// One placement round: all waiting tasks, all workers, all limits at once. Pure and deterministic: the same
/// input, in any order, gives the same result.
///
/// Tasks are decided one by one in `TaskOrder`. Each takes the best worker that fits by its plan's algorithm
/// (`WorkerOrder`, `LoadTable.load`), of the lowest tier of its region policy that has one with room, and
/// reserves slot, resources, concurrency and budget before the next is looked at. So no limit is ever passed,
/// and whoever comes first has the choice. What fits but finds no room is put off, and all of that together gets
/// places on workers that are on their way or on such as are to be rented (`Purchase`), against the same limits. It
/// keeps them: who comes later finds only what is left, unless it is more urgent.
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
    /// Tasks that a worker on its way or a new one may take, in order.
    var putOff: [Int] = []
    var berths: [Berth] = []
    /// Tasks that got a place, with others behind them that are not in the input.
    var leaders: [Int] = []
    /// By pool.
    var needs: [PoolWish]
    /// The worker that was rented for a task, by task.
    var rentedFor: [Int: Int] = [:]
    /// Workers kept for tasks that need more than is free there now.
    var keptRoom: [Int: KeptRoom] = [:]
    /// Whether anything is known to end, so that room can be kept.
    let knowsEnds: Bool
    let now: Timestamp
    /// Tasks that found the limit of their plan reached.
    var limited: [Int] = []
    /// The order of the tasks, and how far turns have come before.
    var order = TaskOrder.Order()
    private let startTurn: Duration
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
        ledger = Ledger(plans: plans, regions: facts.regions, pools: facts.pools, workers: facts.workers)
        needs = facts.pools.map { _ in PoolWish() }
        free = facts.workers.map { worker in
            var free = Amounts(worker.capacity, slots: worker.slots)
            free -= Amounts(takenOf: worker)
            return free
        }
        let kept = RoundRun.keepRented(input.tasks, facts, free: &free)
        rentedFor = kept
        loadTable = LoadTable(facts, free: free)
        startTurn = input.turn
        now = input.now
        knowsEnds = facts.workers.contains { !$0.releases.isEmpty }
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
        order = TaskOrder.order(tasks, planOf: planOf, plans: plans, turn: startTurn)
        result.turn = startTurn
        result.bindings.reserveCapacity(tasks.count)
        for task in order.tasks {
            let task = Int(task)
            decide(task, as: classID(task))
        }
        growAll()
        decideLimited()
        result.needs = poolNeeds()
    }

    /// Tasks that found their plan's limit reached are looked at again: those put off may have got no place.
    private mutating func decideLimited() {
        let waiting = limited
        limited = []
        for task in waiting where startable[Int(planOf[task])] > 0 {
            let plan = Int(planOf[task])
            guard let choice = take(task, plan, classID(task)) else { continue }
            result.pending.removeAll { $0.taskUID == tasks[task].uid }
            bind(task, plan, classID(task), choice)
        }
    }

    /// Keeps the room on workers that have come for the tasks that they were rented for, unless something more urgent
    /// waits.
    private static func keepRented(_ tasks: [PlacementTask], _ facts: Facts, free: inout [Amounts]) -> [Int: Int] {
        guard tasks.contains(where: { $0.reservation != nil }) else { return [:] }
        let most = tasks.lazy.filter { $0.reservation == nil }.map(\.priority).max() ?? .min
        var workers: [Reservation: Int] = [:]
        for (index, worker) in facts.workers.enumerated() where worker.takesTasks {
            workers[Reservation(pool: worker.pool.name, slot: worker.slot)] = index
        }
        var kept: [Int: Int] = [:]
        // In an order of their own: that of the input does not count.
        let order = tasks.indices.sorted { a, b in
            let (first, second) = (tasks[a], tasks[b])
            return first.priority != second.priority ? first.priority > second.priority : first.precedes(second)
        }
        for index in order where tasks[index].priority >= most {
            guard let worker = tasks[index].reservation.flatMap({ workers[$0] }),
                facts.workers[worker].pool.namespace == tasks[index].key.namespace
            else { continue }
            let request = facts.profiles[Int(facts.profileOf[index])].request
            guard free[worker].holds(request) else { continue }
            free[worker] -= request
            kept[index] = worker
        }
        return kept
    }

    private mutating func decide(_ task: Int, as id: Int) {
        let plan = Int(planOf[task])
        let fit = classes[id].fit
        if fits[fit].feasible.isEmpty && fits[fit].offers.isEmpty {
            wait(task, id, verdict(id))
        } else if startable[plan] == 0 {
            limited.append(task)
            let limit = plans[plan].maxConcurrentTasks ?? 0
            wait(
                task, id,
                .init(
                    reason: .concurrencyLimit,
                    message:
                        "plan \(plans[plan].key.name) has \(limit) of \(limit) tasks started or next to start"
                ))
        } else if let choice = takeRented(task, plan, id) ?? take(task, plan, id) {
            bind(task, plan, id, choice)
        } else if mayGrow(task, plan, id) || !plans[plan].mayScale {
            startable[plan] -= 1
            putOff.append(task)
        } else {
            noteRefusals(task, id)
            for _ in 0...tasks[task].more { guard wish(id) else { break } }
            var verdict = verdict(id)
            if knowsEnds, verdict.reason == .concurrencyLimit, let kept = keepRoom(id) {
                verdict.message += "; \(facts.workers[kept].key.name) is kept for it until what runs there leaves room"
            }
            wait(task, id, verdict)
        }
    }

    /// The worker that was rented for the task, once it is there.
    private mutating func takeRented(_ task: Int, _ plan: Int, _ id: Int) -> Choice? {
        guard let worker = rentedFor[task] else { return nil }
        let (fit, candidate) = (classes[id].fit, Int(facts.candidateOf[worker]))
        guard fits[fit].masks[candidate].isEmpty,
            ledger.admits(charge(task, plan, candidate: candidate, worker: worker, isNew: false))
        else { return nil }
        free[worker].take(fits[fit].request, times: -1)
        loadTable.update(worker, free: free[worker])
        var score = 0.0
        switch fits[fit].algorithm {
        case .roundRobin: break
        case .leastLoaded: score = 1 - Fit.load(loadTable.load(worker, fits[fit].shares) << 32)
        case .priority, .costOptimized: score = workerOrder(fits[fit].algorithm).scores[worker]
        }
        return Choice(worker: worker, score: score)
    }

    mutating func verdict(_ id: Int) -> TaskClass.Verdict {
        if let known = classes[id].verdict { return known }
        let verdict = explain(id)
        classes[id].verdict = verdict
        return verdict
    }

    func charge(_ task: Int, _ plan: Int, candidate: Int, worker: Int, isNew: Bool) -> Ledger.Charge {
        Ledger.Charge(
            plan: plan, region: facts.candidates[candidate].region, pool: facts.candidates[candidate].poolIndex,
            worker: worker, price: facts.candidates[candidate].price.micros, p90: tasks[task].duration.p90, isNew: isNew
        )
    }

    private mutating func bind(_ task: Int, _ plan: Int, _ id: Int, _ choice: Choice) {
        let candidate = Int(facts.candidateOf[choice.worker])
        // The record shows scores as they were when it was chosen, so before anything is reserved.
        let record = bindingRecord(id, choice, isRented: rentedFor[task] == choice.worker)
        let fit = classes[id].fit
        filled(choice.worker, task, fits[fit].request)
        free[choice.worker] -= fits[fit].request
        loadTable.update(choice.worker, free: free[choice.worker])
        if !ledger.isOpen {
            ledger.reserve(charge(task, plan, candidate: candidate, worker: choice.worker, isNew: false))
        }
        let due = order.due[task]
        result.served[plans[plan].key] = .milliseconds(due + TaskOrder.size(tasks[task]))
        result.turn = max(result.turn, .milliseconds(due))
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

    mutating func wait(
        _ task: Int, _ id: Int, _ verdict: TaskClass.Verdict, pool: ObjectKey? = nil, reservation: Reservation? = nil
    ) {
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
                waitsFor: pool, reservation: reservation, record: record,
                isHopeless: isHopeless(fits[fit], isManual: classes[id].key.isManual)))
    }

    private func isHopeless(_ fit: Fit, isManual: Bool) -> Bool {
        // Where a plan's number of regions leaves some out, what its other tasks take changes that.
        guard fit.feasible.isEmpty, fit.allowed == nil else { return false }
        return !fit.offers.contains { offer in
            let pool = facts.pools[facts.offers[offer].pool]
            return pool.room > 0 || pool.provisioning > 0 || pool.isShortOfMoney || isManual && pool.blocked == nil
        }
    }

    func provisioning(_ index: Int) -> TaskClass.Verdict {
        let pool = facts.pools[index]
        let coming =
            pool.provisioning > 0
            ? "\(pool.provisioning) of \(pool.live) live ones on the way" : "\(pool.live) live"
        return .init(
            reason: .provisioningWorkers,
            message: "waits for a worker of pool \(pool.key.name) (\(coming), at most \(pool.maxWorkers))")
    }
}
