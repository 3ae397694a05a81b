import Model

/// The requirements of one or more tasks, compiled against the facts of a round.
struct Profile {
    let requires: Requirements
    let needsEngine: Bool
    let request: Amounts
    let capabilities: Bitmap
    /// Per candidate, the requirement fields that fail there.
    var masks: [FieldMask] = []
}

extension Requirements {
    /// `Low` means a round trip of at most this.
    package static let lowLatency = Duration.milliseconds(30)

    /// The requirement fields that the region fails.
    func mask(of region: PlacementRegion) -> FieldMask {
        var mask = FieldMask()
        mask.fail(.regulations, if: !missingRegulations(in: region).isEmpty)
        if let dataLocality, !dataLocality.regions.isEmpty {
            mask.fail(.dataLocality, if: !dataLocality.regions.contains(region.name))
        }
        if let regions {
            mask.fail(.regions, if: !regions.include.isEmpty && !regions.include.contains(region.name))
            mask.fail(.regions, if: regions.exclude.contains(region.name))
        }
        if latency == .low {
            mask.fail(.latency, if: region.latency.map { $0 > Requirements.lowLatency } ?? true)
        }
        return mask
    }

    /// Regimes are compared without regard to case: `gdpr` and `GDPR` are one.
    func missingRegulations(in region: PlacementRegion) -> [String] {
        if regulations.isEmpty { return [] }
        let satisfied = region.regulations.map { $0.lowercased() }
        return regulations.filter { !satisfied.contains($0.lowercased()) }
    }

    func accepts(gpuModel: String?) -> Bool {
        guard let wanted = gpu?.model else { return true }
        return gpuModel?.lowercased() == wanted.lowercased()
    }
}

extension Profile {
    /// The requirement fields that the candidate itself fails.
    func mask(of candidate: Candidate) -> FieldMask {
        var mask = FieldMask()
        let capacity = candidate.capacity
        mask.fail(.cpu, if: request.cpu > capacity.cpu)
        mask.fail(.memory, if: request.memory > capacity.memory)
        mask.fail(.storage, if: request.storage > capacity.storage)
        mask.fail(.networkMbps, if: request.network > capacity.network)
        if request.gpu > 0 {
            mask.fail(.gpu, if: request.gpu > capacity.gpu || !requires.accepts(gpuModel: candidate.gpuModel))
        }
        mask.fail(.image, if: needsEngine && !candidate.hasEngine)
        mask.fail(.capabilities, if: !capabilities.isSubset(of: candidate.capabilities))
        if let cap = requires.maxCostPerHour { mask.fail(.maxCostPerHour, if: candidate.price > cap) }
        return mask
    }
}

/// Requirements with a hash over the members that usually differ; equality is over all of them.
struct RequirementsKey: Hashable {
    let requires: Requirements
    let needsEngine: Bool
    let isIsolated: Bool

    init(_ task: PlacementTask) {
        requires = task.requires
        needsEngine = task.needsEngine
        isIsolated = task.isIsolated
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(needsEngine)
        hasher.combine(requires.cpu)
        hasher.combine(requires.memory)
        hasher.combine(requires.gpu?.count)
        hasher.combine(requires.networkMbps)
        hasher.combine(requires.storage)
        hasher.combine(requires.maxCostPerHour)
        for capability in requires.capabilities { hasher.combine(capability) }
        for regulation in requires.regulations { hasher.combine(regulation) }
    }
}
