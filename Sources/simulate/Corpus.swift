import SimulatedWorld

/// Runs that reached what few others did, and their neighbours: what is hardly ever reached is tried again with other
/// faults around it.
struct Corpus {
    private var reached: [String: Reached] = [:]
    private var picks = 0

    private struct Reached {
        var times = 0
        /// The first runs that got there.
        var runs: [(seed: UInt64, kind: Scenario.Kind)] = []
    }

    /// Kept of each mark.
    private static let runs = 4
    /// The rarest marks take turns.
    private static let rarest = 24

    mutating func add(_ marks: [String: Int], of scenario: Scenario) {
        for (name, times) in marks {
            reached[name, default: Reached()].times += times
            guard scenario.mutation == 0, reached[name]?.runs.count ?? 0 < Self.runs else { continue }
            reached[name]?.runs.append((scenario.seed, scenario.kind))
        }
    }

    /// So many neighbours of runs that reached what is rare, none twice.
    mutating func neighbours(_ count: Int) -> [Scenario] {
        let rare = reached.filter { !$0.value.runs.isEmpty }.sorted {
            ($0.value.times, $0.key) < ($1.value.times, $1.key)
        }
        .prefix(Self.rarest)
        guard !rare.isEmpty else { return [] }
        return (0..<count).map { _ in
            picks += 1
            let runs = rare[rare.startIndex + picks % rare.count].value.runs
            let base = runs[picks / rare.count % runs.count]
            return Scenario(seed: base.seed, kind: base.kind, mutation: UInt64(picks))
        }
    }
}
