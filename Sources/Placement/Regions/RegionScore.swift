package import Model

/// How good a region is for a plan, with the terms that make it so.
///
/// score = (latency × w₁ + cost × w₂ + availability × w₃) / (w₁ + w₂ + w₃), each term 0 to 1, higher is
/// better:
/// - latency = 100 ms / (100 ms + round trip): 1 at once, ½ at 100 ms. Unknown counts as 100 ms.
/// - cost = (cheapest + 1 ¢) / (this + 1 ¢), by the $/h of the cheapest worker that fits there: 1 for the
///   cheapest region, ½ at twice its price.
/// - availability as declared or measured; unknown counts as 0.99. With all weights 0 the three count alike.
package struct RegionScore: Sendable {
    package let region: String
    package let score: Double
    package let latency: Double
    package let cost: Double
    package let availability: Double
    package let weights: Weights

    /// Best first; equal ones by name. `prices` are those of the cheapest fitting worker, in the order of
    /// `regions`.
    package static func rank(_ regions: [PlacementRegion], prices: [Money], weights: Weights) -> [RegionScore] {
        let cheapest = prices.min() ?? .zero
        return zip(regions, prices).map { RegionScore($0, price: $1, cheapest: cheapest, weights) }
            .sorted { $0.score != $1.score ? $0.score > $1.score : $0.region < $1.region }
    }

    private init(_ region: PlacementRegion, price: Money, cheapest: Money, _ given: Weights) {
        var weights = given
        weights.latency = max(0, given.latency)
        weights.cost = max(0, given.cost)
        weights.availability = max(0, given.availability)
        if weights.latency + weights.cost + weights.availability == 0 { weights = Weights() }
        let cent = 10_000.0
        self.region = region.name
        self.weights = weights
        latency = 100 / (100 + Double(max(0, region.latency?.milliseconds ?? 100)))
        cost = (Double(cheapest.micros) + cent) / (Double(price.micros) + cent)
        availability = min(max(region.availability ?? 0.99, 0), 1)
        let sum =
            latency * Double(weights.latency) + cost * Double(weights.cost) + availability
            * Double(weights.availability)
        score = sum / Double(weights.latency + weights.cost + weights.availability)
    }

    /// `latency 0.83 × 1 + cost 1.00 × 1 + availability 0.99 × 1`.
    package var terms: String {
        let terms = [
            ("latency", latency, weights.latency), ("cost", cost, weights.cost),
            ("availability", availability, weights.availability),
        ]
        return terms.map { "\($0.0) \(decimalText($0.1, places: 2)) × \($0.2)" }.joined(separator: " + ")
    }

    package var text: String { "\(decimalText(score, places: 2)) = \(terms)" }
}
