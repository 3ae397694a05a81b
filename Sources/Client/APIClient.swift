package import APIServer
package import Tree

/// Where the CLI's requests go: a controller that runs (over its Unix socket), or the store itself, opened by this
/// process.
package protocol APIClient: Sendable {
    /// One request, one answer. Failures of the server come as `ClientError` with the Status it sent.
    func send(_ request: APIRequest) async throws(ClientError) -> APIAnswer
    /// A stream of bytes: a log, or JSON lines of a watch.
    func stream(_ request: APIRequest) async throws(ClientError) -> APIByteStream
}

package struct APIAnswer: Sendable {
    package let status: Int
    package let tree: Tree
    package let warnings: [String]

    package init(status: Int, tree: Tree, warnings: [String] = []) {
        self.status = status
        self.tree = tree
        self.warnings = warnings
    }
}

/// Pulled piece by piece; nil ends it.
package struct APIByteStream: Sendable {
    private let pull: @Sendable () async throws(ClientError) -> [UInt8]?
    package let close: @Sendable () -> Void

    package init(
        pull: @escaping @Sendable () async throws(ClientError) -> [UInt8]?, close: @escaping @Sendable () -> Void
    ) {
        self.pull = pull
        self.close = close
    }

    package func next() async throws(ClientError) -> [UInt8]? { try await pull() }
}

/// What the server refused, or why it could not be asked.
package struct ClientError: Error, Sendable, CustomStringConvertible {
    /// The reason of an answer that is larger than an answer may be.
    static let tooLarge = "TooLarge"

    /// The HTTP status; 0 where there was no answer.
    package let status: Int
    package let reason: String
    package let message: String
    /// The Status object, with its causes, where there is one.
    package let body: Tree?

    package init(status: Int, reason: String, message: String, body: Tree? = nil) {
        self.status = status
        self.reason = reason
        self.message = message
        self.body = body
    }
    package var description: String { message }
}
