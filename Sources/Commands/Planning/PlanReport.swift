package import Model
import Text

/// What a plan would do, as a value: every change with its reason and its price, where tasks would run, what would not,
/// and what it would cost.
package struct PlanReport: Sendable, Hashable {
    /// In the order in which they are applied.
    package var changes: [Change] = []
    package var pools: [PoolForecast] = []
    package var placements: [Placement] = []
    package var pending: [PendingTask] = []
    /// What is committed per hour now, and would be at the plan's height.
    package var rateBefore = Money.zero
    package var rateAfter = Money.zero
    package var estimate: Estimate?
    /// Why the preview was broken off before everything was over; nil: it was not.
    package var gaveUp: String?
    /// What the report rests on and does not say elsewhere: prices of a date, externals not checked.
    package var notes: [Note] = []
    /// Results of `--simulate-failure`, one for each.
    package var failures: [FailureForecast] = []
    /// The objects the plan rests on: a plan in a file is applied exactly, or refused if one of them moved.
    package var basis: [Basis] = []

    package init() {}

    package func count(_ action: Action) -> Int { changes.count { $0.action == action } }
    package var hasChanges: Bool { !changes.isEmpty }

    package struct Note: Sendable, Hashable {
        package var text: String
        /// Nil: about all of it.
        package var pool: ObjectKey?
        /// It only says how to read the list of what waits.
        package var isOfPending: Bool

        package init(_ text: String, pool: ObjectKey? = nil, isOfPending: Bool = false) {
            self.text = text
            self.pool = pool
            self.isOfPending = isOfPending
        }
    }

    package enum Action: String, Sendable, Hashable, CaseIterable {
        case create = "Create"
        case update = "Update"
        case delete = "Delete"
        case replace = "Replace"

        package var mark: String {
            switch self {
            case .create: "+"
            case .update: "~"
            case .delete: "-"
            case .replace: "-/+"
            }
        }
    }

    package struct Change: Sendable, Hashable {
        package var action: Action
        package var key: ObjectKey
        package var reason: String
        /// What it costs per hour, where it costs anything.
        package var costBefore: Money?
        package var costAfter: Money?
        package var fields: [FieldChange]

        package init(
            _ action: Action, _ key: ObjectKey, reason: String, costBefore: Money? = nil, costAfter: Money? = nil,
            fields: [FieldChange] = []
        ) {
            self.action = action
            self.key = key
            self.reason = reason
            self.costBefore = costBefore
            self.costAfter = costAfter
            self.fields = fields
        }
    }

    package struct FieldChange: Sendable, Hashable {
        package var path: String
        package var old: String?
        /// Nil: known after apply.
        package var new: String?

        package init(_ path: String, old: String?, new: String?) {
            self.path = path
            self.old = old
            self.new = new
        }
    }

    /// The workers a pool would get, and the offerings that were looked at for them.
    package struct PoolForecast: Sendable, Hashable {
        package var pool: ObjectKey
        package var region: String
        package var backend: String
        /// The rule that chose, in a sentence.
        package var choice: String
        package var workersBefore: Int
        package var workersAfter: Int
        package var offerings: [Offering]

        package init(
            pool: ObjectKey, region: String, backend: String, choice: String, workersBefore: Int, workersAfter: Int,
            offerings: [Offering] = []
        ) {
            self.pool = pool
            self.region = region
            self.backend = backend
            self.choice = choice
            self.workersBefore = workersBefore
            self.workersAfter = workersAfter
            self.offerings = offerings
        }
    }

    package struct Offering: Sendable, Hashable {
        package var name: String
        /// Such as `2 CPU, 4Gi, 1 GPU`.
        package var resources: String
        package var perHour: Money
        package var source: String
        package var isChosen: Bool
        /// Why it can't be taken; nil where it could.
        package var rejection: String?

        package init(
            name: String, resources: String, perHour: Money, source: String, isChosen: Bool, rejection: String? = nil
        ) {
            self.name = name
            self.resources = resources
            self.perHour = perHour
            self.source = source
            self.isChosen = isChosen
            self.rejection = rejection
        }
    }

    package struct Placement: Sendable, Hashable {
        package var task: ObjectKey
        package var region: String
        /// The worker, or the pool and slot of one that does not exist yet.
        package var worker: String
        package var reason: String

        package init(task: ObjectKey, region: String, worker: String, reason: String) {
            self.task = task
            self.region = region
            self.worker = worker
            self.reason = reason
        }
    }

    package struct PendingTask: Sendable, Hashable {
        package var task: ObjectKey
        package var reason: Reason
        /// With the constraint and its counts: `2 of 5 workers: GPU (needs 1, has 0)`.
        package var message: String
        /// The cheapest offering that would do.
        package var nearestOffering: String?

        package init(task: ObjectKey, reason: Reason, message: String, nearestOffering: String? = nil) {
            self.task = task
            self.reason = reason
            self.message = message
            self.nearestOffering = nearestOffering
        }
    }

    package struct Estimate: Sendable, Hashable {
        package var p50: Duration
        package var p90: Duration
        /// The bill of all that is rented, from the order to the release: at the p50 end, and at the p90 end.
        package var cost: Money
        package var costP90: Money
        /// Of `cost`, what tasks occupy of the workers; nil where that is not known.
        package var share: Money?

        package init(p50: Duration, p90: Duration, cost: Money, costP90: Money, share: Money? = nil) {
            self.share = share
            self.p50 = p50
            self.p90 = p90
            self.cost = cost
            self.costP90 = costP90
        }
    }

    package struct FailureForecast: Sendable, Hashable {
        /// As asked for: `region=us-east-1`.
        package var failure: String
        /// Zero: no task would be lost; nil: some would not run again.
        package var downtime: Duration?
        package var extraCost: Money
        package var moved: [String]
        /// Tasks that could run nowhere, with the reason.
        package var blocked: [String]

        package init(failure: String, downtime: Duration?, extraCost: Money, moved: [String], blocked: [String]) {
            self.failure = failure
            self.downtime = downtime
            self.extraCost = extraCost
            self.moved = moved
            self.blocked = blocked
        }

        package var downtimeText: String {
            guard let downtime else { return "without end: what would be lost runs nowhere again" }
            return downtime == .zero ? "none: no task would be lost" : downtime.text
        }
    }

    /// One object of the state as the plan saw it; status may move on meanwhile.
    package struct Basis: Sendable, Hashable {
        package var key: ObjectKey
        /// Empty: it did not exist.
        package var uid: String
        package var generation: Int

        package init(_ key: ObjectKey, uid: String = "", generation: Int = 0) {
            self.key = key
            self.uid = uid
            self.generation = generation
        }
    }
}
