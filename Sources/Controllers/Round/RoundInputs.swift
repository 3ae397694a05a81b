import Model
import Placement

/// What a plan's status shows of the brains' estimates.
enum RoundInputs {
    /// Each region's score under the plan's weights, by the price of the cheapest worker there is now.
    static func scores(of regions: [Region], prices: [String: Money], weights: Weights) -> [String: (
        score: String, terms: String
    )] {
        let placed = regions.map { region in
            var placed = PlacementRegion(region.metadata.name)
            placed.latency = region.spec.latency ?? region.status.latency
            placed.availability = region.spec.availability?.double
            return placed
        }
        let ranked = RegionScore.rank(placed, prices: placed.map { prices[$0.name] ?? .zero }, weights: weights)
        return Dictionary(uniqueKeysWithValues: ranked.map { ($0.region, (Self.text($0.score), $0.terms)) })
    }

    /// What a task that has not ended is expected to take in all.
    static func estimate(of task: WorkTask) -> DurationEstimate {
        task.spec.estimatedDuration.map { DurationEstimate(declared: $0) } ?? .unknown
    }

    private static func text(_ score: Double) -> String {
        Money(micros: Int64((score * 100).rounded()) * 10_000).decimal
    }
}
