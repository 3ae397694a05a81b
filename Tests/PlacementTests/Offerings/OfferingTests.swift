import Model
import Placement
import Testing

struct OfferingTests {
    private func region(_ provider: ProviderKind, multiplier: String = "1") -> RegionSpec {
        var spec = RegionSpec()
        switch provider {
        case .aws: spec.provider.aws = AWSRegion()
        case .gcp: spec.provider.gcp = GCPRegion()
        case .azure: spec.provider.azure = AzureRegion()
        case .kubernetes: spec.provider.kubernetes = KubernetesRegion()
        case .docker: spec.provider.docker = DockerRegion()
        case .local: spec.provider.local = LocalRegion()
        case .edge: spec.provider.edge = EdgeRegion()
        }
        spec.pricing.multiplier = Decimal(multiplier) ?? .one
        return spec
    }

    private func template(_ type: WorkerType, _ edit: (inout WorkerTemplate) -> Void = { _ in })
        -> WorkerTemplate
    {
        var template = WorkerTemplate()
        template.type = type
        edit(&template)
        return template
    }

    @Test func theCheapestOfThePoolsTypesThatFits() throws {
        let pool = template(.cloudVM) {
            $0.instanceTypes = ["m5.large", "t3.small", "t3.medium"]
            $0.resources = Resources()
            $0.resources?.memory = .gibibytes(3)
        }
        let choice = try OfferingChoice.choose(pool, region: region(.aws))
        #expect(choice.chosen?.name == "t3.medium")
        #expect(choice.chosen?.price.perHour == Money(micros: 41_600))
        #expect(choice.chosen?.price.source == "AWS on-demand price list, us-east-1")
        #expect(choice.considered.map(\.name) == ["t3.small", "t3.medium", "m5.large"])
        #expect(choice.considered.map(\.rejection) == ["memory (needs 3Gi, has 2Gi)", nil, nil])
        #expect(choice.considered.map(\.isChosen) == [false, true, false])
        #expect(
            choice.sentence
                == "aws: type CloudVM → EC2; t3.medium at $0.0416/h, the cheapest of 2 that fit among 3")
    }

    @Test func multiplierLivePriceAndOverride() throws {
        let pool = template(.cloudVM) { $0.instanceTypes = ["t3.medium"] }
        let dearer = try OfferingChoice.choose(pool, region: region(.aws, multiplier: "1.5")).chosen
        #expect(dearer?.price.perHour == Money(micros: 62_400))
        #expect(dearer?.price.source == "AWS on-demand price list, us-east-1, × 1.5")

        var live = PriceRecord()
        live.perHour = Money(micros: 30_000)
        live.source = "AWS Pricing"
        let asked = try OfferingChoice.choose(pool, region: region(.aws), prices: ["t3.medium": live]).chosen
        #expect(asked?.price == live)

        var priced = pool
        priced.costPerHour = Money(micros: 1)
        let said = try OfferingChoice.choose(priced, region: region(.aws), prices: ["t3.medium": live]).chosen
        #expect(said?.price.perHour == Money(micros: 1))
        #expect(said?.price.source == "costPerHour of the pool")
    }

    @Test func aPoolThatSaysNothingGetsOneCPUAndOneGiBATask() throws {
        let pool = template(.cloudVM) { $0.maxConcurrentTasks = 4 }
        let choice = try OfferingChoice.choose(pool, region: region(.aws))
        #expect(choice.chosen?.name == "t3.xlarge")
    }

    @Test(arguments: [
        (ProviderKind.aws, "g4dn.xlarge"), (.gcp, "n1-standard-4+nvidia-tesla-t4"),
    ])
    func gpus(_ provider: ProviderKind, _ name: String) throws {
        let pool = template(.cloudVM) {
            BackendRuleTests.gpu(&$0)
        }
        #expect(try OfferingChoice.choose(pool, region: region(provider)).chosen?.name == name)
    }

    @Test func nothingFits() throws {
        let pool = template(.container) { BackendRuleTests.gpu(&$0) }
        let choice = try OfferingChoice.choose(pool, region: region(.azure))
        #expect(choice.chosen == nil)
        #expect(
            choice.sentence.hasPrefix(
                "azure: its only backend → ContainerInstances; none of 8 offerings fits: aci-1x1: GPU"))
    }

    @Test(arguments: [
        ("z9.mega", "not in the table: give the pool costPerHour and resources to use it"),
        ("fargate-1x2", "runs on Fargate or ECS, not on EC2"),
    ])
    func whyNot(_ name: String, _ why: String) throws {
        let choice = try OfferingChoice.choose(
            template(.cloudVM) { $0.instanceTypes = [name] }, region: region(.aws))
        #expect(choice.chosen == nil)
        #expect(choice.considered.first?.rejection == why)
    }

    @Test func anUnknownTypeThatThePoolDescribesIsTaken() throws {
        let pool = template(.cloudVM) {
            $0.instanceTypes = ["z9.mega"]
            $0.costPerHour = Money(dollars: 2)
            $0.resources = .sample(cpu: 96)
        }
        let chosen = try OfferingChoice.choose(pool, region: region(.aws)).chosen
        #expect(chosen?.name == "z9.mega")
        #expect(chosen?.resources.cpu == Quantity(96))
    }

    @Test(arguments: [ProviderKind.local, .edge, .docker, .kubernetes])
    func placesThatSellNothingCostNothing(_ provider: ProviderKind) throws {
        let choice = try OfferingChoice.choose(
            template(.local) { $0.maxConcurrentTasks = 3 }, region: region(provider))
        #expect(choice.chosen?.price.perHour == .zero)
        #expect(choice.chosen?.resources.cpu == Quantity(3))
        #expect(choice.chosen?.resources.memory == .gibibytes(3))
    }

    @Test func catalogIsSane() {
        for offering in Catalog.all {
            #expect(offering.perHour > .zero, "\(offering.name)")
            #expect(offering.perHour < Money(dollars: 30), "\(offering.name)")
            #expect((offering.resources.cpu ?? .zero) >= Quantity(milli: 250), "\(offering.name)")
            #expect((offering.resources.memory ?? .zero) >= .mebibytes(512), "\(offering.name)")
            #expect(!offering.source.isEmpty && offering.date.utf8.count == 10, "\(offering.name)")
            #expect(
                Set(offering.backends).isSubset(of: BackendRule.backends(of: offering.provider)),
                "\(offering.name)")
        }
        let names = Catalog.all.map { "\($0.provider.rawValue)/\($0.name)" }
        #expect(Set(names).count == names.count)
        // More of everything never costs less within one list.
        for one in Catalog.all {
            for other in Catalog.all
            where one.source == other.source && one.resources.gpu == nil && other.resources.gpu == nil {
                let bigger = isMore(other.resources, than: one.resources)
                #expect(
                    !bigger || other.perHour > one.perHour, "\(other.name) costs no more than \(one.name)")
            }
        }
    }

    private func isMore(_ a: Resources, than b: Resources) -> Bool {
        (a.cpu ?? .zero) > (b.cpu ?? .zero) && (a.memory ?? .zero) > (b.memory ?? .zero)
    }

    @Test func sizesSoldByTheUnit() {
        #expect(Catalog.offering(.aws, "fargate-0.25x0.5")?.perHour == Money(micros: 12_343))
        #expect(Catalog.offering(.aws, "fargate-1x2")?.perHour == Money(micros: 49_370))
        #expect(Catalog.offering(.azure, "aci-1x1.5")?.perHour == Money(micros: 47_175))
        #expect(Catalog.offering(.gcp, "cloudrun-1x0.5")?.perHour == Money(micros: 68_400))
    }
}
