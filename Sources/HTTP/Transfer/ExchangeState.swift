/// What a task and the loop know about one transfer, as one value with transitions. The exchange's mutex
/// guards it.
///
/// The loop reports (`began`, `headArrived`, `bytesArrived`, `ended`), the task takes (`takeResponse`,
/// `takeHead`, `takePiece`) or parks. Whatever changes something the task could take returns the parked
/// continuation, to be resumed outside the lock. Once there is an outcome, nothing changes but what is still
/// to be read.
struct ExchangeState {
    enum Delivery: Equatable, Sendable {
        case whole(limit: Int)
        case stream(window: Int, limit: Int?)
    }

    enum Outcome: Equatable {
        case finished
        case failed(HTTPError)
    }

    enum Reception: Equatable {
        case taken
        /// The window is full: the loop keeps these bytes and pauses.
        case pause
        case refused(limit: Int)
        /// Nobody wants them any more.
        case over
    }

    typealias Waiter = CheckedContinuation<Void, Never>

    let delivery: Delivery
    private(set) var head: HTTPResponseHead?
    private(set) var outcome: Outcome?
    /// Whether the request's first byte may have been written.
    private(set) var hasBegun = false
    private var buffer: [UInt8] = []
    private var received = 0
    private var isPaused = false
    private var waiter: Waiter?
    /// Something happened since the task last looked.
    private var hasNews = false

    init(_ delivery: Delivery) { self.delivery = delivery }

    // MARK: the loop's side

    mutating func began() { hasBegun = true }

    mutating func headArrived(_ head: HTTPResponseHead) -> Waiter? {
        guard outcome == nil else { return nil }
        self.head = head
        if case .stream = delivery { return wake() }
        return nil
    }

    mutating func bytesArrived(_ bytes: UnsafeRawBufferPointer) -> (Reception, Waiter?) {
        guard outcome == nil else { return (.over, nil) }
        switch delivery {
        case .whole(let limit):
            guard buffer.count + bytes.count <= limit else { return (.refused(limit: limit), nil) }
            buffer.append(contentsOf: bytes)
            return (.taken, nil)
        case .stream(let window, let limit):
            if let limit, received + bytes.count > limit { return (.refused(limit: limit), nil) }
            guard buffer.count + bytes.count <= window || buffer.isEmpty else {
                isPaused = true
                return (.pause, nil)
            }
            received += bytes.count
            buffer.append(contentsOf: bytes)
            return (.taken, wake())
        }
    }

    /// The first outcome stays. A failure of a whole response drops what came of it.
    mutating func ended(_ outcome: Outcome) -> Waiter? {
        guard self.outcome == nil else { return nil }
        self.outcome = outcome
        if case (.failed, .whole) = (outcome, delivery) { buffer = [] }
        return wake()
    }

    // MARK: the task's side

    /// False when it is over already. What was buffered is dropped: its reader is gone.
    mutating func cancelled(_ error: HTTPError) -> (wasLive: Bool, Waiter?) {
        guard outcome == nil else { return (false, nil) }
        outcome = .failed(error)
        buffer = []
        return (true, wake())
    }

    mutating func takeResponse() -> Result<HTTPResponse, HTTPError>? {
        switch (outcome, head) {
        case (nil, _), (.finished, nil): return nil
        case (.failed(let error), _): return .failure(error)
        case (.finished, let head?):
            return .success(HTTPResponse(status: head.status, headers: head.headers, body: takeBuffer()))
        }
    }

    mutating func takeHead() -> Result<HTTPResponseHead, HTTPError>? {
        if let head { return .success(head) }
        if case .failed(let error) = outcome { return .failure(error) }
        return nil
    }

    /// The buffered bytes first, then the end or the failure. `resume`: the loop has to be told to go on.
    mutating func takePiece() -> (piece: Result<[UInt8]?, HTTPError>, resume: Bool)? {
        if !buffer.isEmpty {
            defer { isPaused = false }
            return (.success(takeBuffer()), resume: isPaused && outcome == nil)
        }
        return switch outcome {
        case nil: nil
        case .finished: (.success(nil), resume: false)
        case .failed(let error): (.failure(error), resume: false)
        }
    }

    enum Parking: Equatable {
        case parked
        /// Look again before sleeping.
        case news
        /// Another task sleeps here.
        case busy
    }

    mutating func park(_ waiter: Waiter) -> Parking {
        guard self.waiter == nil else { return .busy }
        if hasNews {
            hasNews = false
            return .news
        }
        self.waiter = waiter
        return .parked
    }

    private mutating func wake() -> Waiter? {
        hasNews = waiter == nil
        defer { waiter = nil }
        return waiter
    }

    private mutating func takeBuffer() -> [UInt8] {
        var bytes: [UInt8] = []
        swap(&bytes, &buffer)
        return bytes
    }
}
