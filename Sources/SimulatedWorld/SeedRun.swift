import Model
import Storage

/// One run of one scenario, and what became of it.
package struct SeedRun: Sendable {
    package let scenario: Scenario
    package let violation: Violation?
    package let hash: UInt64
    package let steps: Int
    package let commits: UInt64
    /// From the end of the faults to convergence.
    package let convergence: Duration?
    package let virtualTime: Duration
    package let trace: [String]

    package init(_ scenario: Scenario, tracing: Bool = false) {
        var world = World(scenario, tracing: tracing)
        world.run()
        self.scenario = scenario
        violation = world.violation
        hash = world.trace.hash
        steps = world.trace.steps
        commits = world.store.version
        convergence = world.convergenceTime
        virtualTime = world.now - .origin
        trace = world.trace.lines
    }
}

/// Makes a failing scenario smaller: leaves out one fault, then one deed, after the other, as long as the same law
/// breaks.
package enum Shrinker {
    package static func shrink(_ failing: SeedRun) -> SeedRun {
        guard let law = failing.violation?.law else { return failing }
        var best = failing
        var isShrinking = true
        while isShrinking {
            isShrinking = false
            for smaller in smaller(than: best.scenario) {
                let run = SeedRun(smaller)
                guard run.violation?.law == law else { continue }
                best = run
                isShrinking = true
                break
            }
        }
        return best
    }

    private static func smaller(than scenario: Scenario) -> [Scenario] {
        let withoutFault = scenario.faults.indices.map { index in
            var copy = scenario
            copy.faults.remove(at: index)
            return copy
        }
        // Without what it begins with a world fails for other reasons.
        let changes = scenario.deeds.indices.filter { index in
            if case .create = scenario.deeds[index].deed { false } else { true }
        }
        let withoutDeed = changes.map { index in
            var copy = scenario
            copy.deeds.remove(at: index)
            return copy
        }
        return withoutFault + withoutDeed
    }
}
