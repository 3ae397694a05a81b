import Model
import Placement

let namespace = "shop"

func planKey(_ name: String) -> ObjectKey { ObjectKey(.executionPlan, namespace, name) }
func poolKey(_ name: String) -> ObjectKey { ObjectKey(.workerPool, namespace, name) }
func workerKey(_ name: String) -> ObjectKey { ObjectKey(.worker, namespace, name) }
func taskKey(_ name: String) -> ObjectKey { ObjectKey(.task, namespace, name) }

extension PlacementWorker {
    /// A worker that every plain task fits: 4 CPUs, 16 GiB, 100 GiB of disk, 1 Gbps.
    static func sample(
        _ name: String, region: String = "us", pool: String = "main", slots: Int = 4, price: String = "0.1",
        _ edit: (inout PlacementWorker) -> Void = { _ in }
    ) -> PlacementWorker {
        var worker = PlacementWorker(
            key: workerKey(name), uid: "uid-\(name)", pool: poolKey(pool), region: region)
        worker.capabilities = ["build"]
        worker.capacity = .sample()
        worker.slots = slots
        worker.costPerHour = Money(price) ?? .zero
        edit(&worker)
        return worker
    }
}

extension Resources {
    static func sample(cpu: Int64 = 4, memory: Int64 = 16) -> Resources {
        var resources = Resources()
        resources.cpu = Quantity(cpu)
        resources.memory = .gibibytes(memory)
        resources.storage = .gibibytes(100)
        resources.networkMbps = 1000
        return resources
    }
}

extension PlacementPool {
    static func sample(
        _ name: String = "main", region: String = "us", live: Int = 0, max: Int = 3, slots: Int = 4,
        price: String = "0.1", _ edit: (inout PlacementPool) -> Void = { _ in }
    ) -> PlacementPool {
        var pool = PlacementPool(key: poolKey(name), region: region)
        pool.capabilities = ["build"]
        pool.capacity = .sample()
        pool.slots = slots
        pool.live = live
        pool.maxWorkers = max
        pool.costPerHour = Money(price) ?? .zero
        edit(&pool)
        return pool
    }
}

extension PlacementTask {
    static func sample(
        _ name: String, plan: String = "plan", order: Int = 0,
        _ edit: (inout PlacementTask) -> Void = { _ in }
    ) -> PlacementTask {
        var task = PlacementTask(key: taskKey(name), uid: "uid-\(name)", plan: planKey(plan))
        task.createdOrder = order
        edit(&task)
        return task
    }
}

extension PlacementPlan {
    static func sample(
        _ name: String = "plan", _ algorithm: SchedulingAlgorithm = .leastLoaded, order: Int = 0,
        _ edit: (inout PlacementPlan) -> Void = { _ in }
    ) -> PlacementPlan {
        var plan = PlacementPlan(key: planKey(name))
        plan.algorithm = algorithm
        plan.createdOrder = order
        edit(&plan)
        return plan
    }
}

extension PlacementRegion {
    static func sample(_ name: String, _ edit: (inout PlacementRegion) -> Void = { _ in }) -> PlacementRegion {
        var region = PlacementRegion(name)
        region.provider = .aws
        region.latency = .milliseconds(20)
        edit(&region)
        return region
    }
}

extension RoundInput {
    static func sample(
        tasks: [PlacementTask] = [], workers: [PlacementWorker] = [], pools: [PlacementPool] = [],
        regions: [PlacementRegion] = [.sample("us")], plans: [PlacementPlan] = [.sample()]
    ) -> RoundInput {
        var input = RoundInput()
        input.tasks = tasks
        input.workers = workers
        input.pools = pools
        input.regions = regions
        input.plans = plans
        return input
    }
}

extension RoundResult {
    /// Task name to worker name.
    var placed: [String: String] {
        Dictionary(uniqueKeysWithValues: bindings.map { ($0.task.name, $0.worker.name) })
    }

    func pending(_ task: String) -> Pending? { pending.first { $0.task.name == task } }

    /// All that a reader of the result can see, in order.
    var transcript: String {
        let bound = bindings.map { "\($0.task.name)>\($0.worker.name) \($0.score) \($0.record.tree)" }
        let waiting = pending.map { "\($0.task.name) \($0) \($0.waitsFor?.name ?? "") \($0.record.tree)" }
        return (bound + waiting + needs.map { "\($0)" } + [cursor?.name ?? ""]).joined(separator: "\n")
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): a seed is a whole test case.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}
