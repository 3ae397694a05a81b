package import APIServer
import Documents
package import HTTP
import Tree

/// The API of a running controller: over the Unix socket in its state directory, or over the network.
package struct RemoteClient: APIClient {
    private enum Place: Sendable {
        case socket(String)
        case cluster(ClusterAccess)
    }

    private let http: any HTTPTransport
    private let place: Place

    package init(socket path: String, http: any HTTPTransport) {
        place = .socket(path)
        self.http = http
    }

    package init(_ cluster: ClusterAccess, http: any HTTPTransport) {
        place = .cluster(cluster)
        self.http = http
    }

    package func send(_ request: APIRequest) async throws(ClientError) -> APIAnswer {
        let response: HTTPResponse
        do {
            response = try await http.send(translate(request, timeout: .seconds(30)))
        } catch { throw unreachable(error) }
        try check(response.status, response.headers, request, begins: response.body)
        return APIAnswer(
            status: response.status, tree: try Belief.tree(response.body, response.status, of: request),
            warnings: response.headers.values("Warning").map(Self.text))
    }

    package func stream(_ request: APIRequest) async throws(ClientError) -> APIByteStream {
        let response: HTTPStreamResponse
        do {
            // A watch may be quiet, and a log endless: neither has a last byte to wait for.
            var endless = translate(request, timeout: nil)
            endless.maxResponseBytes = nil
            response = try await http.stream(endless)
        } catch { throw unreachable(error) }
        // The iterator of a transfer holds nothing but the transfer: a fresh one goes on where the last one was.
        let body = response.body
        if Belief.doubt(response.status, response.headers, of: request, isStream: true, begins: []) != nil {
            try check(response.status, response.headers, request, isStream: true, begins: await beginning(body))
        }
        return APIByteStream(
            pull: { [http] () async throws(ClientError) -> [UInt8]? in
                // The last reference to an HTTP client ends its streams.
                defer { withExtendedLifetime(http) {} }
                var iterator = body.makeAsyncIterator()
                do throws(HTTPError) { return try await iterator.next() } catch {
                    throw ClientError(status: 0, reason: "Unavailable", message: error.text)
                }
            }, close: {})
    }

    // MARK: Doubts

    private func check(
        _ status: Int, _ headers: HTTPHeaders, _ request: APIRequest, isStream: Bool = false, begins: [UInt8]
    ) throws(ClientError) {
        if let refusal = Belief.refusal(status, headers, begins) { throw refused(status, refusal) }
        if let doubt = Belief.doubt(status, headers, of: request, isStream: isStream, begins: begins) { throw doubt }
    }

    private static let longestRefusal = 1 << 20

    /// What came of an answer that is refused: enough for a Status, or for the first line of something else.
    private func beginning(_ body: HTTPBody) async -> [UInt8] {
        var bytes: [UInt8] = []
        var iterator = body.makeAsyncIterator()
        do throws(HTTPError) {
            while bytes.count < Self.longestRefusal, let piece = try await iterator.next() { bytes += piece }
        } catch {
            // Cut short: the beginning is shown all the same.
            return bytes
        }
        return bytes
    }

    private func translate(_ request: APIRequest, timeout: Duration?) -> HTTPRequest {
        var url = Self.escape(request.path, keeping: "/")
        let query = request.query.sorted { $0.key < $1.key }.map { "\(Self.escape($0.key))=\(Self.escape($0.value))" }
        if !query.isEmpty { url += "?" + query.joined(separator: "&") }
        let method: HTTPMethod =
            switch request.method {
            case .get: .get
            case .post: .post
            case .put: .put
            case .patch: .patch
            case .delete: .delete
            }
        var headers: HTTPHeaders = ["Content-Type": request.contentType, "User-Agent": "reconcile"]
        var translated = HTTPRequest(method, "http://localhost" + url, body: request.body, timeout: timeout)
        switch place {
        case .socket(let path): translated.unixSocketPath = path
        case .cluster(let cluster):
            translated.url = cluster.server + url
            translated.tls = cluster.tls
            if let token = cluster.token { headers["Authorization"] = "Bearer \(token)" }
        }
        translated.headers = headers
        translated.maxResponseBytes = 64 << 20
        return translated
    }

    // MARK: Errors

    private func unreachable(_ error: HTTPError) -> ClientError {
        let message: String
        var reason = error.code == .tooLarge ? ClientError.tooLarge : "Unavailable"
        switch place {
        case .socket(let path):
            // Nobody listens there: callers may know another way.
            if error.code == .couldNotConnect { reason = "NoController" }
            message =
                error.code == .couldNotConnect
                ? "no controller answers at \(path); is `reconcile serve` running?"
                : "the controller at \(path) does not answer (\(error.text)); is `reconcile serve` running?"
        case .cluster(let cluster):
            let next =
                switch error.code {
                case .tls:
                    "its certificate is not one that \(cluster.source) trusts: take the kubeconfig of the state that is served now"
                case .couldNotConnect, .timeout:
                    "is `reconcile serve` running, and is the address in \(cluster.source) still its own?"
                default: "try again; \(cluster.source) says where it is"
                }
            message = "the API at \(cluster.server) does not answer (\(error.text)); \(next)"
        }
        // What is too large now is so again, however often it is asked for.
        return ClientError(status: error.code == .tooLarge ? 200 : 0, reason: reason, message: message)
    }

    private func refused(_ status: Int, _ tree: Tree) -> ClientError {
        let error = ClientError(status: status, tree)
        guard case .cluster(let cluster) = place, status == 401 else { return error }
        return ClientError(
            status: status, reason: error.reason,
            message:
                "the API at \(cluster.server) does not know who asks: the certificate or token of user "
                + "\"\(cluster.user)\" in \(cluster.source) has expired or is another server's; start `reconcile serve` again, "
                + "which writes its kubeconfig anew, or ask for a new token",
            body: error.body)
    }

    /// The text of an RFC 7234 Warning header: `299 - "text"`.
    private static func text(_ header: String) -> String {
        guard let open = header.firstIndex(of: "\""), let close = header.lastIndex(of: "\""), open < close else {
            return header
        }
        var text = ""
        var isEscaped = false
        for character in header[header.index(after: open)..<close] {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                text.append(character)
                isEscaped = false
            }
        }
        return text
    }

    private static func escape(_ text: String, keeping kept: String = "") -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            let plain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte) || kept.utf8.contains(byte)
            if plain { result.append(byte) } else { result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
