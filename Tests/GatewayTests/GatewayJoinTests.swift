import Gateway
import Model
import Testing
import WorkerProtocol

@Suite struct GatewayJoinTests {
    @Test func theTokenBuysACredentialAndBeginsTheLease() {
        var desk = Desk()
        desk.expect("w")
        #expect(desk.core.leases.isEmpty)
        let effects = desk.join("w", credential: "secret")
        let reply = JoinReply(credential: BearerSecret("secret"), worker: "w", lease: LeaseSpec(), epoch: 5)
        #expect(effects.contains(.credentialIssued(workerUID: "w", Desk.hash("secret"))))
        #expect(effects.answers == [.joined(reply)])
        #expect(desk.core.leases.map(\.workerUID) == ["w"])
    }

    @Test func whichContainerEngineAWorkerHasIsToldOnceAndWhenItChanges() {
        var desk = Desk()
        desk.expect("w")
        func told(_ effects: [GatewayEffect]) -> [String?] {
            effects.compactMap { if case .containerEngine("w", let version) = $0 { .some(version) } else { nil } }
        }
        let joined = desk.join("w", engine: "1.43")
        #expect(told(joined) == ["1.43"])
        guard case .containerEngine? = joined.dropLast().last else {
            Issue.record("the engine knows before the agent has its answer: \(joined)")
            return
        }
        _ = desk.core.setAssignments("w", [], now: desk.now.instant)
        #expect(told(desk.exchange("w", number: 1, engine: "1.43")) == [])
        #expect(told(desk.exchange("w", number: 2, engine: nil)) == [nil])
        #expect(told(desk.exchange("w", number: 1, engine: "1.43")) == [], "a copy that was overtaken says nothing")

        var later = Desk()
        later.member("w", engine: "1.43")
        #expect(told(later.exchange("w", number: 1, engine: "1.43")) == [], "it is as the controller left it")
        #expect(told(later.exchange("w", number: 2)) == [nil])
    }

    @Test func theProcessWhoseAnswerWasLostMayAskAgain() {
        var desk = Desk()
        desk.expect("w")
        _ = desk.join("w", credential: "first")
        #expect(desk.join("w", credential: "second").refusal == nil)
        // Whichever of the two arrived, it is the one; it is stored if it was not the last.
        let effects = desk.renew("w", number: 1, credential: "first")
        #expect(effects.contains(.credentialIssued(workerUID: "w", Desk.hash("first"))))
        #expect(desk.renew("w", number: 2, credential: "second").refusal == .unauthorised)
        #expect(desk.join("w", credential: "third").refusal == .unauthorised)
    }

    @Test func anotherProcessCanNotUseTheTokenAgain() {
        var desk = Desk()
        desk.expect("w")
        _ = desk.join("w", pid: 1)
        #expect(desk.join("w", pid: 2).refusal == .unauthorised)
        #expect(desk.core.counters.refusedJoins == 1)
    }

    @Test func onlyTheLastCredentialsOfferedAreKept() {
        var desk = Desk()
        desk.expect("w")
        for index in 0..<6 { _ = desk.join("w", credential: "c\(index)") }
        #expect(desk.renew("w", number: 1, credential: "c1").refusal == .unauthorised)
        #expect(desk.renew("w", number: 1, credential: "c2").refusal == nil)
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        let because: String
        let code: Refusal.Code
        let act: @Sendable (inout Desk) -> [GatewayEffect]
        var testDescription: String { because }
    }

    static let refused: [Refused] = [
        Refused(because: "the token is another's", code: .unauthorised) { $0.join("w", token: "wrong") },
        Refused(because: "an empty token is none", code: .unauthorised) { $0.join("w", token: "") },
        Refused(because: "the token has expired", code: .unauthorised) { desk in
            _ = desk.pass(.minutes(10))
            return desk.join("w")
        },
        Refused(because: "nobody expects that worker", code: .gone) { $0.join("v") },
        Refused(because: "the worker has been given up", code: .gone) { desk in
            _ = desk.core.forget("w")
            return desk.join("w")
        },
        Refused(because: "nothing is known before it is read", code: .notLeading) { desk in
            desk = Desk(open: false)
            return desk.join("w")
        },
        Refused(because: "an expected worker has no credential yet", code: .unauthorised) { $0.renew("w", number: 1) },
        Refused(because: "an empty credential is none", code: .unauthorised) {
            $0.renew("w", number: 1, credential: "")
        },
    ]

    @Test(arguments: refused) func everybodyElseIsRefused(_ refused: Refused) {
        var desk = Desk()
        desk.expect("w")
        #expect(refused.act(&desk).refusal == refused.code)
    }
}
