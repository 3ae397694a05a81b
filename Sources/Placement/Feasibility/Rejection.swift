package import Model

/// Why one worker can't take one task: the field, what was needed and what there is.
package enum Rejection: Sendable, Hashable {
    case namespace(needs: String)
    case region(needs: String)
    case pool(needs: String)
    case failover(allowed: [String])
    case regionNotFound(String)
    case allowedNamespaces([String])
    case loadBalancing
    case regulations(missing: [String])
    case dataLocality(allowed: [String])
    case regions(included: [String], excluded: [String])
    case latency(needs: Duration, has: Duration?)
    case image
    case gpu(needs: GPU, has: GPU?)
    case capabilities(missing: [String])
    case cpu(needs: Quantity, has: Quantity)
    case memory(needs: Quantity, has: Quantity)
    case storage(needs: Quantity, has: Quantity)
    case networkMbps(needs: Int, has: Int)
    case maxCostPerHour(cap: Money, price: Money)
    case maxRegions(limit: Int, inUse: [String])
    case regionDown(String)
    case circuitOpen(String)
    case state(String)
    case slots(used: Int, of: Int)
    case budget(String)

    package var field: PlacementField {
        switch self {
        case .namespace: .namespace
        case .region: .region
        case .pool: .pool
        case .failover: .failover
        case .regionNotFound: .regionNotFound
        case .allowedNamespaces: .allowedNamespaces
        case .loadBalancing: .loadBalancing
        case .regulations: .regulations
        case .dataLocality: .dataLocality
        case .regions: .regions
        case .latency: .latency
        case .image: .image
        case .gpu: .gpu
        case .capabilities: .capabilities
        case .cpu: .cpu
        case .memory: .memory
        case .storage: .storage
        case .networkMbps: .networkMbps
        case .maxCostPerHour: .maxCostPerHour
        case .maxRegions: .maxRegions
        case .regionDown: .regionDown
        case .circuitOpen: .circuitOpen
        case .state: .state
        case .slots: .slots
        case .budget: .budget
        }
    }

    /// What is put in brackets behind the field's label.
    package var detail: String {
        switch self {
        case .namespace(let needs): "must be in \(needs)"
        case .region(let needs): "must be \(needs)"
        case .pool(let needs): "must be \(needs)"
        case .failover(let allowed): "may go to \(list(allowed, none: "no region"))"
        case .regionNotFound(let name): "\(name) does not exist"
        case .allowedNamespaces(let names): "only \(list(names))"
        case .loadBalancing: "takes only tasks that name it"
        case .regulations(let missing): "lacks \(list(missing))"
        case .dataLocality(let allowed): "data may be in \(list(allowed))"
        case .regions(let included, let excluded):
            included.isEmpty ? "excluded \(list(excluded))" : "only \(list(included))"
        case .latency(let needs, let has):
            "needs ≤ \(needs.text), \(has.map { "has \($0.text)" } ?? "not known")"
        case .image: "run.image needs one"
        case .gpu(let needs, let has): "needs \(gpuText(needs)), has \(has.map(gpuText) ?? "0")"
        case .capabilities(let missing): "missing \(list(missing))"
        case .cpu(let needs, let has), .memory(let needs, let has), .storage(let needs, let has):
            "needs \(needs), has \(has)"
        case .networkMbps(let needs, let has): "needs \(needs) Mbps, has \(has)"
        case .maxCostPerHour(let cap, let price): "at most \(rateText(cap)), costs \(rateText(price))"
        case .maxRegions(let limit, let inUse):
            "plan uses \(inUse.count) of \(limit): \(list(inUse, none: "none"))"
        case .regionDown(let name), .circuitOpen(let name), .state(let name), .budget(let name): name
        case .slots(let used, let total): "\(used) of \(total) in use"
        }
    }

    package var text: String { "\(field.label) (\(detail))" }

    /// How far off it is, for choosing the nearest of several; comparable within one field only.
    var distance: Double {
        switch self {
        case .regulations(let missing), .capabilities(let missing): Double(missing.count)
        case .latency(_, let has): has.map { Double($0.milliseconds) } ?? .infinity
        case .gpu(_, let has): -Double(has?.count ?? 0)
        case .cpu(_, let has), .memory(_, let has), .storage(_, let has): -Double(has.milli)
        case .networkMbps(_, let has): -Double(has)
        case .maxCostPerHour(_, let price): Double(price.micros)
        default: 0
        }
    }
}

/// Names joined for a sentence, the fourth and later ones only counted.
func list(_ names: [String], none: String = "") -> String {
    if names.isEmpty { return none }
    let shown = names.prefix(3).joined(separator: ", ")
    return names.count > 3 ? "\(shown) and \(names.count - 3) more" : shown
}

/// `$0.526/h`: an exact rate, since two decimals hide the difference between small instances.
func rateText(_ money: Money) -> String {
    "\(money.micros < 0 ? "-" : "")$\(Money(micros: abs(money.micros)).decimal)/h"
}

private func gpuText(_ gpu: GPU) -> String {
    gpu.model.map { "\(max(1, gpu.count)) \($0)" } ?? "\(gpu.count)"
}
