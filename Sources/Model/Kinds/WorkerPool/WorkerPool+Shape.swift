import Tree

extension WorkerPool {
    package static let summary = "A desired number of equal workers in one region, kept, replaced and scaled."
    package static let columns: [PrinterColumn] = [
        .init("Region", "string", ".spec.region", "Where the workers are."),
        .init("Backend", "string", ".status.backend", "The provider's service that makes them."),
        .init("Desired", "integer", ".status.desiredReplicas", "How many workers are wanted now."),
        .init("Ready", "integer", ".status.readyReplicas", "How many take tasks."),
        .init("Busy", "integer", ".status.busyReplicas", "How many have no free slot."),
        .init("Cost/h", "string", ".status.costPerHour", "The committed rate in USD an hour."),
        .init("Age", "date", ".metadata.creationTimestamp", "Time since creation."),
        .init("Instance", "string", ".status.instanceType", "The instance type chosen.", wide: true),
        .init(
            "Choice", "string", ".status.choice", "The rule that chose backend and instance type.", wide: true
        ),
    ]
}

extension WorkerPoolSpec {
    package static let shape = Shape<WorkerPoolSpec>(
        "The workers that are wanted.",
        rules: [
            Schema.Rule("self.minWorkers <= self.maxWorkers", "minWorkers must not exceed maxWorkers") {
                spec, _ in
                guard let least = spec["minWorkers"]?.int, let most = spec["maxWorkers"]?.int else {
                    return true
                }
                return least <= most
            }
        ],
        .requiredUnlessNarrowed(
            "region", \.region,
            "Name of the Region; waits with RegionNotFound until it exists. It never changes.", .label,
            .immutable),
        .defaulted(
            "minWorkers", \.minWorkers, "The fewest workers to keep; 0 lets an idle pool cost nothing.",
            .range(0...1000)),
        .defaulted("maxWorkers", \.maxWorkers, "The most workers to have at once.", .range(0...1000)),
        .optional(
            "replicas", \.replicas,
            "Fixes the size where there is no `autoscaling`; what `kubectl scale` writes.",
            .range(0...1000)),
        .defaulted("worker", \.worker, "What each worker is."),
        .optional(
            "autoscaling", \.autoscaling,
            "Scales between minWorkers and maxWorkers by load; absent, the size follows demand."),
        .optional(
            "healthCheck", \.healthCheck,
            "Probes of the workload or provider, which lower a worker's health.", .notYet),
        .defaulted("lease", \.lease, "How often workers report, and after what silence one counts as lost."),
        .defaulted("disruption", \.disruption, "How workers may be taken away on purpose."),
        .optional("budget", \.budget, "Caps on spending of this pool."),
        .defaulted("suspend", \.suspend, "Leaves the pool as it is: nothing is created, replaced or removed.")
    )
}

extension WorkerTemplate {
    package static let shape = Shape<WorkerTemplate>(
        "What each worker of a pool is.",
        .defaulted("type", \.type, "Local process, virtual machine, container or edge device."),
        .list(
            "instanceTypes", \.instanceTypes,
            "Candidate instance types of the provider; the cheapest that fits wins.",
            .items(upTo: 64), .each(1...63), .set),
        .list(
            "capabilities", \.capabilities,
            "What the workers can do; a task runs only where all it requires is listed.",
            .items(upTo: 64), .each(1...63), .set),
        .optional(
            "maxConcurrentTasks", \.maxConcurrentTasks,
            "Slots: how many tasks one worker runs at once; absent, one for each processor of a rented machine, else one.",
            .range(1...1000)),
        .optional(
            "backend", \.backend,
            "The provider's service to use; absent, chosen by rule, and the rule is named in status."),
        .defaulted(
            "burst", \.burst, "Marks short peaks: prefers services that bill by the second, such as Fargate."),
        .defaulted(
            "serverlessPreferred", \.serverlessPreferred,
            "Prefers the provider's serverless service, such as Cloud Run."),
        .optional("spot", \.spot, "Use of interruptible capacity.", .notYet),
        .optional("image", \.image, "Container or machine image the agent runs in.", .length(1...1024)),
        .list(
            "env", \.env, "Environment variables of the worker and its tasks.", .items(upTo: 100),
            .map(by: "name")),
        .list(
            "labels", \.labels, "Labels of the workers, and tags where the provider has them.",
            .items(upTo: 64),
            .each(0...63)),
        .optional(
            "costPerHour", \.costPerHour,
            "What one worker costs in USD an hour; absent, the price list of the provider."),
        .optional(
            "resources", \.resources,
            "What one worker offers to tasks; absent, the instance type's or the machine's share."),
        .optional("aws", \.aws, "Settings for Amazon Web Services only.", .notYet),
        .optional("gcp", \.gcp, "Settings for Google Cloud only.", .notYet),
        .optional("azure", \.azure, "Settings for Microsoft Azure only.", .notYet),
        .optional("kubernetes", \.kubernetes, "Settings for pods only.", .notYet))
}

extension Spot {
    package static let shape = Shape<Spot>(
        "Use of interruptible capacity.",
        .defaulted("enabled", \.enabled, "Whether workers may be interruptible; off unless asked for."),
        .defaulted(
            "fallback", \.fallback,
            "What to do without spot capacity: OnDemand buys regular workers, None waits."))
}

extension EnvironmentVariable {
    package static let shape = Shape<EnvironmentVariable>(
        "An environment variable with a value or a reference to a secret, not both.",
        .required("name", \.name, "Name of the variable.", .length(1...256)),
        .optional(
            "value", \.value,
            "Its value; in tasks, `${tasks.NAME.outputs.KEY}` is replaced by an ancestor's output.",
            .length(0...32768)),
        .optional(
            "secretRef", \.secretRef, "A key of a Secret in the same namespace, read when the task starts."))
}

extension SecretKeyReference {
    package static let shape = Shape<SecretKeyReference>(
        "One key of a Secret.",
        .required("name", \.name, "Name of the Secret.", .name),
        .required("key", \.key, "Key within the Secret.", .length(1...253)))
}

extension Resources {
    package static let shape = Shape<Resources>(
        "An amount of each resource.",
        .optional("cpu", \.cpu, "Processor cores, such as 500m or 2."),
        .optional("memory", \.memory, "Memory in bytes, such as 256Mi."),
        .optional("storage", \.storage, "Disk in bytes, such as 10Gi."),
        .optional("networkMbps", \.networkMbps, "Network in megabits a second.", .range(0...10_000_000)),
        .optional("gpu", \.gpu, "Graphics processors."))
}

extension GPU {
    package static let shape = Shape<GPU>(
        "Graphics processors.",
        .defaulted("count", \.count, "How many; none unless said.", .range(0...64)),
        .optional("model", \.model, "Their model, such as nvidia-t4; absent, any.", .length(1...63)))
}

extension AWSWorker {
    package static let shape = Shape<AWSWorker>(
        "Settings for Amazon Web Services only.",
        .optional("imageID", \.imageID, "Machine image (AMI).", .length(1...63)),
        .optional("keyName", \.keyName, "Key pair for SSH.", .length(1...255)),
        .list(
            "securityGroupIDs", \.securityGroupIDs, "Security groups.", .items(upTo: 16), .each(1...63), .set),
        .optional("subnetID", \.subnetID, "Subnet.", .length(1...63)),
        .optional(
            "iamInstanceProfile", \.iamInstanceProfile, "Instance profile, by name or ARN.", .length(1...2048)
        ),
        .optional("environment", \.environment, "Value of the tag Environment.", .length(1...256)),
        .optional("userData", \.userData, "Text run at first boot, before the agent.", .length(1...16384)))
}

extension GCPWorker {
    package static let shape = Shape<GCPWorker>(
        "Settings for Google Cloud only.",
        .optional("project", \.project, "Project; absent, the region's.", .length(1...63)),
        .optional("zone", \.zone, "Zone; absent, the region's.", .length(1...63)),
        .optional("network", \.network, "VPC network.", .length(1...253)),
        .optional("subnetwork", \.subnetwork, "Subnetwork.", .length(1...253)),
        .optional("image", \.image, "Machine image.", .length(1...1024)),
        .optional("serviceAccount", \.serviceAccount, "Service account's e-mail address.", .length(1...253)))
}

extension AzureWorker {
    package static let shape = Shape<AzureWorker>(
        "Settings for Microsoft Azure only.",
        .optional("resourceGroup", \.resourceGroup, "Resource group; absent, the region's.", .length(1...90)),
        .optional("storageAccount", \.storageAccount, "Storage account of the file share.", .length(1...24)),
        .optional("subnetID", \.subnetID, "Subnet, by its full resource id.", .length(1...1024)),
        .optional("fileShare", \.fileShare, "File share to mount.", .length(1...63)))
}

extension KubernetesWorker {
    package static let shape = Shape<KubernetesWorker>(
        "Settings for pods only.",
        .optional("podTemplate", \.podTemplate, "Kubernetes' PodTemplateSpec, under what Reconcile sets."),
        .optional("mesh", \.mesh, "Service mesh to label the pods for, such as istio.", .length(1...63)))
}

extension Autoscaling {
    package static let shape = Shape<Autoscaling>(
        "Scaling by load.",
        .defaulted(
            "targetCPUPercent", \.targetCPUPercent,
            "The load to aim at, in percent of all slots and processors.",
            .range(1...100)),
        .defaulted(
            "thresholdPercent", \.thresholdPercent,
            "The gap between forecast and target that triggers a step, in percent; just this is no change.",
            .range(0...1000)),
        .defaulted("forecast", \.forecast, "How load is predicted.", .notYet),
        .defaulted("cooldown", \.cooldown, "How long after a step the next one waits."))
}

extension Forecast {
    package static let shape = Shape<Forecast>(
        "How load is predicted.",
        .defaulted(
            "method", \.method, "HoltWinters follows trend and season; MovingAverage and Last do not."),
        .defaulted("horizon", \.horizon, "How far ahead; longer than a worker takes to come up."))
}

extension Cooldown {
    package static let shape = Shape<Cooldown>(
        "How long after a step the next one waits.",
        .defaulted("up", \.up, "After a step before the next one up; short, since waiting tasks cost time."),
        .defaulted("down", \.down, "After a step before the next one down; long, since load comes back."))
}

extension HealthCheck {
    package static let shape = Shape<HealthCheck>(
        "Probes of the workload or provider. They lower health; only silence declares a worker lost.",
        .defaulted("interval", \.interval, "Between two probes."),
        .defaulted("timeout", \.timeout, "Until a probe without an answer counts as failed."),
        .defaulted("retries", \.retries, "Failures in a row until health falls.", .range(1...100)))
}

extension LeaseSpec {
    package static let shape = Shape<LeaseSpec>(
        "The lease a worker keeps by reporting.",
        .defaulted("renew", \.renew, "Between two reports of a worker."),
        .defaulted(
            "lostAfter", \.lostAfter,
            "Silence after which the worker is lost and its tasks move; at least three times `renew`."))
}

extension Disruption {
    package static let shape = Shape<Disruption>(
        "How workers may be taken away on purpose.",
        .defaulted(
            "maxUnavailable", \.maxUnavailable,
            "The most workers that may be missing for being replaced; those not ready count too.", .range(1...1000)),
        .optional("expireAfter", \.expireAfter, "Age at which a worker is replaced; absent, never."),
        .defaulted(
            "consolidate", \.consolidate, "Moves tasks together and removes what stands empty.",
            .notYet(unless: "false")),
        .defaulted(
            "drainDeadline", \.drainDeadline,
            "How long a draining worker's tasks may still run before they move."))
}
