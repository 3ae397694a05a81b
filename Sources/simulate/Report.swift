import SimulatedWorld

/// A failing run as people read it: what was done and what went wrong, in order, then the last that happened.
struct Report {
    let lines: [String]

    init(_ run: SeedRun, shrunkFrom failing: SeedRun, explains: Bool, tail: Int) {
        let traced = SeedRun(run.scenario, tracing: true, explains: explains)
        var lines = Array(traced.trace.suffix(tail))
        let scenario = run.scenario
        lines.append("")
        let neighbour = scenario.mutation > 0 ? ", mutation \(scenario.mutation)" : ""
        lines.append("seed \(scenario.seed), world \(scenario.kind.rawValue)\(neighbour)")
        if traced.violation != run.violation { lines.append("not again: the run is not deterministic") }
        lines.append("broken: \(traced.violation.map { "\($0)" } ?? "nothing")")
        if scenario.faults.count < failing.scenario.faults.count || scenario.deeds.count < failing.scenario.deeds.count
        {
            lines.append(
                "shrunk from \(failing.scenario.faults.count) faults and \(failing.scenario.deeds.count) deeds to "
                    + "\(scenario.faults.count) and \(scenario.deeds.count):")
        }
        lines += scenario.story(withSpecs: explains)
        lines.append("again: simulate \(scenario.command)")
        self.lines = lines
    }
}
