// Times whole placement rounds in release: `placement-bench [tasks] [workers] [case]`. The gate is 100,000
// decisions a second for 10,000 tasks on 5,000 workers, that is 100 ms a round, of CPU time: a busy machine
// is no slow program. The exit code is 1 where a case misses it.

import Glibc
import Model
import Placement

let taskCount = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 10_000
let workerCount = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 5_000
let gate = 100_000.0
let rounds = 5

struct Case {
    var name: String
    var algorithm: SchedulingAlgorithm
    /// Different requirements among the tasks.
    var shapes = 20
    var plans = 10
    var capped = false
    /// No two workers alike in price.
    var distinct = false
    var slots = 4
    /// Whether the gate holds for it; false for what no one has yet, shown so that nobody is surprised.
    var gated = true
}

func input(_ example: Case) -> RoundInput {
    var input = RoundInput()
    let namespace = "bench"
    input.regions = (0..<10).map { index in
        var region = PlacementRegion("region-\(index)")
        region.provider = .aws
        region.regulations = index.isMultiple(of: 2) ? ["gdpr"] : ["ccpa"]
        region.latency = .milliseconds(Int64(10 + index * 5))
        return region
    }
    for index in 0..<workerCount {
        let pool = index % 50
        var worker = PlacementWorker(
            key: ObjectKey(.worker, namespace, "worker-\(pool)-\(index)"), uid: "uid-\(index)",
            pool: ObjectKey(.workerPool, namespace, "pool-\(pool)"), region: "region-\(pool % 10)")
        worker.capabilities = pool.isMultiple(of: 2) ? ["frontend", "build"] : ["backend", "build"]
        worker.capacity.cpu = Quantity(4)
        worker.capacity.memory = .gibibytes(16)
        worker.slots = example.slots
        worker.costPerHour = Money(micros: Int64(50_000 + pool * 1000 + (example.distinct ? index : 0)))
        worker.reliability = 1 - Double(index % 7) / 100
        input.workers.append(worker)
    }
    for index in 0..<50 {
        var pool = PlacementPool(
            key: ObjectKey(.workerPool, namespace, "pool-\(index)"), region: "region-\(index % 10)")
        pool.capabilities = index.isMultiple(of: 2) ? ["frontend", "build"] : ["backend", "build"]
        pool.capacity.cpu = Quantity(4)
        pool.capacity.memory = .gibibytes(16)
        pool.slots = example.slots
        pool.live = workerCount / 50
        pool.maxWorkers = pool.live + 5
        input.pools.append(pool)
    }
    for index in 0..<example.plans {
        var plan = PlacementPlan(key: ObjectKey(.executionPlan, namespace, "plan-\(index)"))
        plan.algorithm = example.algorithm
        plan.createdOrder = index
        plan.maxRegions = 10
        if example.capped {
            plan.headroom = Headroom(perHour: Money(dollars: 1000), total: Money(dollars: 10_000))
        }
        input.plans.append(plan)
    }
    for index in 0..<taskCount {
        var task = PlacementTask(
            key: ObjectKey(.task, namespace, "task-\(index)"), uid: "task-uid-\(index)",
            plan: ObjectKey(.executionPlan, namespace, "plan-\(index % example.plans)"))
        let shape = index / example.plans % example.shapes
        task.requires.capabilities = [["frontend", "backend", "build"][shape % 3]]
        task.requires.cpu = Quantity(milli: Int64(250 + shape))
        task.requires.memory = .mebibytes(256)
        if shape % 5 == 4 { task.requires.regulations = ["gdpr"] }
        task.createdOrder = index
        task.priority = index % 3
        input.tasks.append(task)
    }
    return input
}

let cases: [Case] = [
    Case(name: "RoundRobin", algorithm: .roundRobin),
    Case(name: "LeastLoaded", algorithm: .leastLoaded),
    Case(name: "Priority", algorithm: .priority),
    Case(name: "CostOptimized", algorithm: .costOptimized),
    Case(name: "LeastLoaded, budgets capped", algorithm: .leastLoaded, capped: true),
    Case(name: "CostOptimized, budgets capped", algorithm: .costOptimized, capped: true),
    Case(name: "LeastLoaded, 1,000 shapes", algorithm: .leastLoaded, shapes: 1000, gated: false),
    Case(name: "CostOptimized, 1,000 shapes", algorithm: .costOptimized, shapes: 1000),
    Case(name: "LeastLoaded, no two workers alike", algorithm: .leastLoaded, distinct: true),
    Case(name: "CostOptimized, no two workers alike", algorithm: .costOptimized, distinct: true),
    Case(name: "LeastLoaded, half finds no room", algorithm: .leastLoaded, slots: 1),
    Case(name: "RoundRobin, 500 plans", algorithm: .roundRobin, plans: 500, capped: true),
]

var missed = false
func cpuTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1_000_000
}
let wanted = CommandLine.arguments.dropFirst(3).first
for example in cases where wanted == nil || wanted == example.name {
    let input = input(example)
    var milliseconds = Double.infinity
    var bound = 0
    for _ in 0..<rounds {
        let start = cpuTime()
        let result = Round.decide(input)
        milliseconds = min(milliseconds, cpuTime() - start)
        bound = result.bindings.count
    }
    let rate = Double(taskCount) / milliseconds * 1000
    missed = missed || (example.gated && rate < gate)
    let tenths = Int(milliseconds * 10)
    let note =
        rate >= gate ? "" : example.gated ? "  MISSED" : "  (under the gate, which is not for this case)"
    print(
        "\(example.name): \(tenths / 10).\(tenths % 10) ms, \(Int(rate)) decisions/s, \(bound) bound\(note)")
}
if missed { exit(1) }
