import Testing

@testable import HTTP

@Suite("The state of an exchange")
struct ExchangeStateTests {
    private func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 1, count: count) }

    /// `#expect` takes no mutating call.
    private func same<Value: Equatable>(
        _ actual: Value, _ expected: Value, _ because: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(actual == expected, because, sourceLocation: sourceLocation)
    }

    private func arrive(_ state: inout ExchangeState, _ count: Int) -> ExchangeState.Reception {
        bytes(count).withUnsafeBytes { state.bytesArrived($0).0 }
    }

    @Test("a stream pauses at its window and resumes when it is read")
    func window() {
        var state = ExchangeState(.stream(window: 10, limit: nil))
        _ = state.headArrived(HTTPResponseHead(status: 200))
        same(arrive(&state, 6), .taken)
        same(arrive(&state, 4), .taken)
        same(arrive(&state, 1), .pause)
        let first = state.takePiece()
        #expect(first?.piece == .success(bytes(10)))
        #expect(first?.resume == true)
        same(arrive(&state, 1), .taken, "the paused bytes come again, and count once")
        let second = state.takePiece()
        #expect(second?.piece == .success(bytes(1)))
        #expect(second?.resume == false)
        let third = state.takePiece()
        #expect(third == nil)
    }

    @Test("a piece larger than the window is taken when nothing is held")
    func largePiece() {
        var state = ExchangeState(.stream(window: 10, limit: nil))
        same(arrive(&state, 20), .taken)
        same(arrive(&state, 1), .pause)
    }

    @Test("caps count all bytes of a stream, not only those held")
    func caps() {
        var stream = ExchangeState(.stream(window: 10, limit: 12))
        same(arrive(&stream, 10), .taken)
        _ = stream.takePiece()
        same(arrive(&stream, 3), .refused(limit: 12))
        var whole = ExchangeState(.whole(limit: 5))
        same(arrive(&whole, 5), .taken)
        same(arrive(&whole, 1), .refused(limit: 5))
    }

    @Test("the first outcome stays")
    func outcomes() {
        let cancelled = HTTPError(.cancelled, "")
        var state = ExchangeState(.whole(limit: 5))
        _ = state.headArrived(HTTPResponseHead(status: 200))
        _ = arrive(&state, 2)
        same(state.takeResponse(), nil)
        let (wasLive, _) = state.cancelled(cancelled)
        #expect(wasLive)
        _ = state.ended(.finished)
        same(arrive(&state, 1), .over)
        same(state.takeResponse(), .failure(cancelled))
        same(state.cancelled(HTTPError(.closed, "")).wasLive, false)
    }

    @Test("what a stream held before a failure is read first")
    func failureAfterBytes() {
        let lost = HTTPError(.connectionLost, "")
        var state = ExchangeState(.stream(window: 10, limit: nil))
        _ = state.headArrived(HTTPResponseHead(status: 200))
        _ = arrive(&state, 2)
        _ = state.ended(.failed(lost))
        same(state.takeHead(), .success(HTTPResponseHead(status: 200)), "the head is there")
        same(state.takePiece()?.piece, .success(bytes(2)))
        same(state.takePiece()?.piece, .failure(lost))
        same(state.takePiece()?.piece, .failure(lost))
    }

    @Test("a task parks once, sees news before it sleeps, and is woken once")
    func parking() async {
        var state = ExchangeState(.stream(window: 10, limit: nil))
        _ = state.headArrived(HTTPResponseHead(status: 200))
        await withCheckedContinuation { continuation in
            same(state.park(continuation), .news)
            same(state.park(continuation), .parked)
            same(state.park(continuation), .busy)
            let woken = state.ended(.finished)
            #expect(woken != nil)
            same(state.ended(.finished) == nil, true)
            continuation.resume()
        }
    }
}
