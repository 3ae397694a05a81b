/// A graph of tasks with placement, budget and fault rules.
package struct ExecutionPlan: Resource {
    package static let kind = Kind.executionPlan
    package var parts: ResourceParts<ExecutionPlanSpec, ExecutionPlanStatus>

    package init(metadata: ObjectMeta, spec: ExecutionPlanSpec, status: ExecutionPlanStatus = ExecutionPlanStatus()) {
        parts = ResourceParts(metadata: metadata, spec: spec, status: status)
    }
}

package struct ExecutionPlanSpec: Structured {
    package enum Scaling: String, FieldEnum { case auto = "Auto", manual = "Manual" }
    package var coordinator: String?
    /// Start nothing new.
    package var suspend = false
    /// End the plan.
    package var cancel = false
    package var scheduling = Scheduling()
    package var regions: [PlanRegion] = []
    /// Tasks with no region: the scheduler places them.
    package var tasks: [PlanTask] = []
    package var synchronization: Synchronization?
    package var faultTolerance = FaultTolerance()
    package var budget: Budget?
    package var scaling = Scaling.auto
    package init() {}

    /// Every task with the region entry it stands under, in the order of the manifest.
    package var allTasks: [(region: PlanRegion?, task: PlanTask)] {
        regions.flatMap { region in region.tasks.map { (region, $0) } } + tasks.map { (nil, $0) }
    }

    package var taskCount: Int { regions.reduce(tasks.count) { $0 + $1.tasks.count } }
    /// Of every task, in the order of the manifest.
    package var taskNames: [String] { regions.flatMap { $0.tasks.map(\.name) } + tasks.map(\.name) }
}

package enum SchedulingAlgorithm: String, FieldEnum {
    case roundRobin = "RoundRobin", leastLoaded = "LeastLoaded", priority = "Priority", costOptimized = "CostOptimized"
}

package struct Scheduling: Structured {
    package var algorithm = SchedulingAlgorithm.leastLoaded
    package var maxConcurrentTasks: Int?
    /// Of the whole plan, from its start.
    package var timeout: Duration?
    /// How long tasks that run always may go on, or begin, once the plan was cancelled or its time was up.
    package var cleanupTimeout: Duration?
    package var maxRegions = 3
    package var weights = Weights()
    package init() {}
}

package struct Weights: Structured {
    package var latency = 1
    package var cost = 1
    package var availability = 1
    package init() {}
}

package struct PlanRegion: Structured {
    package var region = ""
    package var orchestrator: String?
    /// A WorkerPool by name, or `poolTemplate`.
    package var pool: String?
    package var poolTemplate: WorkerPoolSpec?
    package var budget: Budget?
    package var externals: [External] = []
    package var tasks: [PlanTask] = []
    package init() {}
}

/// A thing outside that must be there: checked, gating, never created.
package struct External: Structured {
    package enum ExternalType: String, FieldEnum { case database = "Database", cdn = "CDN", service = "Service" }
    package var name = ""
    package var type = ExternalType.service
    /// `tcp://host:port`, `http://…` or `https://…`.
    package var endpoint: String?
    package var nodes: Int?
    package init() {}
}

package struct PlanTask: Structured {
    package var name = ""
    package var title: String?
    package var run = RunSpec()
    package var requires = Requirements()
    package var dependsOn: [String] = []
    package var waitFor: [String] = []
    package var runWhen = RunWhen.succeeded
    package var outputs: [String] = []
    package var priority = 0
    package var timeout: Duration?
    package var retry: RetryPolicy?
    package var exclusive = false
    package var estimatedDuration: Duration?
    package init() {}
}

package struct Synchronization: Structured {
    package var communication = Communication()
    package var points: [PlanPoint] = []
    package init() {}
}

package struct PlanPoint: Structured {
    package var name = ""
    package var regions: [String] = []
    package var plans: [String] = []
    package var externals: [String] = []
    package var after: [String] = []
    package var quorum = 0
    package var timeout = Duration.zero
    package var onTimeout = OnTimeout.hold
    package init() {}
}

package struct FaultTolerance: Structured {
    package var autoFailover = true
    package var circuitBreaker = CircuitBreaker()
    package var healthCheck: HealthCheck?
    package var retry = RetryPolicy()
    package var killGrace = Duration.seconds(10)
    package var failover: [FailoverRule] = []
    package var failback = Failback()
    package var disconnect = Disconnect()
    package var alerts: Alerts?
    package init() {}
}

package struct CircuitBreaker: Structured {
    package var enabled = true
    package var failureThreshold = 5
    package var window = Duration.minutes(1)
    package var openFor = Duration.seconds(30)
    package init() {}
}

package struct FailoverRule: Structured {
    package enum Strategy: String, FieldEnum {
        case sameRegion = "SameRegion", otherRegion = "OtherRegion", otherProvider = "OtherProvider"
    }
    package enum When: String, FieldEnum {
        case workerLost = "WorkerLost", regionDown = "RegionDown", noCapacity = "NoCapacity"
    }
    package var strategy = Strategy.sameRegion
    package var priority = 0
    package var when: [When] = []
    package init() {}
}

package struct Failback: Structured {
    package enum Policy: String, FieldEnum { case never = "Never", whenIdle = "WhenIdle", preferred = "Preferred" }
    package var policy = Policy.never
    package var stabilization = Duration.minutes(10)
    package var maxConcurrent = 1
    package init() {}
}

package struct Disconnect: Structured {
    package enum Winner: String, FieldEnum {
        case keepOriginal = "KeepOriginal", keepReplacement = "KeepReplacement", longestRunning = "LongestRunning"
    }
    package var reconcile = Winner.keepReplacement
    package init() {}
}

package struct Alerts: Structured {
    package var webhook: String?
    package init() {}
}
