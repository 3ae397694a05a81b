package import Model
package import Tree

/// What would happen: the outcome of a run of the production engine in virtual time, on a copy, without effects.
package struct PreviewReport: Sendable, Hashable {
    /// First what the user's documents change, then what controllers make and end of it, in the order in which they
    /// happen.
    package var changes: [Change] = []
    package var pools: [Pool] = []
    /// The first placement of every task that is placed, in order of time.
    package var placements: [Placement] = []
    /// Tasks that never ran, with what they waited for last.
    package var pending: [Pending] = []
    /// Tasks that ended, and not as their plan wants it.
    package var failed: [Pending] = []
    package var plans: [Plan] = []
    /// What all workers cost an hour: now, and at the height of the run.
    package var rateBefore = Money.zero
    package var rateAfter = Money.zero
    /// Until the last plan ends; nil if one never does.
    package var end: Duration?
    /// The bill of the run: all that is rented for the plans, from the order to the release, start-up and idle time
    /// too.
    package var cost = Money.zero
    /// Of that, what their tasks occupied, by slots and time.
    package var share = Money.zero
    /// Why the run was broken off before all was over, though work was still being done; nil: it was not.
    package var gaveUp: String?
    /// What became of a simulated failure.
    package var failure: Failure?
    /// What the report rests on.
    package var notes: [Note] = []

    package init() {}

    package struct Note: Sendable, Hashable {
        package var text: String
        /// Nil: about all of it.
        package var pool: ObjectKey?
        /// It only says how to read the list of what waits.
        package var isOfPending = false

        package init(_ text: String, pool: ObjectKey? = nil, isOfPending: Bool = false) {
            self.text = text
            self.pool = pool
            self.isOfPending = isOfPending
        }
    }

    package enum Action: String, Sendable, Hashable { case create, update, delete }

    package struct Change: Sendable, Hashable {
        package var action: Action
        package var key: ObjectKey
        package var reason: String
        /// Whether it follows from the documents, made by a controller.
        package var byController: Bool
        /// Its price an hour, where it has one.
        package var costBefore: Money?
        package var costAfter: Money?
        /// The user's object before and after; nil for what controllers make.
        package var before: Tree?
        package var after: Tree?
    }

    package struct Pool: Sendable, Hashable {
        package var key: ObjectKey
        package var region: String
        package var backend: String
        package var instanceType: String?
        /// The rule that chose backend and offering, in a sentence.
        package var choice: String
        package var pricePerWorker: Money
        package var workersBefore: Int
        /// At the height of the run.
        package var workersAfter: Int
        /// What the pool's own account says it has cost, ever.
        package var spent: Money
        /// What of its machines can't be used, in a sentence.
        package var underuse: String?
    }

    package struct Placement: Sendable, Hashable {
        package var task: ObjectKey
        package var worker: String
        package var region: String
        package var pool: String
        package var record: PlacementRecord?
        /// From the beginning.
        package var at: Duration
        /// How long it is expected to run, where its plan says.
        package var length: Duration?
    }

    package struct Pending: Sendable, Hashable {
        package var task: ObjectKey
        package var reason: Reason
        package var message: String
        package var record: PlacementRecord?
    }

    package struct Plan: Sendable, Hashable {
        package var key: ObjectKey
        package var phase: PlanPhase
        package var message: String
        /// From the beginning to its end; nil if it has none in sight.
        package var end: Duration?
        /// Its bill.
        package var cost: Money
        package var share: Money
        /// As the plan itself estimates when it begins.
        package var estimate: CompletionEstimate?
    }

    package struct Failure: Sendable, Hashable {
        package var at: Duration
        /// The longest of the recoveries, zero where nothing was lost; nil where work did not run again.
        package var downtime: Duration?
        package var moved: [ObjectKey]
        package var blocked: [Pending]
        package var recoveries: [RecoveryRecord]
    }
}
