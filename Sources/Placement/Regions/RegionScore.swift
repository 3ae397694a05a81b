package import Model

/// How good a region is for a plan, with the terms that make it so.
///
/// score = (latency × w₁ + cost × w₂ + availability × w₃) / (w₁ + w₂ + w₃), each term 0 to 1, higher is better:
/// - latency = 100 ms / (100 ms + round trip): 1 at once, ½ at 100 ms. Unknown counts as 100 ms.
/// - cost = (cheapest + 1 ¢) / (this + 1 ¢), by the $/h of the cheapest worker that fits there: 1 for the cheapest region,
///   ½ at twice its price.
/// - availability as declared or measured; unknown counts as 0.99.
/// With all weights 0 the three count alike.
package struct RegionScore: Sendable, Hashable {
    package let region: String
    package let score: Double
    /// `latency 0.83 × 1 + cost 1.00 × 1 + availability 0.99 × 1`.
    package let terms: String

    /// Best first; equal ones by name. `prices` are those of the cheapest fitting worker, in the order of `regions`.
    package static func rank(_ regions: [PlacementRegion], prices: [Money], weights: Weights) -> [RegionScore] {
        let cheapest = prices.map(\.micros).min() ?? 0
        return zip(regions, prices).map { region, price in
            score(region, price: price, cheapest: cheapest, weights: weights)
        }.sorted { $0.score != $1.score ? $0.score > $1.score : $0.region < $1.region }
    }

    private static func score(
        _ region: PlacementRegion, price: Money, cheapest: Int64, weights: Weights
    ) -> RegionScore {
        let cent = 10_000.0
        let latency = 100 / (100 + Double(max(0, region.latency?.milliseconds ?? 100)))
        let cost = (Double(cheapest) + cent) / (Double(price.micros) + cent)
        let availability = min(max(region.availability ?? 0.99, 0), 1)
        var factors = [weights.latency, weights.cost, weights.availability].map { max(0, $0) }
        if factors.allSatisfy({ $0 == 0 }) { factors = [1, 1, 1] }
        let terms = [("latency", latency), ("cost", cost), ("availability", availability)]
        let sum = zip(terms, factors).reduce(0) { $0 + $1.0.1 * Double($1.1) }
        let text = zip(terms, factors).map { "\($0.0) \(decimalText($0.1, places: 2)) × \($1)" }.joined(separator: " + ")
        return RegionScore(region: region.name, score: sum / Double(factors.reduce(0, +)), terms: text)
    }

    package var text: String { "\(decimalText(score, places: 2)) = \(terms)" }
}
