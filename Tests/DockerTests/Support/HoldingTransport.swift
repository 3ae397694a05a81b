import HTTP
import Synchronization

/// What lies between a controller and its engine, and can hold the engine's lists at what they last showed.
final class HoldingTransport: HTTPTransport {
    private let inner: HTTPClient
    private let state = Mutex((isHeld: false, lists: [String: HTTPResponse]()))

    init(_ inner: HTTPClient) { self.inner = inner }

    func hold(_ isHeld: Bool) { state.withLock { $0.isHeld = isHeld } }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        guard request.url.contains("/containers/json") else { return try await inner.send(request) }
        if let old = state.withLock({ $0.isHeld ? $0.lists[request.url] : nil }) { return old }
        let fresh = try await inner.send(request)
        state.withLock { $0.lists[request.url] = fresh }
        return fresh
    }

    func stream(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStreamResponse {
        try await inner.stream(request)
    }
}
