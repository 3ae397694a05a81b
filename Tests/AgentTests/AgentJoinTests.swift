import Agent
import Model
import Testing
import WorkerProtocol

@Suite struct AgentJoinTests {
    private let reply = JoinReply(credential: BearerSecret("c"), worker: "w-0", lease: LeaseSpec(), epoch: 5)

    @Test func itPersistsThatItStartedThenJoinsThenSpeaks() {
        var bench = Bench(joined: false)
        let first = bench.handle(.tick)
        #expect(first.states.map(\.incarnation) == [1])
        #expect(first.joins == [1])
        let askedAt = bench.now.instant
        bench.now = bench.now.advanced(by: .milliseconds(700))
        let second = bench.handle(.joined(reply, number: 1))
        #expect(second.contains(.renewLease(from: askedAt)), "a join is the first renewal")
        #expect(second.states.map(\.epoch) == [5])
        #expect(second.exchanges.map(\.number) == [1])
        #expect(bench.pass(.seconds(2)).renewals.map(\.number) == [1])
    }

    @Test func itTellsOfItsContainerEngineWhenItJoinsAndWheneverThatChanges() throws {
        var bench = Bench(joined: false)
        let early = bench.handle(.engine("1.43")).joinRequests
        let join = try #require((early + bench.handle(.tick).joinRequests).first)
        #expect(join.containerEngine == "1.43")
        _ = bench.handle(.joined(reply, number: 1))
        #expect(bench.lastExchange?.containerEngine == "1.43")
        _ = bench.answer([])
        let number = bench.lastExchange?.number
        _ = bench.handle(.engine("1.43"))
        #expect(bench.lastExchange?.number == number, "what is no news is not told")
        _ = bench.handle(.engine(nil))
        _ = bench.pass(.seconds(2))
        #expect(bench.lastExchange?.containerEngine == nil && bench.lastExchange?.number != number)
    }

    @Test func aLostJoinIsTriedAgainAndItsLateAnswerIgnored() {
        var bench = Bench(joined: false)
        _ = bench.handle(.tick)
        #expect(bench.pass(.seconds(11)).joins == [2])
        #expect(bench.handle(.joined(reply, number: 1)).exchanges.isEmpty)
        #expect(bench.core.counters.lateAnswers == 1)
        #expect(bench.handle(.joined(reply, number: 2)).exchanges.count == 1)
    }

    @Test func itWaitsLongerFromFailureToFailureAndGivesUpInTheEnd() {
        var bench = Bench(joined: false)
        var number = bench.handle(.tick).joins[0]
        var waits: [Duration] = []
        for _ in 0..<7 {
            let before = bench.now.instant
            _ = bench.handle(.failed(.join, number: number, .unreachable("no route")))
            bench.now = bench.now.advanced(by: bench.core.nextDeadline! - bench.now.instant)
            number = bench.handle(.tick).joins[0]
            waits.append(bench.now.instant - before)
        }
        #expect(
            waits == [
                .milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(5), .seconds(5),
            ])
        #expect(bench.pass(.minutes(11)).exit == .neverJoined)
        #expect(bench.core.nextDeadline == nil)
        #expect(bench.handle(.tick).isEmpty)
    }

    @Test(arguments: [
        (code: Refusal.Code.unauthorised, leaves: true), (code: .gone, leaves: true),
        (code: .unsupported, leaves: true),
        (code: .notLeading, leaves: false), (code: .invalid, leaves: false),
    ])
    func aRefusalForGoodEndsIt(code: Refusal.Code, leaves: Bool) {
        var bench = Bench(joined: false)
        _ = bench.handle(.tick)
        let refusal = Refusal(code, "")
        #expect(
            bench.handle(.failed(.join, number: 1, .refused(refusal))).exit == (leaves ? .joinRefused(refusal) : nil))
    }

    @Test func aCredentialThatTheControllerLostSendsItBackToTheToken() {
        var bench = Bench(joined: false)
        _ = bench.handle(.tick)
        _ = bench.handle(.joined(reply, number: 1))
        let lost = CallFailure.refused(Refusal(.unauthorised, "unknown credential"))
        #expect(bench.handle(.failed(.exchange, number: 1, lost)).exit == nil)
        #expect(bench.pass(.seconds(1)).joins == [2])
        _ = bench.handle(.joined(reply, number: 2))
        _ = bench.answer([])
        // Once it was good, it is bad only because the worker was given up.
        #expect(
            bench.handle(.failed(.renew, number: 1, lost)).exit == .fenced(Refusal(.unauthorised, "unknown credential"))
        )
    }

    @Test func anAgentThatCarriesOnNeedsNoToken() {
        var state = AgentState()
        (state.epoch, state.incarnation) = (5, 1)
        let identity = AgentIdentity(workerUID: "w", bootID: "boot", pid: 2, version: "1", token: nil)
        let now = Moment(instant: Instant(nanoseconds: 5), wall: Timestamp(milliseconds: 0))
        var core = AgentCore(identity, state: state, resuming: reply, now: now.instant)
        let effects = core.handle(.tick, now: now, random: 0)
        #expect(effects.states.map(\.incarnation) == [2])
        #expect(effects.exchanges.map(\.incarnation) == [2])
        #expect(effects.renewals.count == 1)
    }

    @Test func withoutContactAndWorkItGivesUpAfterADay() {
        var bench = Bench()
        #expect(bench.pass(.hours(23), renewing: false).exit == nil)
        #expect(bench.pass(.hours(2), renewing: false).exit == .abandoned)
        var busy = Bench()
        _ = busy.answer([.sample()])
        #expect(busy.pass(.hours(30), renewing: false).exit == nil)
    }
}
