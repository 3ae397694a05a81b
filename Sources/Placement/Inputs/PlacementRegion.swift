package import Model

/// A region as the placement round sees it.
package struct PlacementRegion: Sendable, Equatable {
    package var name: String
    package var provider: ProviderKind?
    package var regulations: [String] = []
    /// Measured round trip where there is one, else the declared one.
    package var latency: Duration?
    /// Share of time the place works, 0 to 1; nil: unknown.
    package var availability: Double?
    package var multiplier = Decimal.one
    /// Empty: all.
    package var allowedNamespaces: [String] = []
    /// New work is held back from it until its breaker closes.
    package var circuitOpen = false
    package var down = false
    /// Off: only tasks that name the region go there.
    package var loadBalancing = true
    package var headroom = Headroom()

    package init(_ name: String) { self.name = name }

    /// Takes new work at all.
    var isUsable: Bool { !circuitOpen && !down }
}
