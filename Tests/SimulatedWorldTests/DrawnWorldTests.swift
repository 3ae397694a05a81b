import SimulatedWorld
import Testing

/// The worlds in which anything may be written: what they cover, that they are the same everywhere, and how a failing
/// run is kept.
@Suite struct DrawnWorldTests {
    @Test func everyFieldOfEverySpecIsWritten() {
        var coverage = Coverage()
        for seed in 1...600 as ClosedRange<UInt64> { coverage.add(Scenario(seed: seed, kind: .wide)) }
        #expect(coverage.missing.isEmpty, "what no world writes, no world can find wrong")
        let caps = coverage.classes["ExecutionPlan.scheduling.maxRegions"] ?? [:]
        #expect(caps["least"] ?? 0 > 0 && caps["most"] ?? 0 > 0 && caps["most - 1"] ?? 0 > 0, "values at their bounds")
    }

    @Test(arguments: Focus.allCases)
    func aWorldAboutOneThingHasHardlyAFault(_ focus: Focus) {
        let scenario = Scenario(seed: focus.rawValue + Focus.every, kind: .small)
        #expect(scenario.focus == focus && scenario.faults.count <= 2)
        #expect(Scenario(seed: focus.rawValue, kind: .wide).focus == nil)
        #expect(SeedRun(scenario).violation == nil)
    }

    /// Hash seeds differ from process to process, optimization from build to build: these numbers may not.
    @Test(arguments: [Scenario.Kind.small, .wide])
    func aDrawingIsTheSameTwice(_ kind: Scenario.Kind) {
        for seed in 1...30 as ClosedRange<UInt64> {
            let (first, second) = (Scenario(seed: seed, kind: kind), Scenario(seed: seed, kind: kind))
            #expect(first.fingerprint == second.fingerprint)
            #expect(first.story == second.story)
        }
    }

    @Test func aNeighbourIsAnotherRunAndAlwaysTheSame() throws {
        for seed in 1...6 as ClosedRange<UInt64> {
            let near = Scenario(seed: seed, kind: .small, mutation: 3)
            #expect(near.fingerprint == Scenario(seed: seed, kind: .small, mutation: 3).fingerprint)
            let run = SeedRun(near)
            #expect(run.hash != SeedRun(Scenario(seed: seed, kind: .small)).hash)
            #expect(run.violation == nil, "simulate \(near.command)")
            let kept = try Story(Story(of: run, commit: "abc").text)
            #expect(SeedRun(try kept.scenario()).hash == run.hash)
        }
    }

    /// `hack/test` asks that all of them are reached.
    @Test func whatMustBeReachedIsNamedOnce() {
        #expect(Set(RequiredMarks.all).count == RequiredMarks.all.count)
        let marks = SeedRun(Scenario(seed: 1, kind: .small)).marks
        let missing = RequiredMarks.missing(from: marks)
        #expect(!missing.isEmpty && missing.count < RequiredMarks.all.count, "some by any run, all by none")
        #expect(!missing.contains("deed create"))
    }

    @Test func aRunThatWasKeptIsTheSameRun() throws {
        let failing = try #require(
            (1...20 as ClosedRange<UInt64>).lazy.map { SeedRun(Scenario(seed: $0, kind: .plan, mutant: .order)) }
                .first { $0.violation?.law == .order })
        let small = Shrinker.shrink(failing)
        let kept = try Story(Story(of: small, commit: "abc").text)
        let again = SeedRun(try kept.scenario())
        #expect(again.hash == small.hash)
        #expect(again.violation == small.violation)
    }

    @Test func aRunOfAnotherVersionIsRefusedWithItsCommit() throws {
        let text = "seed 7\nworld small\nfingerprint 1\ncommit 0123abc\nlaw L5\n"
        let kept = try Story(text)
        let problem = try #require(throws: Story.Problem.self) { _ = try kept.scenario() }
        #expect(problem.message.contains("0123abc"))
        #expect(throws: Story.Problem.self) { try Story("nonsense with many words") }
        #expect(throws: Story.Problem.self) { try Story("world small\n") }
    }
}
