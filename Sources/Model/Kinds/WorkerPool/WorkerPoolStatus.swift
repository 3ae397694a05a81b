package struct WorkerPoolStatus: Structured {
    package var observedGeneration: Int?
    package var conditions: [Condition] = []
    /// Live workers: every one that is not gone, whatever its state.
    package var replicas = 0
    package var desiredReplicas = 0
    package var readyReplicas = 0
    package var busyReplicas = 0
    package var selector: String?
    package var backend: String?
    package var instanceType: String?
    /// The rule that chose the backend and the offering, in a sentence.
    package var choice: String?
    package var price: PriceRecord?
    package var costPerHour = Money.zero
    package var accrued: Accrual?
    /// The highest attempt ever issued for each slot: a slot's attempts are never reused.
    package var slots: [SlotRecord] = []
    package var lastScale: ScaleRecord?
    /// Workers that failed, ever: with the attempts of all slots, how reliable its workers are.
    package var lost = 0
    package var lastHandledReconcileAt: String?
    package init() {}
}

package struct SlotRecord: Structured, Hashable {
    package var slot = 0
    package var attempt = 0
    /// Provisioning failures in a row, and when the next try may start.
    package var failures = 0
    package var retryAt: Timestamp?
    package init() {}
}

package struct ScaleRecord: Structured {
    package var time: Timestamp?
    package var from = 0
    package var to = 0
    package var reason = ""
    package init() {}
}

/// A price with where it comes from and of when it is.
package struct PriceRecord: Structured, Hashable {
    package var perHour = Money.zero
    package var source = ""
    package var date = ""
    package init() {}
}
