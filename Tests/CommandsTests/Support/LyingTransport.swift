import APIServer
import Client
import Documents
import HTTP
import Model
import Synchronization
import Tree

/// A server that answers as the API does, but for one lie: bytes of answers that it changes, or their heads.
final class LyingTransport: HTTPTransport {
    /// Gets each honest answer, and gives what is sent in its place; `chunks` is how a stream's body is cut.
    typealias Lie = @Sendable (_ request: HTTPRequest, _ honest: HTTPResponse) throws(HTTPError) -> HTTPResponse

    private let server: APIServer
    private let lie: Mutex<Lie>

    init(_ server: APIServer, _ lie: @escaping Lie = { _, honest in honest }) {
        self.server = server
        self.lie = Mutex(lie)
    }

    func tell(_ lie: @escaping Lie) { self.lie.withLock { $0 = lie } }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let lie = lie.withLock { $0 }
        return try lie(request, await honest(request))
    }

    func stream(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStreamResponse {
        let response = try await send(request)
        return HTTPStreamResponse(
            status: response.status, headers: response.headers, body: HTTPBody(pieces: [response.body]))
    }

    /// Streams end after what there is now.
    func honest(_ request: HTTPRequest) async -> HTTPResponse {
        let url = request.url.dropFirst("http://localhost".count)
        let parts = url.split(separator: "?", maxSplits: 1)
        var query: [String: String] = [:]
        for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1).map(Self.plain)
            query[sides[0]] = sides.count > 1 ? sides[1] : ""
        }
        let asked = APIRequest(
            APIRequest.Method(rawValue: request.method.rawValue) ?? .get, Self.plain(parts[0]), query: query,
            contentType: request.headers["Content-Type"] ?? "application/json", body: request.body)
        switch await server.handle(asked) {
        case .value(let status, let tree, _): return Self.json(status, JSON.encode(tree))
        case .json(let bytes): return Self.json(200, bytes)
        case .pieces(let type, let pieces):
            do {
                return HTTPResponse(status: 200, headers: ["Content-Type": type], body: try await pieces.whole())
            } catch { return HTTPResponse(status: 500) }
        case .text(let status, let text):
            return HTTPResponse(
                status: status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: Array(text.utf8))
        case .document(let status, let type, let bytes):
            return HTTPResponse(status: status, headers: ["Content-Type": type], body: bytes)
        case .stream(let type, let stream):
            let first = type.hasPrefix("text/") || query["watch"] == nil ? nil : await stream.next()
            stream.close()
            return HTTPResponse(
                status: 200, headers: ["Content-Type": type, "Transfer-Encoding": "chunked"], body: first ?? [])
        }
    }

    static func json(_ status: Int, _ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "application/json"], body: body)
    }

    private static func plain(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
