import Synchronization

/// The meeting place of one task and the loop: the only object of a transfer that both touch.
final class Exchange: Sendable {
    let prepared: PreparedRequest
    let deadline: ContinuousClock.Instant?
    private let mailbox: Mailbox
    private let state: Mutex<ExchangeState>

    init(_ prepared: PreparedRequest, _ delivery: ExchangeState.Delivery, _ mailbox: Mailbox) {
        self.prepared = prepared
        self.mailbox = mailbox
        deadline = prepared.request.timeout.map { ContinuousClock.now.advanced(by: $0) }
        state = Mutex(ExchangeState(delivery))
    }

    // MARK: the task's side

    /// Starts the transfer and waits for the whole of it.
    func response() async throws(HTTPError) -> HTTPResponse {
        try await submitted { state in state.takeResponse() }
    }

    /// Starts the transfer and waits for its head.
    func head() async throws(HTTPError) -> HTTPResponseHead {
        try await submitted { state in state.takeHead() }
    }

    func nextPiece(isolation actor: isolated (any Actor)? = #isolation) async throws(HTTPError) -> [UInt8]? {
        var resume = false
        let piece = await value(isolation: actor) { state -> Result<[UInt8]?, HTTPError>? in
            guard let taken = state.takePiece() else { return nil }
            resume = taken.resume
            return taken.piece
        }
        if resume { mailbox.post(.resume(self)) }
        return try piece.get()
    }

    /// Ends the transfer now as far as the task is concerned, and has the loop drop it. Does nothing once it
    /// is over.
    func cancel() {
        let (wasLive, waiter) = state.withLock { state in
            state.cancelled(.cancelled(prepared.host, sent: state.hasBegun))
        }
        waiter?.resume()
        if wasLive { mailbox.post(.abort(self)) }
    }

    private func submitted<Value: Sendable>(
        _ take: (inout ExchangeState) -> Result<Value, HTTPError>?
    ) async throws(HTTPError) -> Value {
        guard !Task.isCancelled else { throw .cancelled(prepared.host, sent: false) }
        if let refusal = mailbox.submit(self) { throw refusal }
        return try await value(take).get()
    }

    /// Looks, sleeps until the loop reports, looks again. Cancellation is an outcome, so it ends the wait
    /// too.
    private func value<Value: Sendable>(
        isolation actor: isolated (any Actor)? = #isolation,
        _ take: (inout ExchangeState) -> Result<Value, HTTPError>?
    ) async -> Result<Value, HTTPError> {
        await withTaskCancellationHandler {
            while true {
                if let result = state.withLock({ take(&$0) }) { return result }
                var isBusy = false
                await withCheckedContinuation { continuation in
                    let parking = state.withLock { $0.park(continuation) }
                    isBusy = parking == .busy
                    if parking != .parked { continuation.resume() }
                }
                if isBusy {
                    let text = "\(prepared.host): two tasks read one response body; let one read it"
                    return .failure(HTTPError(.invalidRequest, text, mayHaveBeenApplied: true))
                }
            }
        } onCancel: {
            cancel()
        }
    }

    // MARK: the loop's side

    var isOver: Bool { state.withLock { $0.outcome != nil } }
    var hasBegun: Bool { state.withLock { $0.hasBegun } }

    /// The deadline as far as it still counts: a stream's ends with its head.
    var pendingDeadline: ContinuousClock.Instant? {
        guard let deadline else { return nil }
        return state.withLock { state in
            if case .stream = state.delivery, state.head != nil { return nil }
            return deadline
        }
    }

    /// The most content this exchange takes, nil without a limit.
    var contentLimit: Int? {
        state.withLock { state in
            switch state.delivery {
            case .whole(let limit): limit
            case .stream(_, let limit): limit
            }
        }
    }

    func began() { state.withLock { $0.began() } }

    func headArrived(_ head: HTTPResponseHead) {
        state.withLock { $0.headArrived(head) }?.resume()
    }

    func bytesArrived(_ bytes: UnsafeRawBufferPointer) -> ExchangeState.Reception {
        let (reception, waiter) = state.withLock { $0.bytesArrived(bytes) }
        waiter?.resume()
        return reception
    }

    func ended(_ outcome: ExchangeState.Outcome) {
        state.withLock { $0.ended(outcome) }?.resume()
    }
}
