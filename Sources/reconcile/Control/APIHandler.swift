import APIServer
import Documents
import Ports
import Serve
import Tree

/// The API over HTTP.
struct APIHandler: Sendable {
    let api: APIServer
    /// Nil on the socket of mode 0600: whoever reaches it owns the state.
    let authenticator: Authenticator?
    /// Whether the controllers run: until then `/readyz` says no.
    let isReady: @Sendable () -> Bool
    private let streams = StreamLimit()

    init(api: APIServer, authenticator: Authenticator?, isReady: @escaping @Sendable () -> Bool) {
        self.api = api
        self.authenticator = authenticator
        self.isReady = isReady
    }

    /// Bytes of a body: one object, and room for what a protobuf or a patch says around it.
    private static let bodyLimit = 3 << 20

    /// Who asks, and whether they may, before a byte of the body is kept.
    func receive(_ request: ServedRequest) async -> Reception {
        if let probe = probed(request) { return .refused(probe) }
        let caller: Caller
        do throws(StoreError) { caller = try await self.caller(of: request) } catch {
            return .refused(
                failure(503, "ServiceUnavailable", "who asks can't be found out now: \(error.message)"))
        }
        guard let head = translated(request, caller) else {
            return .refused(
                failure(405, "MethodNotAllowed", "the server does not allow the method \(request.method)"))
        }
        if let refusal = await api.refusal(of: head) { return .refused(await served(refusal, caller)) }
        return .admitted(bodyLimit: Self.bodyLimit, account: caller == .anonymous ? "" : caller.user) { whole in
            var request = head
            request.body = whole.body
            return await served(await api.handle(request), caller)
        }
    }

    /// Whether it lives is told at once and on the connection's own loop, whatever else is waited for.
    private func probed(_ request: ServedRequest) -> ServedResponse? {
        guard request.method == "GET", ["/healthz", "/livez", "/readyz"].contains(request.path) else { return nil }
        if request.path == "/readyz", !isReady() { return text(503, "the controllers have not begun\n") }
        return text(200, "ok")
    }

    /// A token is looked at before a certificate, as Kubernetes does; one that is nobody's leaves nobody.
    private func caller(of request: ServedRequest) async throws(StoreError) -> Caller {
        guard let authenticator else { return .local }
        if let header = request.headers["authorization"] {
            guard header.lowercased().hasPrefix("bearer ") else { return .anonymous }
            return try await authenticator.caller(bearer: String(header.dropFirst(7))) ?? .anonymous
        }
        return request.peer.map { Caller(commonName: $0.commonName, organizations: $0.organizations) } ?? .anonymous
    }

    /// Nil: a method that the API has not.
    private func translated(_ request: ServedRequest, _ caller: Caller) -> APIRequest? {
        guard let method = APIRequest.Method(rawValue: request.method) else { return nil }
        return APIRequest(
            method, Self.decode(request.path[...], isQuery: false), query: Self.query(request.query),
            contentType: request.headers["content-type"] ?? "",
            accept: request.headers["accept"] ?? "*/*", caller: caller,
            agent: Self.agent(request.headers["user-agent"]))
    }

    private func served(_ answer: APIResponse, _ caller: Caller) async -> ServedResponse {
        switch answer {
        case .value(let status, let tree, let warnings):
            var headers = warnings.map { ("Warning", "299 - \"\(Self.escaped($0))\"") }
            if let seconds = answer.retryAfter { headers.append(("Retry-After", String(seconds))) }
            return ServedResponse(
                status: status, contentType: "application/json", headers: headers, body: .bytes(JSON.encode(tree)))
        case .json(let bytes): return ServedResponse(status: 200, contentType: "application/json", body: .bytes(bytes))
        case .text(let status, let body): return text(status, body)
        case .document(let status, let contentType, let body):
            return ServedResponse(status: status, contentType: contentType, body: .bytes(body))
        case .pieces(let contentType, let stream):
            return ServedResponse(
                status: 200, contentType: contentType,
                body: .stream(
                    next: {
                        // A piece is made of many objects; the loop that sends it serves others meanwhile.
                        try await withTaskExecutorPreference(globalConcurrentExecutor) { try await stream.next() }
                    }, close: stream.close))
        case .stream(let contentType, let stream):
            guard let permit = streams.take(caller.user) else {
                stream.close()
                return failure(
                    429, "TooManyRequests",
                    "\(caller.user) holds \(StreamLimit.most) watches and logs, as many as one client may: close some",
                    retryAfter: 1)
            }
            return ServedResponse(
                status: 200, contentType: contentType,
                body: .stream(
                    next: {
                        defer { withExtendedLifetime(permit) {} }
                        return await stream.next()
                    }, close: stream.close))
        }
    }

    private func failure(_ status: Int, _ reason: String, _ message: String, retryAfter: Int64? = nil) -> ServedResponse
    {
        let answer = APIResponse.failure(
            status, reason, message, details: retryAfter.map { ["retryAfterSeconds": .int($0)] })
        guard case .value(_, let tree, _) = answer else { return text(status, message) }
        return ServedResponse(
            status: status, contentType: "application/json",
            headers: retryAfter.map { [("Retry-After", String($0))] } ?? [], body: .bytes(JSON.encode(tree)))
    }

    /// What stands before the first slash, as Kubernetes names managers by their programs.
    private static func agent(_ header: String?) -> String {
        let name = String((header ?? "").prefix { $0 != "/" })
        return name.isEmpty ? "unknown" : name
    }

    private func text(_ status: Int, _ body: String) -> ServedResponse {
        ServedResponse(status: status, contentType: "text/plain; charset=utf-8", body: .bytes(Array(body.utf8)))
    }

    private static func query(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            // A pair with a broken escape is none.
            guard !parts.contains(where: isBroken) else { continue }
            let (name, value) = (decode(parts[0]), parts.count > 1 ? decode(parts[1]) : "")
            // Of a name that comes again the first value counts; a rehearsal is asked for by all of its words.
            if values[name] == nil || name == "dryRun" && value != "All" { values[name] = value }
        }
        return values
    }

    private static func isBroken(_ text: Substring) -> Bool {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return false }
        return text.split(separator: "%", omittingEmptySubsequences: false).dropFirst().contains { part in
            part.utf8.count < 2 || !part.prefix(2).allSatisfy(\.isHexDigit)
        }
    }

    /// Percent-decoding (RFC 3986), with `+` for a blank as forms write it in queries.
    private static func decode(_ text: Substring, isQuery: Bool = true) -> String {
        var bytes: [UInt8] = []
        var iterator = text.utf8.makeIterator()
        func digit(_ byte: UInt8?) -> UInt8? {
            byte.flatMap { Character(UnicodeScalar($0)).hexDigitValue }.map(UInt8.init)
        }
        while let byte = iterator.next() {
            if byte == UInt8(ascii: "%"), let high = digit(iterator.next()), let low = digit(iterator.next()) {
                bytes.append(high << 4 | low)
            } else {
                bytes.append(isQuery && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Inside the quotes of a header (RFC 9110, quoted-string): quotes and backslashes behind one, no control
    /// character.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result.unicodeScalars.append("\\") }
            result.unicodeScalars.append(scalar.value < 0x20 || scalar.value == 0x7F ? " " : scalar)
        }
        return result
    }
}
