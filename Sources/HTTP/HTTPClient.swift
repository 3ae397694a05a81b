/// HTTP/1.1 over libcurl: one multi handle on one thread, which starts with the first request.
///
/// Any task may call any method. Memory is bounded by `Settings`: per stream one window, per connection
/// libcurl's 16 KiB buffers. The thread and its connections end with `shutdown()` or with the last reference
/// to the client.
package final class HTTPClient: HTTPTransport {
    package struct Settings: Sendable {
        package var userAgent: String?
        /// Transfers on the wire at once, streams included. More wait in order.
        package var maxTransfers = 256
        /// Transfers waiting for their turn. More are refused as `.overloaded`.
        package var maxWaiting = 4096
        /// Connections kept for reuse.
        package var maxIdleConnections = 8
        /// Bytes a stream holds for its reader before the transfer is paused; at least 16 KiB.
        package var streamWindow = 64 << 10
        /// Bytes of a response's head, trailers included.
        package var maxHeadBytes = 64 << 10
        /// `http://HOST:PORT`; nil connects directly. The environment is not consulted.
        package var proxy: String?
        /// Which addresses may be dialled.
        package var addresses = AddressRule.any

        package init() {}
    }

    private let settings: Settings
    private let mailbox: Mailbox

    package init(_ settings: Settings = Settings()) {
        self.settings = settings
        mailbox = Mailbox(settings)
    }

    deinit { mailbox.stop() }

    package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let limit = request.maxResponseBytes ?? HTTPRequest.defaultMaxResponseBytes
        return try await counted(request, status: \.status) { () async throws(HTTPError) in
            try await exchange(request, .whole(limit: limit)).response()
        }
    }

    package func stream(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStreamResponse {
        let window = max(settings.streamWindow, 16 << 10)
        let exchange = try exchange(request, .stream(window: window, limit: request.maxResponseBytes))
        let head = try await counted(request, status: \.status) { () async throws(HTTPError) in
            try await exchange.head()
        }
        return HTTPStreamResponse(status: head.status, headers: head.headers, body: HTTPBody(exchange))
    }

    /// Ends every transfer with `.closed`, closes the connections and ends the thread; returns when that is
    /// done. Later requests get `.closed`. May be called more than once.
    package func shutdown() async {
        await mailbox.stopAndWait()
    }

    private func counted<Answer>(
        _ request: HTTPRequest, status: KeyPath<Answer, Int>, _ body: () async throws(HTTPError) -> Answer
    ) async throws(HTTPError) -> Answer {
        do throws(HTTPError) {
            let answer = try await body()
            HTTPTraffic.count(request.method, answer[keyPath: status])
            return answer
        } catch {
            HTTPTraffic.count(request.method, nil)
            throw error
        }
    }

    private func exchange(
        _ request: HTTPRequest, _ delivery: ExchangeState.Delivery
    ) throws(HTTPError) -> Exchange {
        Exchange(try PreparedRequest(request, settings), delivery, mailbox)
    }
}
