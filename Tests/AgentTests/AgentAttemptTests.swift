import Agent
import Model
import Testing
import WorkerProtocol

@Suite struct AgentAttemptTests {
    struct End: Sendable, CustomTestStringConvertible {
        let because: String
        let end: AttemptEnd
        let reason: Reason
        var testDescription: String { because }
    }

    static let at = Timestamp(milliseconds: 1_700_000_100_000)
    static let ends: [End] = [
        End(
            because: "exit code 0 is success", end: AttemptEnd(finishedAt: at, exitCode: 0, outputs: ["a": "b"]),
            reason: .completed),
        End(because: "any other is not", end: AttemptEnd(finishedAt: at, exitCode: 3), reason: .exitedNonZero),
        End(because: "somebody else killed it", end: AttemptEnd(finishedAt: at, signal: 9), reason: .killedBySignal),
        End(
            because: "somebody else stopped it, and it exited with 0",
            end: Self.notItsOwn(.stoppedFromOutside, exitCode: 0), reason: .stoppedFromOutside),
        End(
            because: "the worker had no process left for it", end: Self.notItsOwn(.workerExhausted),
            reason: .workerExhausted),
        End(
            because: "there was no such program", end: AttemptEnd(finishedAt: at, couldNotStart: "make: not found"),
            reason: .couldNotStart),
        End(
            because: "an output is too large",
            end: AttemptEnd(finishedAt: at, exitCode: 0, outputs: ["a": String(repeating: "x", count: 5000)]),
            reason: .outputTooLarge),
        End(
            because: "the runner could not read the outputs",
            end: AttemptEnd(finishedAt: at, exitCode: 0, outputProblem: "line 3 has no ="), reason: .outputTooLarge),
        End(
            because: "a failure says more than its outputs",
            end: AttemptEnd(finishedAt: at, exitCode: 1, outputProblem: "line 3 has no ="), reason: .exitedNonZero),
        End(
            because: "a message is clipped to what the gateway takes",
            end: AttemptEnd(finishedAt: at, couldNotStart: String(repeating: "é", count: 5000)), reason: .couldNotStart),
    ]

    private static func notItsOwn(_ reason: Reason, exitCode: Int? = nil) -> AttemptEnd {
        var end = AttemptEnd(finishedAt: at, exitCode: exitCode)
        end.notItsOwn = .init(reason, "as the runner saw it")
        return end
    }

    @Test(arguments: ends) func anEndIsToldAsItWas(_ row: End) throws {
        var bench = Bench()
        let one = AssignmentMessage.sample()
        _ = bench.answer([one])
        _ = bench.handle(.started(one.id, at: bench.now.wall))
        _ = bench.handle(.ended(one.id, row.end))
        let reports = bench.told()
        #expect(reports.map(\.phase) == [.running, .ended])
        let last = try #require(reports.last)
        #expect(last.reason == row.reason)
        #expect(last.startedAt == bench.core.state.fences.first.map { _ in reports[0].startedAt })
        #expect((last.outputs.isEmpty) == (row.reason != .completed))
        #expect(last.nonsense == nil)
        #expect(throws: Never.self) { try AttemptReport.read(last.tree) }
    }

    @Test func timeoutThenGraceThenKill() {
        var bench = Bench()
        let one = AssignmentMessage.sample(timeout: .seconds(60))
        _ = bench.answer([one])
        _ = bench.pass(.seconds(10))
        _ = bench.handle(.started(one.id, at: bench.now.wall))
        #expect(bench.pass(.seconds(59)).terminated.isEmpty, "it counts from the start of the process")
        #expect(bench.pass(.seconds(2)).terminated == [one.id])
        #expect(bench.pass(.seconds(3)).killed.isEmpty)
        #expect(bench.pass(.seconds(1)).killed == [one.id])
        #expect(bench.pass(.seconds(20)).killed == [one.id, one.id], "a kill that shows nothing is repeated")
        _ = bench.handle(.ended(one.id, AttemptEnd(finishedAt: bench.now.wall, exitCode: 0)))
        #expect(bench.told().last?.reason == .timedOut, "many programs exit with 0 on SIGTERM")
    }

    @Test func aStopIsObeyedOnceAndNeverTakenBack() {
        var bench = Bench()
        let one = AssignmentMessage.sample()
        _ = bench.answer([one])
        #expect(bench.answer([.sample(stop: .cancelled)]).terminated == [one.id])
        #expect(bench.answer([.sample(stop: .cancelled)]).terminated.isEmpty)
        #expect(bench.answer([one]).terminated.isEmpty)
        #expect(bench.pass(.seconds(5)).killed == [one.id])
        #expect(bench.answer([.sample(stop: .cancelled)]).killed.isEmpty)
        _ = bench.end(one, code: nil, signal: 9)
        #expect(bench.told().last?.reason == .cancelled)
    }

    @Test func noGraceKillsAtOnce() {
        var bench = Bench()
        var one = AssignmentMessage.sample()
        one.killGrace = .zero
        _ = bench.answer([one])
        one.stop = .cancelled
        let effects = bench.answer([one])
        #expect(effects.killed == [one.id])
        #expect(effects.terminated.isEmpty)
    }

    @Test func wordsOfAnotherAttemptAreIgnored() {
        var bench = Bench()
        _ = bench.answer([.sample(fence: 2)])
        _ = bench.handle(.started(AssignmentMessage.sample(fence: 1).id, at: Self.at))
        _ = bench.end(.sample(fence: 1))
        #expect(bench.told().isEmpty)
        _ = bench.end(.sample(fence: 2))
        _ = bench.end(.sample(fence: 2))
        #expect(bench.told().count == 1)
    }

    @Test func newsInterruptsTheHeldPoll() {
        var bench = Bench()
        let one = AssignmentMessage.sample()
        _ = bench.answer([one])
        _ = bench.pass(.seconds(5))
        let held = bench.core.exchangeUnderWay
        #expect(bench.handle(.started(one.id, at: bench.now.wall)).exchanges.isEmpty, "its end may come at once")
        let exchange = bench.pass(.milliseconds(25)).exchanges
        #expect(exchange.map(\.number) == held.map { [$0 + 1] })
        #expect(exchange.map { $0.reports.count } == [1])
        #expect(exchange.first?.holding == [Holding(taskUID: "t1", fence: 1, stopping: false)])
        _ = bench.end(one)
        #expect(bench.core.exchangeUnderWay == exchange.first?.number, "what happens at once is told at once")
        #expect(bench.pass(.milliseconds(50)).exchanges.map { $0.reports.count } == [2])
    }

    @Test func aShortAttemptIsOneWord() {
        var bench = Bench()
        let one = AssignmentMessage.sample()
        var exchanges = bench.answer([one]).exchanges
        exchanges += bench.pass(.milliseconds(3)).exchanges
        exchanges += bench.handle(.started(one.id, at: bench.now.wall)).exchanges
        exchanges += bench.pass(.milliseconds(8)).exchanges
        #expect(exchanges.isEmpty)
        exchanges += bench.end(one).exchanges + bench.pass(.milliseconds(5)).exchanges
        #expect(exchanges.map { $0.reports.count } == [2])
        #expect(exchanges.map(\.holding) == [[]])
    }

    @Test func reportsAreRepeatedUntilAcknowledged() {
        var bench = Bench()
        let many = (0..<100).map { AssignmentMessage.sample("t\($0)") }
        _ = bench.answer(many)
        for one in many { _ = bench.end(one) }
        #expect(bench.told().count == 64)
        let first = bench.core.state.incarnation << 32
        _ = bench.answer([], acknowledged: first + 50)
        #expect(bench.told().map(\.sequence) == Array(first + 51...first + 100))
        _ = bench.answer([], acknowledged: first + 20)
        #expect(bench.told().count == 50, "an older acknowledgement takes nothing back")
        _ = bench.answer([], acknowledged: first + 100)
        #expect(bench.told().isEmpty)
    }

    @Test func aLostExchangeIsRepeatedSoon() {
        var bench = Bench()
        let one = AssignmentMessage.sample()
        _ = bench.answer([one])
        _ = bench.end(one)
        let number = bench.pass(.seconds(1)).exchanges.last!.number
        _ = bench.handle(.failed(.exchange, number: number, .unreachable("reset")))
        #expect(bench.pass(.milliseconds(300)).exchanges.map { $0.reports.count } == [1])
        // Nobody tells that this one is lost: its own time must run out.
        #expect(bench.pass(.seconds(39)).exchanges.isEmpty)
        #expect(bench.pass(.seconds(2)).exchanges.count == 1)
    }
}
