import Documents
import Kernel
package import Model
import Tree

/// What to rent so that all tasks run at once, at least cost: an instance with a known lower bound. A pool stands for
/// each offer that no other one dominates.
///
/// Spot workers take only tasks that may be interrupted, which the others ask for as the capability `steady`; where
/// data must stay is the region. One line for an offer or a kind of task: `Tests/instances`.
package struct PlacementInstance: Sendable {
    package let name: String
    /// No purchase costs less an hour.
    package let bound: Money
    package let regions: [Region]
    package let pools: [WorkerPool]
    package let tasks: [PlanTask]

    package static let names = [
        "unique-small-20-s1", "unique-small-40-s1", "shapes-full-40-s1", "unique-full-20-s1", "unique-full-60-s1",
        "shapes-full-200-s1", "unique-full-200-s1", "shapes-full-1000-s1", "shapes-full-10000-s1",
    ]

    package struct Unreadable: Error, CustomStringConvertible {
        package let description: String
    }

    package init(_ name: String) throws {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "/\(folder)/instances/\(name).json"
        guard let bytes = try Files.read(path, limit: 1 << 22), let tree = try Documents.parse(bytes).first?.tree,
            let offers = tree["offers"]?.array, let tasks = tree["tasks"]?.array
        else { throw Unreadable(description: "\(path) is not an instance") }
        self.name = name
        bound = Money(micros: tree["bound_micros"]?.int ?? 0)
        let places = Set(offers.compactMap { $0["jurisdiction"]?.string }).sorted()
        regions = places.map { place in
            var region = Region(metadata: Self.metadata(place, namespace: nil), spec: RegionSpec())
            region.spec.provider.local = LocalRegion()
            return region
        }
        pools = offers.enumerated().map { Self.pool($0, $1) }
        self.tasks = tasks.enumerated().flatMap { index, tree in
            (0..<Int(tree["count"]?.int ?? 1)).map { Self.task("t\(index)-\($0)", tree) }
        }
    }

    package func plan(_ algorithm: SchedulingAlgorithm) -> ExecutionPlan {
        var plan = ExecutionPlan(metadata: Self.metadata("work"), spec: ExecutionPlanSpec())
        plan.spec.tasks = tasks
        plan.spec.scheduling.algorithm = algorithm
        plan.spec.scheduling.maxRegions = 64
        return plan
    }

    private static func metadata(_ name: String, namespace: String? = "shop") -> ObjectMeta {
        var metadata = ObjectMeta()
        metadata.name = name
        metadata.namespace = namespace
        metadata.uid = "uid-\(name)"
        metadata.generation = 1
        return metadata
    }

    private static func pool(_ index: Int, _ offer: Tree) -> WorkerPool {
        var pool = WorkerPool(metadata: metadata("p\(index)"), spec: WorkerPoolSpec())
        pool.spec.region = offer["jurisdiction"]?.string ?? ""
        pool.spec.maxWorkers = 1000
        pool.spec.worker.maxConcurrentTasks = Int(offer["slots"]?.int ?? 1)
        pool.spec.worker.costPerHour = Money(micros: offer["price"]?.int ?? 0)
        pool.spec.worker.capabilities = (offer["caps"]?.array ?? []).compactMap(\.string)
        if offer["spot"]?.bool != true { pool.spec.worker.capabilities.append("steady") }
        var resources = Resources()
        resources.cpu = Quantity(milli: offer["cpu_m"]?.int ?? 0)
        resources.memory = .mebibytes(offer["mem_mib"]?.int ?? 0)
        resources.gpu = gpu(offer)
        pool.spec.worker.resources = resources
        return pool
    }

    private static func task(_ name: String, _ tree: Tree) -> PlanTask {
        var task = PlanTask()
        task.name = name
        task.run.command = ["go"]
        task.estimatedDuration = .hours(1)
        task.requires.cpu = Quantity(milli: tree["cpu_m"]?.int ?? 0)
        task.requires.memory = .mebibytes(tree["mem_mib"]?.int ?? 0)
        task.requires.gpu = gpu(tree)
        task.requires.capabilities = (tree["requires"]?.array ?? []).compactMap(\.string)
        if tree["spot_ok"]?.bool != true { task.requires.capabilities.append("steady") }
        if let places = tree["residency"]?.array {
            task.requires.regions = RegionFilter()
            task.requires.regions?.include = places.compactMap(\.string)
        }
        return task
    }

    private static func gpu(_ tree: Tree) -> GPU? {
        guard let count = tree["gpu"]?.int, count > 0 else { return nil }
        var gpu = GPU()
        gpu.count = Int(count)
        gpu.model = tree["gpu_kind"]?.string
        return gpu
    }
}
