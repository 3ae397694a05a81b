package import Model

/// What a plan lets the round do: its algorithm and its limits, with what of them is already taken.
package struct PlacementPlan: Sendable {
    package var key: ObjectKey
    package var algorithm = SchedulingAlgorithm.leastLoaded
    package var weights = Weights()
    /// Nil: no limit.
    package var maxConcurrentTasks: Int?
    /// Tasks assigned or running now.
    package var running = 0
    /// The time that they take in all; nil: as long as tasks of which nothing is known.
    package var inFlight: Duration?
    /// Its turn: the time of the tasks that it was given, as the last round returned it; nil: it is new.
    package var served: Duration?
    package var maxRegions = 3
    /// Regions where it has bound tasks.
    package var regionsInUse: [String] = []
    package var headroom = Headroom()
    /// What the plan's own caps for single regions leave, by region.
    package var headroomOfRegion: [String: Headroom] = [:]
    /// What of its workers' price is committed to it already, by worker; read where a cap counts.
    package var rents: [ObjectKey: Rent] = [:]
    /// False: no worker is rented for its tasks; what would be is left to a person.
    package var mayScale = true
    /// Position among all plans by creation.
    package var createdOrder = 0

    package init(key: ObjectKey) { self.key = key }
}

/// A worker that a plan pays for.
package struct Rent: Sendable, Hashable {
    package var perHour: Money
    /// For how long from now it is counted already.
    package var reserved: Duration
    /// It has no task of the plan, which pays its part until the worker is released or taken by another.
    package var isIdle: Bool

    package init(perHour: Money, reserved: Duration, isIdle: Bool = false) {
        self.perHour = perHour
        self.reserved = reserved
        self.isIdle = isIdle
    }
}

/// What is left of a budget: cap less everything committed, in flight or of unknown outcome. Nil: no cap. Below zero:
/// so much is committed past it.
///
/// The first task that a plan has on a worker takes the whole price of the worker from the plan's `perHour`, since the
/// plan pays all of it when it is alone there, and further ones take nothing. Up to the p90 end of the last of them it
/// is taken from `perDay` and `total`. From the caps of regions and pools a worker is taken when it is rented.
package struct Headroom: Sendable, Hashable {
    package var perHour: Money?
    package var perDay: Money?
    package var total: Money?

    package init(perHour: Money? = nil, perDay: Money? = nil, total: Money? = nil) {
        self.perHour = perHour
        self.perDay = perDay
        self.total = total
    }

    package var capsSpend: Bool { perDay != nil || total != nil }
    package var isCapped: Bool { perHour != nil || capsSpend }
}
