import Model

/// Makes a failing scenario smaller, as long as the same promise breaks: leaves out what people did and what went
/// wrong, first in halves and then one by one, and lets what is left last less long.
package enum Shrinker {
    package static func shrink(_ failing: SeedRun) -> SeedRun {
        guard let law = failing.violation?.law else { return failing }
        var best = failing
        // Without what it begins with a world may never come to rest, which is another failure.
        let keepsBeginnings = law == .convergence || law == .rest
        var isShrinking = true
        while isShrinking {
            isShrinking = false
            for smaller in smaller(than: best.scenario, keepsBeginnings: keepsBeginnings) {
                let run = SeedRun(smaller)
                guard run.violation?.law == law else { continue }
                best = run
                isShrinking = true
                break
            }
        }
        return best
    }

    private static func smaller(than scenario: Scenario, keepsBeginnings: Bool) -> [Scenario] {
        var all: [Scenario] = []
        for part in parts(scenario.faults.count) {
            var copy = scenario
            copy.faults.removeSubrange(part)
            all.append(copy)
        }
        let removable = scenario.deeds.indices.filter { index in
            switch scenario.deeds[index].deed {
            case .create, .limitAge: !keepsBeginnings
            default: true
            }
        }
        for part in parts(removable.count) {
            let gone = Set(removable[part])
            var copy = scenario
            copy.deeds = scenario.deeds.indices.filter { !gone.contains($0) }.map { scenario.deeds[$0] }
            all.append(copy)
        }
        for index in scenario.faults.indices where scenario.faults[index].lasts > .seconds(2) {
            var copy = scenario
            copy.faults[index] = copy.faults[index].halved
            all.append(copy)
        }
        return all
    }

    /// Everything, halves, and single ones.
    private static func parts(_ count: Int) -> [Range<Int>] {
        guard count > 0 else { return [] }
        var parts: [Range<Int>] = [0..<count]
        if count > 2 { parts += [0..<count / 2, count / 2..<count] }
        return parts + (count > 1 ? (0..<count).map { $0..<$0 + 1 } : [])
    }
}

extension Fault {
    fileprivate var halved: Fault { Fault(at: at, lasts: lasts / 2, kind: kind) }
}
