import Model

/// How long a task runs: the median and the 90th percentile.
package struct DurationEstimate: Sendable, Hashable {
    package var p50: Duration
    package var p90: Duration

    package init(p50: Duration, p90: Duration) {
        self.p50 = p50
        self.p90 = max(p50, p90)
    }

    /// For a task of which nothing is known.
    package static let unknown = DurationEstimate(p50: .minutes(10), p90: .minutes(30))

    /// What the user declared is taken as the median; half as much again as the 90th percentile.
    package init(declared: Duration) {
        self.init(p50: declared, p90: .milliseconds(declared.milliseconds / 2 * 3))
    }

    /// From measured runs, by nearest rank; nil where there is none.
    package init?(measured: [Duration]) {
        guard !measured.isEmpty else { return nil }
        let sorted = measured.sorted()
        func rank(_ percent: Int) -> Duration { sorted[max(0, (sorted.count * percent + 99) / 100 - 1)] }
        self.init(p50: rank(50), p90: rank(90))
    }
}
