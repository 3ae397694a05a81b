package import Ports
package import Tree

/// A request to the Kubernetes-compatible API, with the transport taken away.
package struct APIRequest: Sendable {
    package enum Method: String, Sendable, Hashable {
        case get = "GET", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE"
    }

    package var method: Method
    package var path: String
    /// Decoded, in order of appearance; a repeated name keeps its last value.
    package var query: [String: String]
    package var contentType: String
    /// The media types the client takes, as its Accept header lists them.
    package var accept: String
    package var body: [UInt8]
    /// Who asks. In this process and over the socket of mode 0600: the owner of the state.
    package var caller: Caller
    /// The program that asks; it owns the fields that it writes, unless it names another manager.
    package var agent: String
    /// The answer is read again here before it is sent: it comes as one.
    var isWhole = false

    package init(
        _ method: Method, _ path: String, query: [String: String] = [:], contentType: String = "application/json",
        accept: String = "application/json", body: [UInt8] = [], caller: Caller = .local,
        agent: String = "reconcile"
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.contentType = contentType
        self.accept = accept
        self.body = body
        self.caller = caller
        self.agent = agent
    }
}

/// The answer: one value, as a tree or as JSON, plain text, or a stream of lines.
package enum APIResponse: Sendable {
    case value(status: Int, Tree, warnings: [String])
    /// A value that was kept as canonical JSON.
    case json([UInt8])
    case text(status: Int, String)
    /// A document in a form of its own, such as YAML.
    case document(status: Int, contentType: String, [UInt8])
    case stream(contentType: String, APIStream)
    /// One long value, made as it is read: never whole in memory.
    case pieces(contentType: String, APIPieces)

    package static func ok(_ tree: Tree, warnings: [String] = []) -> APIResponse {
        .value(status: 200, tree, warnings: warnings)
    }

    /// The Status object, as Kubernetes words it.
    package static func failure(_ code: Int, _ reason: String, _ message: String, details: Tree? = nil)
        -> APIResponse
    {
        .value(status: code, failureStatus(code, reason, message, details: details), warnings: [])
    }

    /// The Status object by itself, as a watch sends it.
    static func failureStatus(_ code: Int, _ reason: String, _ message: String, details: Tree? = nil) -> Tree {
        var status: Tree = [
            "kind": "Status", "apiVersion": "v1", "metadata": .emptyObject, "status": "Failure",
            "message": .string(message), "reason": .string(reason), "code": .int(Int64(code)),
        ]
        status["details"] = details
        return status
    }

    /// After how many seconds it is worth asking again; nil where that says nothing.
    package var retryAfter: Int64? {
        guard case .value(let status, let tree, _) = self, status >= 400 else { return nil }
        return tree["details"]?["retryAfterSeconds"]?.int
    }

    /// What a path into a served group gets where nothing is.
    static let resourceNotFound = APIResponse.failure(
        404, "NotFound", "the server could not find the requested resource", details: .emptyObject)

    /// What a path that leads nowhere gets, as a real API server writes it.
    static let pageNotFound = APIResponse.text(status: 404, "404 page not found\n")
}

/// Pulled piece by piece; nil ends it.
package struct APIStream: Sendable {
    package let next: @Sendable () async -> [UInt8]?
    package let close: @Sendable () -> Void

    package init(next: @escaping @Sendable () async -> [UInt8]?, close: @escaping @Sendable () -> Void) {
        self.next = next
        self.close = close
    }
}

/// The parts of one value, in order; nil after the last. Where `next` throws there is no whole, and nobody must take
/// what came for it.
package struct APIPieces: Sendable {
    package let next: @Sendable () async throws(StoreError) -> [UInt8]?
    package let close: @Sendable () -> Void

    package init(
        next: @escaping @Sendable () async throws(StoreError) -> [UInt8]?, close: @escaping @Sendable () -> Void
    ) {
        self.next = next
        self.close = close
    }

    /// For who needs it at once.
    package func whole() async throws(StoreError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try await next() { bytes += piece }
        return bytes
    }
}
