import Engine
import Model

/// How fast a controller finds out that there is nothing to do: every key of a converged world, woken again and again.
/// Beside it the queue alone: keys in, keys out, nothing decided.
enum IdleReconciles {
    private static let small = ConvergedWorld.Size(regions: 3, poolsPerRegion: 1, workersPerPool: 3, tasksPerPlan: 3)
    private static let large = ConvergedWorld.Size(
        regions: 10, poolsPerRegion: 5, workersPerPool: 20, tasksPerPlan: 100)

    static func measure(_ workshop: Workshop) throws -> [Row] {
        [
            try row("no-op reconciles, e-commerce sized", small),
            try row("no-op reconciles, 1,000 workers, 5,000 tasks", large),
        ]
    }

    private static func row(_ name: String, _ size: ConvergedWorld.Size) throws -> Row {
        var world = try ConvergedWorld(size)
        let keys = world.keys
        _ = try world.reconcileAll(keys)
        var reconciles = 0
        var seconds = 0.0
        while seconds < 1 {
            let (took, count) = try Stopwatch.cpu { try world.reconcileAll(keys) }
            reconciles += count
            seconds += took
        }
        return Row(
            name: name, value: Double(reconciles) / seconds, unit: .perSecond, gate: 500_000, goal: 5_000_000,
            beside: "the queue alone \(grouped(queueAlone(keys)))/s")
    }

    private static func queueAlone(_ keys: [WorkKey]) -> Double {
        var queue = WorkQueue()
        var passed = 0
        var seconds = 0.0
        while seconds < 0.2 {
            seconds +=
                Stopwatch.cpu {
                    for key in keys { queue.add(key, at: .origin) }
                    while queue.pop(now: .origin) != nil { passed += 1 }
                }.seconds
        }
        return Double(passed) / seconds
    }
}
