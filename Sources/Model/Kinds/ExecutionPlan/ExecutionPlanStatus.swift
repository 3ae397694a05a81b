package enum PlanPhase: String, FieldEnum {
    case pending = "Pending", planning = "Planning", running = "Running", blocked = "Blocked"
    case succeeded = "Succeeded", failed = "Failed", cancelled = "Cancelled"

    package var isTerminal: Bool { self == .succeeded || self == .failed || self == .cancelled }
}

package struct ExecutionPlanStatus: Structured {
    package var observedGeneration: Int?
    package var conditions: [Condition] = []
    /// Same for every application of the same object: its uid and the generation that started the run.
    package var executionID: String?
    package var phase = PlanPhase.pending
    package var reason: String?
    package var message: String?
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    /// Since when it is suspended, and for how long it was before: neither counts against its time limit.
    package var suspendedAt: Timestamp?
    package var suspendedFor: Duration?
    /// Since when it ends before its tasks have, and by what: it was cancelled, or its time was up. What runs always
    /// cleans up from then on.
    package var endingSince: Timestamp?
    package var endingReason: String?
    /// Of what it is to do, without `suspend` and `cancel`: only another one gives an ended plan another run.
    package var specHash: String?
    package var counts = TaskCounts()
    package var regions: [PlanRegionStatus] = []
    package var placement: PlanPlacement?
    package var estimatedCompletion: CompletionEstimate?
    package var cost = PlanCost()
    package var risk: [RiskRecord] = []
    /// The last ten.
    package var recoveries: [RecoveryRecord] = []
    package var externals: [ExternalStatus] = []
    package var summary: PlanSummary?
    package var lastHandledReconcileAt: String?
    package init() {}
}

package struct TaskCounts: Structured, Hashable {
    package var total = 0
    package var pending = 0
    package var assigned = 0
    package var running = 0
    package var succeeded = 0
    package var failed = 0
    package var timedOut = 0
    package var cancelled = 0
    package var skipped = 0
    package init() {}

    package var finished: Int { succeeded + failed + timedOut + cancelled + skipped }
}

package struct PlanRegionStatus: Structured, Hashable {
    package var region = ""
    package var tasks = 0
    package var running = 0
    package var succeeded = 0
    package var score: String?
    /// The terms of the score, e.g. `latency 0.80 × 1 + cost 0.50 × 1 + availability 0.99 × 1`.
    package var terms: String?
    package var cost = Money.zero
    package var ratePerHour = Money.zero
    package var accrual: Accrual?
    package init() {}
}

package struct PlanPlacement: Structured, Hashable {
    package var strategy = SchedulingAlgorithm.leastLoaded
    package var workers: [String] = []
    package init() {}
}

package struct CompletionEstimate: Structured, Hashable {
    package var p50: Timestamp?
    package var p90: Timestamp?
    package init() {}
}

/// The bill: what is rented for the plan, from the order to the release. What its tasks occupied of that is `share`.
package struct PlanCost: Structured, Hashable {
    package var ratePerHour = Money.zero
    /// Up to `accrual.asOf`; since then `ratePerHour` runs.
    package var accrued = Money.zero
    package var accrual: Accrual?
    package var share = Money.zero
    package var estimatedTotal = Money.zero
    package var savingsPercent: Int?
    package var baseline: String?
    package init() {}
}

package struct RiskRecord: Structured, Hashable {
    package var name = ""
    package var level = ""
    package var message = ""
    package init() {}
}

/// What happened after a worker was lost, with measured times.
package struct RecoveryRecord: Structured, Hashable {
    package var worker = ""
    package var workerUID = ""
    package var region = ""
    package var reason = ""
    package var lastSeen: Timestamp?
    package var detected: Timestamp?
    package var fenced: Timestamp?
    package var rescheduled: Timestamp?
    /// When the last of the tasks ran again.
    package var running: Timestamp?
    /// From the last sign of life to `running`, in seconds as a decimal.
    package var downtimeSeconds: String?
    package var tasks: [String] = []
    package var regions: [String] = []
    package var cost = Money.zero
    package init() {}
}

package struct ExternalStatus: Structured, Hashable {
    package var name = ""
    package var region = ""
    package var available = false
    package var state = ExternalAvailability.unknown
    package var message = ""
    package init() {}
}

package enum ExternalAvailability: String, FieldEnum {
    case available = "Available", unavailable = "Unavailable", unknown = "Unknown"
}

package struct PlanSummary: Structured, Hashable {
    package var tasks = "0/0"
    package var running = "0"
    package var cost = "$0.00"
    package init() {}
}
