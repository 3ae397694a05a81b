import SimulatedWorld

/// Runs the seeds on all cores and reports in their order; stops at the first that breaks a promise.
struct Session {
    private let arguments: Arguments

    init(_ arguments: Arguments) { self.arguments = arguments }

    /// What is kept of one run.
    private struct Outcome: Sendable {
        let scenario: Scenario
        let violation: Violation?
        let hash: UInt64
        let steps: Int
        let commits: UInt64
        let seconds: Int64
        let marks: [String: Int]
    }

    private struct Totals {
        var runs = 0
        var steps = 0
        var commits: UInt64 = 0
        var seconds: Int64 = 0
        var hash: UInt64 = 0
        var marks: [String: Int] = [:]
    }

    /// Whether every promise was kept.
    func run() async -> Bool {
        if arguments.wantsCoverage { return covers() }
        if let path = arguments.replay { return replay(path) }
        if let hours = arguments.hours { return await endure(for: .seconds(Int64(hours * 3600))) }
        let clock = ContinuousClock()
        let began = clock.now
        var totals = Totals()
        var failed: Outcome?
        var next = arguments.seeds.lowerBound
        let size = UInt64(arguments.cores * 8)
        while failed == nil, next <= arguments.seeds.upperBound {
            let last = min(arguments.seeds.upperBound, next + size - 1)
            let outcomes = await outcomes(of: scenarios(of: next...last))
            for outcome in outcomes {
                add(outcome, to: &totals)
                if outcome.violation != nil {
                    failed = outcome
                    break
                }
            }
            next = last + 1
        }
        if let failed {
            report(failed.scenario)
            return false
        }
        summarise(totals, clock.now - began)
        guard arguments.requiresMarks else { return true }
        let missing = RequiredMarks.missing(from: totals.marks)
        if !missing.isEmpty { print("not reached: \(missing.joined(separator: ", "))") }
        return missing.isEmpty
    }

    /// Seeds for as long as it was asked, whatever fails; then a page about it.
    private func endure(for time: Duration) async -> Bool {
        let clock = ContinuousClock()
        let began = clock.now
        var totals = Totals()
        var record = Record(commit: Files.commit, first: arguments.seeds.lowerBound)
        var next = arguments.seeds.lowerBound
        var corpus = Corpus()
        while clock.now - began < time {
            let last = next + UInt64(arguments.cores * 25) - 1
            let fresh = scenarios(of: next...last)
            let neighbours = arguments.mutant == nil ? corpus.neighbours(fresh.count) : []
            for outcome in await outcomes(of: fresh + neighbours) {
                add(outcome, to: &totals)
                corpus.add(outcome.marks, of: outcome.scenario)
                if let violation = outcome.violation { record.found(violation, in: outcome.scenario) }
            }
            record.neighbours += neighbours.count
            next = last + 1
        }
        record.last = next - 1
        record.took = clock.now - began
        (record.runs, record.steps, record.seconds, record.marks) = (
            totals.runs, totals.steps, totals.seconds, totals.marks
        )
        print(record.page())
        if let path = arguments.save {
            do throws(Files.Problem) {
                let former = Files.exists(path) ? try Files.read(path) : ""
                try Files.write(record.page(keeping: former), to: path)
            } catch { print("not kept: \(error.message)") }
        }
        return record.isClean
    }

    private func scenarios(of seeds: ClosedRange<UInt64>) -> [Scenario] {
        seeds.flatMap { seed in
            worlds(of: seed).map {
                Scenario(
                    seed: seed, kind: $0, mutant: arguments.mutant, faultless: arguments.faultless,
                    mutation: arguments.mutation)
            }
        }
    }

    private func outcomes(of scenarios: [Scenario]) async -> [Outcome] {
        if arguments.tracing { return scenarios.map { outcome(of: $0) } }
        let lanes = max(1, arguments.cores)
        return await withTaskGroup(of: [(Int, Outcome)].self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    stride(from: lane, to: scenarios.count, by: lanes).map { ($0, outcome(of: scenarios[$0])) }
                }
            }
            var all: [(Int, Outcome)] = []
            for await part in group { all += part }
            return all.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// Without a word about worlds each seed runs in the one that is its turn.
    private func worlds(of seed: UInt64) -> [Scenario.Kind] {
        if let worlds = arguments.worlds { return worlds }
        return [Scenario.Kind.allCases[Int(seed % UInt64(Scenario.Kind.allCases.count))]]
    }

    private func outcome(of scenario: Scenario) -> Outcome {
        let run = SeedRun(scenario, tracing: arguments.tracing)
        if arguments.tracing { for line in run.trace { print(line) } }
        return Outcome(
            scenario: scenario, violation: run.violation, hash: run.hash, steps: run.steps, commits: run.commits,
            seconds: run.virtualTime.components.seconds, marks: run.marks)
    }

    private func add(_ outcome: Outcome, to totals: inout Totals) {
        totals.runs += 1
        totals.steps += outcome.steps
        totals.commits += outcome.commits
        totals.seconds += outcome.seconds
        totals.hash = (totals.hash ^ outcome.hash) &* 0x100_0000_01B3
        totals.marks.merge(outcome.marks) { $0 + $1 }
    }

    private func summarise(_ totals: Totals, _ took: Duration) {
        let seconds = max(0.001, Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18)
        if arguments.wantsMarks {
            for name in totals.marks.keys.sorted() { print("\(name): \(totals.marks[name] ?? 0)") }
        }
        print(
            "\(totals.runs) runs kept every promise: \(totals.steps) steps, \(totals.commits) writes, "
                + "\(totals.seconds / 3600) hours of theirs, \(Int(Double(totals.runs) / seconds)) runs/s, "
                + "\(Int(Double(totals.steps) / seconds)) steps/s, trace \(String(totals.hash, radix: 16))")
    }

    /// What the worlds write of what can be written.
    private func covers() -> Bool {
        var coverage = Coverage()
        for seed in arguments.seeds {
            for world in arguments.worlds ?? Scenario.Kind.allCases { coverage.add(Scenario(seed: seed, kind: world)) }
        }
        for line in coverage.lines { print(line) }
        let missing = coverage.missing
        print(missing.isEmpty ? "every field is written" : "never written: \(missing.joined(separator: ", "))")
        return missing.isEmpty
    }

    /// The shortest failing run, as a story.
    private func report(_ scenario: Scenario) {
        let failing = SeedRun(scenario)
        let run = arguments.shrinks ? Shrinker.shrink(failing) : failing
        let report = Report(run, shrunkFrom: failing, explains: arguments.explains, tail: arguments.tail)
        for line in report.lines { print(line) }
        guard let path = arguments.save else { return }
        do throws(Files.Problem) {
            try Files.write(Story(of: run, commit: Files.commit).text, to: path)
            print("kept in \(path): simulate --replay \(path)")
        } catch { print("not kept: \(error.message)") }
    }

    /// A kept run, once more; whether it keeps every promise now.
    private func replay(_ path: String) -> Bool {
        let scenario: Scenario
        do {
            scenario = try Story(try Files.read(path)).scenario()
        } catch let problem as Files.Problem {
            print("simulate: \(problem.message)")
            return false
        } catch {
            print("simulate: \(path): \((error as? Story.Problem)?.message ?? "\(error)")")
            return false
        }
        let run = SeedRun(scenario)
        if run.violation == nil, !arguments.explains, !arguments.tracing {
            print("seed \(scenario.seed), world \(scenario.kind.rawValue): every promise is kept")
            return true
        }
        let tail = arguments.tracing ? Int.max : arguments.tail
        for line in Report(run, shrunkFrom: run, explains: arguments.explains, tail: tail).lines { print(line) }
        return run.violation == nil
    }
}
