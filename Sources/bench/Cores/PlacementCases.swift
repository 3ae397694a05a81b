import Model
import Placement

/// Worlds for the placement round: ten regions, fifty pools, tasks of several shapes.
struct PlacementCase {
    var name: String
    var algorithm: SchedulingAlgorithm
    /// Different requirements among the tasks.
    var shapes = 20
    var plans = 10
    var capped = false
    /// No two workers alike in price.
    var distinct = false
    var slots = 4

    static let tasks = 10_000
    static let workers = 5000

    /// The plain ones first: one an algorithm.
    static let plain: [PlacementCase] = [
        PlacementCase(name: "RoundRobin", algorithm: .roundRobin),
        PlacementCase(name: "LeastLoaded", algorithm: .leastLoaded),
        PlacementCase(name: "Priority", algorithm: .priority),
        PlacementCase(name: "CostOptimized", algorithm: .costOptimized),
    ]

    /// What makes a round harder.
    static let hard: [PlacementCase] = [
        PlacementCase(name: "budgets capped", algorithm: .leastLoaded, capped: true),
        PlacementCase(name: "budgets capped, cheapest first", algorithm: .costOptimized, capped: true),
        PlacementCase(name: "1,000 shapes", algorithm: .leastLoaded, shapes: 1000),
        PlacementCase(name: "1,000 shapes, cheapest first", algorithm: .costOptimized, shapes: 1000),
        PlacementCase(name: "no two workers alike", algorithm: .leastLoaded, distinct: true),
        PlacementCase(name: "no two workers alike, cheapest first", algorithm: .costOptimized, distinct: true),
        PlacementCase(name: "half finds no room", algorithm: .leastLoaded, slots: 1),
        PlacementCase(name: "500 plans, budgets capped", algorithm: .roundRobin, plans: 500, capped: true),
    ]

    private static let namespace = "bench"
    private static let capabilities = ["frontend", "backend", "build"]

    func input() -> RoundInput {
        var input = RoundInput()
        input.regions = (0..<10).map(region)
        input.workers = (0..<Self.workers).map(worker)
        input.pools = (0..<50).map(pool)
        input.plans = (0..<plans).map(plan)
        input.tasks = (0..<Self.tasks).map(task)
        return input
    }

    private func region(_ index: Int) -> PlacementRegion {
        var region = PlacementRegion("region-\(index)")
        region.provider = .aws
        region.regulations = index.isMultiple(of: 2) ? ["gdpr"] : ["ccpa"]
        region.latency = .milliseconds(Int64(10 + index * 5))
        return region
    }

    private func offered(_ pool: Int) -> [String] {
        pool.isMultiple(of: 2) ? ["frontend", "build"] : ["backend", "build"]
    }

    private func worker(_ index: Int) -> PlacementWorker {
        let pool = index % 50
        var worker = PlacementWorker(
            key: ObjectKey(.worker, Self.namespace, "worker-\(pool)-\(index)"), uid: "uid-\(index)",
            pool: ObjectKey(.workerPool, Self.namespace, "pool-\(pool)"), region: "region-\(pool % 10)")
        worker.capabilities = offered(pool)
        worker.capacity.cpu = Quantity(4)
        worker.capacity.memory = .gibibytes(16)
        worker.slots = slots
        worker.costPerHour = Money(micros: Int64(50_000 + pool * 1000 + (distinct ? index : 0)))
        worker.reliability = 1 - Double(index % 7) / 100
        return worker
    }

    private func pool(_ index: Int) -> PlacementPool {
        var pool = PlacementPool(
            key: ObjectKey(.workerPool, Self.namespace, "pool-\(index)"), region: "region-\(index % 10)")
        pool.capabilities = offered(index)
        pool.capacity.cpu = Quantity(4)
        pool.capacity.memory = .gibibytes(16)
        pool.slots = slots
        pool.live = Self.workers / 50
        pool.maxWorkers = pool.live + 5
        return pool
    }

    private func plan(_ index: Int) -> PlacementPlan {
        var plan = PlacementPlan(key: ObjectKey(.executionPlan, Self.namespace, "plan-\(index)"))
        plan.algorithm = algorithm
        plan.createdOrder = index
        plan.maxRegions = 10
        if capped { plan.headroom = Headroom(perHour: Money(dollars: 1000), total: Money(dollars: 10_000)) }
        return plan
    }

    private func task(_ index: Int) -> PlacementTask {
        var task = PlacementTask(
            key: ObjectKey(.task, Self.namespace, "task-\(index)"), uid: "task-uid-\(index)",
            plan: ObjectKey(.executionPlan, Self.namespace, "plan-\(index % plans)"))
        let shape = index / plans % shapes
        task.requires.capabilities = [Self.capabilities[shape % 3]]
        task.requires.cpu = Quantity(milli: Int64(250 + shape))
        task.requires.memory = .mebibytes(256)
        if shape % 5 == 4 { task.requires.regulations = ["gdpr"] }
        task.createdOrder = index
        task.priority = index % 3
        return task
    }
}
