/// One pod, container, VM, serverless instance, process or device that runs the agent. The object is the durable
/// intent: slot and attempt are written before anything is created, and name whatever is created.
package struct Worker: Resource {
    package static let kind = Kind.worker
    package var parts: ResourceParts<WorkerSpec, WorkerStatus>

    package init(metadata: ObjectMeta, spec: WorkerSpec, status: WorkerStatus = WorkerStatus()) {
        parts = ResourceParts(metadata: metadata, spec: spec, status: status)
    }

    /// What it costs an hour until it is confirmed gone.
    package var committedRate: Money { status.gone ? .zero : spec.price.perHour }
}

package struct WorkerSpec: Structured {
    package var pool = ""
    package var region = ""
    package var slot = 0
    package var attempt = 1
    package var type = WorkerType.local
    package var backend = Backend.process
    package var instanceType: String?
    package var capabilities: [String] = []
    package var maxConcurrentTasks = 1
    /// What tasks may use, all of it.
    package var resources = Resources()
    package var price = PriceRecord()
    package var image: String?
    package var env: [EnvironmentVariable] = []
    package var labels: [String: String] = [:]
    package var healthCheck: HealthCheck?
    package var lease = LeaseSpec()
    package var drainDeadline = Duration.minutes(10)
    /// Cordons, then drains by `drainDeadline`.
    package var maintenance = false
    package init() {}
}

package enum WorkerState: String, FieldEnum {
    case provisioning = "Provisioning", online = "Online", busy = "Busy", maintenance = "Maintenance"
    case draining = "Draining", offline = "Offline", failed = "Failed"

    /// Whether new tasks may be bound to it.
    package var takesTasks: Bool { self == .online || self == .busy }
}

package struct WorkerStatus: Structured {
    package var observedGeneration: Int?
    package var conditions: [Condition] = []
    package var state = WorkerState.provisioning
    /// Tasks assigned or running now.
    package var tasks = 0
    /// 0 to 100; `healthReason` says what lowered it.
    package var health = 100
    package var healthReason: String?
    /// The leader's epoch under which it was created.
    package var epoch: Int?
    /// What the provider calls it, e.g. `process:boot-id/pid/start-time`.
    package var providerID: String?
    package var address: String?
    /// The version of the Engine API that its container engine speaks; nil where it has none.
    package var containerEngine: String?
    /// What keeps its tasks from the machine's other processes and files, as the provider made it.
    package var isolation: String?
    package var createdAt: Timestamp?
    package var onlineAt: Timestamp?
    package var drainSince: Timestamp?
    package var lastSeen: Timestamp?
    package var failure: FailureRecord?
    /// True once the provider confirmed that nothing of this attempt is alive.
    package var gone = false
    package var summary: WorkerSummary?
    package init() {}
}

package struct FailureRecord: Structured, Hashable {
    package var reason = ""
    package var message = ""
    package var at: Timestamp?
    package var exitCode: Int?
    /// Whether the death is proven (exit seen) or only presumed from silence.
    package var proven = false
    package init() {}
}

package struct WorkerSummary: Structured {
    package var load = "0/1"
    package var cost = "$0.00"
    package var health = "100"
    package init() {}
}
