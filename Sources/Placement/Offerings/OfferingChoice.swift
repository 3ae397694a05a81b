package import Model

/// What a pool's workers are made as: backend, instance type, resources and price, with everything else that
/// was considered and why it was not taken.
package struct OfferingChoice: Sendable {
    package struct Considered: Sendable, Hashable {
        package let name: String
        package let price: PriceRecord
        package let resources: Resources
        /// Nil for the chosen one and for those that fit but cost more.
        package let rejection: String?
        package let isChosen: Bool
    }

    package let backend: Backend
    /// The backend's rule and the offering's, in a sentence, as `status.choice` shows it.
    package let sentence: String
    /// Nil where nothing fits: reason NoOffering, with `sentence` as its message.
    package let chosen: Considered?
    /// Cheapest first.
    package let considered: [Considered]

    /// The cheapest of the pool's instance types, or of the table where it names none, that has the pool's
    /// resources.
    ///
    /// Price: the pool's `costPerHour`; else `prices`, the live source's answer by type; else the table; the
    /// last two times the region's multiplier. Where the provider sells nothing by type (kubernetes, docker,
    /// local, edge) the worker is what the pool declares, at no cost unless it says one.
    package static func choose(
        _ template: WorkerTemplate, region: RegionSpec, prices: [String: PriceRecord] = [:]
    ) throws(BackendRule.Mismatch) -> OfferingChoice {
        let provider = region.provider.kind ?? .local
        let backend = try BackendRule.choose(template, provider)
        guard [.aws, .gcp, .azure].contains(provider) else { return declared(template, backend, provider) }

        let multiplier = region.pricing.multiplier
        let wanted = template.instanceTypes.isEmpty ? filled(template) : template.resources ?? Resources()
        var rows: [(offering: Offering, price: PriceRecord, rejection: String?)] = []
        for offering in candidates(template, provider, backend.backend) {
            var price = record(offering, multiplier)
            if var live = prices[offering.name] {
                live.perHour = live.perHour.scaled(by: multiplier.micros, over: 1_000_000)
                price = live
            }
            rows.append((offering, price, rejection(offering, template, wanted, backend.backend)))
        }
        rows.sort { a, b in
            a.price.perHour != b.price.perHour
                ? a.price.perHour < b.price.perHour : a.offering.name < b.offering.name
        }
        let best = rows.firstIndex { $0.rejection == nil }
        let considered = rows.enumerated().map { index, row in
            Considered(
                name: row.offering.name, price: override(template) ?? row.price,
                resources: row.offering.resources,
                rejection: row.rejection, isChosen: index == best)
        }
        let chosen = best.map { considered[$0] }
        return OfferingChoice(
            backend: backend.backend, sentence: sentence(backend, chosen, considered), chosen: chosen,
            considered: considered)
    }

    /// Resources of a worker whose pool declares none: one CPU and one GiB for each task it takes at once,
    /// and a little disk and network.
    package static func filled(_ template: WorkerTemplate) -> Resources {
        var resources = template.resources ?? Resources()
        let slots = Int64(max(1, template.maxConcurrentTasks ?? 1))
        resources.cpu = resources.cpu ?? Quantity(slots)
        resources.memory = resources.memory ?? .gibibytes(slots)
        return resources
    }

    private static func declared(
        _ template: WorkerTemplate, _ backend: BackendRule.Choice, _ provider: ProviderKind
    ) -> OfferingChoice {
        var resources = filled(template)
        resources.storage = resources.storage ?? .gibibytes(10)
        resources.networkMbps = resources.networkMbps ?? 1000
        var free = PriceRecord()
        free.source = "\(provider.rawValue): no price given, counted as $0"
        let chosen = Considered(
            name: template.type.rawValue, price: override(template) ?? free, resources: resources,
            rejection: nil,
            isChosen: true)
        return OfferingChoice(
            backend: backend.backend, sentence: sentence(backend, chosen, [chosen]), chosen: chosen,
            considered: [chosen])
    }

    private static func candidates(
        _ template: WorkerTemplate, _ provider: ProviderKind, _ backend: Backend
    ) -> [Offering] {
        if template.instanceTypes.isEmpty {
            return Catalog.offerings(provider).filter { $0.backends.contains(backend) }
        }
        return template.instanceTypes.map { name in
            // A type that the table does not know is usable where the pool says what it is and costs.
            Catalog.offering(provider, name)
                ?? Offering(
                    provider: provider, name: name,
                    backends: template.costPerHour != nil && template.resources != nil ? [backend] : [],
                    resources: template.resources ?? Resources(), perHour: template.costPerHour ?? .zero,
                    source: "", date: "")
        }
    }

    private static func rejection(
        _ offering: Offering, _ template: WorkerTemplate, _ wanted: Resources, _ backend: Backend
    ) -> String? {
        if offering.source.isEmpty && offering.backends.isEmpty {
            return "not in the table: give the pool costPerHour and resources to use it"
        }
        if !offering.backends.contains(backend) {
            return offering.backends.isEmpty
                ? "no backend of \(offering.provider.rawValue) makes virtual machines"
                : "runs on \(offering.backends.map(\.rawValue).joined(separator: " or ")), not on \(backend.rawValue)"
        }
        return offering.shortfall(of: wanted)?.text
    }

    private static func record(_ offering: Offering, _ multiplier: Decimal) -> PriceRecord {
        var record = PriceRecord()
        record.perHour = offering.price(multiplier: multiplier)
        record.source = multiplier == .one ? offering.source : "\(offering.source), × \(multiplier.text)"
        record.date = offering.date
        return record
    }

    private static func override(_ template: WorkerTemplate) -> PriceRecord? {
        guard let price = template.costPerHour else { return nil }
        var record = PriceRecord()
        record.perHour = price
        record.source = "costPerHour of the pool"
        return record
    }

    private static func sentence(
        _ backend: BackendRule.Choice, _ chosen: Considered?, _ considered: [Considered]
    ) -> String {
        if let chosen {
            let fitting = considered.count { $0.rejection == nil }
            let among =
                considered.count == 1 ? "" : ", the cheapest of \(fitting) that fit among \(considered.count)"
            return "\(backend.rule); \(chosen.name) at \(rateText(chosen.price.perHour))\(among)"
        }
        let why = considered.prefix(3).compactMap { row in row.rejection.map { "\(row.name): \($0)" } }
        return "\(backend.rule); none of \(considered.count) offerings fits: \(why.joined(separator: "; "))"
    }
}
