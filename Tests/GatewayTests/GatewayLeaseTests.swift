import Gateway
import Model
import Testing
import WorkerProtocol

@Suite struct GatewayLeaseTests {
    private func lastRenewal(_ desk: Desk) -> Moment? { desk.core.leases.first?.lastRenewal }

    @Test func aRenewalCountsFromItsReceipt() {
        var desk = Desk()
        desk.member("w")
        _ = desk.pass(.seconds(2))
        #expect(desk.renew("w", number: 1).answers == [.renewed(RenewReply(epoch: 5, known: true))])
        #expect(lastRenewal(desk) == desk.now)
    }

    @Test func aCopyThatComesLateProlongsNothing() {
        var desk = Desk()
        desk.member("w")
        _ = desk.renew("w", number: 2)
        let before = lastRenewal(desk)
        _ = desk.pass(.seconds(3))
        #expect(desk.renew("w", number: 2).refusal == nil)
        #expect(desk.renew("w", number: 1).refusal == nil)
        #expect(lastRenewal(desk) == before)
        #expect(desk.core.counters.lateRenewals == 2)
    }

    @Test func aStalledControllerCountsFromNow() {
        var desk = Desk()
        desk.member("w")
        desk.expect("not-joined")
        _ = desk.pass(.seconds(20))
        desk.core.restartLeases(now: desk.now)
        #expect(desk.core.leases == desk.core.leases.filter { $0.workerUID == "w" })
        #expect(lastRenewal(desk) == desk.now)
    }

    @Test func aWorkerBackFromALostLeaseGetsNoNewExclusiveAttemptAtOnce() {
        var desk = Desk()
        let held = AssignmentMessage.sample("held", exclusive: true)
        let fresh = AssignmentMessage.sample("new", exclusive: true)
        let plain = AssignmentMessage.sample("plain")
        desk.member("w", holding: [held, fresh, plain])
        _ = desk.pass(.seconds(13))
        _ = desk.renew("w", number: 1)
        #expect(desk.exchange("w", number: 1, holding: [held.held()]).exchanged?.assignments == [held, plain])
        #expect(desk.exchange("w", number: 2, holding: [held.held(), plain.held()]).isEmpty)
        #expect(desk.core.nextDeadline == desk.now.instant + .seconds(5))
        #expect(desk.pass(.seconds(5)).exchanged?.assignments == [held, fresh, plain])
    }

    @Test func aLeaseKeptWithholdsNothing() {
        var desk = Desk()
        let fresh = AssignmentMessage.sample("new", exclusive: true)
        desk.member("w", holding: [fresh])
        _ = desk.pass(.seconds(12))
        _ = desk.renew("w", number: 1)
        #expect(desk.exchange("w", number: 1).exchanged?.assignments == [fresh])
    }
}
