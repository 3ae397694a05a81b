import SimulatedWorld
import Testing

/// Checkers that find nothing prove nothing: each of these deliberate bugs must be found.
@Suite struct MutantTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let mutant: Mutant
        let world: Scenario.Kind
        let law: Violation.Law
        /// Where the search begins: one that shows seldom is looked for where it does.
        var from: UInt64 = 1
        /// Seeds within which it must show.
        let within: UInt64
        let because: String
        var testDescription: String { "\(mutant.rawValue): \(because)" }
    }

    static let cases = [
        Case(
            mutant: .epoch, world: .plan, law: .fencing, within: 40,
            because: "a store that ignores epochs takes writes of a leader that was replaced"),
        Case(
            mutant: .sweep, world: .pool, law: .noWrongfulDelete, within: 200,
            because: "without grace the sweep deletes what has just been made"),
        Case(
            mutant: .foreign, world: .pool, law: .noWrongfulDelete, within: 20,
            because: "what carries another cluster's id is not ours to delete"),
        Case(
            mutant: .gone, world: .pool, law: .noDoubleCreate, within: 20,
            because: "a slot's next attempt must wait until the one before is gone"),
        Case(
            mutant: .barrier, world: .plan, law: .syncPoint, within: 60,
            because: "a repeated arrival must not open a barrier"),
        Case(
            mutant: .order, world: .plan, law: .order, within: 20,
            because: "a task that starts before what it depends on is seen"),
        Case(
            mutant: .exclusive, world: .plan, law: .exclusive, within: 100,
            because: "a cut-off agent that goes on with an exclusive task overlaps with its successor"),
        Case(
            mutant: .twice, world: .pool, law: .noDoubleCreate, within: 60,
            because: "a create repeated for want of an answer must make nothing more"),
        Case(
            mutant: .acknowledge, world: .plan, law: .convergence, from: 501, within: 600,
            because: "a report acknowledged before it is durable is lost with the controller"),
        Case(
            mutant: .fence, world: .plan, law: .oneResult, within: 20,
            because: "a report of an old attempt must not end the current one"),
    ]

    @Test(arguments: cases)
    func isFound(_ test: Case) {
        for seed in test.from...test.within {
            guard let found = SeedRun(Scenario(seed: seed, kind: test.world, mutant: test.mutant)).violation else {
                continue
            }
            #expect(found.law == test.law, "\(test.because); seed \(seed) broke \(found) instead")
            return
        }
        Issue.record("\(test.mutant.rawValue) was not found within \(test.within) seeds: \(test.because)")
    }

    @Test func aFailingScenarioShrinks() throws {
        let failing = try #require(
            (1...20 as ClosedRange<UInt64>).lazy.map { SeedRun(Scenario(seed: $0, kind: .plan, mutant: .order)) }
                .first { $0.violation?.law == .order })
        let small = Shrinker.shrink(failing)
        #expect(small.violation?.law == .order)
        #expect(small.scenario.faults.isEmpty, "no fault is needed to start a task too early")
        #expect(small.scenario.deeds.count <= failing.scenario.deeds.count)
    }
}
