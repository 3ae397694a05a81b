import Engine
import Model
import Tree

/// What a task costs a controller in deciding alone: by how many run at once, in a chain, and beside tasks and workers
/// that have nothing to do with it.
enum TaskCosts {
    private static let tasks = 500

    static func measure(_ workshop: Workshop) throws -> [Row] {
        let plain = try world(workers: 2, slots: 8)
        let wide = try cost(in: plain, chained: false)
        let chained = try cost(in: plain, chained: true)
        let crowded = try cost(in: try world(workers: 2, slots: 8, unplaceable: 5000), chained: true)
        let many = try cost(in: try world(workers: 200, slots: 1), chained: false)
        let start = try startTime()
        return [
            row("a task, 500 on 16 slots, decided", wide, gate: 0.5),
            row("a task, in a chain of 500, decided", chained, gate: 0.7),
            row("the same beside 5,000 that fit nowhere", crowded, gate: chained * 1.1),
            row("a task, 500 on 200 workers, decided", many, gate: 0.7),
            Row(
                name: "a start with 10,000 tasks, first decision", value: start.first, unit: .milliseconds, gate: 500,
                wish: .less, beside: "all looked at after \(short(start.all)) ms"),
        ]
    }

    private static func row(_ name: String, _ milliseconds: Double, gate: Double) -> Row {
        Row(name: name, value: milliseconds, unit: .milliseconds, gate: gate, wish: .less)
    }

    static func world(workers: Int64, slots: Int64, unplaceable: Int = 0) throws -> BusyWorld {
        var world = BusyWorld()
        try world.make(AnsweringWorld.object("Region", "here", ["provider": ["local": .emptyObject]]))
        try world.make(
            AnsweringWorld.object(
                "WorkerPool", "pool",
                [
                    "region": "here", "minWorkers": .int(workers), "maxWorkers": .int(max(1, workers)),
                    "suspend": .bool(workers == 0),
                    "worker": ["type": "Local", "maxConcurrentTasks": .int(slots)],
                ]))
        world.start()
        try world.run { $0.ready == Int(workers) }
        for index in 0..<unplaceable / 1000 {
            try world.make(plan("waiting-\(index)", count: 1000, requires: ["cpu": "900"]))
        }
        try world.run { world in
            world.engine.cache.tasks.values.count { $0.object.status.reason == "NoFeasibleWorker" } == unplaceable
        }
        return world
    }

    /// Milliseconds of CPU a task.
    private static func cost(in world: BusyWorld, chained: Bool) throws -> Double {
        var world = world
        try world.make(plan("work", count: tasks, chained: chained))
        let seconds = try Stopwatch.cpu { try world.run { $0.isOver("work") } }.seconds
        guard world.count(.succeeded) == tasks else { throw Unmeasurable("not every task of the bench succeeded") }
        return seconds * 1000 / Double(tasks)
    }

    private static func startTime() throws -> (first: Double, all: Double) {
        var world = try world(workers: 0, slots: 1)
        for index in 0..<5 { try world.make(plan("plan-\(index)", count: 2000)) }
        try world.run { $0.count(.pending) == 10_000 }
        // What a restarted controller finds.
        var again = world.restarted()
        let first = Stopwatch.cpu { again.decideFirst() }.seconds
        let all = Stopwatch.cpu { again.settle() }.seconds
        return (first * 1000, (first + all) * 1000)
    }

    static func plan(
        _ name: String, count: Int, chained: Bool = false, requires: Tree = .emptyObject
    ) -> Tree {
        let tasks = (0..<count).map { index -> Tree in
            var task: Tree = ["name": .string("t\(index)"), "run": ["command": ["true"]], "requires": requires]
            if chained, index > 0 { task["dependsOn"] = [.string("t\(index - 1)")] }
            return task
        }
        return AnsweringWorld.object(
            "ExecutionPlan", name,
            [
                "scheduling": ["maxConcurrentTasks": .int(Int64(count))],
                "regions": [["region": "here", "pool": "pool", "tasks": .array(tasks)]],
            ])
    }
}
