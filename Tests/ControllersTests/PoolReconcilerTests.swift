import Controllers
import Engine
import Model
import Testing

@Suite struct PoolReconcilerTests {
    private func decide(
        _ pool: WorkerPool, _ others: [any Resource] = [], region: Region? = .sample(), settings: Settings = .sample,
        demand: Demand? = nil, now: Moment = start
    ) -> Decision<WorkerPool> {
        var cache = Cache.holding(pool)
        for (index, object) in others.enumerated() { cache.add(object, version: UInt64(100 + index)) }
        if let region { cache.add(region, version: 50) }
        var live = LiveState()
        live.demand[pool.key] = demand
        guard
            let world = PoolReconciler().gather(pool.key, from: Snapshot(cache: cache, live: live, settings: settings))
        else {
            preconditionFailure("no world")
        }
        return PoolReconciler().decide(world, now: now)
    }

    private func worker(_ slot: Int, _ attempt: Int = 1, _ change: (inout Worker) -> Void = { _ in }) -> Worker {
        .sample("web-\(slot)-\(attempt)") { worker in
            worker.spec.slot = slot
            worker.spec.attempt = attempt
            change(&worker)
        }
    }

    @Test func itFillsItsSlots() {
        let decision = decide(.sample())
        #expect(decision.created == ["web-0-1", "web-1-1"])
        #expect(decision.status.slots.map(\.attempt) == [1, 1], "attempts are recorded with the intent")
        #expect(decision.status.conditions[.ready]?.reason == "BelowSize")
        #expect(
            decide(.sample { $0.status.slots = decision.status.slots }, [worker(1)]).created == ["web-0-2"],
            "an attempt is never issued twice")
    }

    @Test(arguments: [
        (away: 0, most: 1, gone: ["web-0-1"], because: "the oldest first, one at a time"),
        (away: 0, most: 2, gone: ["web-0-1", "web-1-1"], because: "as many as may be missing"),
        (away: 1, most: 1, gone: [], because: "one is missing already"),
    ])
    func workersPastTheirAgeAreReplaced(_ row: (away: Int, most: Int, gone: [String], because: String)) {
        let pool = WorkerPool.sample {
            $0.spec.minWorkers = 3
            $0.spec.maxWorkers = 3
            $0.spec.disruption.expireAfter = .minutes(60)
            $0.spec.disruption.maxUnavailable = row.most
        }
        let workers = (0..<3).map { slot in
            worker(slot) {
                $0.metadata.creationTimestamp = start.wall - .minutes([70, 60, 20][slot])
                $0.status.state = slot < row.away ? .provisioning : .online
            }
        }
        let decision = decide(pool, workers)
        #expect(decision.deleted == row.gone, "\(row.because)")
        if row.gone.count == 2 {
            #expect(decision.next == .after(.minutes(40) + .milliseconds(1)), "the third one's time")
        }
    }

    @Test func aSlotIsTakenUntilItsWorkerIsGone() {
        let leaving = worker(0) { $0.metadata.deletionTimestamp = start.wall }
        #expect(decide(.sample { $0.spec.minWorkers = 1 }, [leaving]).created == ["web-1-1"], "S1")
    }

    @Test func aFailedWorkerIsReplacedWhenItsTasksAreElsewhere() {
        let failed = worker(0) { $0.status.state = .failed }
        #expect(
            decide(.sample(), [failed, worker(1), WorkTask.running()]).deleted.isEmpty, "a task is still bound to it")
        let decision = decide(.sample(), [failed, worker(1)])
        #expect(decision.deleted == ["web-0-1"])
        #expect(decision.status.slots.first?.failures == 0, "it had joined: no back-off")
    }

    @Test(arguments: [(before: 0, wait: Int64(2)), (1, 4), (4, 32), (20, 256)])
    func aSlotThatNeverJoinsBacksOff(_ row: (before: Int, wait: Int64)) {
        var record = SlotRecord()
        record.attempt = 1
        record.failures = row.before
        let failed = worker(0) { worker in
            worker.status.state = .failed
            worker.status.onlineAt = nil
        }
        let decision = decide(.sample { $0.status.slots = [record] }, [failed])
        #expect(decision.status.slots.first { $0.slot == 0 }?.retryAt == start.wall + .seconds(row.wait))
        let waiting = WorkerPool.sample { pool in
            pool.spec.minWorkers = 1
            pool.status.slots = decision.status.slots.filter { $0.slot == 0 }
        }
        #expect(decide(waiting).created.isEmpty, "and no other slot is tried in its place")
        #expect(decide(waiting, now: start.advanced(by: .seconds(row.wait))).created == ["web-0-2"])
    }

    /// Two slots; `lost` had joined, `strangers` never did; none of them is confirmed gone.
    @Test(
        "Failed workers that are not confirmed gone: the lost are replaced, those that never joined keep their slots",
        arguments: [
            (lost: 0, strangers: 1, active: 1, makes: 0, because: "another would fail alike"),
            (0, 2, 0, 0, "nor for both"), (2, 0, 0, 2, "tasks of the lost go on at once"),
            (2, 2, 0, 0, "those that came for the lost did not join either"), (1, 1, 0, 1, "one of each"),
            (9, 0, 0, 2, "lost again and again"), (11, 0, 0, 1, "as many are on their way out as the pool may have"),
            (12, 0, 0, 0, "and no more"), (12, 0, 1, 0, "whoever works is left alone"),
        ])
    func whatIsNotGoneIsBounded(_ row: (lost: Int, strangers: Int, active: Int, makes: Int, because: String)) {
        let workers = (0..<row.lost + row.strangers + row.active).map { slot in
            worker(slot) { worker in
                guard slot < row.lost + row.strangers else { return }
                worker.status.state = .failed
                worker.metadata.deletionTimestamp = start.wall
                if slot >= row.lost { worker.status.onlineAt = nil }
            }
        }
        #expect(
            decide(.sample(), workers, now: start.advanced(by: .hours(1))).created.count == row.makes, "\(row.because)")
        let gone = workers.map { worker in
            var worker = worker
            if worker.status.state == .failed { worker.status.gone = true }
            return worker
        }
        #expect(decide(.sample(), gone).created.count == 2 - row.active, "once they are gone")
    }

    @Test func aSmallerSizeTakesIdleWorkersFromTheTop() {
        let workers: [any Resource] = [
            worker(0), worker(1), worker(2),
            WorkTask.running { task in
                task.status.assignment?.worker = "web-2-1"
                task.status.assignment?.workerUID = "uid-web-2-1"
            },
        ]
        #expect(decide(.sample { $0.spec.replicas = 2 }, workers).deleted == ["web-1-1"], "slot 2 is busy")
        let none = WorkerPool.sample { pool in
            pool.spec.minWorkers = 0
            pool.spec.replicas = 0
        }
        #expect(decide(none, workers).deleted == ["web-1-1", "web-0-1", "web-2-1"])
    }

    struct Idle: CustomTestStringConvertible, Sendable {
        let because: String
        let gone: [String]
        var after = Duration.minutes(10)
        var tasks: @Sendable () -> [WorkTask] = { [] }
        var plan: @Sendable (inout ExecutionPlan) -> Void = { _ in }
        var testDescription: String { because }
    }

    private static func task(_ name: String, _ edit: (inout WorkTask) -> Void = { _ in }) -> WorkTask {
        .sample(name, edit)
    }

    private static func running(_ name: String, on worker: String, length: Duration?) -> WorkTask {
        .running(name) { task in
            task.spec.estimatedDuration = length
            task.status.startedAt = start.wall
            task.status.assignment?.worker = worker
        }
    }

    /// Slot 0 has been idle since a minute before the start, slot 1 for ten minutes by then, and a task runs on slot 2.
    @Test(arguments: [
        Idle(because: "nothing comes any more: both", gone: ["web-1-1", "web-0-1"]),
        Idle(because: "each by its own idle time", gone: ["web-1-1"], after: .minutes(1)),
        Idle(because: "a ready task keeps one", gone: ["web-1-1"], tasks: { [task("a")] }),
        Idle(because: "two keep two", gone: [], tasks: { [task("a"), task("b")] }),
        Idle(
            because: "what comes after the running one gets its worker", gone: ["web-1-1", "web-0-1"],
            tasks: { [task("a") { $0.spec.dependsOn = ["now"] }] }),
        Idle(
            because: "but not two of them", gone: ["web-1-1"],
            tasks: { ["a", "b"].map { task($0) { $0.spec.dependsOn = ["now"] } } }),
        Idle(
            because: "later than the cooldown it is cheaper to rent anew", gone: ["web-1-1", "web-0-1"],
            tasks: {
                [running("now", on: "web-2-1", length: .hours(2))]
                    + ["a", "b"].map { task($0) { $0.spec.dependsOn = ["now"] } }
            }),
        Idle(
            because: "a task behind one that is not running yet is not next", gone: ["web-1-1"],
            tasks: { [task("a"), task("b") { $0.spec.dependsOn = ["a"] }] }),
        Idle(
            because: "no more than the plan may run at once", gone: ["web-1-1"], tasks: { [task("a"), task("b")] },
            plan: { $0.spec.scheduling.maxConcurrentTasks = 2 }),
        Idle(
            because: "a task that fits none of them", gone: ["web-1-1", "web-0-1"],
            tasks: { [task("a") { $0.spec.requires.capabilities = ["other"] }] }),
        Idle(
            because: "a suspended plan starts nothing", gone: ["web-1-1", "web-0-1"], tasks: { [task("a")] },
            plan: { $0.spec.suspend = true }),
    ])
    func idleWorkersGoUnlessANextTaskUsesThem(_ row: Idle) {
        let pool = WorkerPool.sample {
            $0.spec.minWorkers = 0
            $0.spec.maxWorkers = 3
        }
        var objects: [any Resource] = (0..<3).map { slot in
            worker(slot) {
                $0.spec.maxConcurrentTasks = 1
                $0.status.idleSince = slot == 2 ? nil : start.wall - .minutes(slot == 0 ? 1 : 10)
            }
        }
        let tasks = row.tasks()
        objects += tasks
        if !tasks.contains(where: { $0.spec.task == "now" }) {
            objects.append(Self.running("now", on: "web-2-1", length: nil))
        }
        objects.append(
            ExecutionPlan.sample { row.plan(&$0) })
        let decision = decide(pool, objects, now: start.advanced(by: row.after))
        #expect(decision.deleted == row.gone, "\(row.because): \(decision.status.lastScale?.reason ?? "")")
    }

    @Test func aWorkerThatFellIdleIsLookedAtWhenItsTimeIsOver() {
        let pool = WorkerPool.sample { $0.spec.minWorkers = 0 }
        let fresh = worker(0) { $0.status.idleSince = start.wall - .minutes(2) }
        let decision = decide(pool, [fresh])
        #expect(decision.deleted.isEmpty)
        #expect(decision.next == .after(.minutes(3) + .milliseconds(1)))
    }

    @Test func demandBringsWorkersUpToTheMaximum() {
        let pool = WorkerPool.sample { pool in
            pool.spec.minWorkers = 1
            pool.spec.maxWorkers = 3
        }
        let grown = decide(pool, [worker(0)], demand: Demand(tasks: 9, workers: 9, present: 1))
        #expect(grown.created == ["web-1-1", "web-2-1"])
        let stale = decide(pool, [worker(0)], demand: Demand(tasks: 9, workers: 9, present: 4))
        #expect(stale.created.isEmpty, "the round saw other workers")
    }

    private func manual(_ scaling: ExecutionPlanSpec.Scaling = .manual) -> ExecutionPlan {
        .sample { $0.spec.scaling = scaling }
    }

    @Test func aPoolOfManualPlansSaysWhatItWouldDoAndDoesWhatItIsTold() {
        var pool = WorkerPool.sample { pool in
            pool.spec.minWorkers = 1
            pool.spec.maxWorkers = 5
            pool.status.desiredReplicas = 1
        }
        let demand = Demand(tasks: 0, workers: 0, present: 1, advisedTasks: 3, advisedWorkers: 2)
        let told = decide(pool, [worker(0), manual()], demand: demand)
        #expect(told.created.isEmpty)
        let said = told.status.conditions[.scaleRecommended]
        #expect(said?.message.hasPrefix("3 workers instead of 1: 3 tasks wait for 2 workers") == true, "\(told.status)")
        #expect(said?.message.hasSuffix("reconcile scale wpool/web -n shop --replicas 3") == true)
        #expect(told.said == [.scaleRecommended])
        pool.status = told.status
        #expect(decide(pool, [worker(0), manual()], demand: demand).events.isEmpty, "once")
        pool.spec.replicas = 3
        #expect(decide(pool, [worker(0), manual()], demand: demand).created == ["web-1-1", "web-2-1"])
        pool.spec.autoscaling = Autoscaling()
        #expect(decide(pool, [worker(0), manual()], demand: demand).created == ["web-1-1", "web-2-1"], "here too")
        let stale = Demand(tasks: 0, workers: 0, present: 4, advisedTasks: 3, advisedWorkers: 2)
        pool.spec.replicas = nil
        #expect(decide(pool, [worker(0), manual()], demand: stale).status.conditions[.scaleRecommended] == said)
        #expect(decide(pool, [worker(0), manual()]).status.conditions[.scaleRecommended] == nil, "nothing waits")
        let lost = WorkerPool.sample { $0.status.desiredReplicas = 3 }
        #expect(decide(lost, [worker(0), worker(1), manual()]).created == ["web-2-1"], "the size is held")
    }

    @Test func anAutomaticPlanLetsTheSharedPoolGrowForItsOwnTasksAlone() {
        var other = manual(.auto)
        other.metadata.name = "other"
        let pool = WorkerPool.sample { $0.spec.minWorkers = 1 }
        let demand = Demand(tasks: 1, workers: 1, present: 1, advisedTasks: 3, advisedWorkers: 3)
        let decision = decide(pool, [worker(0), manual(), other], demand: demand)
        #expect(decision.created == ["web-1-1"])
        #expect(decision.status.conditions[.scaleRecommended]?.message.hasPrefix("5 workers instead of 2") == true)
    }

    @Test func whyWorkersCantBeMadeIsSaidByThePoolUntilTheyCan() {
        var pool = WorkerPool.sample { $0.spec.minWorkers = 1 }
        let failed = worker(0) { worker in
            worker.status.state = .failed
            worker.status.onlineAt = nil
            worker.status.failure = FailureRecord()
            worker.status.failure?.message = "no such image"
        }
        let first = decide(pool, [failed])
        let ready = first.status.conditions[.ready]
        #expect(ready?.reason == "ProvisioningFailed")
        #expect(ready?.message == "0 of 1 workers ready: no such image")
        pool.status = first.status
        let next = worker(0, 2) { worker in
            worker.status.state = .provisioning
            worker.status.onlineAt = nil
        }
        #expect(decide(pool, [next]).status.conditions[.ready]?.message == ready?.message, "it stands meanwhile")
        #expect(decide(pool, [worker(0, 3)]).status.conditions[.ready]?.reason == "AtSize")
    }

    @Test func onDemandFollowsPlans() {
        let settings = Settings(clusterID: "c", epoch: 3, onDemand: true)
        #expect(decide(.sample(), settings: settings).created.isEmpty, "nobody uses it")
        #expect(decide(.sample(), [worker(0)], settings: settings).deleted == ["web-0-1"])
        #expect(
            decide(.sample(), [worker(0), ExecutionPlan.sample()], settings: settings).deleted.isEmpty,
            "a plan may need it again")
    }

    @Test func whatADaysCapLeavesIsNoNewsWhileItFalls() {
        var pool = WorkerPool.sample { pool in
            pool.spec.minWorkers = 1
            pool.spec.maxWorkers = 5
            var budget = Budget()
            budget.perDay = Money(dollars: 20)
            pool.spec.budget = budget
            var accrued = Accrual()
            accrued.today = Money(micros: 18_500_000)
            accrued.asOf = start.wall
            accrued.day = String(start.wall.description.prefix(10))
            pool.status.accrued = accrued
            pool.status.costPerHour = Money(dollars: 1)
        }
        let demand = Demand(tasks: 3, workers: 3, present: 1)
        let first = decide(pool, [worker(0)], demand: demand)
        #expect(first.status.conditions[.withinBudget]?.status == .no)
        pool.status = first.status
        let later = decide(pool, [worker(0)], demand: demand, now: start.advanced(by: .minutes(3)))
        #expect(later.status == first.status, "it is refused as before: only a smaller amount is left")

        // A round asks nothing of a pool that says so.
        let unasked = decide(
            pool, [worker(0), ExecutionPlan.sample()], demand: Demand(tasks: 0, workers: 0, present: 1))
        #expect(unasked.status.conditions[.withinBudget]?.status == .no, "not taken back because nobody asks")
        let unused = decide(pool, [worker(0)], demand: Demand(tasks: 0, workers: 0, present: 1))
        #expect(unused.status.conditions[.withinBudget]?.status == .yes, "no plan that could ask")
    }

    @Test func whoHasNoTaskIsGivenUpOnlyAsLongAsThatIsSo() {
        let pool = WorkerPool.sample { pool in
            pool.spec.replicas = 1
            pool.spec.minWorkers = 0
        }
        let actions = decide(pool, [worker(0), worker(1)]).actions
        let ends = actions.compactMap { action -> String? in
            if case .deleteIdle(let key, _) = action { key.name } else { nil }
        }
        #expect(ends == ["web-1-1"])
    }

    @Test func aBudgetHoldsGrowth() {
        let pool = WorkerPool.sample { pool in
            pool.spec.minWorkers = 4
            var budget = Budget()
            budget.perHour = Money(dollars: 2)
            pool.spec.budget = budget
        }
        let decision = decide(pool)
        #expect(decision.created.count == 2, "S8")
        #expect(decision.status.conditions[.withinBudget]?.status == .no)
        let region = Region.sample { region in
            var budget = Budget()
            budget.perHour = Money(dollars: 1)
            region.spec.budget = budget
        }
        #expect(decide(.sample(), region: region).created.count == 1, "the region's cap binds too")
    }

    @Test func aPoolThatWaitsForTheNextDayLooksAgainByItself() {
        let pool = WorkerPool.sample { pool in
            var budget = Budget()
            budget.perDay = Money(micros: 1)
            pool.spec.budget = budget
        }
        let decision = decide(pool)
        #expect(decision.status.conditions[.withinBudget]?.status == .no)
        guard case .after(let delay) = decision.next else {
            Issue.record("nothing else would wake it")
            return
        }
        #expect(delay <= .minutes(10))
    }

    @Test func whyItCannotBeReadyIsSaidWhileItHolds() {
        let lost = decide(.sample(), region: nil)
        #expect(lost.status.conditions[.ready]?.reason == "RegionNotFound")
        let found = decide(.sample { $0.status = lost.status })
        #expect(found.status.conditions[.ready]?.reason == "BelowSize", "and not longer")
        let closed = Region.sample { $0.spec.allowedNamespaces = ["other"] }
        #expect(decide(.sample(), region: closed).status.conditions[.ready]?.reason == "NotAllowed")
        let foreign = Region.sample { region in
            region.spec.provider.local = nil
            region.spec.provider.aws = AWSRegion()
        }
        #expect(decide(.sample(), region: foreign).status.conditions[.ready]?.reason == "ProviderNotBuiltIn")
        #expect(decide(.sample { $0.spec.suspend = true }).status.conditions[.ready]?.reason == "Suspended")
        #expect(decide(.sample { $0.spec.suspend = true }).created.isEmpty)
        #expect(decide(.sample(), [worker(0), worker(1)]).status.conditions[.ready]?.status == .yes)
    }

    /// What load and budgets would make of it moves with time, and nobody may follow it.
    @Test(arguments: [
        (replicas: nil as Int?, held: 1, desired: 1, because: "it has one"), (nil, 0, 0, "it has none"),
        (3, 1, 3, "that many are written, and come when it is resumed"),
        (nil, 4, 3, "at most three may be"),
    ])
    func aSuspendedPoolWantsTheSameAtAnyTime(_ row: (replicas: Int?, held: Int, desired: Int, because: String)) {
        var pool = WorkerPool.sample {
            $0.spec.suspend = true
            ($0.spec.minWorkers, $0.spec.maxWorkers, $0.spec.replicas) = (0, 3, row.replicas)
            $0.spec.budget = Budget()
            $0.spec.budget?.perDay = Money(dollars: 2)
        }
        let workers = (0..<row.held).map { worker($0) { $0.status.idleSince = start.wall } }
        pool.status = decide(pool, workers).status
        #expect(pool.status.desiredReplicas == row.desired, "\(row.because)")
        for minutes in [1, 5, 60, 24 * 60] as [Int64] {
            let now = Moment(instant: start.instant + .minutes(minutes), wall: start.wall + .minutes(minutes))
            let again = decide(pool, workers, demand: Demand(tasks: 3, workers: 3, present: row.held), now: now)
            #expect(again.status == pool.status && again.actions.isEmpty, "after \(minutes) minutes")
        }
    }

    @Test func unsupportedFieldsAreNamedOnce() {
        let pool = WorkerPool.sample { $0.spec.worker.spot = Spot() }
        let decision = decide(pool)
        #expect(decision.status.conditions[.partlySupported]?.message.contains("spec.worker.spot") == true)
        #expect(decide(.sample { $0.spec.autoscaling = Autoscaling() }).status.conditions[.partlySupported] == nil)
    }

    @Test func deletionWaitsForTheLastWorker() {
        let pool = WorkerPool.sample { $0.metadata.deletionTimestamp = start.wall }
        #expect(decide(pool, [worker(0)]).deleted == ["web-0-1"])
        #expect(decide(pool, [worker(0)]).finalizer == true)
        #expect(decide(pool).finalizer == false)
        let orphan = WorkerPool.sample { $0.metadata.ownerReferences = [ExecutionPlan.sample().ownerReference] }
        #expect(decide(orphan).deleted == ["web"], "its plan is gone")
    }

    @Test func atRestNothingChanges() {
        let workers = [worker(0), worker(1)]
        let settled = WorkerPool.sample { $0.status = decide(.sample(), workers).status }
        let later = decide(settled, workers, now: start.advanced(by: .minutes(4)))
        #expect(later.status == settled.status)
        #expect(later.actions.isEmpty)
    }
}
