import Model
import Placement
import Testing

/// Each requirement alone makes a task infeasible, and the message names it.
struct RequirementTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let field: PlacementField
        let message: String
        let require: @Sendable (inout Requirements) -> Void
        var testDescription: String { field.name }
    }

    static let rows: [Row] = [
        Row(field: .capabilities, message: "2 capabilities (missing backend)") {
            $0.capabilities = ["build", "backend"]
        },
        Row(field: .cpu, message: "2 CPU (needs 5, has 4)") { $0.cpu = Quantity(5) },
        Row(field: .memory, message: "2 memory (needs 32Gi, has 16Gi)") { $0.memory = .gibibytes(32) },
        Row(field: .storage, message: "2 storage (needs 200Gi, has 100Gi)") { $0.storage = .gibibytes(200) },
        Row(field: .networkMbps, message: "2 network (needs 10000 Mbps, has 1000)") {
            $0.networkMbps = 10_000
        },
        Row(field: .gpu, message: "2 GPU (needs 1, has 0)") {
            $0.gpu = GPU()
            $0.gpu?.count = 1
        },
        Row(field: .latency, message: "2 latency (needs ≤ 30ms, has 50ms)") { $0.latency = .low },
        Row(field: .regulations, message: "2 regulations (lacks gdpr)") {
            $0.regulations = ["gdpr", "CCPA"]
        },
        Row(field: .dataLocality, message: "2 data locality (data may be in eu)") {
            $0.dataLocality = DataLocality()
            $0.dataLocality?.regions = ["eu"]
        },
        Row(field: .maxCostPerHour, message: "2 cost (at most $0.05/h, costs $0.1/h)") {
            $0.maxCostPerHour = Money(micros: 50_000)
        },
        Row(field: .regions, message: "2 regions (only eu)") {
            $0.regions = RegionFilter()
            $0.regions?.include = ["eu"]
        },
        Row(field: .regions, message: "2 regions (excluded us)") {
            $0.regions = RegionFilter()
            $0.regions?.exclude = ["us"]
        },
    ]

    @Test(arguments: rows)
    func aloneMakesInfeasible(_ row: Row) throws {
        let region = PlacementRegion.sample("us") {
            $0.latency = .milliseconds(50)
            $0.regulations = ["ccpa"]
        }
        let workers = [PlacementWorker.sample("a"), .sample("b")]
        let plain = RoundInput.sample(tasks: [.sample("plain")], workers: workers, regions: [region])
        #expect(Round.decide(plain).bindings.count == 1, "without the requirement the task fits")

        let task = PlacementTask.sample("picky") { row.require(&$0.requires) }
        let result = Round.decide(.sample(tasks: [task], workers: workers, regions: [region]))
        let pending = try #require(result.pending("picky"))
        let lawful = row.field != .regulations && row.field != .dataLocality
        #expect(pending.reason == (lawful ? .noFeasibleWorker : .residencyBlocked))
        if lawful {
            #expect(pending.message.hasPrefix("0 of 2 workers fit: \(row.message)"), "\(pending.message)")
        }
        #expect(pending.record.rejections == [row.field.name: 2])
        #expect(pending.record.rejected.map(\.worker) == ["a", "b"])
        let reason = try #require(pending.record.rejected.first?.reason)
        #expect("2 \(reason)" == row.message)
        #expect(pending.record.considered == 2)
    }

    @Test("A task in a container needs a worker with an engine, and says so where there is none")
    func image() throws {
        let task = PlacementTask.sample("boxed") { $0.needsEngine = true }
        let bare = [PlacementWorker.sample("a"), .sample("b")]
        let pending = try #require(Round.decide(.sample(tasks: [task], workers: bare)).pending("boxed"))
        #expect(pending.reason == .noFeasibleWorker)
        #expect(pending.message == "0 of 2 workers fit: 2 no container engine (run.image needs one)")
        #expect(pending.record.rejections == ["image": 2])

        let mixed = bare + [.sample("c") { $0.hasEngine = true }]
        let both = Round.decide(.sample(tasks: [task, .sample("plain", order: 1)], workers: mixed))
        #expect(both.bindings.first { $0.task == task.key }?.worker == workerKey("c"))
        #expect(both.bindings.count == 2, "who needs none is placed as ever")
    }

    @Test("A pool grows for it only where its next worker will have an engine", arguments: [true, false])
    func imageGrowth(hasEngine: Bool) {
        let task = PlacementTask.sample("boxed") { $0.needsEngine = true }
        let pool = PlacementPool.sample { $0.hasEngine = hasEngine }
        let result = Round.decide(.sample(tasks: [task], workers: [], pools: [pool]))
        #expect(result.needs.map(\.workers) == (hasEngine ? [1] : []))
    }

    struct Fits: CustomTestStringConvertible, Sendable {
        let because: String
        let require: @Sendable (inout Requirements) -> Void
        var testDescription: String { because }
    }

    @Test(arguments: [
        Fits(because: "all of the CPU is enough") { $0.cpu = Quantity(4) },
        Fits(because: "exactly the price is not above it") { $0.maxCostPerHour = Money(micros: 100_000) },
        Fits(because: "20 ms is low latency") { $0.latency = .low },
        Fits(because: "regimes are compared without case") { $0.regulations = ["GDPR"] },
        Fits(because: "a dataset without regions binds nothing") {
            $0.dataLocality = DataLocality()
            $0.dataLocality?.dataset = "orders"
        },
        Fits(because: "GPU models are compared without case") {
            $0.gpu = GPU()
            $0.gpu?.model = "t4"
        },
    ])
    func bounds(_ row: Fits) {
        let worker = PlacementWorker.sample("a") {
            $0.capacity.gpu = GPU()
            $0.capacity.gpu?.count = 2
            $0.capacity.gpu?.model = "T4"
        }
        let region = PlacementRegion.sample("us") { $0.regulations = ["gdpr"] }
        let task = PlacementTask.sample("task") { row.require(&$0.requires) }
        #expect(
            Round.decide(.sample(tasks: [task], workers: [worker], regions: [region])).bindings.count == 1)
    }

    @Test func countsEveryWorkerOnceAndNamesTheNearestOffering() throws {
        var workers = ["a", "b"].map { name in
            PlacementWorker.sample(name) { $0.capabilities.append("backend") }
        }
        workers += ["c", "d", "e"].map { name in
            PlacementWorker.sample(name) {
                $0.capacity.gpu = GPU()
                $0.capacity.gpu?.count = 1
            }
        }
        let task = PlacementTask.sample("train") {
            $0.requires.capabilities = ["backend"]
            $0.requires.gpu = GPU()
            $0.requires.gpu?.count = 1
        }
        let result = Round.decide(.sample(tasks: [task], workers: workers))
        let pending = try #require(result.pending("train"))
        #expect(
            pending.description
                == "NoFeasibleWorker: 0 of 5 workers fit: 2 GPU (needs 1, has 0), 3 capabilities "
                + "(missing backend); nearest offering: g4dn.xlarge in us at $0.526/h")
        #expect(pending.record.rejections == ["gpu": 2, "capabilities": 3])
    }

    @Test func namesOnlyFiveAndCountsAll() throws {
        let workers = (0..<9).map { PlacementWorker.sample("w\($0)") }
        let task = PlacementTask.sample("big") { $0.requires.cpu = Quantity(64) }
        let pending = try #require(Round.decide(.sample(tasks: [task], workers: workers)).pending("big"))
        #expect(pending.record.rejected.map(\.worker) == ["w0", "w1", "w2", "w3", "w4"])
        #expect(pending.record.rejections == ["cpu": 9])
    }

    @Test func unknownLatencyIsNotLow() throws {
        let region = PlacementRegion.sample("us") { $0.latency = nil }
        let task = PlacementTask.sample("quick") { $0.requires.latency = .low }
        let result = Round.decide(.sample(tasks: [task], workers: [.sample("a")], regions: [region]))
        #expect(result.pending("quick")?.message.contains("latency (needs ≤ 30ms, not known)") == true)
    }
}
