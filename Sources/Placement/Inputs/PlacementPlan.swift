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
    package var maxRegions = 3
    /// Regions where it has bound tasks.
    package var regionsInUse: [String] = []
    package var headroom = Headroom()
    /// Position among all plans by creation.
    package var createdOrder = 0

    package init(key: ObjectKey) { self.key = key }
}

/// What is left of a budget: cap less everything committed, in flight or of unknown outcome. Nil: no cap.
///
/// Binding a task takes one slot's share of its worker's rate (price / slots, rounded up) from `perHour`, and
/// that share up to the p90 end of the task from `perDay` and `total`.
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
