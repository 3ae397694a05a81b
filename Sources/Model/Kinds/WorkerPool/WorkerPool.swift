package import Tree

/// A desired number of equal workers in one region.
package struct WorkerPool: Resource {
    package static let kind = Kind.workerPool
    package var parts: ResourceParts<WorkerPoolSpec, WorkerPoolStatus>

    package init(metadata: ObjectMeta, spec: WorkerPoolSpec, status: WorkerPoolStatus = WorkerPoolStatus()) {
        parts = ResourceParts(metadata: metadata, spec: spec, status: status)
    }
}

package struct WorkerPoolSpec: Structured {
    /// Name of the Region; a plan's `poolTemplate` leaves it out.
    package var region = ""
    package var minWorkers = 0
    package var maxWorkers = 10
    /// Fixes the size where there is no autoscaling (`kubectl scale`).
    package var replicas: Int?
    package var worker = WorkerTemplate()
    package var autoscaling: Autoscaling?
    package var healthCheck: HealthCheck?
    package var lease = LeaseSpec()
    package var disruption = Disruption()
    package var budget: Budget?
    package var suspend = false
    package init() {}
}

package enum WorkerType: String, FieldEnum {
    case local = "Local", cloudVM = "CloudVM", container = "Container", edgeDevice = "EdgeDevice"
}

package enum Backend: String, FieldEnum {
    case ec2 = "EC2", ecs = "ECS", fargate = "Fargate", computeEngine = "ComputeEngine", cloudRun = "CloudRun"
    case containerInstances = "ContainerInstances", pod = "Pod", container = "Container", process = "Process"
    case device = "Device"
}

package struct WorkerTemplate: Structured {
    package var type = WorkerType.local
    /// Candidates; the cheapest that fits wins.
    package var instanceTypes: [String] = []
    package var capabilities: [String] = []
    /// Nil: as many as a rented machine has processors; one where nothing is rented.
    package var maxConcurrentTasks: Int?
    package var backend: Backend?
    package var burst = false
    package var serverlessPreferred = false
    package var spot: Spot?
    package var image: String?
    package var env: [EnvironmentVariable] = []
    package var labels: [String: String] = [:]
    package var costPerHour: Money?
    package var resources: Resources?
    package var aws: AWSWorker?
    package var gcp: GCPWorker?
    package var azure: AzureWorker?
    package var kubernetes: KubernetesWorker?
    package init() {}
}

package struct Spot: Structured {
    package enum Fallback: String, FieldEnum { case onDemand = "OnDemand", none = "None" }
    package var enabled = false
    package var fallback = Fallback.onDemand
    package init() {}
}

package struct EnvironmentVariable: Structured, Hashable {
    package var name = ""
    package var value: String?
    package var secretRef: SecretKeyReference?
    package init() {}
}

package struct SecretKeyReference: Structured, Hashable {
    package var name = ""
    package var key = ""
    package init() {}
}

package struct Resources: Structured, Hashable {
    package var cpu: Quantity?
    package var memory: Quantity?
    package var storage: Quantity?
    package var networkMbps: Int?
    package var gpu: GPU?
    package init() {}
}

package struct GPU: Structured, Hashable {
    package var count = 0
    package var model: String?
    package init() {}
}

package struct AWSWorker: Structured {
    package var imageID: String?
    package var keyName: String?
    package var securityGroupIDs: [String] = []
    package var subnetID: String?
    package var iamInstanceProfile: String?
    package var environment: String?
    package var userData: String?
    package init() {}
}

package struct GCPWorker: Structured {
    package var project: String?
    package var zone: String?
    package var network: String?
    package var subnetwork: String?
    package var image: String?
    package var serviceAccount: String?
    package init() {}
}

package struct AzureWorker: Structured {
    package var resourceGroup: String?
    package var storageAccount: String?
    package var subnetID: String?
    package var fileShare: String?
    package init() {}
}

package struct KubernetesWorker: Structured {
    package var podTemplate: Tree?
    package var mesh: String?
    package init() {}
}

package struct Autoscaling: Structured {
    package var targetCPUPercent = 60
    /// Forecast gap that triggers a step; exactly this much is no change.
    package var thresholdPercent = 20
    package var forecast = Forecast()
    package var cooldown = Cooldown()
    package init() {}
}

package struct Forecast: Structured {
    package enum Method: String, FieldEnum {
        case holtWinters = "HoltWinters", movingAverage = "MovingAverage", last = "Last"
    }
    package var method = Method.holtWinters
    package var horizon = Duration.minutes(15)
    package init() {}
}

package struct Cooldown: Structured {
    package var up = Duration.seconds(30)
    package var down = Duration.minutes(5)
    package init() {}
}

/// Probes of the workload or provider; failures lower health.
package struct HealthCheck: Structured {
    package var interval = Duration.seconds(30)
    package var timeout = Duration.seconds(10)
    package var retries = 3
    package init() {}
}

/// Only silence past `lostAfter` declares a worker lost.
package struct LeaseSpec: Structured {
    package var renew = Duration.seconds(2)
    package var lostAfter = Duration.seconds(12)
    package init() {}
}

package struct Disruption: Structured {
    package var maxUnavailable = 1
    package var expireAfter: Duration?
    package var consolidate = false
    package var drainDeadline = Duration.minutes(10)
    package init() {}
}
