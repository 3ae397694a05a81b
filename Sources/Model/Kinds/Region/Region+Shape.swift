import Tree

extension Region {
    package static let summary =
        "A place where workers may run: its provider, location, prices, caps and the regulations it satisfies."
    package static let columns: [PrinterColumn] = [
        .init("Provider", "string", ".status.provider", "The provider that makes workers here."),
        .init(
            "Role", "string", ".spec.role", "Whether the place hosts the master or a regional coordinator."),
        .init(
            "Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status",
            "Whether workers can be had here."),
        .init("Workers", "string", ".status.summary.workers", "Ready workers of all live ones."),
        .init("Cost/h", "string", ".status.summary.cost", "The committed rate in USD an hour."),
        .init("Latency", "string", ".status.summary.latency", "Measured round trip, or the declared one."),
        .init(
            "Circuit", "string", ".status.summary.circuit", "The worst circuit breaker of the provider here."),
        .init("Age", "date", ".metadata.creationTimestamp", "Time since creation."),
    ]
}

extension RegionSpec {
    package static let shape = Shape<RegionSpec>(
        "The place as its owner describes it.",
        .defaulted(
            "role", \.role,
            "Whose coordinator this place hosts: the Master or a Regional one. With one controller only shown."
        ),
        .list(
            "responsibilities", \.responsibilities,
            "What this place's coordinator answers for, in words; shown, and the rights of that coordinator.",
            .items(upTo: 32), .each(1...256), .set),
        .optional(
            "location", \.location, "Where the place is; used for display and for balancing by distance."),
        .list(
            "regulations", \.regulations,
            "Regimes this place satisfies, such as `gdpr` or `ccpa`; tasks that ask for one run nowhere else.",
            .items(upTo: 32), .each(1...63), .set),
        .optional(
            "latency", \.latency,
            "Declared round trip; the measured one is in status. Tasks with `latency: Low` need at most 30ms."
        ),
        .optional(
            "availability", \.availability,
            "Declared share of time the place works, from \"0\" to \"1\"; absent, the observed share counts."),
        .defaulted("pricing", \.pricing, "What working here costs relative to list prices."),
        .optional("budget", \.budget, "Caps on spending of all workers in this place."),
        .list(
            "allowedNamespaces", \.allowedNamespaces,
            "Namespaces whose pools may use the place; empty means all.",
            .items(upTo: 256), .eachLabel, .set),
        .defaulted(
            "capabilities", \.capabilities,
            "Switches of the coordinator's loops here; one that is off does nothing and says so in a condition."
        ),
        .required("provider", \.provider, "What makes workers here: exactly one member is set."))
}

extension Location {
    package static let shape = Shape<Location>(
        "A point on the globe.",
        .optional(
            "continent", \.continent, "Two-letter code of the continent, such as NA or EU.", .length(2...2)),
        .optional(
            "country", \.country, "Two-letter code of the country (ISO 3166-1), such as US.", .length(2...2)),
        .optional("latitude", \.latitude, "Degrees north as a quoted decimal, \"-90\" to \"90\"."),
        .optional("longitude", \.longitude, "Degrees east as a quoted decimal, \"-180\" to \"180\"."))
}

extension Pricing {
    package static let shape = Shape<Pricing>(
        "Prices relative to the lists.",
        .defaulted(
            "multiplier", \.multiplier,
            "Factor on the provider's list prices as a quoted decimal; 1 takes them as they are."),
        .optional("egressPerGB", \.egressPerGB, "USD per gigabyte of data that leaves the place."))
}

extension Switches {
    package static let shape = Shape<Switches>(
        "The four loops that can be switched off for a region; all are on unless said otherwise.",
        .defaulted(
            "resourceDiscovery", \.resourceDiscovery,
            "Looks for workers and orphans in the provider. Off: only what this program made is known."),
        .defaulted(
            "loadBalancing", \.loadBalancing,
            "Places tasks without a region here. Off: only tasks that name it."),
        .defaulted(
            "faultTolerance", \.faultTolerance, "Moves tasks off lost workers. Off: they wait for the worker."
        ),
        .defaulted(
            "autoscaling", \.autoscaling,
            "Scales pools here between their bounds. Off: pools keep their size."))
}

extension Budget {
    package static let shape = Shape<Budget>(
        "Caps on spending in USD. No admission passes a cap; an overrun from a lowered cap is reported.",
        .optional(
            "perHour", \.perHour, "Cap on the committed rate: the sum of what all live workers cost an hour."),
        .optional("perDay", \.perDay, "Cap on what is spent in one UTC day."),
        .optional("total", \.total, "Cap on what is spent in all."),
        .defaulted(
            "onExceeded", \.onExceeded,
            "At a cap: Hold admits nothing new; Cheaper and SpotOnly look for less; only Stop ends work.",
            .notYet(unless: "Hold")))
}

extension ProviderSpec {
    private static let members = ProviderKind.allCases.map(\.rawValue)

    package static let shape = Shape<ProviderSpec>(
        "What makes workers in a region; exactly one member is set.",
        rules: [
            Schema.Rule(
                "[" + members.map { "has(self.\($0))" }.joined(separator: ", ") + "].exists_one(x, x)",
                "exactly one of \(members.joined(separator: ", ")) must be set"
            ) { provider, _ in members.count { provider[$0] != nil } == 1 }
        ],
        .optional("aws", \.aws, "A region of Amazon Web Services."),
        .optional("gcp", \.gcp, "A region of Google Cloud."),
        .optional("azure", \.azure, "A location of Microsoft Azure."),
        .optional("kubernetes", \.kubernetes, "A Kubernetes cluster: workers are pods."),
        .optional("docker", \.docker, "A Docker engine: workers are containers."),
        .optional("local", \.local, "This machine: workers are processes. Written `local: {}`."),
        .optional("edge", \.edge, "A site of devices that join by themselves."))
}

extension SecretReference {
    package static let shape = Shape<SecretReference>(
        "A Secret that holds credentials.",
        .optional(
            "namespace", \.namespace, "Namespace of the Secret; absent, the controller's own.",
            .length(1...63)),
        .required("name", \.name, "Name of the Secret.", .name))
}

extension AWSRegion {
    package static let shape = Shape<AWSRegion>(
        "A region of Amazon Web Services.",
        .required("region", \.region, "AWS' name of the region, such as us-east-1.", .length(1...63)),
        .optional(
            "secretRef", \.secretRef,
            "Secret with credentials; absent, the usual chain: environment, file, web identity, metadata."
        ),
        .optional(
            "cluster", \.cluster, "ECS cluster for containers; absent, the default one.", .length(1...255)))
}

extension GCPRegion {
    package static let shape = Shape<GCPRegion>(
        "A region of Google Cloud.",
        .optional(
            "project", \.project, "Project that pays; absent, that of the credentials.", .length(1...63)),
        .required("region", \.region, "Google's name of the region, such as europe-west1.", .length(1...63)),
        .optional(
            "zone", \.zone, "Zone for virtual machines; absent, the provider picks one.", .length(1...63)),
        .optional("secretRef", \.secretRef, "Secret with a key; absent, the usual chain of the environment."))
}

extension AzureRegion {
    package static let shape = Shape<AzureRegion>(
        "A location of Microsoft Azure.",
        .optional("subscriptionID", \.subscriptionID, "Subscription that pays, a UUID.", .length(1...64)),
        .required(
            "location", \.location, "Azure's name of the location, such as westeurope.", .length(1...63)),
        .optional(
            "resourceGroup", \.resourceGroup, "Resource group that everything is made in.", .length(1...90)),
        .optional(
            "secretRef", \.secretRef, "Secret with credentials; absent, the usual chain of the environment."))
}

extension KubernetesRegion {
    package static let shape = Shape<KubernetesRegion>(
        "A Kubernetes cluster.",
        .optional(
            "namespace", \.namespace, "Namespace of the pods; absent, that of the pool.", .length(1...63)),
        .optional(
            "context", \.context, "Context of the kubeconfig; absent, the cluster the controller runs in.",
            .length(1...253)),
        .optional("secretRef", \.secretRef, "Secret with a kubeconfig under the key `kubeconfig`."))
}

extension DockerRegion {
    package static let shape = Shape<DockerRegion>(
        "A Docker engine.",
        .optional(
            "host", \.host,
            "Address of the engine, such as unix:///var/run/docker.sock, which is what absence means.",
            .length(1...1024)),
        .optional(
            "secretRef", \.secretRef,
            "Secret with `ca.pem`, `cert.pem` and `key.pem`, for engines reached over TLS (tcp://HOST:2376)."),
        .optional(
            "image", \.image,
            "Image of workers whose pool names none; absent, \(standardImage). Its tasks run in it.",
            .length(1...1024)),
        .optional(
            "network", \.network, "The engine's network that workers are on; absent, `bridge`. Never `host`.",
            .length(1...253)),
        .optional(
            "gatewayAddress", \.gatewayAddress,
            "IPv4 address of this controller's machine as workers reach it; absent, the network's own gateway.",
            .length(1...63)),
        .list(
            "volumes", \.volumes,
            "What of the engine's volumes and of its machine's directories every worker here gets; nothing else is.",
            .items(upTo: 32), .map(by: "target")),
        .defaulted(
            "reachesMetadata", \.reachesMetadata,
            "Whether workers reach 169.254.0.0/16, where clouds give out the credentials of the engine's machine."))
}

extension DockerVolume {
    package static let shape = Shape<DockerVolume>(
        "A volume of the engine, or a directory of its machine, in every worker of the region.",
        .required(
            "source", \.source, "Name of a volume, or a directory's absolute path on the engine's machine.",
            .length(1...1024)),
        .required("target", \.target, "Absolute path in the worker, outside /reconcile.", .length(2...1024)),
        .defaulted("readOnly", \.readOnly, "Whether workers may only read it; they may write only where this is false.")
    )
}

extension LocalRegion {
    package static let shape = Shape<LocalRegion>(
        "This machine. Tasks read its system directories, write their own and /tmp, and reach no more than is said here.",
        rules: [
            Schema.Rule(
                "(!has(self.readable) || self.readable.all(p, p.startsWith('/') && !p.contains('/..'))) && "
                    + "(!has(self.writable) || self.writable.all(p, p.startsWith('/') && !p.contains('/..')))",
                "readable and writable take absolute paths without \"..\""
            ) { region, _ in
                ["readable", "writable"].allSatisfy { list in
                    (region[list]?.array ?? []).allSatisfy { path in
                        path.string.map { $0.hasPrefix("/") && !$0.split(separator: "/").contains("..") } ?? true
                    }
                }
            }
        ],
        .defaulted(
            "isolation", \.isolation,
            "Whether tasks are confined by the kernel (Landlock): Auto where it can, Required or not started, None never."
        ),
        .list(
            "readable", \.readable,
            "Files and directories that confined tasks may read and run, besides those of the system.",
            .items(upTo: 32), .each(1...4096), .set),
        .list(
            "writable", \.writable, "Files and directories that confined tasks may write too, besides their own.",
            .items(upTo: 32), .each(1...4096), .set))
}

extension EdgeRegion {
    package static let shape = Shape<EdgeRegion>(
        "A site of devices that join by themselves.",
        .optional(
            "site", \.site, "The site's name as the devices announce it; absent, the region's.",
            .length(1...253)))
}
