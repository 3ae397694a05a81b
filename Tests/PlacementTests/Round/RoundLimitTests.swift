import Model
import Placement
import Testing

struct RoundLimitTests {
    @Test func concurrencyLimitOfThePlan() throws {
        let tasks = (1...4).map { PlacementTask.sample("t\($0)", order: $0) }
        let plan = PlacementPlan.sample {
            $0.maxConcurrentTasks = 6
            $0.running = 3
        }
        let result = Round.decide(.sample(tasks: tasks, workers: [.sample("w", slots: 10)], plans: [plan]))
        #expect(result.bindings.map(\.task.name) == ["t1", "t2", "t3"])
        let pending = try #require(result.pending("t4"))
        #expect(
            pending.description == "ConcurrencyLimit: plan plan has 6 of 6 tasks started or next to start")
    }

    @Test func infeasibleIsSaidEvenAtTheLimit() {
        let plan = PlacementPlan.sample { $0.maxConcurrentTasks = 0 }
        let task = PlacementTask.sample("t") { $0.requires.cpu = Quantity(99) }
        let result = Round.decide(.sample(tasks: [task], workers: [.sample("w")], plans: [plan]))
        #expect(result.pending("t")?.reason == .noFeasibleWorker)
    }

    @Test func fullWorkersWithoutGrowthAreAConcurrencyLimit() throws {
        let workers: [PlacementWorker] = [
            .sample("a", slots: 2) { $0.slotsUsed = 2 }, .sample("b", slots: 2) { $0.slotsUsed = 2 },
            .sample("c") { $0.capabilities = [] },
        ]
        let task = PlacementTask.sample("t") { $0.requires.capabilities = ["build"] }
        let pool = PlacementPool.sample(live: 3, max: 3)
        let result = Round.decide(.sample(tasks: [task], workers: workers, pools: [pool]))
        #expect(
            result.pending("t")?.description
                == "ConcurrencyLimit: no room on the 2 of 3 workers that fit (4 of 4 slots "
                + "taken); pool main is at its most (3)")
    }

    @Test func aPoolWithRoomProvisions() throws {
        let tasks = (1...7).map { PlacementTask.sample("t\($0)", order: $0) }
        let pool = PlacementPool.sample(live: 1, max: 2, slots: 2) {
            $0.provisioning = 1
            $0.slotsTaken = [0]
        }
        let coming = PlacementWorker.sample("w", slots: 2) { $0.state = .provisioning }
        let result = Round.decide(.sample(tasks: tasks, workers: [coming], pools: [pool]))
        #expect(result.bindings.isEmpty)
        let reasons = result.pending.map(\.reason)
        #expect(
            reasons == Array(repeating: .provisioningWorkers, count: 4)
                + Array(repeating: .concurrencyLimit, count: 3))
        #expect(result.needs == [PoolNeed(pool: poolKey("main"), tasks: 4, workers: 2)])
        #expect(
            result.pending.first?.description
                == "ProvisioningWorkers: waits for a worker of pool main (1 of 1 live ones on the way, at most 2)"
        )
        #expect(result.pending.first?.waitsFor == poolKey("main"))
        #expect(
            (1...4).map { result.pending("t\($0)")?.reservation?.slot } == [0, 0, 1, 1],
            "the first two on the one that is on its way, the others on a new one")
    }

    @Test func aPoolThatABudgetHoldsStillSaysWhatItIsShortOf() throws {
        let tasks = (1...7).map { PlacementTask.sample("t\($0)", order: $0) }
        let pool = PlacementPool.sample(live: 1, max: 3, slots: 2) {
            $0.provisioning = 1
            $0.blocked = .init(.budgetExceeded, "too dear")
            $0.slotsTaken = [0]
        }
        let coming = PlacementWorker.sample("w", slots: 2) { $0.state = .provisioning }
        let result = Round.decide(.sample(tasks: tasks, workers: [coming], pools: [pool]))
        #expect(
            result.pending.map(\.reason)
                == [.provisioningWorkers, .provisioningWorkers] + Array(repeating: .budgetExceeded, count: 5),
            "one is on its way and is waited for")
        #expect(
            result.needs == [PoolNeed(pool: poolKey("main"), tasks: 6, workers: 3)],
            "up to its most, as if there were money: else the budget would seem kept, and be asked again")
        #expect(result.pending.allSatisfy { !$0.isHopeless })
    }

    @Test func tasksBehindTheLastCountAsDemandWithIt() throws {
        let one = PlacementTask.sample("t1") { $0.more = 6 }
        let pool = PlacementPool.sample(live: 0, max: 9, slots: 2)
        let result = Round.decide(.sample(tasks: [one], pools: [pool]))
        #expect(result.needs == [PoolNeed(pool: poolKey("main"), tasks: 7, workers: 4)])
        let few = Round.decide(.sample(tasks: [one], pools: [.sample(live: 0, max: 2, slots: 2)]))
        #expect(few.needs == [PoolNeed(pool: poolKey("main"), tasks: 4, workers: 2)], "as far as the pool may grow")
        let narrow = PlacementPlan.sample { $0.maxConcurrentTasks = 3 }
        let limited = Round.decide(.sample(tasks: [one], pools: [pool], plans: [narrow]))
        #expect(limited.needs == [PoolNeed(pool: poolKey("main"), tasks: 3, workers: 2)], "and its plan lets it")
    }

    @Test(arguments: [
        (cpu: 99, max: 3, hopeless: true, because: "it is bigger than any worker that is or could come"),
        (cpu: 1, max: 3, hopeless: false, because: "the pool may bring one"),
        (cpu: 1, max: 0, hopeless: true, because: "the pool that fits may not"),
    ])
    func whatWaitsForPlacesToChange(_ row: (cpu: Int64, max: Int, hopeless: Bool, because: String)) throws {
        let task = PlacementTask.sample("t") { $0.requires.cpu = Quantity(row.cpu) }
        let full = PlacementWorker.sample("w", slots: 1) {
            $0.slotsUsed = 1
            $0.capacity.cpu = .zero
        }
        let result = Round.decide(.sample(tasks: [task], workers: [full], pools: [.sample(max: row.max)]))
        #expect(try #require(result.pending("t")).isHopeless == row.hopeless, "\(row.because)")
    }

    @Test func provisioningCountsResourcesNotOnlySlots() {
        let tasks = (1...4).map { number in
            PlacementTask.sample("t\(number)", order: number) { $0.requires.cpu = Quantity(3) }
        }
        let result = Round.decide(.sample(tasks: tasks, pools: [.sample(max: 5)]))
        #expect(result.needs == [PoolNeed(pool: poolKey("main"), tasks: 4, workers: 4)])
    }

    @Test func theCheapestPoolThatFitsGrows() {
        let pools: [PlacementPool] = [
            .sample("dear", price: "0.9"), .sample("cheap", price: "0.2"),
            .sample("unfit", price: "0.1") { $0.capabilities = [] },
        ]
        let task = PlacementTask.sample("t") { $0.requires.capabilities = ["build"] }
        #expect(Round.decide(.sample(tasks: [task], pools: pools)).pending("t")?.waitsFor == poolKey("cheap"))
    }

    @Test func aBlockedPoolPassesItsReasonOn() {
        let pool = PlacementPool.sample {
            $0.blocked = .init(.budgetExceeded, "pool main may spend $0.00/h more")
        }
        let result = Round.decide(.sample(tasks: [.sample("t")], pools: [pool]))
        #expect(result.pending("t")?.reason == .budgetExceeded)
        #expect(result.pending("t")?.message.hasSuffix("pool main may spend $0.00/h more") == true)
    }

    @Test func workersOnTheWayAreWaitedFor() {
        let worker = PlacementWorker.sample("w") { $0.state = .provisioning }
        let result = Round.decide(.sample(tasks: [.sample("t")], workers: [worker]))
        #expect(
            result.pending("t")?.description
                == "ProvisioningWorkers: 0 of 1 workers fit: 1 state (Provisioning)")
    }

    @Test(arguments: [WorkerState.maintenance, .draining, .offline, .failed])
    func workersThatTakeNothingGetNothing(_ state: WorkerState) {
        let worker = PlacementWorker.sample("w") { $0.state = state }
        let result = Round.decide(.sample(tasks: [.sample("t")], workers: [worker]))
        #expect(
            result.pending("t")?.description
                == "NoFeasibleWorker: 0 of 1 workers fit: 1 state (\(state.rawValue))")
    }

    @Test func nothingThere() {
        let result = Round.decide(.sample(tasks: [.sample("t")]))
        #expect(result.pending("t")?.description == "NoFeasibleWorker: there are no workers and no pools")
    }

    struct Money4: CustomTestStringConvertible, Sendable {
        let because: String
        let headroom: Headroom
        let bound: Int
        let message: String
        var testDescription: String { because }
    }

    /// Workers of two slots at $0.40/h, and tasks of 30 minutes at p90: each worker is $0.40/h and $0.20, whatever of
    /// it is used.
    @Test(arguments: [
        Money4(because: "no cap", headroom: Headroom(), bound: 4, message: ""),
        Money4(
            because: "a worker is paid for whole", headroom: Headroom(perHour: Money("0.35")), bound: 0,
            message: "needs $0.4/h, plan plan has $0.35/h of its perHour budget left: short by $0.05/h"),
        Money4(
            because: "and once", headroom: Headroom(perHour: Money("0.4")), bound: 2,
            message: "needs $0.4/h, plan plan has $0/h of its perHour budget left: short by $0.4/h"),
        Money4(because: "exactly the rate of both", headroom: Headroom(perHour: Money("0.8")), bound: 4, message: ""),
        Money4(
            because: "day", headroom: Headroom(perDay: Money("0.32"), total: Money("9")), bound: 2,
            message: "reserves $0.20 up to its p90 end, plan plan has $0.12 of its perDay budget left"),
        Money4(
            because: "total", headroom: Headroom(perDay: Money("9"), total: Money("0.17")), bound: 0,
            message: "plan plan has $0.17 of its total budget left: short by $0.0300"),
        Money4(
            because: "overrun already", headroom: Headroom(total: Money(micros: -5)), bound: 0,
            message: "of its total budget left"),
    ])
    func budgets(_ row: Money4) {
        let tasks = (1...4).map { PlacementTask.sample("t\($0)", order: $0) }
        for algorithm in SchedulingAlgorithm.allCases {
            let plan = PlacementPlan.sample("plan", algorithm) { $0.headroom = row.headroom }
            let workers = [PlacementWorker.sample("a", slots: 2, price: "0.4"), .sample("b", slots: 2, price: "0.4")]
            let result = Round.decide(.sample(tasks: tasks, workers: workers, plans: [plan]))
            #expect(result.bindings.count == row.bound, "\(algorithm)")
            for pending in result.pending {
                #expect(pending.reason == .budgetExceeded)
                #expect(pending.message.contains(row.message), "\(pending.message)")
            }
        }
    }

    @Test func whatAPlanPaysForAlreadyIsNotTakenTwice() {
        let tasks = (1...3).map { PlacementTask.sample("t\($0)", order: $0) }
        let workers = [
            PlacementWorker.sample("a", slots: 3, price: "5") { $0.slotsUsed = 1 }, .sample("b", price: "5"),
        ]
        let plan = PlacementPlan.sample {
            $0.headroom.perHour = .zero
            $0.rents = [workerKey("a"): Rent(perHour: Money(dollars: 5), reserved: .zero)]
        }
        let result = Round.decide(.sample(tasks: tasks, workers: workers, plans: [plan]))
        #expect(result.placed == ["t1": "a", "t2": "a"])
        #expect(result.pending("t3")?.reason == .budgetExceeded)
    }

    /// The plan that rented it has ended, and the one that is left pays for it until it goes.
    @Test func anIdleWorkerIsTakenBelowTheCapOnly() {
        let tasks = [PlacementTask.sample("t")]
        for (cap, taken) in [("0.01", false), ("1", true)] {
            let plan = PlacementPlan.sample {
                $0.headroom.perHour = Money(cap)! - Money(dollars: 1)
                $0.rents = [workerKey("a"): Rent(perHour: Money(dollars: 1), reserved: .zero, isIdle: true)]
            }
            let result = Round.decide(
                .sample(tasks: tasks, workers: [.sample("a", slots: 2, price: "1")], plans: [plan]))
            #expect(result.placed == (taken ? ["t": "a"] : [:]), "$1/h under a cap of $\(cap)/h")
            #expect(taken || result.pending("t")?.reason == .budgetExceeded)
        }
    }

    @Test func aPlansCapForARegionHoldsThere() {
        let tasks = (1...4).map { PlacementTask.sample("t\($0)", order: $0) }
        let workers = [
            PlacementWorker.sample("a", slots: 2, price: "1"), .sample("b", slots: 2, price: "1"),
            .sample("c", region: "eu", slots: 1, price: "1"),
        ]
        let plan = PlacementPlan.sample { $0.headroomOfRegion["us"] = Headroom(perHour: Money(dollars: 1)) }
        let result = Round.decide(
            .sample(tasks: tasks, workers: workers, regions: [.sample("us"), .sample("eu")], plans: [plan]))
        #expect(Set(result.placed.values).count == 2 && result.placed.values.contains("c"), "\(result.placed)")
        #expect(result.pending.map(\.reason) == [.budgetExceeded])
        #expect(result.pending.first?.message.contains("plan plan's cap for region us") == true)
    }

    @Test func growthIsHeldToThePlansCap() {
        let tasks = (1...20).map { PlacementTask.sample("t\($0)", order: $0) }
        let pool = PlacementPool.sample(max: 10, slots: 10, price: "5")
        for (cap, workers) in [("1", 0), ("5", 1), ("10", 2), ("100", 2)] {
            let plan = PlacementPlan.sample { $0.headroom.perHour = Money(cap) }
            let result = Round.decide(.sample(tasks: tasks, pools: [pool], plans: [plan]))
            #expect(result.needs.map(\.workers) == (workers == 0 ? [] : [workers]), "$\(cap)/h for workers of $5/h")
            #expect(result.pending.count { $0.reason == .budgetExceeded } == 20 - 10 * workers)
        }
    }

    @Test func aCheaperWorkerIsTakenWhereTheBestIsTooDear() {
        for algorithm in SchedulingAlgorithm.allCases {
            let plan = PlacementPlan.sample("plan", algorithm) { $0.headroom.perHour = Money("0.1") }
            let workers: [PlacementWorker] = [
                .sample("adear", slots: 1, price: "5"),
                .sample("cheap", slots: 1, price: "0.1") { $0.reliability = 0.1 },
            ]
            let result = Round.decide(.sample(tasks: [.sample("t")], workers: workers, plans: [plan]))
            #expect(result.placed == ["t": "cheap"], "\(algorithm)")
        }
    }

    @Test func whatOnePlanCannotPayAnotherStillCan() {
        for algorithm in SchedulingAlgorithm.allCases {
            let tasks: [PlacementTask] = [.sample("a", plan: "poor"), .sample("b", plan: "rich")]
            let plans: [PlacementPlan] = [
                .sample("poor", algorithm) { $0.headroom.perHour = Money("0.01") },
                .sample("rich", algorithm, order: 1),
            ]
            let result = Round.decide(.sample(tasks: tasks, workers: [.sample("w")], plans: plans))
            #expect(result.placed == ["b": "w"], "\(algorithm)")
            #expect(result.pending("a")?.reason == .budgetExceeded)
        }
    }

    @Test func capsOfRegionAndPoolCountWhatIsRented() {
        let tasks: [PlacementTask] = [.sample("a", plan: "a"), .sample("b", plan: "b")]
        let plans: [PlacementPlan] = [.sample("a"), .sample("b", order: 1)]
        let region = PlacementRegion.sample("us") { $0.headroom.perHour = Money("0.15") }
        let standing = Round.decide(
            .sample(
                tasks: tasks, workers: [.sample("w", price: "0.4")], regions: [region], plans: plans))
        #expect(standing.placed.count == 2, "a worker that stands is in the region's rate already")
        let pool = PlacementPool.sample(slots: 1, price: "0.1")
        let growing = Round.decide(.sample(tasks: tasks, pools: [pool], regions: [region], plans: plans))
        #expect(growing.needs.map(\.workers) == [1])
        #expect(growing.pending("b")?.message.contains("region us has $0.05/h") == true)
        let capped = PlacementPool.sample(slots: 1, price: "0.4") { $0.headroom.perDay = Money("0.3") }
        let byPool = Round.decide(.sample(tasks: tasks, pools: [capped], plans: plans))
        #expect(byPool.needs.map(\.workers) == [1])
        #expect(byPool.pending("b")?.message.contains("pool main has $0.1") == true, "\(byPool.pending)")
    }

    @Test func aPoolTooDearForThePlanIsNotGrown() {
        let plan = PlacementPlan.sample { $0.headroom.perHour = Money("0.01") }
        let result = Round.decide(.sample(tasks: [.sample("t")], pools: [.sample()], plans: [plan]))
        #expect(result.pending("t")?.reason == .budgetExceeded)
        #expect(result.needs.isEmpty)
    }
}
