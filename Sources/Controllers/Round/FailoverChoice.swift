import Engine
import Model
import Placement

/// Where a task may go when its own place can't take it: the plan's failover rules by priority, where `when` holds.
enum FailoverChoice {
    /// Why the task should leave its own region before anything else is looked at. That nothing there fits it is found
    /// by the round, which then asks again with `noCapacity`: were it read from what the round said last, saying
    /// something else of the wider choice would narrow it again.
    static func circumstance(of task: WorkTask, snapshot: Snapshot) -> FailoverRule.When? {
        guard let home = task.spec.region, let region = snapshot.cache.region(home) else { return nil }
        if region.status.conditions.isTrue(.regionDown)
            || snapshot.circuits[home]?.contains(where: { $0.state == .open }) == true
        {
            return .regionDown
        }
        return task.status.attempts.last?.reason == Reason.workerLost.rawValue ? .workerLost : nil
    }

    /// Loosens the task's place by the first rules that hold: another region of the same provider, then of any.
    /// Residency and the task's own region filter stay binding: they are requirements, not preferences. False: no rule
    /// leads anywhere else.
    @discardableResult
    static func apply(
        _ why: FailoverRule.When, to placed: inout PlacementTask, task: WorkTask, plan: ExecutionPlan,
        snapshot: Snapshot
    ) -> Bool {
        let rules = plan.spec.faultTolerance.failover.sorted { $0.priority > $1.priority }
        guard plan.spec.faultTolerance.autoFailover, !rules.isEmpty, let home = task.spec.region,
            let region = snapshot.cache.region(home), region.spec.capabilities.faultTolerance
        else { return false }
        let provider = region.spec.provider.kind
        var tiers: [[String]] = []
        for rule in rules where rule.when.isEmpty || rule.when.contains(why) {
            tiers.append(regions(for: rule.strategy, home: home, provider: provider, plan: plan, snapshot: snapshot))
        }
        let beyond = Set(tiers.flatMap { $0 }).subtracting([home])
        guard !beyond.isEmpty else { return false }
        placed.region = nil
        placed.pool = nil
        placed.policy = RegionPolicy(allowed: tiers.flatMap { $0 }.reduced(), tiers: tiers)
        return true
    }

    /// Regions this plan uses: failing over never reaches a place that the plan does not name.
    private static func regions(
        for strategy: FailoverRule.Strategy, home: String, provider: ProviderKind?, plan: ExecutionPlan,
        snapshot: Snapshot
    ) -> [String] {
        let named = plan.spec.regions.map(\.region)
        switch strategy {
        case .sameRegion: return [home]
        case .otherRegion:
            return named.filter { $0 != home && snapshot.cache.region($0)?.spec.provider.kind == provider }
        case .otherProvider:
            return named.filter { $0 != home && snapshot.cache.region($0)?.spec.provider.kind != provider }
        }
    }
}

extension [String] {
    /// Without repetitions, first appearance first.
    func reduced() -> [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
