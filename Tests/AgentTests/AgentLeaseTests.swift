import Agent
import Model
import Testing
import WorkerProtocol

@Suite struct AgentLeaseTests {
    let exclusive = AssignmentMessage.sample("x", exclusive: true)
    let plain = AssignmentMessage.sample("p")

    @Test func theLeaseRunsFromTheSendingOfWhatWasAcknowledged() {
        var bench = Bench()
        let renewal = bench.pass(.seconds(2), renewing: false).renewals.last!
        let sentAt = bench.now.instant
        _ = bench.pass(.milliseconds(1500), renewing: false)
        let effects = bench.handle(.renewed(RenewReply(epoch: 5, known: true), number: renewal.number))
        #expect(effects.contains(.renewLease(from: sentAt)))
        let again = bench.handle(.renewed(RenewReply(epoch: 5, known: true), number: renewal.number))
        #expect(!again.contains { if case .renewLease = $0 { true } else { false } })
    }

    @Test func renewalsGoOutEveryTwoSecondsWhateverComesBack() {
        var bench = Bench()
        #expect((4...5).contains(bench.pass(.seconds(9), renewing: false).renewals.count))
    }

    @Test func cutOffStopsOnlyWhatIsExclusive() {
        var bench = Bench()
        _ = bench.answer([exclusive, plain])
        let heard = bench.now.instant
        #expect(bench.pass(.seconds(7), renewing: false).terminated.isEmpty)
        let effects = bench.pass(.seconds(4), renewing: false)
        #expect(effects.terminated == [exclusive.id])
        #expect(bench.now.instant - heard <= .seconds(11))
        // The kill grace counts from the cut-off, not from when it was noticed.
        #expect(bench.pass(.seconds(5), renewing: false).killed == [exclusive.id])
        _ = bench.end(exclusive, code: nil, signal: 9)
        _ = bench.end(plain)
        _ = bench.pass(.seconds(1), renewing: false)
        #expect(bench.core.counters.cutOffs == 1)
        #expect(bench.told().map(\.reason) == [.fenced, .completed])
    }

    @Test func aMachinePausedPastItAllKillsAtOnce() {
        var bench = Bench()
        _ = bench.answer([exclusive])
        bench.now = bench.now.advanced(by: .minutes(5))
        #expect(bench.handle(.tick).killed == [exclusive.id])
    }

    @Test func cutOffItBeginsNothingExclusiveAndTrustsNoAnswerFromBefore() {
        var bench = Bench()
        let underWay = bench.pass(.seconds(2)).exchanges.last!.number
        _ = bench.pass(.seconds(12), renewing: false)
        let reply = ExchangeReply(epoch: 5, acknowledged: 0, assignments: [exclusive, plain])
        #expect(bench.handle(.exchanged(reply, number: underWay)).starts.isEmpty)
        // A new one is sent, and answered while renewals still fail.
        let number = bench.core.exchangeUnderWay!
        #expect(number > underWay)
        #expect(bench.handle(.exchanged(reply, number: number)).starts == [plain.id])
        let back = bench.pass(.seconds(3))
        #expect(back.contains { if case .renewLease = $0 { true } else { false } })
        #expect(bench.answer([exclusive, plain]).starts == [exclusive.id])
    }

    @Test func aLeaderThatWasReplacedProlongsNothing() {
        var bench = Bench()
        _ = bench.answer([exclusive], epoch: 6)
        let renewal = bench.pass(.seconds(3), renewing: false).renewals.last!
        let effects = bench.handle(.renewed(RenewReply(epoch: 5, known: true), number: renewal.number))
        #expect(effects.isEmpty)
        #expect(bench.core.counters.staleEpochs == 1)
    }

    struct GivenUp: Sendable, CustomTestStringConvertible {
        let because: String
        let input: AgentInput
        let exit: AgentExit
        var testDescription: String { because }
    }

    @Test(arguments: [
        GivenUp(
            because: "the controller knows it no more", input: .renewed(RenewReply(epoch: 5, known: false), number: 1),
            exit: .fenced(nil)),
        GivenUp(
            because: "the worker is gone", input: .failed(.exchange, number: 1, .refused(Refusal(.gone, ""))),
            exit: .fenced(Refusal(.gone, ""))),
        GivenUp(
            because: "the credential holds no more",
            input: .failed(.renew, number: 1, .refused(Refusal(.unauthorised, ""))),
            exit: .fenced(Refusal(.unauthorised, ""))),
        GivenUp(
            because: "another start of it took over",
            input: .failed(.renew, number: 1, .refused(Refusal(.superseded, ""))), exit: .superseded),
    ])
    func givenUpItKillsEverythingAndExits(_ row: GivenUp) {
        var bench = Bench()
        _ = bench.answer([exclusive, plain])
        let effects = bench.handle(row.input)
        #expect(effects.killed == [plain.id, exclusive.id])
        #expect(effects.exit == nil)
        _ = bench.end(plain, code: nil, signal: 9)
        #expect(bench.end(exclusive, code: nil, signal: 9).exit == row.exit)

        var stuck = Bench()
        _ = stuck.answer([plain])
        _ = stuck.handle(row.input)
        #expect(stuck.pass(.seconds(10)).exit == row.exit)
    }

    @Test(arguments: [Refusal.Code.notLeading, .invalid, .tooLarge]) func otherRefusalsEndNothing(_ code: Refusal.Code)
    {
        var bench = Bench()
        _ = bench.answer([plain])
        #expect(bench.handle(.failed(.renew, number: 1, .refused(Refusal(code, "")))).killed.isEmpty)
    }
}
