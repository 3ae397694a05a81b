import Model
import Tree

// Pools as people write them.
extension WideScript {
    mutating func pool(_ name: String, _ namespace: String, in region: Int) -> WorkerPool {
        pools.append((name, namespace, region))
        var spec = poolSpec(of: regions[region].kind)
        spec.region = regions[region].name
        return WorkerPool(metadata: metadata(name, namespace), spec: spec)
    }

    mutating func poolSpec(of kind: ProviderKind) -> WorkerPoolSpec {
        var spec = WorkerPoolSpec()
        spec.minWorkers = chance.pick([0, 0, 1, 1, 2])
        spec.maxWorkers = max(spec.minWorkers, chance.pick([0, 1, 2, 2, 3, 3, isSmall ? 3 : 1000]))
        if spec.maxWorkers == 0, chance.percent(70) { spec.maxWorkers = 2 }
        if chance.percent(30) { spec.replicas = chance.pick([0, 1, 1, 2, 3]) }
        spec.worker = template(kind)
        if chance.percent(25) { spec.autoscaling = autoscaling() }
        if chance.percent(6) { spec.healthCheck = healthCheck() }
        if chance.percent(40) { spec.lease = lease() }
        spec.disruption = disruption()
        if chance.percent(12) { spec.budget = budget(price: spec.worker.costPerHour ?? price(of: kind)) }
        spec.suspend = chance.percent(4)
        return spec
    }

    private mutating func template(_ kind: ProviderKind) -> WorkerTemplate {
        var template = WorkerTemplate()
        template.type = chance.percent(60) ? .local : chance.pick(WorkerType.allCases)
        template.maxConcurrentTasks = chance.pick([1, 1, 2, 2, 3, 10, 1000])
        if chance.percent(30) { template.capabilities = chance.some(["gpu", "ssd", "render"], 50) }
        if chance.percent(50) { template.costPerHour = chance.dollars("0", "0.01", "1", "5", "3600") }
        if chance.percent(20) { template.resources = resources() }
        if kind == .aws, chance.percent(50) {
            template.instanceTypes = chance.pick([["t3.medium"], ["t3.medium", "m5.8xlarge"], ["none.such"]])
        }
        if kind == .gcp, chance.percent(40) { template.instanceTypes = ["e2-medium", "e2-standard-8"] }
        if chance.percent(8) { template.backend = chance.pick(Backend.allCases) }
        if chance.percent(8) { template.burst = true }
        if chance.percent(8) { template.serverlessPreferred = true }
        if chance.percent(4) {
            var spot = Spot()
            spot.enabled = chance.percent(60)
            spot.fallback = chance.pick([.onDemand, .none])
            template.spot = spot
        }
        if chance.percent(5) { template.image = "debian:stable-slim" }
        if chance.percent(5) { template.env = [variable("STAGE", value: "test"), secretVariable()] }
        if chance.percent(5) { template.labels = ["team": "orders"] }
        clouds(&template)
        return template
    }

    private mutating func clouds(_ template: inout WorkerTemplate) {
        guard chance.percent(4) else { return }
        var aws = AWSWorker()
        (aws.imageID, aws.keyName, aws.securityGroupIDs, aws.subnetID) = ("ami-1", "key", ["sg-1"], "subnet-1")
        (aws.iamInstanceProfile, aws.environment, aws.userData) = ("profile", "test", "echo")
        template.aws = aws
        var gcp = GCPWorker()
        (gcp.project, gcp.zone, gcp.network) = ("project", "europe-west1-b", "default")
        (gcp.subnetwork, gcp.image, gcp.serviceAccount) = ("default", "debian", "worker")
        template.gcp = gcp
        var azure = AzureWorker()
        (azure.resourceGroup, azure.storageAccount, azure.subnetID, azure.fileShare) = ("group", "store", "s", "share")
        template.azure = azure
        var kubernetes = KubernetesWorker()
        (kubernetes.podTemplate, kubernetes.mesh) = (["spec": ["nodeName": "one"]], "istio")
        template.kubernetes = kubernetes
    }

    func variable(_ name: String, value: String) -> EnvironmentVariable {
        var variable = EnvironmentVariable()
        variable.name = name
        variable.value = value
        return variable
    }

    private mutating func resources() -> Resources {
        var resources = Resources()
        resources.cpu = Quantity(chance.pick(["0", "1", "2", "8"]))
        resources.memory = .gibibytes(Int64(chance.pick([1, 4, 64])))
        if chance.percent(40) { resources.storage = .gibibytes(Int64(chance.pick([0, 10, 100]))) }
        if chance.percent(40) { resources.networkMbps = chance.around(0...10_000_000, usual: 1000) }
        if chance.percent(20) {
            var gpu = GPU()
            gpu.count = chance.around(0...64, usual: 2)
            if chance.percent(50) { gpu.model = "nvidia-t4" }
            resources.gpu = gpu
        }
        return resources
    }

    private mutating func autoscaling() -> Autoscaling {
        var scaling = Autoscaling()
        scaling.targetCPUPercent = chance.around(1...100, usual: 60)
        scaling.thresholdPercent = chance.around(0...1000, usual: 20)
        scaling.forecast.method = chance.pick([.holtWinters, .movingAverage, .last])
        scaling.forecast.horizon = chance.seconds(0, 60, 900)
        scaling.cooldown.up = chance.seconds(0, 1, 30)
        scaling.cooldown.down = chance.seconds(0, 1, 10, 300)
        return scaling
    }

    mutating func healthCheck() -> HealthCheck {
        var check = HealthCheck()
        check.interval = chance.seconds(1, 30)
        check.timeout = chance.seconds(1, 10)
        check.retries = chance.around(1...100, usual: 3)
        return check
    }

    private mutating func lease() -> LeaseSpec {
        var lease = LeaseSpec()
        lease.renew = .milliseconds(Int64(chance.pick([500, 1000, 2000, 2000, 4000])))
        lease.lostAfter = lease.renew * chance.pick([3, 4, 6, 10])
        return lease
    }

    private mutating func disruption() -> Disruption {
        var disruption = Disruption()
        disruption.maxUnavailable = chance.around(1...1000, usual: 1)
        disruption.drainDeadline = chance.seconds(0, 1, 5, 10, 20)
        disruption.consolidate = chance.percent(5)
        // An age that never comes up within a run, and one that always does: somebody takes that one out again.
        if chance.percent(5) { disruption.expireAfter = chance.seconds(15, 30, 86_400) }
        return disruption
    }
}
