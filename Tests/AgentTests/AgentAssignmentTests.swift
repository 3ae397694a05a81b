import Agent
import Model
import Testing
import WorkerProtocol

@Suite struct AgentAssignmentTests {
    let one = AssignmentMessage.sample()

    @Test func theFenceIsDurableBeforeTheStart() throws {
        var bench = Bench()
        let effects = bench.answer([one, .sample("t2", fence: 4)])
        #expect(effects.starts == [one.id, AssignmentMessage.sample("t2", fence: 4).id])
        let persisted = try #require(effects.firstIndex { if case .persist = $0 { true } else { false } })
        let started = try #require(effects.firstIndex { if case .start = $0 { true } else { false } })
        #expect(persisted < started)
        #expect(effects.states.count == 1)
        #expect(effects.states[0].fences.map(\.fence) == [1, 4])
    }

    @Test func aRepeatedAnswerChangesNothing() {
        var bench = Bench()
        _ = bench.answer([one])
        #expect(bench.answer([one]).starts.isEmpty)
        _ = bench.handle(.started(one.id, at: bench.now.wall))
        #expect(bench.answer([one]).starts.isEmpty)
        _ = bench.end(one)
        #expect(bench.answer([one]).starts.isEmpty, "its end is told, the controller has only not heard it yet")
        let reply = bench.answer([one], acknowledged: .max)
        #expect(reply.starts.isEmpty, "nor after that")
        #expect(bench.core.state.fences == [TaskFence(taskUID: "t1", fence: 1)])
    }

    @Test func anAnswerThatIsNoLongerWaitedForIsIgnored() {
        var bench = Bench()
        let number = bench.pass(.milliseconds(1500)).exchanges.last!.number
        let reply = ExchangeReply(epoch: 5, acknowledged: 0, assignments: [one])
        #expect(bench.handle(.exchanged(reply, number: number - 1)).starts.isEmpty)
        #expect(bench.handle(.exchanged(reply, number: number)).starts == [one.id])
        #expect(
            bench.handle(.exchanged(ExchangeReply(epoch: 5, acknowledged: 0, assignments: []), number: number))
                .terminated.isEmpty)
    }

    @Test func lowerFencesAndEpochsAreRefused() {
        var bench = Bench()
        _ = bench.answer([.sample(fence: 3)])
        #expect(bench.answer([.sample(fence: 2)]).starts.isEmpty)
        _ = bench.end(.sample(fence: 3))
        #expect(bench.answer([.sample(fence: 2)]).starts.isEmpty)
        #expect(bench.core.counters.refusedFences == 2)
        #expect(bench.answer([.sample(fence: 4)], epoch: 4).starts.isEmpty)
        #expect(bench.core.counters.staleEpochs == 1)
        let next = bench.answer([.sample(fence: 4)], epoch: 6)
        #expect(next.starts.map(\.fence) == [4])
        #expect(next.states.last?.epoch == 6)
    }

    @Test func bothAreRememberedAcrossARestart() {
        var state = AgentState()
        (state.epoch, state.incarnation, state.fences) = (9, 3, [TaskFence(taskUID: "t1", fence: 3)])
        var bench = Bench(joined: false, state: state)
        #expect(bench.handle(.tick).states.map(\.incarnation) == [4])
        let stale = JoinReply(credential: BearerSecret("c"), worker: "w", lease: LeaseSpec(), epoch: 8)
        #expect(bench.handle(.joined(stale, number: 1)).exchanges.isEmpty)
        _ = bench.pass(.seconds(1))
        let reply = JoinReply(credential: BearerSecret("c"), worker: "w", lease: LeaseSpec(), epoch: 9)
        _ = bench.handle(.joined(reply, number: 2))
        #expect(bench.answer([.sample(fence: 2)], epoch: 9).starts.isEmpty)
        // Its process died with the agent: it is not begun again, and that is told, once.
        #expect(bench.answer([.sample(fence: 3)], epoch: 9).starts.isEmpty)
        _ = bench.answer([.sample(fence: 3)], epoch: 9)
        let told = bench.told()
        #expect(told.map(\.reason) == [.workerLost])
        #expect(told.first?.sequence == 4 << 32 + 1)
        #expect(bench.answer([.sample(fence: 4)], epoch: 9).starts.map(\.fence) == [4])
    }

    @Test func anExclusiveAttemptIsNotCalledLostWhileItsGuardMayStillEndIt() {
        var state = AgentState()
        (state.epoch, state.incarnation, state.fences) = (5, 1, [TaskFence(taskUID: "x", fence: 1)])
        var bench = Bench(state: state)
        let began = bench.now.instant
        let exclusive = AssignmentMessage.sample("x", exclusive: true)
        while bench.told().isEmpty { _ = bench.answer([exclusive]) }
        #expect(bench.told().map(\.reason) == [.workerLost])
        let waited = bench.now.instant - began
        #expect(waited >= exclusive.killGrace + .seconds(1))
        #expect(waited < exclusive.killGrace + .seconds(4))
    }

    @Test func whatIsAssignedNoMoreIsStopped() {
        var bench = Bench()
        _ = bench.answer([one, .sample("t2")])
        #expect(bench.answer([.sample("t2")]).terminated == [one.id])
        #expect(bench.answer(nil).terminated.isEmpty, "a controller that does not know yet says nothing")
        let kill = bench.pass(.seconds(6))
        #expect(kill.killed == [one.id])
        _ = bench.end(one, code: nil, signal: 9)
        #expect(bench.told().last?.reason == .fenced)
    }

    @Test func aNewAttemptWaitsForTheEndOfTheOld() {
        var bench = Bench()
        _ = bench.answer([one])
        let next = AssignmentMessage.sample(fence: 2)
        let effects = bench.answer([next])
        #expect(effects.terminated == [one.id])
        #expect(effects.starts.isEmpty)
        _ = bench.end(one)
        #expect(bench.answer([next]).starts == [next.id])
    }

    struct NeverBegun: Sendable, CustomTestStringConvertible {
        let because: String
        let drain: Bool
        let assignment: AssignmentMessage
        var testDescription: String { because }
    }

    @Test(arguments: [
        NeverBegun(because: "its stop came before it", drain: false, assignment: .sample("t2", stop: .cancelled)),
        NeverBegun(because: "the agent takes nothing new", drain: true, assignment: .sample("t2")),
    ])
    func whatIsNotBegunIsReportedAsCancelled(_ row: NeverBegun) {
        var bench = Bench()
        _ = bench.answer([one])
        if row.drain { _ = bench.handle(.shutDown) }
        #expect(bench.answer([one, row.assignment]).starts.isEmpty)
        let report = bench.told().first { $0.taskUID == "t2" }
        #expect(report?.reason == .cancelled)
        #expect(report?.startedAt == nil)
    }

    @Test func anAnswerThatChangesNothingIsNotAskedForAgainAtOnce() {
        var bench = Bench()
        _ = bench.answer([.sample(fence: 3)])
        _ = bench.answer([.sample(fence: 3)])
        var exchanges = 0
        let end = bench.now.instant + .seconds(10)
        while bench.now.instant < end {
            exchanges += 1
            _ = bench.answer([.sample(fence: 2)])
        }
        #expect(exchanges <= 11)
    }

    @Test func fencesAreForgottenOldestFirstAndNeverOfWhatRuns() {
        var bench = Bench()
        _ = bench.answer([.sample("kept")])
        for index in 0..<2100 {
            _ = bench.answer([.sample("kept"), .sample("t\(index)", stop: .cancelled)], acknowledged: .max)
        }
        #expect(bench.core.state.fences.count == 2048)
        #expect(bench.core.state.fences.first?.taskUID == "kept")
        #expect(bench.core.state.fences.last?.taskUID == "t2099")
    }
}
