package import Model

/// An instance type or size that a provider sells: its resources and its price, with where the price is from.
package struct Offering: Sendable, Hashable {
    package let provider: ProviderKind
    /// The provider's name for it, or for a size without a name `fargate-1x2`: vCPUs by GiB.
    package let name: String
    /// Services that run it; empty: none that Reconcile drives.
    package let backends: [Backend]
    package let resources: Resources
    /// On demand, in the reference region of the table.
    package let perHour: Money
    package let source: String
    /// Of when the price is, `YYYY-MM-DD`.
    package let date: String

    package init(
        provider: ProviderKind, name: String, backends: [Backend], resources: Resources, perHour: Money,
        source: String,
        date: String
    ) {
        self.provider = provider
        self.name = name
        self.backends = backends
        self.resources = resources
        self.perHour = perHour
        self.source = source
        self.date = date
    }

    /// The price where a region's price level is `multiplier`, rounded up.
    package func price(multiplier: Decimal) -> Money {
        let scaled = Int128(perHour.micros) * Int128(max(0, multiplier.micros))
        return Money(micros: Int64(clamping: (scaled + 999_999) / 1_000_000))
    }

    /// The first of the wanted resources that it lacks, in words; nil where it has them all.
    package func shortfall(of wanted: Resources) -> Rejection? {
        var requires = Requirements()
        requires.cpu = wanted.cpu
        requires.memory = wanted.memory
        requires.storage = wanted.storage
        requires.networkMbps = wanted.networkMbps
        requires.gpu = wanted.gpu
        return shortfall(of: requires)
    }

    package func shortfall(of requires: Requirements) -> Rejection? {
        let wanted = Amounts(requires)
        let has = Amounts(resources, slots: 1)
        if wanted.gpu > 0, wanted.gpu > has.gpu || !requires.accepts(gpuModel: resources.gpu?.model) {
            return .gpu(needs: requires.gpu ?? GPU(), has: resources.gpu)
        }
        if wanted.cpu > has.cpu {
            return .cpu(needs: Quantity(milli: wanted.cpu), has: Quantity(milli: has.cpu))
        }
        if wanted.memory > has.memory {
            return .memory(needs: Quantity(milli: wanted.memory), has: Quantity(milli: has.memory))
        }
        if wanted.storage > has.storage {
            return .storage(needs: Quantity(milli: wanted.storage), has: Quantity(milli: has.storage))
        }
        if wanted.network > has.network {
            return .networkMbps(needs: Int(wanted.network), has: Int(has.network))
        }
        return nil
    }
}
