/// Everything that alone can keep a task off a worker, in the order in which a worker that fails several is
/// counted: where it is, what law holds there, what it is, and last whether it is well.
package enum PlacementField: UInt8, Sendable, Hashable, CaseIterable {
    // where the task may go
    case namespace, region, pool, failover, regionNotFound, allowedNamespaces, loadBalancing
    // what the task requires of the region
    case regulations, dataLocality, regions, latency
    // what the task requires of the worker
    case image, gpu, capabilities, cpu, memory, storage, networkMbps, maxCostPerHour
    // limits of the plan
    case maxRegions
    // whether the worker can take work now
    case regionDown, circuitOpen, state, slots, budget

    /// The key under which `status.placement.rejections` counts it: the field's name in the manifest where it
    /// has one.
    package var name: String { PlacementField.names[Int(rawValue)] }

    private static let names = allCases.map { "\($0)" }

    /// The word that messages use.
    package var label: String {
        switch self {
        case .image: "no container engine"
        case .gpu: "GPU"
        case .cpu: "CPU"
        case .networkMbps: "network"
        case .maxCostPerHour: "cost"
        case .dataLocality: "data locality"
        case .allowedNamespaces: "region's allowed namespaces"
        case .loadBalancing: "load balancing"
        case .regionNotFound: "region not found"
        case .regionDown: "region down"
        case .circuitOpen: "circuit open"
        default: name
        }
    }
}

/// A set of fields that failed; empty means feasible.
struct FieldMask: OptionSet, Hashable, Sendable {
    let rawValue: UInt32

    init(rawValue: UInt32) { self.rawValue = rawValue }
    init(_ field: PlacementField) { rawValue = 1 << UInt32(field.rawValue) }
    init(_ fields: [PlacementField]) { self = fields.reduce(into: []) { $0.formUnion(FieldMask($1)) } }

    /// Laws: they bind even when nothing else is left.
    static let residency = FieldMask([.regulations, .dataLocality])
    /// Passing troubles of a place or a worker.
    static let outage = FieldMask([.regionDown, .circuitOpen, .state])
    /// What an offering of a provider could remedy.
    static let hardware = FieldMask([.gpu, .cpu, .memory, .storage, .networkMbps])

    /// The field a worker is counted under.
    var first: PlacementField? { PlacementField(rawValue: UInt8(rawValue.trailingZeroBitCount)) }
    var count: Int { rawValue.nonzeroBitCount }
    var fields: [PlacementField] { PlacementField.allCases.filter { contains(FieldMask($0)) } }

    mutating func fail(_ field: PlacementField, if failed: Bool) {
        if failed { formUnion(FieldMask(field)) }
    }
}
