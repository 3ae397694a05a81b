import Model
import Placement
import Testing

struct RegionTests {
    private static let gdpr: @Sendable (inout PlacementTask) -> Void = { $0.requires.regulations = ["gdpr"] }
    private static let eu = PlacementRegion.sample("eu") { $0.regulations = ["gdpr"] }
    private static let us = PlacementRegion.sample("us")

    @Test func residencyHoldsWhenTheOnlyLawfulRegionIsDown() {
        var down = Self.eu
        down.down = true
        let workers: [PlacementWorker] = [.sample("e", region: "eu"), .sample("u1"), .sample("u2")]
        let result = Round.decide(
            .sample(tasks: [.sample("t", Self.gdpr)], workers: workers, regions: [down, Self.us]))
        #expect(
            result.pending("t")?.description
                == "ResidencyBlocked: gdpr allows only eu (down), with nothing that fits; 2 "
                + "elsewhere would fit and may not take it")
    }

    @Test func residencyHoldsAgainstPoolsToo() {
        let result = Round.decide(
            .sample(
                tasks: [.sample("t", Self.gdpr)], pools: [.sample(region: "us")], regions: [Self.eu, Self.us])
        )
        #expect(result.pending("t")?.reason == .residencyBlocked)
    }

    @Test func aFullLawfulRegionIsWaitedForNotLeft() {
        let workers: [PlacementWorker] = [.sample("e", region: "eu") { $0.slotsUsed = 4 }, .sample("u")]
        let result = Round.decide(
            .sample(tasks: [.sample("t", Self.gdpr)], workers: workers, regions: [Self.eu, Self.us]))
        #expect(result.pending("t")?.reason == .concurrencyLimit)
    }

    @Test func anOpenCircuitHoldsWorkBack() {
        let region = PlacementRegion.sample("us") { $0.circuitOpen = true }
        let result = Round.decide(.sample(tasks: [.sample("t")], workers: [.sample("w")], regions: [region]))
        #expect(result.pending("t")?.description == "CircuitOpen: 0 of 1 workers fit: 1 circuit open (us)")
    }

    @Test func aRegionThatDoesNotExist() {
        let result = Round.decide(.sample(tasks: [.sample("t")], workers: [.sample("w", region: "mars")]))
        #expect(
            result.pending("t")?.message == "0 of 1 workers fit: 1 region not found (mars does not exist)")
    }

    @Test func namespaces() {
        let foreign = PlacementWorker.sample("w") { $0.pool = ObjectKey(.workerPool, "other", "main") }
        let result = Round.decide(.sample(tasks: [.sample("t")], workers: [foreign]))
        #expect(
            result.pending("t")?.message == "there are no workers and no pools", "of what others have nothing is told")
        #expect(result.pending("t")?.record.considered == 0)
        #expect(result.pending("t")?.record.rejections.isEmpty == true)
        #expect(result.pending("t")?.record.rejected.isEmpty == true)
        let mixed = Round.decide(
            .sample(
                tasks: [.sample("t") { $0.requires.cpu = Quantity(64) }],
                workers: [.sample("own"), foreign]
                    + (0..<40).map { index in
                        .sample("f\(index)") { $0.pool = ObjectKey(.workerPool, "other", "main") }
                    }))
        #expect(
            mixed.pending("t")?.message.hasPrefix("0 of 1 workers fit: 1 ") == true,
            "\(mixed.pending("t")?.message ?? "")")
        #expect(mixed.pending("t")?.record.considered == 1)
        let closed = PlacementRegion.sample("us") { $0.allowedNamespaces = ["bank"] }
        let refused = Round.decide(.sample(tasks: [.sample("t")], workers: [.sample("w")], regions: [closed]))
        #expect(refused.pending("t")?.message.contains("region's allowed namespaces (only bank)") == true)
    }

    @Test func listedRegionAndPoolBind() {
        let workers: [PlacementWorker] = [.sample("e", region: "eu", pool: "other"), .sample("u")]
        let tasks: [PlacementTask] = [
            .sample("r") { $0.region = "eu" }, .sample("p") { $0.pool = poolKey("main") },
            .sample("none") {
                $0.region = "eu"
                $0.pool = poolKey("main")
            },
        ]
        let result = Round.decide(.sample(tasks: tasks, workers: workers, regions: [Self.eu, Self.us]))
        #expect(result.placed == ["r": "e", "p": "u"])
        #expect(result.pending("none")?.record.rejections == ["region": 1, "pool": 1])
    }

    @Test func loadBalancingSwitchKeepsFreeTasksOut() {
        let off = PlacementRegion.sample("us") { $0.loadBalancing = false }
        let tasks: [PlacementTask] = [.sample("free"), .sample("listed") { $0.region = "us" }]
        let result = Round.decide(.sample(tasks: tasks, workers: [.sample("w")], regions: [off]))
        #expect(result.placed == ["listed": "w"])
    }

    @Test func tiersAreTriedInOrder() {
        let workers: [PlacementWorker] = [
            .sample("a", region: "a", slots: 1), .sample("b", region: "b", slots: 1),
            .sample("c", region: "c", slots: 1),
            .sample("d", region: "d", slots: 9),
        ]
        let tasks = (1...4).map { number in
            PlacementTask.sample("t\(number)", order: number) {
                $0.policy = RegionPolicy(allowed: ["a", "b", "c"], tiers: [["c"], ["b"]])
            }
        }
        let regions = ["a", "b", "c", "d"].map { PlacementRegion.sample($0) }
        for algorithm in SchedulingAlgorithm.allCases {
            let plan = PlacementPlan.sample("plan", algorithm) { $0.maxRegions = 9 }
            let result = Round.decide(
                .sample(tasks: tasks, workers: workers, regions: regions, plans: [plan]))
            #expect(result.bindings.map(\.worker.name) == ["c", "b", "a"], "\(algorithm)")
            #expect(result.pending("t4")?.record.rejections == ["failover": 1])
        }
    }

    @Test func avoidedWorkersAndRegionsComeLast() {
        let workers: [PlacementWorker] = [
            .sample("a", slots: 1), .sample("b", slots: 1), .sample("e", region: "eu", slots: 1),
        ]
        let tasks = (1...3).map { number in
            PlacementTask.sample("t\(number)", order: number) {
                $0.avoidWorkers = ["uid-a", "uid-long-gone"]
                $0.avoidRegions = ["eu"]
            }
        }
        for algorithm in SchedulingAlgorithm.allCases {
            let result = Round.decide(
                .sample(
                    tasks: tasks, workers: workers, regions: [Self.eu, Self.us],
                    plans: [.sample("plan", algorithm)]))
            #expect(result.bindings.map(\.worker.name) == ["b", "e", "a"], "\(algorithm)")
        }
    }

    @Test func scoreShowsItsTerms() throws {
        let regions: [PlacementRegion] = [
            .sample("near") {
                $0.latency = .milliseconds(25)
                $0.availability = 0.999
            },
            .sample("far") {
                $0.latency = .milliseconds(100)
                $0.availability = 0.9
            },
        ]
        var weights = Weights()
        weights.latency = 2
        let scores = RegionScore.rank(
            regions, prices: [Money(micros: 190_000), Money(micros: 90_000)], weights: weights)
        #expect(scores.map(\.region) == ["near", "far"])
        #expect(scores[0].text == "0.77 = latency 0.80 × 2 + cost 0.50 × 1 + availability 1.00 × 1")
        #expect(scores[1].text == "0.73 = latency 0.50 × 2 + cost 1.00 × 1 + availability 0.90 × 1")
        #expect(scores.allSatisfy { (0...1).contains($0.score) })
    }

    @Test(arguments: [
        (1, 0, 0, "near"), (0, 1, 0, "cheap"), (0, 0, 1, "steady"),
    ])
    func weightsDecide(_ latency: Int, _ cost: Int, _ availability: Int, _ best: String) {
        let regions: [PlacementRegion] = [
            .sample("near") { $0.latency = .milliseconds(5) },
            .sample("cheap") { $0.latency = .milliseconds(80) },
            .sample("steady") {
                $0.latency = .milliseconds(90)
                $0.availability = 0.9999
            },
        ]
        let workers: [PlacementWorker] = [
            .sample("n", region: "near", price: "0.9"), .sample("c", region: "cheap", price: "0.2"),
            .sample("s", region: "steady", price: "0.9"),
        ]
        let plan = PlacementPlan.sample {
            $0.maxRegions = 1
            $0.weights.latency = latency
            $0.weights.cost = cost
            $0.weights.availability = availability
        }
        let tasks = (1...3).map { PlacementTask.sample("t\($0)", order: $0) }
        let result = Round.decide(.sample(tasks: tasks, workers: workers, regions: regions, plans: [plan]))
        #expect(Set(result.bindings.map(\.region)) == [best])
        #expect(result.regions[planKey("plan")]?.first?.region == best)
    }

    @Test func maxRegionsKeepsThoseInUseAndStillServesEveryTask() {
        let regions = ["a", "b", "c", "d"].map { PlacementRegion.sample($0) }
        var workers = ["a", "b", "c", "d"].map {
            PlacementWorker.sample("w\($0)", region: $0, price: "0.\($0 == "d" ? 9 : 1)")
        }
        workers[3].capabilities = ["rare"]
        let plan = PlacementPlan.sample {
            $0.maxRegions = 2
            $0.regionsInUse = ["c"]
        }
        let tasks: [PlacementTask] = [
            .sample("plain", order: 1) { $0.requires.capabilities = ["build"] },
            .sample("rare", order: 2) { $0.requires.capabilities = ["rare"] },
        ]
        let result = Round.decide(.sample(tasks: tasks, workers: workers, regions: regions, plans: [plan]))
        #expect(result.placed == ["plain": "wc", "rare": "wd"])
    }

    @Test func listedRegionsCountButAreNeverRefused() {
        let regions = ["a", "b", "c"].map { PlacementRegion.sample($0) }
        let workers = ["a", "b", "c"].map { PlacementWorker.sample("w\($0)", region: $0) }
        let plan = PlacementPlan.sample { $0.maxRegions = 1 }
        let tasks: [PlacementTask] = [
            .sample("listed1", order: 1) { $0.region = "b" },
            .sample("listed2", order: 2) { $0.region = "c" },
            .sample("free", order: 3),
            .sample("picky", order: 4) { $0.requires.regions = filter(include: ["a"]) },
        ]
        let result = Round.decide(.sample(tasks: tasks, workers: workers, regions: regions, plans: [plan]))
        #expect(result.placed["listed1"] == "wb")
        #expect(result.placed["listed2"] == "wc")
        #expect(["wb", "wc"].contains(result.placed["free"]))
        #expect(
            result.pending("picky")?.message
                == "0 of 3 workers fit: 2 regions (only a), 1 maxRegions (plan uses 2 of 1: b, c)")
    }

    @Test func aRegionThatIsDownFreesItsPlace() {
        let regions: [PlacementRegion] = [.sample("a") { $0.down = true }, .sample("b")]
        let plan = PlacementPlan.sample {
            $0.maxRegions = 1
            $0.regionsInUse = ["a"]
        }
        let workers: [PlacementWorker] = [.sample("wa", region: "a"), .sample("wb", region: "b")]
        let result = Round.decide(
            .sample(tasks: [.sample("t")], workers: workers, regions: regions, plans: [plan]))
        #expect(result.placed == ["t": "wb"])
    }

    private func filter(include: [String]) -> RegionFilter {
        var filter = RegionFilter()
        filter.include = include
        return filter
    }
}
