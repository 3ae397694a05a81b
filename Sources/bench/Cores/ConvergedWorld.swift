import Engine
import Model
import Tree

/// A controller whose world is as it should be: every worker online, every task running, nothing left to write.
struct ConvergedWorld {
    struct Size {
        var regions: Int
        var poolsPerRegion: Int
        var workersPerPool: Int
        var tasksPerPlan: Int

        var pools: Int { regions * poolsPerRegion }
        /// A plan a pool.
        var tasks: Int { pools * tasksPerPlan }
    }

    private var world = AnsweringWorld(saying: .running)

    var engine: Engine { world.engine }

    init(_ size: Size) throws {
        for document in Self.documents(size) { try world.make(document) }
        world.start()
        try converge(size)
    }

    /// Every object that has a reconciler.
    var keys: [WorkKey] { Kind.own.flatMap { engine.cache.keys(of: $0) }.map { .object($0) } }

    /// Wakes everything and decides it; how many keys that were. A write would mean that this was no world at rest.
    mutating func reconcileAll(_ keys: [WorkKey]) throws -> Int {
        let before = engine.stats
        for key in keys { world.engine.wake(key, now: world.now) }
        while world.engine.step(now: world.now) > 0 {}
        guard engine.stats.commits == before.commits else {
            throw Unmeasurable("the world is not at rest: \(engine.stats.commits - before.commits) writes")
        }
        _ = world.engine.takeEffects()
        return engine.stats.reconciles - before.reconciles
    }

    // MARK: Getting there

    /// At most this long, in the world's own time.
    private static let limit = 600

    private mutating func converge(_ size: Size) throws {
        for _ in 0..<Self.limit {
            let before = engine.stats.commits
            world.settle()
            let running = engine.cache.tasks.values.count { $0.object.status.phase == .running }
            if running == size.tasks, engine.stats.commits == before { return }
            world.advance(by: .milliseconds(500))
        }
        throw Unmeasurable("the world did not come to rest within \(Self.limit / 2) s of its own time")
    }

    // MARK: What is asked for

    private static func documents(_ size: Size) -> [Tree] {
        var documents: [Tree] = []
        for region in 0..<size.regions {
            documents.append(AnsweringWorld.object("Region", "region-\(region)", ["provider": ["local": .emptyObject]]))
            for index in 0..<size.poolsPerRegion {
                let pool = region * size.poolsPerRegion + index
                let slots = (size.tasksPerPlan + size.workersPerPool - 1) / size.workersPerPool
                documents.append(
                    AnsweringWorld.object(
                        "WorkerPool", "pool-\(pool)",
                        [
                            "region": .string("region-\(region)"), "minWorkers": .int(Int64(size.workersPerPool)),
                            "maxWorkers": .int(Int64(size.workersPerPool)),
                            "worker": ["type": "Local", "maxConcurrentTasks": .int(Int64(slots))],
                        ]))
                documents.append(AnsweringWorld.object("ExecutionPlan", "plan-\(pool)", plan(region, pool, size)))
            }
        }
        return documents
    }

    private static func plan(_ region: Int, _ pool: Int, _ size: Size) -> Tree {
        let tasks = (0..<size.tasksPerPlan).map { index -> Tree in
            ["name": .string("task-\(index)"), "run": ["command": ["sleep", "3600"]]]
        }
        return [
            "scheduling": ["maxConcurrentTasks": .int(Int64(size.tasksPerPlan))],
            "regions": [
                ["region": .string("region-\(region)"), "pool": .string("pool-\(pool)"), "tasks": .array(tasks)]
            ],
        ]
    }
}
