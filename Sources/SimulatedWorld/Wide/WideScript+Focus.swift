import Model
import Ports

/// Small worlds about one thing each, in which little else goes on: what is to come of them is judged sharply.
package enum Focus: UInt64, Sendable, CaseIterable {
    /// One worker with room for three, many small tasks, one that needs all of it, and one that is urgent behind one
    /// that is not.
    case crowd = 42
    /// A plan that may cost little more than one worker, and work for three.
    case thrift = 2
    /// Chains of short tasks in a pool that lets go of whatever is idle.
    case chain = 22
    /// Pools of one region at different prices, with more room than there is work.
    case choice = 62
    /// What runs when something failed, and what runs always.
    case rescue = 6
    /// A plan that is cancelled, suspended, or out of time, and cleans up.
    case ending = 26
    /// Workers that go while they have work, and a task that takes them along.
    case failover = 46

    /// A plan that leaves it to people how many workers there are, and more work than those do at once.
    case manual = 66
    /// A provider that does not answer, or makes nothing, when it is first needed.
    case outage = 70
    /// A plan that makes its own pool, while people change it and what it made.
    case upkeep = 74
    /// Tasks that fail once, again and again, or until their last attempt.
    case retries = 78
    /// Workers that are kept from tasks, or told to go, while long ones run on them.
    case drain = 50
    /// A barrier between two regions, with time limits, quorums, outside parties, and tasks that never come.
    case barrier = 54
    /// A pool of a fixed size that is made smaller while some of its workers are busy.
    case shrink = 10
    /// Tasks that fit in other regions than their own alone.
    case elsewhere = 14
    /// Workers that nobody hears: some of a region or all of it, for long enough or not.
    case silence = 18
    /// One worker after the other is lost under tasks that go on elsewhere, or its leader is.
    case losses = 34
    /// Plans that want the same few slots at the same time.
    case turns = 58
    /// Tasks that may cost little, in pools of several sizes and prices, under caps of regions and pools.
    case needs = 30

    /// Of so many seeds each draws one.
    package static let every: UInt64 = 80
}

extension Focus {
    /// What goes wrong in it.
    func faults(_ seed: UInt64, calm: Duration) -> [Fault] {
        switch self {
        case .outage: return [Self.outage(seed / Focus.every)]
        case .silence: return Self.silence(seed / Focus.every)
        case .losses: return Self.losses(seed / Focus.every)
        case .failover: break
        default: return []
        }
        let at = Duration.milliseconds(4000 + Int64(seed / Focus.every % 8) * 250)
        func fault(_ kind: Fault.Kind, after delay: Duration = .zero, lasts: Duration = .seconds(1)) -> Fault {
            Fault(at: at + delay, lasts: lasts, kind: kind)
        }
        switch seed / Focus.every % 4 {
        case 0: return [fault(.killAgent(0))]
        case 1: return [fault(.stopWorker(0))]
        // Found long after it happened.
        case 2: return [fault(.freezeController, lasts: calm - at), fault(.killAgent(1), after: .seconds(1))]
        default: return []
        }
    }

    private static func outage(_ variant: UInt64) -> Fault {
        let codes: [ProviderError.Code] = [.unavailable, .capacity, .unauthorised, .throttled]
        let (code, isLater) = (codes[Int(variant % 4)], variant / 4 % 2 == 1)
        return Fault(
            at: isLater ? .seconds(2) : .zero, lasts: .seconds(Int64(4 + variant % 5)),
            kind: .providerFails(region: 0, code, share: variant / 8 % 2 == 0 ? 100 : 60))
    }
}

extension WideScript {
    static let crowd = "crowd"
    static let wholeWorker = "whole"
    static let opener = "opener"
    static let slots = 3

    mutating func draw(_ focus: Focus) {
        var region = Region(metadata: metadata(Scenario.region(0), nil), spec: RegionSpec())
        region.spec.provider.local = LocalRegion()
        if focus == .needs { region.spec.budget = neededBudget(of: .region) }
        add(0...500, Manifest.create(region))
        switch focus {
        case .crowd: crowd()
        case .thrift: thrift()
        case .chain: chain()
        case .choice: choose()
        case .rescue: rescue()
        case .ending: ending()
        case .failover: failover()
        case .manual: manual()
        case .outage: outage()
        case .upkeep: upkeep()
        case .retries: retries()
        case .drain: drain()
        case .barrier: barrier()
        case .shrink: shrink()
        case .elsewhere: elsewhere()
        case .silence: silence()
        case .losses: losses()
        case .turns: turns()
        case .needs: needs()
        }
    }

    private mutating func outage() {
        focusPool("pool-0", least: chance.within(0...2), most: 2, slots: chance.within(1...2)) { _ in }
        let tasks = (0..<chance.within(2...4)).map { task("t\($0)", cpu: nil, priority: 0) }
        let (failures, pause) = (chance.within(1...3), chance.seconds(2, 5))
        focusPlan("outage", tasks, in: "pool-0") { plan in
            plan.faultTolerance.circuitBreaker.failureThreshold = failures
            plan.faultTolerance.circuitBreaker.openFor = pause
        }
    }

    private mutating func rescue() {
        focusPool("pool-0", least: 1, most: 2, slots: chance.within(1...2)) { _ in }
        var tasks = (0..<5).map { task("t\($0)", cpu: nil, priority: 0) }
        if chance.percent(40) { tasks[0].run.command[2] = "\(Work.always)" }
        (tasks[1].dependsOn, tasks[1].runWhen) = (["t0"], .failed)
        tasks[2].dependsOn = ["t1"]
        (tasks[3].dependsOn, tasks[3].runWhen) = (chance.pick([["t0"], ["t1"], ["t0", "t2"]]), .always)
        tasks[4].dependsOn = ["t3"]
        focusPlan("rescue", tasks, in: "pool-0") { $0.faultTolerance.retry.limit = 0 }
    }

    private mutating func ending() {
        focusPool("pool-0", least: 1, most: 1, slots: 2) { _ in }
        var tasks = (0..<4).map { task("t\($0)", cpu: nil, priority: 0) }
        tasks[1].dependsOn = ["t0"]
        tasks[1].run.command[1] = "9000"
        (tasks[2].dependsOn, tasks[2].runWhen) = (["t1"], .always)
        (tasks[3].dependsOn, tasks[3].runWhen) = (["t0"], .always)
        let limit = chance.seconds(6, 8)
        focusPlan("ending", tasks, in: "pool-0", at: 500...1000) { plan in
            plan.scheduling.timeout = limit
            plan.faultTolerance.killGrace = .seconds(1)
        }
        let key = ObjectKey(.executionPlan, Scenario.namespace, "ending")
        switch chance.below(4) {
        case 0: add(2500...5000, .cancel(key))
        case 1:
            add(2000...3500, .suspend(key, true))
            add(11_000...11_900, .suspend(key, false))
        case 2:
            add(2000...3500, .suspend(key, true))
            add(4000...6000, .cancel(key))
        default: break
        }
    }

    private mutating func failover() {
        let (isStopped, isPoisoned) = (variant % 4 == 1, variant % 4 == 3)
        // A worker that is told to end is the only one.
        let slots = isStopped ? 2 : chance.within(1...2)
        focusPool("pool-0", least: isStopped ? 1 : 2, most: isStopped ? 1 : 3, slots: slots) { _ in }
        var tasks = (0..<chance.within(2...4)).map { task("t\($0)", cpu: nil, priority: 0) }
        for index in tasks.indices { tasks[index].run.command[1] = "\(chance.within(5000...9000))" }
        if isPoisoned { tasks[0].run.command = ["work", "700", Work.poison] }
        let decides = isPoisoned || chance.percent(50)
        // What is to run once at a time outlives its agent for a while.
        let isExclusive = variant % 4 == 0
        if isExclusive { for index in tasks.indices { tasks[index].exclusive = true } }
        focusPlan("failover", tasks, in: "pool-0", at: 500...1500) { plan in
            plan.faultTolerance.autoFailover = decides || isExclusive
            if isExclusive { plan.faultTolerance.killGrace = .seconds(12) }
        }
    }

    private mutating func retries() {
        focusPool("pool-0", least: 1, most: 1, slots: 3) { _ in }
        var policy = RetryPolicy()
        policy.limit = chance.within(1...3)
        policy.backoff.initial = chance.seconds(2, 3)
        policy.backoff.factor = 3
        policy.backoff.max = chance.seconds(5, 20)
        var tasks = (0..<4).map { task("t\($0)", cpu: nil, priority: 0) }
        for (index, failures) in [policy.limit, Work.always, 1, 0].enumerated() {
            tasks[index].run.command[2] = "\(failures)"
        }
        tasks[2].dependsOn = ["t0"]
        (tasks[3].dependsOn, tasks[3].runWhen) = (["t1"], .always)
        focusPlan("retries", tasks, in: "pool-0") { $0.faultTolerance.retry = policy }
    }

    private mutating func manual() {
        let least = chance.within(0...1)
        focusPool("pool-0", least: least, most: 3, slots: chance.within(1...2)) { _ in }
        let tasks = (0..<chance.within(4...7)).map { task("t\($0)", cpu: nil, priority: 0) }
        focusPlan("manual", tasks, in: "pool-0") { $0.scaling = .manual }
        // Who is asked for workers gives them, or goes on waiting.
        guard least == 0 || chance.percent(50) else { return }
        add(5000...8000, .scale(ObjectKey(.workerPool, Scenario.namespace, "pool-0"), chance.within(1...2)))
    }

    private mutating func crowd() {
        focusPool("pool-0", least: 1, most: 1, slots: Self.slots) { pool in
            var resources = Resources()
            resources.cpu = Quantity("\(Self.slots)")
            pool.worker.resources = resources
        }
        let count = chance.within(12...20)
        var tasks = (0..<count).map { task("small-\($0)", cpu: "1", priority: 1) }
        tasks.append(task(Self.opener, cpu: "1", priority: 0))
        // Ready when the small ones are under way.
        var whole = task(Self.wholeWorker, cpu: "\(Self.slots)", priority: chance.pick([2, 5, 1000]))
        whole.dependsOn = [Self.opener]
        var urgent = task("urgent", cpu: "1", priority: 900)
        urgent.dependsOn = ["before-urgent"]
        tasks += [task("before-urgent", cpu: "1", priority: 0), urgent, whole]
        // What an author lists first says nothing about what is urgent.
        for index in tasks.indices.reversed() where index > 0 { tasks.swapAt(index, chance.below(index + 1)) }
        focusPlan(Self.crowd, tasks, in: "pool-0") { _ in }
    }

    private mutating func thrift() {
        let price = Money(dollars: chance.pick([1, 5]))
        let slots = chance.pick([2, 4, 10])
        focusPool("pool-0", least: chance.pick([0, 0, 2]), most: 3, slots: slots) { $0.worker.costPerHour = price }
        let tasks = (0..<slots * 2 + 2).map { task("t\($0)", cpu: nil, priority: 0) }
        var budget = Budget()
        // Below the price of a worker too, of which a part would do for a task.
        budget.perHour = price.scaled(by: Int64(chance.pick([60, 100, 150, 199])), over: 100)
        let isOfRegion = chance.percent(50)
        focusPlan("thrift", tasks, in: "pool-0") { plan in
            if isOfRegion { plan.regions[0].budget = budget } else { plan.budget = budget }
        }
    }

    private mutating func chain() {
        focusPool("pool-0", least: 0, most: chance.within(1...3), slots: chance.within(1...2)) { pool in
            var scaling = Autoscaling()
            (scaling.cooldown.up, scaling.cooldown.down) = (.zero, .zero)
            pool.autoscaling = scaling
        }
        for plan in 0..<chance.within(1...2) {
            var tasks: [PlanTask] = []
            for index in 0..<chance.within(5...9) {
                var next = task("t\(index)", cpu: nil, priority: 0)
                if let last = tasks.last { next.dependsOn = [last.name] }
                tasks.append(next)
            }
            focusPlan("chain-\(plan)", tasks, in: "pool-0") { _ in }
        }
    }

    private mutating func choose() {
        let algorithm = chance.pick([SchedulingAlgorithm.costOptimized, .priority])
        for index in 0..<3 {
            let (dollars, cpu) = (chance.within(1...9), chance.pick(["1", "2", "8"]))
            let slots = chance.within(1...3)
            focusPool("pool-\(index)", least: 2, most: 2, slots: slots) { pool in
                pool.worker.costPerHour = Money(dollars: Int64(dollars))
                var resources = Resources()
                resources.cpu = Quantity(cpu)
                pool.worker.resources = resources
            }
        }
        let tasks = (0..<chance.within(3...6)).map { task("t\($0)", cpu: nil, priority: 0) }
        // When all workers have long been there.
        focusPlan("choice", tasks, in: nil, at: 8000...10_000) { $0.scheduling.algorithm = algorithm }
    }

    // MARK: Parts

    mutating func focusPool(
        _ name: String, in region: Int = 0, least: Int, most: Int, slots: Int,
        _ change: (inout WorkerPoolSpec) -> Void
    ) {
        var pool = WorkerPoolSpec()
        pool.region = Scenario.region(region)
        (pool.minWorkers, pool.maxWorkers) = (least, most)
        pool.worker.maxConcurrentTasks = slots
        change(&pool)
        add(0...500, Manifest.create(WorkerPool(metadata: metadata(name, Scenario.namespace), spec: pool)))
    }

    mutating func focusPlan(
        _ name: String, _ tasks: [PlanTask], in pool: String?, at range: ClosedRange<Int> = 500...3000,
        _ change: (inout ExecutionPlanSpec) -> Void
    ) {
        var plan = ExecutionPlanSpec()
        if let pool {
            var entry = PlanRegion()
            (entry.region, entry.pool, entry.tasks) = (Scenario.region(0), pool, tasks)
            plan.regions = [entry]
        } else {
            plan.tasks = tasks
        }
        change(&plan)
        add(range, Manifest.create(ExecutionPlan(metadata: metadata(name, Scenario.namespace), spec: plan)))
    }

    mutating func task(_ name: String, cpu: String?, priority: Int, length: Int? = nil) -> PlanTask {
        var task = PlanTask()
        task.name = name
        task.run.command = ["work", "\(length ?? chance.within(1000...2000))", "0"]
        if let cpu { task.requires.cpu = Quantity(cpu) }
        task.priority = priority
        task.estimatedDuration = .seconds(2)
        return task
    }
}
