package struct RegionStatus: Structured {
    package var observedGeneration: Int?
    package var conditions: [Condition] = []
    package var provider: String?
    package var workers = 0
    package var readyWorkers = 0
    /// The committed rate of all live workers.
    package var costPerHour = Money.zero
    package var accrued: Accrual?
    /// Measured round trip of the provider's probe.
    package var latency: Duration?
    package var circuits: [CircuitStatus] = []
    package var summary: RegionSummary?
    package var lastHandledReconcileAt: String?
    package init() {}
}

/// Preformatted strings for the columns.
package struct RegionSummary: Structured {
    package var workers = "0/0"
    package var cost = "$0.00"
    package var latency = "<none>"
    package var circuit = "Closed"
    package init() {}
}

/// Spend so far, by the UTC day and in all. Live workers are added up to `asOf`.
package struct Accrual: Structured, Hashable {
    package var day = ""
    package var today = Money.zero
    package var total = Money.zero
    package var asOf: Timestamp?
    package init() {}
}

/// A breaker for one class of provider error in one region.
package struct CircuitStatus: Structured {
    package enum State: String, FieldEnum { case closed = "Closed", open = "Open", halfOpen = "HalfOpen" }
    package var errorClass = ""
    package var state = State.closed
    package var failures = 0
    package var since: Timestamp?
    package var probeAt: Timestamp?
    package init() {}
}
