import CCurl

/// One easy handle and what its callbacks need. Lives on the loop's thread only; libcurl's callbacks get it
/// unretained, and it outlives them because it frees the handle.
final class Transfer {
    let exchange: Exchange
    let easy: UnsafeMutableRawPointer
    let errorText: UnsafeMutablePointer<CChar>
    var headerList: UnsafeMutablePointer<curl_slist>?
    var connectToList: UnsafeMutablePointer<curl_slist>?
    private(set) var isDropped = false
    private(set) var head: HeadParser
    /// Why one of our callbacks stopped the transfer; it goes before libcurl's own words for that.
    private(set) var refusal: HTTPError?
    /// Why the address last dialled was not to be; another of the same name may have been.
    var refusedAddress: String?
    private var speed: SpeedCheck?
    private var bodyOffset = 0
    /// Bytes of the request were written on some connection.
    private var sentBefore = false

    var host: String { exchange.prepared.host }

    struct SetupFailure: Error {
        let code: CURLcode
    }

    private init(_ exchange: Exchange, _ easy: UnsafeMutableRawPointer) {
        self.exchange = exchange
        self.easy = easy
        head = HeadParser(maxBytes: exchange.prepared.settings.maxHeadBytes)
        speed = exchange.prepared.request.lowSpeed.map(SpeedCheck.init)
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    /// A handle with every option set, not yet in the multi handle.
    static func make(for exchange: Exchange) -> Result<Transfer, SetupFailure> {
        guard let easy = curl_easy_init() else { return .failure(SetupFailure(code: CURLE_OUT_OF_MEMORY)) }
        let transfer = Transfer(exchange, easy)
        let result = transfer.setOptions()
        return result == CURLE_OK ? .success(transfer) : .failure(SetupFailure(code: result))
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(headerList)
        curl_slist_free_all(connectToList)
        errorText.deallocate()
    }

    func drop() { isDropped = true }

    /// What libcurl's result means for the exchange.
    func outcome(_ result: CURLcode) -> ExchangeState.Outcome {
        if let refusal { return .failed(refusal) }
        guard result == CURLE_OK else {
            if let refusedAddress, result == CURLE_COULDNT_CONNECT {
                return .failed(HTTPError(.notAllowed, "\(host): \(refusedAddress)"))
            }
            return .failed(.curl(result, detail: String(cString: errorText), host: host, sent: wasSent))
        }
        // libcurl calls it success when the connection ends inside the head.
        guard head.isComplete else {
            return .failed(.connectionLost(host, "inside the response's headers", sent: true))
        }
        return .finished
    }

    /// Whether any byte of the request was written.
    var wasSent: Bool {
        var bytes = 0
        ccurl_get_long(easy, CURLINFO_REQUEST_SIZE, &bytes)
        return sentBefore || bytes > 0
    }

    /// Goes on after a pause; not from inside a callback. May call the write callback at once.
    func resume() -> CURLcode {
        speed?.start(at: .now)
        return ccurl_resume(easy)
    }

    /// When something is due: the request's deadline or the next look at its speed.
    var deadline: ContinuousClock.Instant? {
        [exchange.pendingDeadline, speed?.deadline].compactMap(\.self).min()
    }

    /// Why the transfer is late; nil when it is not.
    func lateness(_ now: ContinuousClock.Instant) -> HTTPError? {
        if let deadline = exchange.pendingDeadline, deadline <= now { return .timedOut(host, sent: wasSent) }
        if let deadline = speed?.deadline, deadline <= now, let minimum = exchange.prepared.request.lowSpeed {
            return .tooSlow(host, minimum)
        }
        return nil
    }

    // MARK: what the callbacks do

    /// The connection stands and the request is about to be written: the first time, or again because a kept
    /// connection was dead. libcurl would repeat any method; a request that is not idempotent goes out once.
    func beforeRequest() -> Bool {
        sentBefore = wasSent
        if sentBefore, !exchange.prepared.request.isIdempotent {
            refusal = .connectionLost(host, "a kept connection was dead", sent: true)
            return false
        }
        exchange.began()
        speed?.start(at: .now)
        return !exchange.isOver
    }

    /// The next bytes of the request's content; nil where they can't be had, which ends the transfer.
    func readBody(into space: UnsafeMutableRawBufferPointer) -> Int? {
        if let upload = exchange.prepared.request.upload { return read(upload, into: space) }
        let body = exchange.prepared.request.body
        let count = min(space.count, body.count - bodyOffset)
        body.withUnsafeBytes {
            space.copyMemory(from: .init(rebasing: $0[bodyOffset..<(bodyOffset + count)]))
        }
        bodyOffset += count
        speed?.moved(count, at: .now)
        return count
    }

    private func read(_ upload: HTTPUpload, into space: UnsafeMutableRawBufferPointer) -> Int? {
        let most = min(space.count, upload.length - bodyOffset)
        guard most > 0 else { return 0 }
        do {
            let bytes = try upload.read(bodyOffset, most)
            guard (1...most).contains(bytes.count) else {
                throw HTTPError(.invalidRequest, "it ends at byte \(bodyOffset) of \(upload.length)")
            }
            bytes.withUnsafeBytes { space.copyMemory(from: $0) }
            bodyOffset += bytes.count
            speed?.moved(bytes.count, at: .now)
            return bytes.count
        } catch {
            refusal = HTTPError(.invalidRequest, "\(host): the content to send can't be read: \(error)")
            return nil
        }
    }

    func rewindBody(to offset: Int) -> Bool {
        guard (0...exchange.prepared.request.contentLength).contains(offset) else { return false }
        bodyOffset = offset
        return true
    }

    /// False ends the transfer.
    func headerLine(_ line: UnsafeRawBufferPointer) -> Bool {
        speed?.moved(line.count, at: .now)
        switch head.take(line) {
        case .more: return true
        case .tooLarge:
            refusal = .headTooLarge(host, limit: exchange.prepared.settings.maxHeadBytes)
            return false
        case .complete(let head):
            if let limit = exchange.contentLimit, announcedLength(head) > limit {
                refusal = .contentTooLarge(host, limit: limit)
                return false
            }
            exchange.headArrived(head)
            return true
        }
    }

    func received(_ bytes: UnsafeRawBufferPointer) -> ExchangeState.Reception {
        let reception = exchange.bytesArrived(bytes)
        switch reception {
        case .taken: speed?.moved(bytes.count, at: .now)
        case .pause: speed?.pause()
        case .refused(let limit): refusal = .contentTooLarge(host, limit: limit)
        case .over: break
        }
        return reception
    }

    /// What the head says will follow; zero where no content follows whatever it says (RFC 9110, 6.4.1).
    private func announcedLength(_ head: HTTPResponseHead) -> Int {
        guard exchange.prepared.request.method != .head, head.status != 204, head.status != 304 else {
            return 0
        }
        return head.headers["Content-Length"].flatMap { Int($0) } ?? 0
    }
}
