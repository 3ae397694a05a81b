/// A place where workers may run.
package struct Region: Resource {
    package static let kind = Kind.region
    package var parts: ResourceParts<RegionSpec, RegionStatus>

    package init(metadata: ObjectMeta, spec: RegionSpec, status: RegionStatus = RegionStatus()) {
        parts = ResourceParts(metadata: metadata, spec: spec, status: status)
    }
}

package struct RegionSpec: Structured {
    package enum Role: String, FieldEnum { case master = "Master", regional = "Regional" }
    package var role = Role.regional
    package var responsibilities: [String] = []
    package var location: Location?
    package var regulations: [String] = []
    /// Declared round trip; the measured one is in status.
    package var latency: Duration?
    /// Declared share of time the place works, 0 to 1.
    package var availability: Decimal?
    package var pricing = Pricing()
    package var budget: Budget?
    package var allowedNamespaces: [String] = []
    package var capabilities = Switches()
    package var provider = ProviderSpec()
    package init() {}
}

package struct Location: Structured {
    package var continent: String?
    package var country: String?
    package var latitude: Decimal?
    package var longitude: Decimal?
    package init() {}
}

package struct Pricing: Structured {
    package var multiplier = Decimal.one
    package var egressPerGB: Money?
    package init() {}
}

/// The four loops of a coordinator that can be switched off for a region.
package struct Switches: Structured {
    package var resourceDiscovery = true
    package var loadBalancing = true
    package var faultTolerance = true
    package var autoscaling = true
    package init() {}
}

/// Caps on spending. `perHour` caps the committed rate, the others accrued spend.
package struct Budget: Structured {
    package enum OnExceeded: String, FieldEnum {
        case hold = "Hold", cheaper = "Cheaper", spotOnly = "SpotOnly", stop = "Stop"
    }
    package var perHour: Money?
    package var perDay: Money?
    package var total: Money?
    package var onExceeded = OnExceeded.hold
    package init() {}
}

package enum ProviderKind: String, FieldEnum { case aws, gcp, azure, kubernetes, docker, local, edge }

/// Exactly one member is set.
package struct ProviderSpec: Structured {
    package var aws: AWSRegion?
    package var gcp: GCPRegion?
    package var azure: AzureRegion?
    package var kubernetes: KubernetesRegion?
    package var docker: DockerRegion?
    package var local: LocalRegion?
    package var edge: EdgeRegion?
    package init() {}

    /// Which provider is named; nil where none is.
    package var kind: ProviderKind? {
        if aws != nil { return .aws }
        if gcp != nil { return .gcp }
        if azure != nil { return .azure }
        if kubernetes != nil { return .kubernetes }
        if docker != nil { return .docker }
        if local != nil { return .local }
        return edge != nil ? .edge : nil
    }
}

package struct SecretReference: Structured {
    package var namespace: String?
    package var name = ""
    package init() {}
}

package struct AWSRegion: Structured {
    package var region = ""
    package var secretRef: SecretReference?
    package var cluster: String?
    package init() {}
}

package struct GCPRegion: Structured {
    package var project: String?
    package var region = ""
    package var zone: String?
    package var secretRef: SecretReference?
    package init() {}
}

package struct AzureRegion: Structured {
    package var subscriptionID: String?
    package var location = ""
    package var resourceGroup: String?
    package var secretRef: SecretReference?
    package init() {}
}

package struct KubernetesRegion: Structured {
    package var namespace: String?
    package var context: String?
    package var secretRef: SecretReference?
    package init() {}
}

package struct DockerRegion: Structured {
    package static let standardImage = "debian:stable-slim"

    package var host: String?
    package var secretRef: SecretReference?
    package var image: String?
    package var network: String?
    package var gatewayAddress: String?
    package var volumes: [DockerVolume] = []
    /// Its machine's link-local addresses, where clouds give out the machine's own credentials.
    package var reachesMetadata = false
    package init() {}
}

/// A volume of the engine, or a directory of its machine, in every worker of the region.
package struct DockerVolume: Structured, Hashable {
    package var source = ""
    package var target = ""
    package var readOnly = true
    package init() {}
}

package struct LocalRegion: Structured, Hashable {
    /// What keeps tasks from the controller's state and from the machine's other processes.
    package enum Isolation: String, FieldEnum {
        /// Confined where the kernel can; the worker's status says what became of it.
        case auto = "Auto"
        /// Confined, or not started.
        case required = "Required"
        /// Each task may do what the controller's user may.
        case none = "None"
    }
    package var isolation = Isolation.auto
    package var readable: [String] = []
    package var writable: [String] = []
    package init() {}
}

package struct EdgeRegion: Structured {
    package var site: String?
    package init() {}
}
