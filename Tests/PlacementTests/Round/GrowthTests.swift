import Model
import Placement
import Testing

/// What is rented for tasks that find no room, and for whom it stays.
struct GrowthTests {
    private func tasks(_ cpus: [Int64], _ prefix: String = "t") -> [PlacementTask] {
        cpus.enumerated().map { index, cpu in
            PlacementTask.sample("\(prefix)\(index)", order: index) { $0.requires.cpu = Quantity(milli: cpu) }
        }
    }

    @Test func bigAndSmallTasksShareWorkers() {
        let cpus = (0..<80).map { Int64($0.isMultiple(of: 2) ? 5000 : 100) }
        let pool = PlacementPool.sample(max: 100, slots: 50) { $0.capacity = .sample(cpu: 10) }
        let result = Round.decide(.sample(tasks: tasks(cpus), pools: [pool]))
        #expect(result.needs.map(\.workers) == [21])
    }

    @Test func theCheapestMixIsRented() {
        let pools: [PlacementPool] = [
            .sample("large", max: 9, slots: 16, price: "1.0") { $0.capacity = .sample(cpu: 16) },
            .sample("small", max: 9, slots: 16, price: "0.3") { $0.capacity = .sample(cpu: 4) },
        ]
        for (cpus, expected) in [
            ([Int64](repeating: 4000, count: 5), "large 1, small 1"), ([Int64](repeating: 4000, count: 3), "small 3"),
            ([Int64](repeating: 8000, count: 2), "large 1"),
        ] {
            let needs = Round.decide(.sample(tasks: tasks(cpus), pools: pools)).needs
            #expect(needs.map { "\($0.pool.name) \($0.workers)" }.joined(separator: ", ") == expected)
        }
    }

    @Test func aPoolWithAChoiceMakesWhatHoldsTheTasks() {
        let pool = PlacementPool.sample(max: 9, price: "0.04") {
            $0.slotsTaken = [1]
            $0.types = [
                PlacementType("little", capacity: .sample(cpu: 2), slots: 2, costPerHour: Money("0.04") ?? .zero),
                PlacementType(
                    "large", capacity: .sample(cpu: 32, memory: 128), slots: 32, costPerHour: Money(dollars: 1)),
            ]
        }
        let result = Round.decide(.sample(tasks: tasks([16_000]), pools: [pool]))
        #expect(result.needs == [PoolNeed(pool: poolKey("main"), tasks: 1, workers: 1, types: [0: "large"])])
        let small = Round.decide(.sample(tasks: tasks([1000, 1000, 1000]), pools: [pool]))
        #expect(small.needs.first?.types == [0: "little", 2: "little"], "the slot that is taken is left out")
        #expect(small.pending.compactMap(\.reservation?.slot).sorted() == [0, 0, 2])
    }

    /// Of two plans on one pool, one leaves scaling to a person.
    @Test func forAManualPlanNothingIsRented() {
        var (byHand, itself) = (PlacementPlan(key: planKey("by-hand")), PlacementPlan(key: planKey("itself")))
        byHand.mayScale = false
        itself.createdOrder = 1
        let tasks = (0..<5).map { index in
            PlacementTask.sample("t\(index)", plan: index < 3 ? "by-hand" : "itself", order: index)
        }
        let pool = PlacementPool.sample(max: 9, slots: 1) { $0.limit = 4 }
        let result = Round.decide(.sample(tasks: tasks, pools: [pool], plans: [byHand, itself]))
        var need = PoolNeed(pool: poolKey("main"), tasks: 2, workers: 2)
        need.advised = .init(tasks: 2, workers: 2)
        #expect(result.needs == [need], "the fourth is the last it may have")
        let told = result.pending.filter { $0.reason == .scaleRecommended }
        #expect(told.count == 3)
        #expect(
            told.allSatisfy { $0.message.hasSuffix("reconcile scale wpool/main -n \(namespace) --replicas 4") },
            "\(told)")
        #expect(told.allSatisfy { !$0.isHopeless }, "a person may do it any time")
    }

    /// Two workers were rented, one for a task of four processors; it is there first.
    @Test(arguments: SchedulingAlgorithm.allCases)
    func aWorkerStaysForWhatItWasRentedFor(_ algorithm: SchedulingAlgorithm) {
        let big = PlacementTask.sample("big", order: 9) {
            $0.requires.cpu = Quantity(4)
            $0.reservation = Reservation(pool: "main", slot: 0)
        }
        let small = (0..<4).map { index in
            PlacementTask.sample("small\(index)", order: index) {
                $0.requires.cpu = Quantity(1)
                $0.reservation = Reservation(pool: "main", slot: 1)
            }
        }
        let pool = PlacementPool.sample(live: 2, max: 9) {
            $0.provisioning = 1
            $0.slotsTaken = [0, 1]
        }
        let workers: [PlacementWorker] = [
            .sample("a"),
            .sample("b") {
                $0.slot = 1
                $0.state = .provisioning
            },
        ]
        let input = RoundInput.sample(
            tasks: small + [big], workers: workers, pools: [pool], plans: [.sample("plan", algorithm)])
        let result = Round.decide(input)
        #expect(result.placed == ["big": "a"])
        #expect(result.needs.map(\.workers) == [1], "nothing more is rented")
        #expect(result.pending.allSatisfy { $0.reservation == Reservation(pool: "main", slot: 1) })
        var urgent = input
        urgent.tasks.append(.sample("urgent", order: 10) { $0.priority = 5 })
        #expect(Round.decide(urgent).placed["urgent"] == "a", "what is more urgent does not wait")
    }

    @Test func decidedAgainNothingChanges() {
        let cpus = (0..<40).map { Int64(500 + 700 * ($0 % 5)) }
        let pools: [PlacementPool] = [
            .sample("large", max: 9, slots: 16, price: "1.0") { $0.capacity = .sample(cpu: 16) },
            .sample("small", max: 40, slots: 16, price: "0.3") { $0.capacity = .sample(cpu: 4) },
        ]
        var input = RoundInput.sample(tasks: tasks(cpus), pools: pools)
        let first = Round.decide(input)
        for need in first.needs {
            guard let index = input.pools.firstIndex(where: { $0.key == need.pool }) else { continue }
            input.pools[index].live = need.workers
            input.pools[index].provisioning = need.workers
            input.pools[index].slotsTaken = Set(0..<need.workers)
            for slot in 0..<need.workers {
                input.workers.append(
                    .sample("\(need.pool.name)-\(slot)", pool: need.pool.name, slots: 16) {
                        $0.capacity = input.pools[index].capacity
                        $0.costPerHour = input.pools[index].costPerHour
                        $0.slot = slot
                        $0.state = .provisioning
                    })
            }
        }
        for index in input.tasks.indices {
            input.tasks[index].reservation = first.pending(input.tasks[index].key.name)?.reservation
        }
        let second = Round.decide(input)
        #expect(second.needs.map(\.workers) == first.needs.map(\.workers), "those on the way are what was asked for")
        for task in input.tasks {
            #expect(second.pending(task.key.name)?.reservation == task.reservation)
        }
    }
}
