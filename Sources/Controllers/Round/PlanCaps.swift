import Engine
import Model
import Placement

/// What a plan's caps leave: its own, and those it sets for single regions. What is rented for it counts, whole where
/// it has tasks: when those of other plans have ended it pays for all of it.
struct PlanCaps {
    private let plan: ExecutionPlan
    private let snapshot: Snapshot
    private let now: Moment

    init(_ plan: ExecutionPlan, snapshot: Snapshot, now: Moment) {
        self.plan = plan
        self.snapshot = snapshot
        self.now = now
    }

    func fill(_ placed: inout PlacementPlan) {
        let capped = plan.spec.regions.filter { $0.budget != nil }
        guard plan.spec.budget != nil || !capped.isEmpty else { return }
        var rents: [(region: String, rent: Rent)] = []
        for rent in PlanBill.rents(of: plan, cache: snapshot.cache, onDemand: snapshot.settings.onDemand) {
            guard let held = held(rent) else { continue }
            rents.append((rent.region, held))
            placed.rents[ObjectKey(.worker, plan.metadata.namespace ?? "", rent.worker)] = held
        }
        let cost = plan.status.cost
        placed.headroom = headroom(plan.spec.budget, rents.map(\.rent), cost.accrual, since: cost.ratePerHour)
        for entry in capped {
            let here = rents.filter { $0.region == entry.region }.map(\.rent)
            let row = plan.status.regions.first { $0.region == entry.region }
            placed.headroomOfRegion[entry.region] = headroom(
                entry.budget, here, row?.accrual, since: row?.ratePerHour ?? .zero)
        }
    }

    private func headroom(_ budget: Budget?, _ rents: [Rent], _ accrual: Accrual?, since: Money) -> Headroom {
        Ledger.headroom(
            budget, rate: rents.reduce(.zero) { $0 + $1.perHour }, accrual: accrual, since: since, now: now,
            reserved: rents.reduce(.zero) { $0 + $1.perHour.perHour(over: $1.reserved) })
    }

    /// Up to the p90 end of the last task there.
    private func held(_ rent: PlanBill.Rent) -> Rent? {
        guard rent.own > 0 else {
            return rent.part > .zero ? Rent(perHour: rent.part, reserved: .zero, isIdle: true) : nil
        }
        let key = ObjectKey(.worker, plan.metadata.namespace ?? "", rent.worker)
        let left = snapshot.cache.tasks(on: key).filter { $0.spec.plan == plan.metadata.name }.map { task in
            let from = task.status.startedAt ?? task.status.assignment?.assignedAt ?? now.wall
            return max(.zero, RoundInputs.estimate(of: task).p90 - (now.wall - from))
        }
        return Rent(perHour: rent.rate, reserved: left.max() ?? .zero)
    }
}
