import Model

// Regions as people write them.
extension WideScript {
    mutating func region(_ index: Int) -> Region {
        let kind: ProviderKind = chance.percent(55) ? .local : chance.pick(ProviderKind.allCases)
        regions.append((Scenario.region(index), kind))
        var spec = RegionSpec()
        spec.provider = provider(kind)
        spec.role = chance.percent(10) ? .master : .regional
        if chance.percent(5) { spec.responsibilities = chance.some(["orders", "billing"], 60) }
        if chance.percent(10) { spec.location = location() }
        if chance.percent(30) { spec.regulations = chance.some(["gdpr", "CCPA", "hipaa"], 50) }
        if chance.percent(40) { spec.latency = .milliseconds(Int64(chance.pick([0, 1, 29, 30, 31, 250]))) }
        if chance.percent(20) { spec.availability = chance.decimal("0", "0.5", "0.999", "1") }
        if chance.percent(20) { spec.pricing.multiplier = chance.decimal("0", "0.5", "1.25", "1000") }
        if chance.percent(5) { spec.pricing.egressPerGB = chance.dollars("0", "0.09", "1000") }
        if chance.percent(10) { spec.budget = budget(price: price(of: kind)) }
        if chance.percent(6) {
            spec.allowedNamespaces = chance.percent(70) ? [Scenario.namespace] : [Self.neighbour]
        }
        if chance.percent(10) { spec.capabilities = switches() }
        return Region(metadata: metadata(Scenario.region(index), nil), spec: spec)
    }

    /// What a worker there costs, so that caps can be drawn around it.
    func price(of kind: ProviderKind) -> Money { kind == .aws ? Money(micros: 41_600) : Money(dollars: 1) }

    private mutating func provider(_ kind: ProviderKind) -> ProviderSpec {
        var spec = ProviderSpec()
        switch kind {
        case .aws:
            var region = AWSRegion()
            region.region = "us-east-1"
            if chance.percent(20) { region.secretRef = secretReference() }
            if chance.percent(20) { region.cluster = "main" }
            spec.aws = region
        case .gcp:
            var region = GCPRegion()
            region.region = "europe-west1"
            if chance.percent(20) { region.project = "project" }
            if chance.percent(20) { region.zone = "europe-west1-b" }
            if chance.percent(20) { region.secretRef = secretReference() }
            spec.gcp = region
        case .azure:
            var region = AzureRegion()
            region.location = "westeurope"
            if chance.percent(20) { region.subscriptionID = "0" }
            if chance.percent(20) { region.resourceGroup = "group" }
            if chance.percent(20) { region.secretRef = secretReference() }
            spec.azure = region
        case .kubernetes:
            var region = KubernetesRegion()
            if chance.percent(20) { region.namespace = "workers" }
            if chance.percent(20) { region.context = "kind" }
            if chance.percent(20) { region.secretRef = secretReference() }
            spec.kubernetes = region
        case .docker: spec.docker = docker()
        case .local:
            var region = LocalRegion()
            if chance.percent(15) { region.isolation = chance.pick([.auto, .none]) }
            if chance.percent(8) { region.readable = chance.some(["/usr/share", "/srv/data"], 60) }
            if chance.percent(8) { region.writable = chance.some(["/srv/out", "/var/tmp"], 60) }
            spec.local = region
        case .edge:
            var region = EdgeRegion()
            if chance.percent(50) { region.site = "harbour" }
            spec.edge = region
        }
        return spec
    }

    private mutating func docker() -> DockerRegion {
        var region = DockerRegion()
        if chance.percent(20) { region.host = "unix:///var/run/docker.sock" }
        if chance.percent(20) { region.secretRef = secretReference() }
        if chance.percent(20) { region.image = "debian:stable-slim" }
        if chance.percent(20) { region.network = "workers" }
        if chance.percent(20) { region.gatewayAddress = "172.17.0.1" }
        if chance.percent(20) {
            var volume = DockerVolume()
            volume.source = "data"
            volume.target = "/data"
            volume.readOnly = chance.percent(50)
            region.volumes = [volume]
        }
        region.reachesMetadata = region.volumes.isEmpty && region.network != nil
        return region
    }

    private mutating func secretReference() -> SecretReference {
        var reference = SecretReference()
        reference.name = "cloud"
        if chance.percent(50) { reference.namespace = Scenario.namespace }
        return reference
    }

    private mutating func location() -> Location {
        var location = Location()
        location.continent = chance.pick(["NA", "EU"])
        location.country = chance.pick(["US", "DE"])
        location.latitude = chance.decimal("-90", "0", "48.1", "90")
        location.longitude = chance.decimal("-180", "0", "11.6", "180")
        return location
    }

    private mutating func switches() -> Switches {
        var switches = Switches()
        switches.resourceDiscovery = chance.percent(70)
        switches.loadBalancing = chance.percent(60)
        switches.faultTolerance = chance.percent(60)
        switches.autoscaling = chance.percent(60)
        return switches
    }

    /// Caps of nothing, of just less and just more than a worker or two cost, and of plenty.
    mutating func budget(price: Money) -> Budget {
        func around(_ chance: inout Chance) -> Money {
            let factor = Int64(chance.pick([0, 1, 99, 100, 101, 200, 250, 100_000]))
            return price.scaled(by: factor, over: 100)
        }
        var budget = Budget()
        let which = chance.within(1...7)
        if which & 1 != 0 { budget.perHour = around(&chance) }
        if which & 2 != 0 { budget.perDay = around(&chance) }
        if which & 4 != 0 { budget.total = around(&chance) }
        if chance.percent(10) { budget.onExceeded = chance.pick([.hold, .cheaper, .spotOnly, .stop]) }
        return budget
    }

    mutating func metadata(_ name: String, _ namespace: String?) -> ObjectMeta {
        var metadata = Manifest.metadata(name, namespace: namespace, &chance)
        metadata.creationTimestamp = World.epochStart.wholeSeconds + .seconds(Int64(chance.below(20)) - 20)
        return metadata
    }
}
