import Model
import Placement
import Testing

/// Random rounds, each from one seed: no limit is ever passed, every task is answered, and order of input
/// never matters.
struct RoundPropertyTests {
    static func input(_ seed: UInt64) -> RoundInput {
        var random = Seeded(seed)
        let capabilities = ["build", "test", "deploy"]
        let regulations = ["gdpr", "ccpa"]
        let regions = (0..<Int.random(in: 1...5, using: &random)).map { index in
            PlacementRegion.sample("r\(index)") {
                $0.regulations = regulations.filter { _ in random.chance(50) }
                $0.latency = random.chance(10) ? nil : .milliseconds(Int64.random(in: 1...60, using: &random))
                $0.down = random.chance(10)
                $0.circuitOpen = random.chance(5)
                if random.chance(30) {
                    $0.headroom.perHour = Money(micros: Int64.random(in: 0...2_000_000, using: &random))
                }
                if random.chance(5) { $0.allowedNamespaces = ["bank"] }
            }
        }
        let poolCount = Int.random(in: 1...5, using: &random)
        func region() -> String {
            "r\(Int.random(in: 0...regions.count, using: &random) % (regions.count + (random.chance(3) ? 1 : 0)))"
        }
        let pools = (0..<poolCount).map { index in
            PlacementPool.sample(
                "p\(index)", region: region(), live: 1, max: Int.random(in: 0...4, using: &random)
            ) {
                $0.capabilities = capabilities.filter { _ in random.chance(60) }
                $0.slots = Int.random(in: 1...4, using: &random)
                if random.chance(20) {
                    $0.headroom.total = Money(micros: Int64.random(in: 0...500_000, using: &random))
                }
            }
        }
        let workers = (0..<Int.random(in: 0...20, using: &random)).map { index in
            let pool = Int.random(in: 0..<poolCount, using: &random)
            return PlacementWorker.sample("w\(index)", region: pools[pool].region, pool: "p\(pool)") {
                $0.capabilities = pools[pool].capabilities
                $0.slots = pools[pool].slots
                $0.slotsUsed = Int.random(in: 0...$0.slots, using: &random)
                $0.costPerHour = Money(micros: Int64.random(in: 0...5, using: &random) * 100_000)
                $0.capacity = .sample(cpu: Int64.random(in: 1...8, using: &random))
                $0.used.cpu = Quantity(milli: Int64.random(in: 0...1000, using: &random))
                $0.reliability = Double(Int.random(in: 0...10, using: &random)) / 10
                $0.health = Int.random(in: 0...100, using: &random)
                $0.state = random.chance(10) ? .maintenance : random.chance(20) ? .busy : .online
            }
        }
        let plans = (0..<Int.random(in: 1...4, using: &random)).map { index in
            PlacementPlan.sample(
                "plan\(index)", SchedulingAlgorithm.allCases[Int.random(in: 0..<4, using: &random)],
                order: Int.random(in: 0...2, using: &random)
            ) {
                $0.maxConcurrentTasks = random.chance(50) ? Int.random(in: 0...8, using: &random) : nil
                $0.running = Int.random(in: 0...3, using: &random)
                $0.maxRegions = Int.random(in: 1...3, using: &random)
                if random.chance(30) {
                    $0.headroom.perHour = Money(micros: Int64.random(in: 0...800_000, using: &random))
                }
                if random.chance(30) {
                    $0.headroom.perDay = Money(micros: Int64.random(in: 0...800_000, using: &random))
                }
                if random.chance(30) {
                    $0.headroom.total = Money(micros: Int64.random(in: 0...800_000, using: &random))
                }
            }
        }
        let tasks = (0..<Int.random(in: 0...40, using: &random)).map { index in
            PlacementTask.sample("t\(index)", plan: "plan\(Int.random(in: 0..<plans.count, using: &random))") {
                $0.createdOrder = Int.random(in: 0...20, using: &random)
                $0.priority = Int.random(in: 0...2, using: &random)
                if random.chance(40) {
                    $0.requires.capabilities = [capabilities[Int.random(in: 0...2, using: &random)]]
                }
                if random.chance(50) {
                    $0.requires.cpu = Quantity(milli: Int64.random(in: 1...40, using: &random) * 100)
                }
                if random.chance(20) {
                    $0.requires.regulations = [regulations[Int.random(in: 0...1, using: &random)]]
                }
                if random.chance(10) { $0.requires.latency = .low }
                if random.chance(10) { $0.requires.maxCostPerHour = Money(micros: 200_000) }
                if random.chance(15) { $0.region = region() }
                if random.chance(15) { $0.avoidWorkers = ["uid-w\(Int.random(in: 0...9, using: &random))"] }
                if random.chance(15) { $0.policy = RegionPolicy(allowed: ["r0", "r1"], tiers: [["r1"]]) }
                $0.duration = DurationEstimate(declared: .minutes(Int64.random(in: 1...90, using: &random)))
            }
        }
        var input = RoundInput.sample(
            tasks: tasks, workers: workers, pools: pools, regions: regions, plans: plans)
        if random.chance(50) { input.cursor = workerKey("w\(Int.random(in: 0...9, using: &random))") }
        return input
    }

    @Test func limitsAreNeverPassed() {
        var bound = 0
        var reasons: Set<String> = []
        for seed in 0..<600 as Range<UInt64> {
            let input = Self.input(seed)
            let result = Round.decide(input)
            bound += result.bindings.count
            reasons.formUnion(result.pending.map(\.reason.rawValue))
            let broken = RoundLaws(input, result).broken
            #expect(broken.isEmpty, "seed \(seed): \(broken.joined(separator: "; "))")
            if !broken.isEmpty { return }
        }
        #expect(bound > 1500, "the rounds are worth something")
        #expect(
            reasons.isSuperset(of: [
                "NoFeasibleWorker", "ConcurrencyLimit", "BudgetExceeded", "ResidencyBlocked", "CircuitOpen",
                "ProvisioningWorkers",
            ]), "every reason comes up: \(reasons.sorted())")
    }

    @Test func orderOfInputNeverMatters() {
        for seed in 0..<120 as Range<UInt64> {
            let input = Self.input(seed)
            var shuffled = input
            var random = Seeded(seed &+ 1_000_000)
            shuffled.tasks.shuffle(using: &random)
            shuffled.workers.shuffle(using: &random)
            shuffled.pools.shuffle(using: &random)
            shuffled.regions.shuffle(using: &random)
            shuffled.plans.shuffle(using: &random)
            let (first, second) = (Round.decide(input).transcript, Round.decide(shuffled).transcript)
            #expect(first == second, "seed \(seed)")
            if first != second { return }
        }
    }

    @Test func nothingThatFitsIsLeftWaitingForNothing() {
        // Without limits, budgets or priorities, a task waits only if every worker it could have is really
        // full.
        for seed in 5000..<5120 as Range<UInt64> {
            var input = Self.input(seed)
            for index in input.plans.indices {
                input.plans[index].maxConcurrentTasks = nil
                input.plans[index].headroom = Headroom()
                input.plans[index].maxRegions = 9
            }
            for index in input.regions.indices { input.regions[index].headroom = Headroom() }
            for index in input.pools.indices { input.pools[index].headroom = Headroom() }
            let result = Round.decide(input)
            let laws = RoundLaws(input, result)
            for pending in result.pending {
                let room = laws.workersWithRoom(for: pending.task)
                #expect(room.isEmpty, "seed \(seed): \(pending.task.name) waits beside \(room): \(pending)")
                if !room.isEmpty { return }
            }
        }
    }
}
