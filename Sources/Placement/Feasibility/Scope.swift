import Model

/// Where a task may go for reasons other than its requirements: its namespace, the region and pool it is
/// listed under, its failover policy.
struct Scope: Hashable {
    var namespace: String
    var region: String?
    var pool: ObjectKey?
    var policy: RegionPolicy
    var avoidRegions: [String]

    init(_ task: PlacementTask) {
        namespace = task.key.namespace
        region = task.region
        pool = task.pool
        policy = task.policy
        avoidRegions = task.avoidRegions
    }

    func mask(of candidate: Candidate, in facts: Facts) -> FieldMask {
        var mask = FieldMask()
        mask.fail(.namespace, if: candidate.pool.namespace != namespace)
        if let pool { mask.fail(.pool, if: candidate.pool != pool) }
        if let region { mask.fail(.region, if: candidate.regionName != region) }
        if let allowed = policy.allowed { mask.fail(.failover, if: !allowed.contains(candidate.regionName)) }
        guard candidate.region >= 0 else { return mask.union(FieldMask(.regionNotFound)) }
        let place = facts.regions[candidate.region]
        let names = place.allowedNamespaces
        mask.fail(.allowedNamespaces, if: !names.isEmpty && !names.contains(namespace))
        mask.fail(.loadBalancing, if: !place.loadBalancing && region == nil)
        mask.fail(.circuitOpen, if: place.circuitOpen)
        mask.fail(.regionDown, if: place.down)
        mask.fail(.state, if: candidate.refusal != nil)
        return mask
    }

    /// Lower is tried first.
    func tier(of regionName: String) -> Int {
        let tier = policy.tiers.firstIndex { $0.contains(regionName) } ?? policy.tiers.count
        return avoidRegions.contains(regionName) ? tier + policy.tiers.count + 1 : tier
    }

    /// Above every tier of a region: workers to avoid.
    var lastTier: Int { 2 * (policy.tiers.count + 1) }
}
