import Gateway
import Model
import Testing
import WorkerProtocol

@Suite struct GatewayExchangeTests {
    struct News: Sendable, CustomTestStringConvertible {
        let because: String
        let assigned: [AssignmentMessage]
        let holding: [Holding]
        let isNews: Bool
        var testDescription: String { because }
        init(_ because: String, _ assigned: [AssignmentMessage], _ holding: [Holding], isNews: Bool) {
            (self.because, self.assigned, self.holding, self.isNews) = (because, assigned, holding, isNews)
        }
    }

    static let one = AssignmentMessage.sample()
    static let stopped = AssignmentMessage.sample(stop: .cancelled)
    static let news: [News] = [
        News("both agree on nothing", [], [], isNews: false),
        News("there is something to start", [one], [], isNews: true),
        News("both agree on one", [one], [one.held()], isNews: false),
        News("what is held is assigned no more", [], [one.held()], isNews: true),
        News("it is already being stopped", [], [one.held(stopping: true)], isNews: false),
        News("a stop is asked for", [stopped], [one.held()], isNews: true),
        News("the stop has begun", [stopped], [one.held(stopping: true)], isNews: false),
        News("an attempt that was never begun must be stopped too", [stopped], [], isNews: true),
        News("a later attempt replaces the one held", [.sample(fence: 2)], [one.held()], isNews: true),
    ]

    @Test(arguments: news) func aPollIsHeldUntilThereIsNews(_ row: News) {
        var desk = Desk()
        desk.member("w", holding: row.assigned)
        let effects = desk.exchange("w", number: 1, holding: row.holding)
        #expect((effects.exchanged != nil) == row.isNews)
        if row.isNews { #expect(effects.exchanged?.assignments == row.assigned) }
    }

    @Test func aHeldPollIsAnsweredByNewsByItsTimeAndByTheNext() {
        var desk = Desk()
        desk.member("w")
        #expect(desk.exchange("w", number: 1).isEmpty)
        #expect(desk.core.nextDeadline == desk.now.instant + .seconds(30))
        #expect(desk.core.setAssignments("w", [Self.one], now: desk.now.instant).calls == [1])
        #expect(desk.core.nextDeadline == nil)

        #expect(desk.exchange("w", number: 2, holding: [Self.one.held()]).isEmpty)
        #expect(desk.pass(.seconds(29)).isEmpty)
        #expect(desk.pass(.seconds(1)).exchanged?.assignments == [Self.one])

        #expect(desk.exchange("w", number: 3, holding: [Self.one.held()]).isEmpty)
        #expect(desk.exchange("w", number: 4, holding: [Self.one.held()]).calls == [3])
        // A copy that was overtaken is answered and displaces nothing.
        #expect(desk.exchange("w", number: 3).calls == [5])
        #expect(desk.pass(.seconds(30)).calls == [4])
    }

    @Test func anAbandonedCallIsNotAnswered() {
        var desk = Desk()
        desk.member("w")
        _ = desk.exchange("w", number: 1)
        desk.core.abandon(CallID(1))
        #expect(desk.pass(.minutes(1)).isEmpty)
    }

    @Test func nothingIsSaidOfAssignmentsBeforeTheyAreKnown() {
        var desk = Desk()
        desk.member("w", holding: nil)
        let report = Self.one.report(1)
        #expect(desk.exchange("w", number: 1, holding: [Self.one.held()], reports: [report]).isEmpty)
        let late = desk.pass(.seconds(30))
        #expect(late.exchanged == ExchangeReply(epoch: 5, acknowledged: 0, assignments: nil))
        // Reports that came too early are taken in once it is known whose they are.
        #expect(desk.exchange("w", number: 2, reports: [report]).isEmpty)
        #expect(desk.core.setAssignments("w", [Self.one], now: desk.now.instant).reports == [report])
    }

    @Test func aForgottenWorkerIsToldSo() {
        var desk = Desk()
        desk.member("w")
        _ = desk.exchange("w", number: 1)
        #expect(desk.core.forget("w").refusal == .gone)
        #expect(desk.renew("w", number: 1).refusal == .gone)
    }

    @Test func anEndOfLeadershipAnswersEveryPollAndRefusesTheRest() {
        var desk = Desk()
        desk.member("a")
        desk.member("b")
        _ = desk.exchange("a", number: 1)
        _ = desk.exchange("b", number: 1)
        let effects = desk.core.close()
        #expect(effects.calls == [1, 2])
        #expect(effects.refusal == .notLeading)
        #expect(desk.renew("a", number: 1).refusal == .notLeading)
        desk.core.open()
        #expect(desk.renew("a", number: 2).refusal == .notLeading)
    }

    @Test func aLaterStartOfTheAgentTakesOver() {
        var desk = Desk()
        desk.member("w")
        _ = desk.exchange("w", number: 7, incarnation: 1)
        let effects = desk.exchange("w", number: 1, incarnation: 2)
        #expect(effects.calls == [1])
        #expect(effects.refusal == .superseded)
        #expect(desk.exchange("w", number: 8, incarnation: 1).refusal == .superseded)
        #expect(desk.renew("w", number: 9, incarnation: 1).refusal == .superseded)
    }

    @Test func aLaterLeaderIsHeardOfOnlyFromAWorker() {
        var desk = Desk(epoch: 5)
        desk.member("w")
        let effects = desk.renew("w", number: 1, epoch: 6)
        #expect(effects.contains(.claims(workerUID: "w", epoch: 6)))
        #expect(effects.refusal == .notLeading)
        let stranger = desk.renew("w", number: 1, epoch: 9, credential: "guess")
        #expect(stranger.count == 1)
        // What a deposed leader does not know may exist: it must not tell an agent that it is gone.
        #expect(desk.renew("new", number: 1, epoch: 6).refusal == .notLeading)
    }

    @Test func drainingIsToldOnce() {
        var desk = Desk()
        desk.member("w")
        #expect(desk.exchange("w", number: 1, draining: true) == [.draining(workerUID: "w")])
        #expect(!desk.exchange("w", number: 2, draining: true).contains(.draining(workerUID: "w")))
    }
}
