import Engine
import Model
import PlacementInstances
import Ports
import Preview
import Tree

/// `plan` at size: how long a preview takes, and what it rents beside the least that is known to be possible.
enum PlanPreviews {
    static func measure(_ workshop: Workshop) throws -> [Row] {
        let wide = try seconds(plan((0..<2000).map { ("t\($0)", []) }), workers: 50, slots: 8)
        let chain = try seconds(
            plan((0..<100).map { ("t\($0)", $0 == 0 ? [] : ["t\($0 - 1)"]) }), workers: 10, slots: 1)
        return [
            Row(name: "plan of 2,000 tasks", value: wide, unit: .seconds, gate: 2, wish: .less),
            Row(name: "plan of a chain of 100 h", value: chain, unit: .seconds, gate: 1, wish: .less),
        ]
    }

    /// What is rented over the bound of the configuration LP.
    static func instances(_ workshop: Workshop) throws -> [Row] {
        var rows: [Row] = []
        for name in PlacementInstance.names {
            let instance = try PlacementInstance(name)
            for (algorithm, gate) in [(SchedulingAlgorithm.costOptimized, 1.10), (.leastLoaded, 1.3)] {
                let (time, report) = Stopwatch.cpu {
                    run(instance.regions, instance.pools, plans(of: instance, algorithm))
                }
                guard report.placements.count == instance.tasks.count else {
                    throw Unmeasurable(
                        "\(name): \(report.placements.count) of \(instance.tasks.count) tasks were placed")
                }
                let ratio = Double(report.rateAfter.micros) / Double(instance.bound.micros)
                rows.append(
                    Row(
                        name: "rented, \(name), \(algorithm.rawValue)", value: ratio, unit: .times, gate: gate,
                        wish: .less,
                        beside: "the bound \(instance.bound)/h; planned in \(short(time)) s"))
            }
        }
        return rows
    }

    /// As many plans as it takes: one holds so many tasks and no more.
    private static func plans(of instance: PlacementInstance, _ algorithm: SchedulingAlgorithm) -> [ExecutionPlan] {
        let most = 2000
        return stride(from: 0, to: instance.tasks.count, by: most).map { first in
            var plan = instance.plan(algorithm)
            plan.metadata = metadata("work-\(first)")
            plan.spec.tasks = Array(instance.tasks[first..<min(first + most, instance.tasks.count)])
            return plan
        }
    }

    private static func seconds(_ plan: ExecutionPlan, workers: Int, slots: Int) throws -> Double {
        var region = Region(metadata: metadata("here", nil), spec: RegionSpec())
        region.spec.provider.local = LocalRegion()
        var pool = WorkerPool(metadata: metadata("hands"), spec: WorkerPoolSpec())
        pool.spec.region = "here"
        pool.spec.maxWorkers = workers
        pool.spec.worker.maxConcurrentTasks = slots
        pool.spec.worker.costPerHour = Money(dollars: 1)
        let (seconds, report) = Stopwatch.cpu { run([region], [pool], [plan]) }
        guard report.end != nil else { throw Unmeasurable("the plan has no end: \(report.notes)") }
        return seconds
    }

    private static func run(_ regions: [Region], _ pools: [WorkerPool], _ plans: [ExecutionPlan]) -> PreviewReport {
        let documents =
            regions.map { ($0.key, $0.tree) } + pools.map { ($0.key, $0.tree) } + plans.map { ($0.key, $0.tree) }
        return Preview.run(
            PreviewRequest(
                standing: [], documents: documents, settings: Settings(clusterID: "bench", epoch: 0, rehearsal: true),
                now: Moment(instant: .origin, wall: Timestamp(milliseconds: 1_790_000_000_000))))
    }

    private static func plan(_ tasks: [(name: String, after: [String])]) -> ExecutionPlan {
        var plan = ExecutionPlan(metadata: metadata("work"), spec: ExecutionPlanSpec())
        var entry = PlanRegion()
        entry.region = "here"
        entry.pool = "hands"
        entry.tasks = tasks.map { listed in
            var task = PlanTask()
            task.name = listed.name
            task.run.command = ["go"]
            task.dependsOn = listed.after
            task.estimatedDuration = .hours(1)
            return task
        }
        plan.spec.regions = [entry]
        return plan
    }

    private static func metadata(_ name: String, _ namespace: String? = "shop") -> ObjectMeta {
        var metadata = ObjectMeta()
        metadata.name = name
        metadata.namespace = namespace
        metadata.uid = "uid-\(name)"
        metadata.generation = 1
        return metadata
    }
}
