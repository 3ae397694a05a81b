/// A request as the handlers see it: no sockets, no framework.
package struct ServedRequest: Sendable {
    package var method: String
    /// Without the query, percent-decoded by the handler.
    package var path: String
    /// The raw query, without `?`; empty where there is none.
    package var query: String
    /// Lower-case names.
    package var headers: [String: String]
    package var body: [UInt8]
    /// Whom the client certificate names, where one was shown and is of our authority.
    package var peer: PeerIdentity?

    package init(
        method: String, path: String, query: String = "", headers: [String: String] = [:], body: [UInt8] = [],
        peer: PeerIdentity? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.peer = peer
    }
}

/// A response: bytes at once, or a stream that ends when `next` answers nil or the client leaves. Where `next` throws
/// the connection breaks, so that nobody takes what came for the whole.
package struct ServedResponse: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        case stream(next: @Sendable () async throws -> [UInt8]?, close: @Sendable () -> Void)
    }
    package var status: Int
    package var contentType: String
    package var headers: [(name: String, value: String)]
    package var body: Body

    package init(status: Int, contentType: String, headers: [(name: String, value: String)] = [], body: Body) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }
}
