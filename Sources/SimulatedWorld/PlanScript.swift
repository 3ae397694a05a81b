import Model

/// The plan world: two regions with a pool each, one or two plans of up to ten tasks, with sync points, exclusive tasks
/// and retries; suspended, resumed, cancelled now and then.
enum PlanScript {
    static func draw(_ chance: inout Chance, calm: Duration) -> [Scenario.Timed] {
        var deeds: [Scenario.Timed] = []
        func add(_ milliseconds: Int, _ deed: Deed) {
            deeds.append(.init(at: .milliseconds(Int64(milliseconds)), deed: deed))
        }
        for index in 0..<2 {
            add(chance.below(1000), Manifest.region(index, &chance))
            let deed = Manifest.pool(
                "pool-\(index)", region: index, size: chance.within(1...3), elastic: chance.percent(30),
                slots: chance.within(1...2), &chance)
            add(chance.below(2000), deed)
        }
        let plans = chance.percent(30) ? 2 : 1
        let end = Int(calm.milliseconds)
        for index in 0..<plans {
            let name = "plan-\(index)"
            add(chance.below(4000), Manifest.create(plan(name, tasks: chance.within(2...10) / plans, &chance)))
            let key = Manifest.planKey(name)
            switch chance.below(12) {
            case 0:
                let at = chance.within(4000...end / 2)
                add(at, .suspend(key, true))
                add(at + chance.within(1000...20_000), .suspend(key, false))
            case 1: add(chance.within(4000...end), .cancel(key))
            case 2: add(chance.within(4000...end), .delete(key))
            default: break
            }
        }
        if chance.percent(20) { add(chance.within(4000...end), .deleteWorker(chance.below(4))) }
        return deeds.sorted { $0.at < $1.at }
    }

    private static func plan(_ name: String, tasks count: Int, _ chance: inout Chance) -> ExecutionPlan {
        var spec = ExecutionPlanSpec()
        spec.scheduling.algorithm = chance.pick([.roundRobin, .leastLoaded, .priority, .costOptimized])
        if chance.percent(30) { spec.scheduling.maxConcurrentTasks = chance.within(1...3) }
        spec.faultTolerance.killGrace = .seconds(2)
        spec.faultTolerance.retry.limit = chance.below(4)
        spec.faultTolerance.retry.backoff.initial = .seconds(1)
        spec.faultTolerance.retry.backoff.max = .seconds(4)
        var entries = (0..<2).map { index in
            var entry = PlanRegion()
            entry.region = Scenario.region(index)
            entry.pool = "pool-\(index)"
            return entry
        }
        let cut = count > 2 && chance.percent(50) ? chance.within(1...count - 1) : nil
        let named = chance.percent(60)
        for index in 0..<max(1, count) {
            var task = PlanTask()
            task.name = "t\(index)"
            task.run.command = ["work"]
            for other in 0..<index where chance.percent(index < 4 ? 35 : 20) { task.dependsOn.append("t\(other)") }
            task.exclusive = chance.percent(30)
            task.priority = chance.below(3)
            if chance.percent(15) { task.timeout = .seconds(Int64(chance.within(2...8))) }
            if !task.dependsOn.isEmpty, chance.percent(10) { task.runWhen = chance.pick([.failed, .always]) }
            if let cut, index >= cut, index == cut || chance.percent(30) { task.waitFor = ["gate"] }
            if chance.percent(15) { spec.tasks.append(task) } else { entries[chance.below(2)].tasks.append(task) }
        }
        spec.regions = entries
        if let cut { spec.synchronization = synchronization(cut: cut, named: named, &chance) }
        return ExecutionPlan(metadata: Manifest.metadata(name, &chance), spec: spec)
    }

    /// A gate before the tasks from `cut` on, for what comes before it.
    private static func synchronization(cut: Int, named: Bool, _ chance: inout Chance) -> Synchronization {
        var point = PlanPoint()
        point.name = "gate"
        point.regions = [Scenario.region(0), Scenario.region(1)]
        if named { point.after = (0..<cut).filter { _ in chance.percent(50) }.map { "t\($0)" } }
        if chance.percent(20) { point.quorum = 1 }
        if chance.percent(15) {
            point.timeout = .seconds(10)
            point.onTimeout = chance.pick([.fail, .proceed, .hold])
        }
        var synchronization = Synchronization()
        synchronization.points = [point]
        return synchronization
    }
}
