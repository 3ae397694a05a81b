package import Model

/// A worker as the placement round sees it.
package struct PlacementWorker: Sendable, Equatable {
    package var key: ObjectKey
    package var uid: String
    package var pool: ObjectKey
    package var region: String
    package var capabilities: [String] = []
    /// What its tasks may use, all of it. A member left out is none of it.
    package var capacity = Resources()
    /// What its bound tasks use now.
    package var used = Resources()
    package var slots = 1
    package var slotsUsed = 0
    /// What runs on it has to be alone there.
    package var holdsIsolated = false
    /// Its number in the pool.
    package var slot = 0
    /// It has a container engine for its tasks.
    package var hasEngine = false
    package var costPerHour = Money.zero
    /// 0 to 100.
    package var health = 100
    /// Share of attempts that ended by no fault of the worker, 0 to 1.
    package var reliability = 1.0
    /// What runs on it, and when that is expected to end.
    package var releases: [Release] = []
    package var state = WorkerState.online
    /// Why it takes no task although its state would let it; nil where it does.
    package var refusal: String?

    package struct Release: Sendable, Hashable {
        package var at: Timestamp
        package var requires: Requirements

        package init(at: Timestamp, requires: Requirements) {
            self.at = at
            self.requires = requires
        }
    }

    package init(key: ObjectKey, uid: String, pool: ObjectKey, region: String) {
        self.key = key
        self.uid = uid
        self.pool = pool
        self.region = region
    }

    /// Whether both differ at most in how full they are: what neither fits fits the other neither.
    package func isSamePlace(as other: PlacementWorker) -> Bool {
        var other = other
        (other.used, other.slotsUsed, other.releases) = (used, slotsUsed, releases)
        other.holdsIsolated = holdsIsolated
        if other.takesTasks, takesTasks { other.state = state }
        return self == other
    }

    package var takesTasks: Bool { state.takesTasks && refusal == nil }
    /// On its way, to take tasks when it is there.
    var isComing: Bool { state == .provisioning && refusal == nil }

    /// Expected share of its attempts that succeed: reliability × health, 0 to 1.
    package var performance: Double {
        min(max(reliability, 0), 1) * Double(min(max(health, 0), 100)) / 100
    }
}

/// A pool as the placement round sees it: the worker it would make next, and whether it may.
package struct PlacementPool: Sendable, Equatable {
    package var key: ObjectKey
    package var region: String
    package var capabilities: [String] = []
    package var capacity = Resources()
    package var slots = 1
    /// Its next worker will have a container engine.
    package var hasEngine = false
    package var costPerHour = Money.zero
    package var live = 0
    /// Of `live`, those that are not Online yet.
    package var provisioning = 0
    package var maxWorkers = 0
    /// What a person may set `replicas` to.
    package var limit = 0
    /// The kinds of worker it can make, where there is a choice; empty: only what the members above say.
    package var types: [PlacementType] = []
    /// Slots that have a worker, whatever its state: the next ones get the lowest others.
    package var slotsTaken: Set<Int> = []
    /// Why it can't make one more now, although `live` is below `maxWorkers`; nil where it can.
    package var blocked: Blocked?
    package var headroom = Headroom()

    package struct Blocked: Sendable, Hashable {
        package var reason: Reason
        package var message: String
        package init(_ reason: Reason, _ message: String) {
            self.reason = reason
            self.message = message
        }
    }

    package init(key: ObjectKey, region: String) {
        self.key = key
        self.region = region
    }

    /// A budget alone keeps it from growing. That is answered with the demand in view: were the demand hidden, the
    /// pool would take it for met, lift the block, and be asked again.
    var isShortOfMoney: Bool { blocked?.reason == .budgetExceeded }

    /// Workers that may still be added.
    package var room: Int { blocked == nil ? max(0, maxWorkers - live) : 0 }
}

/// A kind of worker that a pool can make.
package struct PlacementType: Sendable, Hashable {
    package var name: String
    package var capacity: Resources
    package var slots: Int
    package var costPerHour: Money

    package init(_ name: String, capacity: Resources, slots: Int, costPerHour: Money) {
        self.name = name
        self.capacity = capacity
        self.slots = slots
        self.costPerHour = costPerHour
    }
}
