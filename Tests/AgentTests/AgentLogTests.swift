import Agent
import Model
import Testing
import WorkerProtocol

@Suite struct AgentLogTests {
    let one = AssignmentMessage.sample("t1")
    let two = AssignmentMessage.sample("t2")

    private func uploads(_ effects: [AgentEffect]) -> [String] {
        effects.compactMap { if case .uploadLog(let id, let from, _) = $0 { "\(id.taskUID)@\(from)" } else { nil } }
    }

    @Test func onePieceAtATimeAndOnWhileThereIsMore() {
        var bench = Bench()
        _ = bench.answer([one, two])
        #expect(uploads(bench.pass(.seconds(5))) == ["t1@0"])
        // The other has waited longest, then the first goes on where it stood.
        #expect(uploads(bench.handle(.logUploaded(one.id, next: 100, atEnd: false))) == ["t2@0"])
        #expect(uploads(bench.handle(.logUploaded(two.id, next: 0, atEnd: false))) == ["t1@100"])
        #expect(uploads(bench.handle(.logUploaded(one.id, next: 100, atEnd: false))).isEmpty)
        #expect(uploads(bench.pass(.seconds(1))) == ["t1@100"] || uploads(bench.pass(.seconds(1))) == ["t2@0"])
    }

    @Test func afterTheEndItIsSentToTheEndAndThenDiscarded() {
        var bench = Bench()
        _ = bench.answer([one])
        #expect(uploads(bench.end(one)) == ["t1@0"])
        #expect(uploads(bench.handle(.logUploaded(one.id, next: 65536, atEnd: false))) == ["t1@65536"])
        let effects = bench.handle(.logUploaded(one.id, next: 70000, atEnd: true))
        #expect(effects.contains(.discard(one.id)))
        #expect(uploads(bench.pass(.minutes(1))).isEmpty)
    }

    @Test func aFailureWaitsAndARefusalEndsIt() {
        var bench = Bench()
        _ = bench.answer([one])
        _ = bench.end(one)
        #expect(uploads(bench.handle(.logFailed(one.id, .unreachable("reset")))).isEmpty)
        #expect(uploads(bench.pass(.seconds(1))) == ["t1@0"])
        let effects = bench.handle(.logFailed(one.id, .refused(Refusal(.forbidden, ""))))
        #expect(effects.contains(.discard(one.id)))
        #expect(effects.exit == nil)
    }

    @Test func aLogThatCanNotBeSentIsGivenUpInTheEnd() {
        var bench = Bench()
        _ = bench.answer([one])
        _ = bench.end(one)
        var effects: [AgentEffect] = []
        for _ in 0..<40 {
            effects += bench.handle(.logFailed(one.id, .unreachable("reset")))
            effects += bench.pass(.seconds(30))
        }
        #expect(effects.contains(.discard(one.id)))
    }
}
