/// Kubernetes' condition. `lastTransitionTime` moves only when `status` flips; `observedGeneration` on every pass.
package struct Condition: Structured, Hashable {
    package enum Status: String, FieldEnum { case yes = "True", no = "False", unknown = "Unknown" }

    package var type = ""
    package var status = Status.unknown
    package var reason = ""
    package var message = ""
    package var lastTransitionTime: Timestamp?
    package var observedGeneration: Int?

    package init() {}
    package init(_ type: ConditionType, _ status: Status, _ reason: Reason, _ message: String = "") {
        self.type = type.rawValue
        self.status = status
        self.reason = reason.rawValue
        self.message = message
    }
}

/// The condition types in use; `Ready` and `Succeeded` summarise, the others explain.
package enum ConditionType: String, Sendable, CaseIterable {
    case ready = "Ready"
    case succeeded = "Succeeded"
    case failed = "Failed"
    case reconciling = "Reconciling"
    case stalled = "Stalled"
    case rehearsed = "Rehearsed"
    case partlySupported = "PartlySupported"
    case providerReachable = "ProviderReachable"
    case withinBudget = "WithinBudget"
    case regionDown = "RegionDown"
    case draining = "Draining"
    case capabilitiesOff = "CapabilitiesOff"
    case released = "Released"
    case underused = "Underused"
    case placed = "Placed"
    case isolated = "Isolated"
    case scaleRecommended = "ScaleRecommended"
}

extension [Condition] {
    package subscript(_ type: ConditionType) -> Condition? { first { $0.type == type.rawValue } }
    package func isTrue(_ type: ConditionType) -> Bool { self[type]?.status == .yes }

    /// Sets one condition: its transition time is kept unless the status flips; the order is that of first appearance.
    package mutating func set(_ condition: Condition, generation: Int, at time: Timestamp) {
        var new = condition
        new.observedGeneration = generation
        guard let index = firstIndex(where: { $0.type == condition.type }) else {
            new.lastTransitionTime = time.wholeSeconds
            append(new)
            return
        }
        let flipped = self[index].status != condition.status
        new.lastTransitionTime = flipped ? time.wholeSeconds : self[index].lastTransitionTime
        self[index] = new
    }

    package mutating func remove(_ type: ConditionType) { removeAll { $0.type == type.rawValue } }
}
