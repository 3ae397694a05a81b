/// A barrier between regions, plans or outside parties.
package struct SyncPoint: Resource {
    package static let kind = Kind.syncPoint
    package var parts: ResourceParts<SyncPointSpec, SyncPointStatus>

    package init(metadata: ObjectMeta, spec: SyncPointSpec, status: SyncPointStatus = SyncPointStatus()) {
        parts = ResourceParts(metadata: metadata, spec: spec, status: status)
    }
}

package struct SyncPointSpec: Structured {
    package var plan: String?
    package var participants: [Participant] = []
    package var after: [String] = []
    /// 0 means all.
    package var quorum = 0
    /// From the first arrival; 0 means none.
    package var timeout = Duration.zero
    package var onTimeout = OnTimeout.hold
    package var communication = Communication()
    package init() {}
}

package enum OnTimeout: String, FieldEnum { case hold = "Hold", fail = "Fail", proceed = "Continue" }

/// Exactly one member is set.
package struct Participant: Structured, Hashable {
    package var region: String?
    package var plan: String?
    package var external: String?
    package init() {}

    /// `region/us-east-1`, `plan/other`, `external/release-manager`.
    package var identity: String {
        if let region { return "region/\(region)" }
        if let plan { return "plan/\(plan)" }
        return "external/\(external ?? "")"
    }
}

package struct Communication: Structured {
    package enum Method: String, FieldEnum { case store = "Store", messageQueue = "MessageQueue" }
    package var method = Method.store
    package var queue: String?
    /// Delivery of one message.
    package var timeout = Duration.seconds(300)
    package init() {}
}

package enum SyncPointState: String, FieldEnum {
    case waiting = "Waiting", released = "Released", held = "Held", failed = "Failed"
}

package struct SyncPointStatus: Structured {
    package var observedGeneration: Int?
    package var conditions: [Condition] = []
    package var state = SyncPointState.waiting
    /// Arrivals under another generation do not count.
    package var generation = 0
    package var arrivals: [Arrival] = []
    package var firstArrivalAt: Timestamp?
    package var since: Timestamp?
    package var releasedAt: Timestamp?
    /// Participants told of the release, each once per generation.
    package var published: [String] = []
    package var summary: SyncPointSummary?
    package init() {}
}

package struct Arrival: Structured, Hashable {
    package var participant = ""
    package var at: Timestamp?
    package init() {}
}

package struct SyncPointSummary: Structured {
    package var arrived = "0/0"
    package init() {}
}
