import Agent
import Model
import Testing
import WorkerProtocol

@Suite struct AgentDrainTests {
    let one = AssignmentMessage.sample()

    @Test func itEndsWhatRunsReportsAndExits() {
        var bench = Bench()
        _ = bench.answer([one])
        let stop = bench.handle(.shutDown)
        #expect(stop.terminated == [one.id])
        #expect(bench.pass(.milliseconds(100)).exchanges.last?.draining == true)
        #expect(bench.end(one, code: nil, signal: 15).exit == nil)
        let report = bench.told()
        #expect(report.map(\.reason) == [.cancelled])
        _ = bench.handle(.logUploaded(one.id, next: 0, atEnd: true))
        #expect(bench.answer([], acknowledged: report[0].sequence).exit == .drained)
    }

    @Test func anIdleOneExitsAtOnce() {
        var bench = Bench()
        #expect(bench.handle(.shutDown).exit == .drained)
        var joining = Bench(joined: false)
        _ = joining.handle(.tick)
        #expect(joining.handle(.shutDown).exit == .drained)
    }

    @Test func aControllerThatDoesNotAnswerHoldsItHalfAMinute() {
        var bench = Bench()
        _ = bench.answer([one])
        _ = bench.handle(.shutDown)
        _ = bench.end(one, code: nil, signal: 15)
        #expect(bench.pass(.seconds(34), renewing: false).exit == nil)
        #expect(bench.pass(.seconds(2), renewing: false).exit == .drained)
    }

    @Test func whatDoesNotEndIsKilledAndLeftInTheEnd() {
        var bench = Bench()
        _ = bench.answer([one])
        _ = bench.handle(.shutDown)
        #expect(bench.pass(.seconds(5)).killed == [one.id])
        let rest = bench.pass(.seconds(41))
        #expect(rest.exit == .drained)
    }

    @Test func askedTwiceItDoesNotWait() {
        var bench = Bench()
        _ = bench.answer([one])
        _ = bench.handle(.shutDown)
        #expect(bench.handle(.shutDown).killed == [one.id])
        #expect(bench.end(one, code: nil, signal: 9).exit == .drained)
    }
}
