/// One unit of work of a plan. The spec is written once by the plan's controller; the assignment is in status.
package struct WorkTask: Resource {
    package static let kind = Kind.task
    package var parts: ResourceParts<TaskSpec, TaskStatus>

    package init(metadata: ObjectMeta, spec: TaskSpec, status: TaskStatus = TaskStatus()) {
        parts = ResourceParts(metadata: metadata, spec: spec, status: status)
    }
}

package struct TaskSpec: Structured {
    package var plan = ""
    /// The task's name within its plan.
    package var task = ""
    package var title: String?
    /// The region the plan lists it under; absent: the scheduler places it.
    package var region: String?
    package var pool: String?
    package var orchestrator: String?
    package var run = RunSpec()
    package var requires = Requirements()
    package var dependsOn: [String] = []
    /// Names of SyncPoint objects, already resolved.
    package var waitFor: [String] = []
    package var runWhen = RunWhen.succeeded
    package var outputs: [String] = []
    package var priority = 0
    package var timeout: Duration?
    package var retry = RetryPolicy()
    package var exclusive = false
    package var killGrace = Duration.seconds(10)
    package var estimatedDuration: Duration?
    /// The highest priority among the task and all that wait for it; absent where that is its own.
    package var urgency: Int?
    /// From its start to the end of the longest chain of tasks that begins with it, at their median times.
    package var criticalPath: Duration?
    package init() {}
}

package enum RunWhen: String, FieldEnum { case succeeded = "Succeeded", failed = "Failed", always = "Always" }

package struct RunSpec: Structured, Hashable {
    package var command: [String] = []
    package var env: [EnvironmentVariable] = []
    package var workingDirectory: String?
    package var image: String?
    /// Nil: bridge.
    package var network: Network?
    package init() {}

    /// What a container of the task's own reaches. None of the engine's other networks: who may run a task is not who
    /// says which of them it joins.
    package enum Network: String, FieldEnum {
        /// The engine's default network: what the engine's machine reaches is reached from there.
        case bridge = "Bridge"
        /// Its own loopback alone.
        case loopback = "None"
    }
}

package struct RetryPolicy: Structured, Hashable {
    package var limit = 3
    package var backoff = Backoff()
    package init() {}
}

package struct Backoff: Structured, Hashable {
    package var initial = Duration.seconds(5)
    package var factor = 2
    package var max = Duration.minutes(5)
    package init() {}
}

/// What a task asks of a worker and its region; each member alone can make it infeasible.
package struct Requirements: Structured, Hashable {
    package enum Latency: String, FieldEnum { case low = "Low", standard = "Standard" }
    package var capabilities: [String] = []
    package var cpu: Quantity?
    package var memory: Quantity?
    package var storage: Quantity?
    package var networkMbps: Int?
    package var gpu: GPU?
    package var latency: Latency?
    package var regulations: [String] = []
    package var dataLocality: DataLocality?
    package var maxCostPerHour: Money?
    package var regions: RegionFilter?
    package init() {}
}

package struct DataLocality: Structured, Hashable {
    package var dataset: String?
    package var regions: [String] = []
    package init() {}
}

package struct RegionFilter: Structured, Hashable {
    package var include: [String] = []
    package var exclude: [String] = []
    package init() {}
}

package enum TaskPhase: String, FieldEnum {
    case pending = "Pending", assigned = "Assigned", running = "Running", succeeded = "Succeeded"
    case failed = "Failed", timedOut = "TimedOut", cancelled = "Cancelled"
    /// Not needed: it runs only where something fails, and nothing did.
    case skipped = "Skipped"

    package var isTerminal: Bool {
        switch self {
        case .pending, .assigned, .running: false
        case .succeeded, .failed, .timedOut, .cancelled, .skipped: true
        }
    }
    /// What depends on it may run: it did what it was for, or was not needed.
    package var satisfies: Bool { self == .succeeded || self == .skipped }
    /// Holds a slot of a worker.
    package var isBound: Bool { self == .assigned || self == .running }
}

package struct TaskStatus: Structured {
    package var observedGeneration: Int?
    package var conditions: [Condition] = []
    package var phase = TaskPhase.pending
    package var reason: String?
    package var message: String?
    package var assignment: Assignment?
    /// Attempts so far; the current one's number.
    package var attempt = 0
    /// Rises with every attempt, only then; reports under an older one are refused.
    package var fence = 0
    /// Failures that count against `retry.limit`: ends by our own fault do not.
    package var failures = 0
    package var retryAt: Timestamp?
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    package var exitCode: Int?
    package var outputs: [String: String] = [:]
    /// The last ten attempts that ended.
    package var attempts: [AttemptRecord] = []
    package var placement: PlacementRecord?
    /// The worker on its way that was rented for it.
    package var reservation: Reservation?
    package var cost = Money.zero
    /// When recent moves off failed workers happened (bounded migration: at most ten an hour count).
    package var moves: [Timestamp] = []
    package init() {}
}

package struct Assignment: Structured, Hashable {
    package var worker = ""
    package var workerUID = ""
    package var region = ""
    package var pool = ""
    package var assignedAt: Timestamp?
    /// Set by the controller when the attempt must end: the agent stops it.
    package var stop: Reason?
    package var stopAt: Timestamp?
    package init() {}
}

/// A slot of a pool whose worker was rented for the task.
package struct Reservation: Structured, Hashable {
    package var pool = ""
    package var slot = 0
    package init() {}

    package init(pool: String, slot: Int) {
        self.pool = pool
        self.slot = slot
    }
}

package struct AttemptRecord: Structured, Hashable {
    package var attempt = 0
    package var fence = 0
    package var worker = ""
    package var region = ""
    package var phase = TaskPhase.failed
    package var reason = ""
    package var message: String?
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    package var exitCode: Int?
    package var cost = Money.zero
    /// Where the worker was lost: its last sign of life, and when the loss was detected.
    package var lastSeen: Timestamp?
    package var detectedAt: Timestamp?
    /// Where it was lost: whether that was seen, and not concluded from its worker's silence.
    package var proven: Bool?
    package init() {}
}

/// Why the worker was chosen and others were not: the top five rejections and counts of all.
package struct PlacementRecord: Structured, Hashable {
    package var strategy: SchedulingAlgorithm?
    package var chosen: CandidateRecord?
    package var considered = 0
    package var rejected: [CandidateRecord] = []
    /// Reason to how many workers it excluded.
    package var rejections: [String: Int] = [:]
    package init() {}
}

package struct CandidateRecord: Structured, Hashable {
    package var worker = ""
    /// A decimal, higher is better; how it is made depends on the algorithm.
    package var score: String?
    package var reason: String?
    package init() {}
}
