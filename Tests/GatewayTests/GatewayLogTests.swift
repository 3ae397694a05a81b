import Gateway
import Model
import Testing
import WorkerProtocol

@Suite struct GatewayLogTests {
    private func refusal(_ desk: Desk, _ chunk: LogChunk, credential: String = "w") -> Refusal.Code? {
        do throws(Refusal) {
            try desk.core.authoriseLog(chunk, credential: Desk.hash(credential))
            return nil
        } catch { return error.code }
    }

    private func chunk(_ task: String, attempt: Int = 1, offset: Int = 0, count: Int = 1) -> LogChunk {
        LogChunk(
            workerUID: "w", taskUID: task, attempt: attempt, offset: offset, bytes: Array(repeating: 1, count: count))
    }

    @Test func aWorkerWritesTheLogsOfItsOwnAttemptsOnly() {
        var desk = Desk()
        desk.member("w", holding: [.sample("t1", fence: 2), .sample("t2")])
        _ = desk.core.setAssignments("w", [.sample("t1", fence: 2)], now: desk.now.instant)
        #expect(refusal(desk, chunk("t1", attempt: 2)) == nil)
        #expect(refusal(desk, chunk("t2")) == nil, "it held that one")
        #expect(refusal(desk, chunk("t1", attempt: 1)) == .forbidden, "another worker had that one")
        #expect(refusal(desk, chunk("t3")) == .forbidden)
        #expect(refusal(desk, chunk("t1", attempt: 2), credential: "guess") == .unauthorised)
        #expect(refusal(desk, chunk("t1", attempt: 2, offset: WireLimits.log)) == .tooLarge)
        #expect(refusal(desk, chunk("t1", attempt: 2, count: WireLimits.chunk + 1)) == .tooLarge)
    }

    @Test func attemptsLongPastAreForgotten() {
        var desk = Desk()
        desk.member("w", holding: [])
        for index in 0..<1030 { _ = desk.core.setAssignments("w", [.sample("t\(index)")], now: desk.now.instant) }
        #expect(refusal(desk, chunk("t0")) == .forbidden)
        #expect(refusal(desk, chunk("t1000")) == nil)
    }

    @Test func beforeAssignmentsAreKnownItComesAgain() {
        var desk = Desk()
        desk.member("w", holding: nil)
        #expect(refusal(desk, chunk("t1")) == .notLeading)
    }

    @Test(arguments: [
        (kept: 0, offset: 0, placed: LogPlacement.append([1, 2, 3], next: 3), because: "it begins the log"),
        (kept: 5, offset: 5, placed: .append([1, 2, 3], next: 8), because: "it goes on where the log ends"),
        (kept: 6, offset: 5, placed: .append([2, 3], next: 8), because: "a part is there already"),
        (kept: 8, offset: 5, placed: .nothing(next: 8), because: "all of it is there already"),
        (kept: 9, offset: 5, placed: .nothing(next: 9), because: "more than it is there already"),
        (kept: 4, offset: 5, placed: .nothing(next: 4), because: "a byte before it is missing"),
    ])
    func aPieceGoesWhereItBelongs(kept: Int, offset: Int, placed: LogPlacement, because: String) {
        let chunk = LogChunk(workerUID: "w", taskUID: "t", attempt: 1, offset: offset, bytes: [1, 2, 3])
        #expect(LogPlacement(chunk, kept: kept) == placed, "\(because)")
    }
}
