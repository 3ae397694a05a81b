import Engine
package import Model

/// Whether a Worker may have an effect: looked at before the intent is written, and once more at the door, over what
/// the store says then. Whoever made the object, nothing is rented that its pool did not decide, in a region that is
/// closed to it, or past a cap.
package enum WorkerAdmission {
    package struct Objection: Error, Sendable, Equatable {
        package let reason: Reason
        package let message: String
    }

    package static func objection(to worker: Worker, pool: WorkerPool?, region: Region?) -> Objection? {
        func no(_ reason: Reason, _ message: String) -> Objection { Objection(reason: reason, message: message) }
        guard let pool, pool.metadata.uid == worker.metadata.controllerOwner?.uid else {
            return no(.notAllowed, "no pool owns it")
        }
        guard let slot = pool.status.slots.first(where: { $0.slot == worker.spec.slot }),
            slot.attempt >= worker.spec.attempt
        else {
            return no(
                .notAllowed,
                "pool \(pool.metadata.name) never decided attempt \(worker.spec.attempt) of slot "
                    + "\(worker.spec.slot)")
        }
        guard worker.spec.region == pool.spec.region else {
            return no(.notAllowed, "its pool is in region \(pool.spec.region), not in \(worker.spec.region)")
        }
        guard let region else { return no(.regionNotFound, "region \(worker.spec.region) does not exist") }
        let allowed = region.spec.allowedNamespaces
        guard allowed.isEmpty || allowed.contains(worker.key.namespace) else {
            return no(.notAllowed, "region \(worker.spec.region) does not allow this namespace")
        }
        return nil
    }

    /// Rates with this worker counted: what was under its caps when it was decided may be over lowered ones.
    static func objection(poolRate: Money, pool: WorkerPool, regionRate: Money, region: Region) -> Objection? {
        for (name, budget, rate) in [
            ("pool \(pool.metadata.name)", pool.spec.budget, poolRate),
            ("region \(region.metadata.name)", region.spec.budget, regionRate),
        ] {
            guard let cap = budget?.perHour, rate > cap else { continue }
            return Objection(
                reason: .budgetExceeded, message: "with it \(name) would cost \(rate) an hour, its cap is \(cap)")
        }
        return nil
    }
}
