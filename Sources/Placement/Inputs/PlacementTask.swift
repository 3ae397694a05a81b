package import Model

/// A task that is ready to run and has no worker, as the placement round sees it.
package struct PlacementTask: Sendable, Hashable {
    package var key: ObjectKey
    package var uid: String
    /// Its ExecutionPlan; looked up in `RoundInput.plans`.
    package var plan: ObjectKey
    package var requires = Requirements()
    /// It runs in a container of its own (`run.image`).
    package var needsEngine = false
    /// It runs on a worker alone: attempt after attempt was lost together with what ran beside it.
    package var isIsolated = false
    /// The region the plan lists it under; nil: the round chooses.
    package var region: String?
    /// The pool it must run in; nil: any pool of its namespace.
    package var pool: ObjectKey?
    /// Higher goes first, before everything else: its own, or that of the most urgent task that waits for it.
    package var priority = 0
    /// The longest chain of tasks that begins with it, in time: within a plan the longest goes first.
    package var path = Duration.zero
    /// The slot of a pool whose worker was rented for it.
    package var reservation: Reservation?
    package var duration = DurationEstimate.unknown
    /// UIDs of workers it was lost on: taken only where nothing else has room.
    package var avoidWorkers: [String] = []
    /// Regions it was lost in: taken only where no other has room.
    package var avoidRegions: [String] = []
    package var policy = RegionPolicy.any
    /// Position among all tasks by creation; of equal chains the first created goes first.
    package var createdOrder = 0
    /// Tasks behind it that differ from it in nothing but their turn and are not in the input: where it has to wait for
    /// a worker that a pool brings, they do too, and count as demand.
    package var more = 0

    package init(key: ObjectKey, uid: String, plan: ObjectKey) {
        self.key = key
        self.uid = uid
        self.plan = plan
    }
}

extension PlacementTask {
    /// What it has in common with all tasks that a round treats alike but for their turn.
    package var kind: PlacementTask {
        var kind = self
        kind.key = plan
        kind.uid = ""
        kind.createdOrder = 0
        kind.path = .zero
        kind.reservation = nil
        kind.more = 0
        return kind
    }

    /// The order among tasks of one kind.
    package func precedes(_ other: PlacementTask) -> Bool {
        if path != other.path { return path > other.path }
        return createdOrder != other.createdOrder ? createdOrder < other.createdOrder : key < other.key
    }
}

/// Where a task may go and in which order regions are tried: the failover strategies that hold now, resolved.
package struct RegionPolicy: Sendable, Hashable {
    /// Nil: any region. Binding, unlike `tiers`.
    package var allowed: [String]?
    /// Regions of the first tier are taken while any worker there has room, then the second's, and so on;
    /// allowed regions in no tier come last.
    package var tiers: [[String]]

    package init(allowed: [String]? = nil, tiers: [[String]] = []) {
        self.allowed = allowed
        self.tiers = tiers
    }

    package static let any = RegionPolicy()
}
