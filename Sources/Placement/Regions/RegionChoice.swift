import Model

/// Which regions a plan's freely placed tasks may use: the best `maxRegions` that together serve every task.
///
/// Regions in use and still usable come first, so that a plan does not wander. While a task has none of the
/// chosen regions, the one with fewest possible regions gets its best-scored one; what is left of the limit
/// goes to the best scores. Tasks listed under a region go there whatever the limit says: their regions
/// count, and are never refused.
struct RegionChoice {
    /// The regions a plan may use.
    struct Allowed {
        var regions: Bitmap
        var inUse: [String]
        var limit: Int
    }

    let scores: [RegionScore]
    /// Nil: the limit excludes nothing.
    let allowed: Allowed?

    /// - Parameters:
    ///   - demands: For each group of equal tasks, the regions where it has a worker or a pool.
    ///   - prices: By region, of the cheapest of those.
    init(plan: PlacementPlan, demands: [Bitmap], prices: [Money?], listed: [String], facts: Facts) {
        let possible = facts.regions.indices.filter { region in
            prices[region] != nil && demands.contains { $0.contains(region) }
        }
        scores = RegionScore.rank(
            possible.map { facts.regions[$0] }, prices: possible.compactMap { prices[$0] },
            weights: plan.weights)

        let limit = max(1, plan.maxRegions)
        var chosen = Bitmap(count: facts.regions.count)
        var inUse: [String] = []
        for name in (plan.regionsInUse + listed).sorted() {
            guard let region = facts.regionIndex[name], facts.regions[region].isUsable,
                !chosen.contains(region)
            else { continue }
            chosen.insert(region)
            inUse.append(name)
        }
        let fresh = possible.filter { !chosen.contains($0) }.count
        guard inUse.count + fresh > limit else {
            allowed = nil
            return
        }
        let ranked = scores.compactMap { facts.regionIndex[$0.region] }
        func add(_ region: Int) {
            chosen.insert(region)
            inUse.append(facts.regions[region].name)
        }
        let byScarcity = demands.map { demand in ranked.filter { demand.contains($0) } }
            .filter { !$0.isEmpty }.sorted {
                $0.count != $1.count ? $0.count < $1.count : $0.lexicographicallyPrecedes($1)
            }
        for regions in byScarcity where inUse.count < limit {
            if !regions.contains(where: { chosen.contains($0) }) { add(regions[0]) }
        }
        for region in ranked where inUse.count < limit && !chosen.contains(region) { add(region) }
        allowed = Allowed(regions: chosen, inUse: inUse.sorted(), limit: limit)
    }
}
