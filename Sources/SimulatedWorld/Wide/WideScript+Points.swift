import Model

// Barriers as people write them.
extension WideScript {
    mutating func synchronization(_ spec: ExecutionPlanSpec, cut: Int, written: [PlanTask]) -> Synchronization {
        var synchronization = Synchronization()
        synchronization.communication = communication()
        synchronization.points = [point("gate", spec, before: cut, written)]
        if written.last?.waitFor.contains("second") == true {
            synchronization.points.append(point("second", spec, before: cut, written))
        }
        return synchronization
    }

    private mutating func point(
        _ name: String, _ spec: ExecutionPlanSpec, before cut: Int, _ written: [PlanTask]
    ) -> PlanPoint {
        var point = PlanPoint()
        point.name = name
        point.regions = spec.regions.map(\.region)
        point.after = (0..<cut).filter { _ in chance.percent(60) }.map { "t\($0)" }
        if point.after.isEmpty || spec.regions.isEmpty { point.after = ["t0"] }
        // A task that waits here may not be one that it waits for.
        point.after.removeAll { task in written.contains { $0.name == task && !$0.waitFor.isEmpty } }
        if let other = plans.first, chance.percent(15) { point.plans = [other.metadata.name] }
        if point.regions.isEmpty || chance.percent(15) { point.externals = ["manager"] }
        let parties = point.regions.count + point.plans.count + point.externals.count
        if chance.percent(25) { point.quorum = chance.around(0...parties, usual: 1) }
        if chance.percent(20) {
            point.timeout = chance.seconds(0, 1, 5, 15)
            point.onTimeout = chance.pick([.fail, .proceed, .hold])
        }
        if !point.externals.isEmpty, chance.percent(75) {
            let key = ObjectKey(.syncPoint, Scenario.namespace, "plan-\(plans.count)-\(name)")
            arrivals.append((key, "manager"))
        }
        return point
    }

    private mutating func communication() -> Communication {
        var communication = Communication()
        if chance.percent(10) {
            communication.method = .messageQueue
            communication.queue = "releases"
        }
        if chance.percent(10) { communication.timeout = chance.seconds(1, 300) }
        return communication
    }

    /// A barrier that a person made: between plans, outside parties, or the regions of a plan.
    mutating func userPoint() {
        var spec = SyncPointSpec()
        let plan = plans[0]
        func party(_ change: (inout Participant) -> Void) {
            var participant = Participant()
            change(&participant)
            spec.participants.append(participant)
        }
        if chance.percent(50), let region = plan.spec.regions.first?.region {
            spec.plan = plan.metadata.name
            party { $0.region = region }
            if chance.percent(40), let first = plan.spec.taskNames.first { spec.after = [first] }
        } else if chance.percent(60) {
            party { $0.plan = plan.metadata.name }
        }
        if chance.percent(40), plans.count > 1, spec.plan != plans[1].metadata.name {
            party { $0.plan = plans[1].metadata.name }
        }
        let isOpen = chance.percent(50)
        if isOpen || spec.participants.isEmpty { party { $0.external = "auditor" } }
        if chance.percent(30) { spec.quorum = chance.around(0...spec.participants.count, usual: 1) }
        if chance.percent(30) {
            spec.timeout = chance.seconds(1, 8)
            spec.onTimeout = chance.pick([.fail, .proceed, .hold])
        }
        spec.communication = communication()
        let point = SyncPoint(metadata: metadata("user-point", Scenario.namespace), spec: spec)
        add(0...6000, Manifest.create(point))
        if chance.percent(70) { arrivals.append((point.key, "auditor")) }
    }
}
