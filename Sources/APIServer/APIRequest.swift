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

    package init(
        _ method: Method, _ path: String, query: [String: String] = [:], contentType: String = "application/json",
        accept: String = "application/json", body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.contentType = contentType
        self.accept = accept
        self.body = body
    }
}

/// The answer: one value, plain text, or a stream of lines.
package enum APIResponse: Sendable {
    case value(status: Int, Tree, warnings: [String])
    case text(status: Int, String)
    case stream(contentType: String, APIStream)

    package static func ok(_ tree: Tree, warnings: [String] = []) -> APIResponse {
        .value(status: 200, tree, warnings: warnings)
    }

    /// The Status object, as Kubernetes words it.
    package static func failure(_ code: Int, _ reason: String, _ message: String) -> APIResponse {
        .value(
            status: code,
            [
                "kind": "Status", "apiVersion": "v1", "metadata": .emptyObject, "status": "Failure",
                "message": .string(message), "reason": .string(reason), "code": .int(Int64(code)),
            ], warnings: [])
    }
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
