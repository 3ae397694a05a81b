package import APIServer
import Documents
import Ports
package import Tree

/// The API in this very process: used where no controller runs, and by the process that is the controller.
package struct DirectClient: APIClient {
    private let server: APIServer

    package init(_ server: APIServer) { self.server = server }

    package func send(_ request: APIRequest) async throws(ClientError) -> APIAnswer {
        switch await server.handle(request) {
        case .value(let status, let tree, let warnings):
            guard status < 400 else { throw ClientError(status: status, tree) }
            return APIAnswer(status: status, tree: tree, warnings: warnings)
        case .json(let bytes): return APIAnswer(status: 200, tree: try Self.tree(bytes))
        case .pieces(let type, let pieces):
            let bytes: [UInt8]
            do throws(StoreError) { bytes = try await pieces.whole() } catch {
                throw ClientError(status: 503, reason: "ServiceUnavailable", message: error.message)
            }
            guard type == "application/json" else {
                return APIAnswer(status: 200, tree: .string(String(decoding: bytes, as: UTF8.self)))
            }
            return APIAnswer(status: 200, tree: try Self.tree(bytes))
        case .text(let status, let text):
            guard status < 400 else { throw ClientError(status: status, reason: "Failure", message: text) }
            return APIAnswer(status: status, tree: .string(text))
        case .document(let status, _, let bytes):
            return APIAnswer(status: status, tree: .string(String(decoding: bytes, as: UTF8.self)))
        case .stream(_, let stream):
            stream.close()
            throw ClientError(status: 400, reason: "BadRequest", message: "\(request.path) answers with a stream")
        }
    }

    private static func tree(_ json: [UInt8]) throws(ClientError) -> Tree {
        do throws(DocumentError) { return try JSON.parse(json, limits: .answer) } catch {
            throw ClientError(
                status: 500, reason: "InternalError", message: "the answer can't be read: \(error)")
        }
    }

    package func stream(_ request: APIRequest) async throws(ClientError) -> APIByteStream {
        switch await server.handle(request) {
        case .stream(_, let stream): return APIByteStream(pull: { await stream.next() }, close: stream.close)
        case .value(let status, let tree, _): throw ClientError(status: status, tree)
        case .text(let status, let text): throw ClientError(status: status, reason: "Failure", message: text)
        case .json, .pieces:
            throw ClientError(status: 200, reason: "Failure", message: "\(request.path) answers with one value")
        case .document(let status, let type, _):
            throw ClientError(status: status, reason: "Failure", message: "an answer of \(type), not a stream")
        }
    }
}

extension ClientError {
    /// Out of a Status object.
    package init(status: Int, _ tree: Tree) {
        self.init(
            status: status, reason: tree["reason"]?.string ?? "Failure",
            message: tree["message"]?.string ?? "the server answered \(status)", body: tree)
    }
}
