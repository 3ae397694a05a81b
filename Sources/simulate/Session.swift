import SimulatedWorld

/// Runs the seeds in order and reports; stops at the first that breaks a promise.
struct Session {
    private let arguments: Arguments

    init(_ arguments: Arguments) { self.arguments = arguments }

    /// Whether every promise was kept.
    func run() -> Bool {
        let clock = ContinuousClock()
        let began = clock.now
        var (runs, steps, commits) = (0, 0, UInt64(0))
        var hash: UInt64 = 0
        for seed in arguments.seeds {
            for world in arguments.worlds {
                let scenario = Scenario(
                    seed: seed, kind: world, mutant: arguments.mutant, faultless: arguments.faultless)
                let run = SeedRun(scenario, tracing: arguments.tracing)
                if arguments.tracing { for line in run.trace { print(line) } }
                if run.violation != nil {
                    report(run)
                    return false
                }
                runs += 1
                steps += run.steps
                commits += run.commits
                hash = (hash ^ run.hash) &* 0x100_0000_01B3
            }
        }
        let took = clock.now - began
        let seconds = max(0.001, Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18)
        let rate = Int(Double(runs) / seconds)
        print(
            "\(runs) runs kept every promise: \(steps) steps, \(commits) writes, \(rate) runs/s, trace \(String(hash, radix: 16))"
        )
        return true
    }

    private func report(_ failing: SeedRun) {
        let run = arguments.shrinks ? Shrinker.shrink(failing) : failing
        let traced = SeedRun(run.scenario, tracing: true)
        for line in traced.trace.suffix(arguments.tail) { print(line) }
        print("")
        print(
            "seed \(run.scenario.seed), world \(run.scenario.kind.rawValue)\(run.scenario.mutant.map { ", broken: \($0.rawValue)" } ?? "")"
        )
        print("broken: \(traced.violation.map { "\($0)" } ?? "not again: the run is not deterministic")")
        if run.scenario.faults.count < failing.scenario.faults.count
            || run.scenario.deeds.count < failing.scenario.deeds.count
        {
            print("shrunk from \(failing.scenario.faults.count) faults and \(failing.scenario.deeds.count) deeds")
        }
        for fault in run.scenario.faults { print("fault: \(fault)") }
        for timed in run.scenario.deeds { print("deed: \(timed.summary)") }
        print(
            "again: simulate --seed \(run.scenario.seed) --world \(run.scenario.kind.rawValue)\(run.scenario.mutant.map { " --break \($0.rawValue)" } ?? "")"
        )
    }
}
