import Model

extension WideScript {
    /// Each of two regions does something and then waits for the other.
    mutating func barrier() {
        var second = Region(metadata: metadata(Scenario.region(1), nil), spec: RegionSpec())
        second.spec.provider.local = LocalRegion()
        add(0...500, Manifest.create(second))
        focusPool("pool-0", least: 1, most: 1, slots: 2) { _ in }
        focusPool("pool-1", in: 1, least: 1, most: 1, slots: 2) { _ in }
        let plan = barrierPlan()
        add(500...1000, Manifest.create(plan))
        let point = ObjectKey(
            .syncPoint, Scenario.namespace, TaskNames.syncPoint(plan: plan.metadata.name, point: "gate"))
        let kind = barrierKind
        switch kind {
        case 0: add(8000...11_000, .arrive(point, "desk"))
        case 6:
            // What was said of the barrier as it was says nothing of what it becomes.
            add(2500...3000, .arrive(point, "desk"))
            var changed = plan
            changed.spec.synchronization?.points[0].timeout = .minutes(1)
            add(4000...5000, .apply(plan.key, changed.tree))
            add(9000...11_000, .arrive(point, "desk"))
        default: break
        }
    }

    /// Of eight the first six seeds draw six, those that come after the others too.
    private var barrierKind: UInt64 {
        let isLater = variant / 6 % 2 == 1
        return switch variant % 6 {
        case 0: isLater ? 0 : 6
        case 5: isLater ? 7 : 5
        default: variant % 6
        }
    }

    private mutating func barrierPlan() -> ExecutionPlan {
        let kind = barrierKind
        var entries: [PlanRegion] = []
        for index in 0..<2 {
            var before = task("before-\(index)", cpu: nil, priority: 0)
            if index == 1, [1, 2, 3, 6].contains(kind) { before.run.command[1] = "7500" }
            if index == 1, kind == 4 { before.run.command[2] = "\(Work.always)" }
            var after = task("after-\(index)", cpu: nil, priority: 0)
            after.waitFor = ["gate"]
            // Ready but for the barrier when that has been held for a while.
            let aside = task("aside-\(index)", cpu: nil, priority: 0, length: 6000)
            if kind == 3 { after.dependsOn = [aside.name] }
            var entry = PlanRegion()
            (entry.region, entry.pool, entry.tasks) = (
                Scenario.region(index), "pool-\(index)", kind == 3 ? [before, aside, after] : [before, after]
            )
            entries.append(entry)
        }
        var point = PlanPoint()
        (point.name, point.regions) = ("gate", [Scenario.region(0), Scenario.region(1)])
        point.after = ["before-0", "before-1"]
        switch kind {
        case 0, 6: point.externals = ["desk"]
        case 1: (point.timeout, point.onTimeout) = (.seconds(2), .fail)
        case 2: (point.timeout, point.onTimeout) = (.seconds(2), .proceed)
        case 3: (point.timeout, point.onTimeout) = (.seconds(2), .hold)
        case 5: point.quorum = 1
        case 7: (point.externals, point.quorum) = (["desk"], 2)
        default: break
        }
        var spec = ExecutionPlanSpec()
        spec.regions = entries
        spec.faultTolerance.retry.limit = 0
        var synchronization = Synchronization()
        synchronization.points = [point]
        spec.synchronization = synchronization
        return ExecutionPlan(metadata: metadata("barrier", Scenario.namespace), spec: spec)
    }
}
