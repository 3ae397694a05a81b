import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

extension Server {
    /// Head, body, answer. Whoever leaves meanwhile is not worked for any more.
    func respond(to request: Request, on channel: any Channel) async -> Response {
        if let refusal = hosts?.refusal(host: request.head.authority, origin: request.headers[.origin]) {
            return refuse(request, on: channel, Self.status(403, "Forbidden", refusal))
        }
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        var served = ServedRequest(
            method: request.method.rawValue, path: request.uri.path, query: request.uri.query ?? "", headers: headers,
            peer: peers?.of(channel))
        switch await receive(served) {
        case .refused(let answer): return refuse(request, on: channel, answer)
        case .admitted(let limit, let account, let answer):
            callers.known(channel, as: account)
            let permit: ByteBudget.Permit
            switch await collect(request, limit: limit, account: account, on: channel.eventLoop) {
            case .whole(let bytes, let held): (served.body, permit) = (bytes, held)
            case .failed(let failure, let isBegun):
                return refuse(request, on: channel, failure, afterReading: isBegun)
            }
            let whole = served
            let given = await work(request.method, on: channel) { await answer(whole) }
            return withExtendedLifetime(permit) { response(given, account, request.method, on: channel) }
        }
    }

    /// Cancelled when the client goes. A list may be long, and nobody else's connection is to wait for it.
    private func work(
        _ method: HTTPRequest.Method, on channel: any Channel,
        _ body: @escaping @Sendable () async -> ServedResponse
    ) async -> ServedResponse {
        let executor: any TaskExecutor = method == .get ? globalConcurrentExecutor : LoopExecutor(channel.eventLoop)
        let work = Task(executorPreference: executor) { await body() }
        clients.whenGone(channel) { work.cancel() }
        defer { clients.answered(channel) }
        return await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            work.cancel()
        }
    }

    // MARK: Bodies of requests

    private enum Collected: Sendable {
        case whole([UInt8], ByteBudget.Permit)
        /// With whether any of it was read.
        case failed(ServedResponse, isBegun: Bool)
    }

    private func collect(
        _ request: Request, limit: Int, account: String, on loop: any EventLoop
    ) async -> Collected {
        let said = request.headers[.contentLength].flatMap { Int($0) }
        if let said, said > limit { return .failed(tooLarge(limit), isBegun: false) }
        guard let permit = requestBytes.take(said ?? 0, for: account) else { return .failed(busy, isBegun: false) }
        // What most reads say: nothing follows their head (RFC 9112, 6.3).
        if request.headers[.contentLength] == nil, request.method == .get || request.method == .head {
            return .whole([], permit)
        }
        let reading = Task(executorPreference: LoopExecutor(loop)) { () -> Collected in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(said ?? 0)
            do {
                for try await piece in request.body {
                    guard bytes.count + piece.readableBytes <= limit else {
                        return .failed(tooLarge(limit), isBegun: true)
                    }
                    let isPaid = bytes.count + piece.readableBytes <= said ?? 0
                    guard isPaid || permit.grow(by: piece.readableBytes) else { return .failed(busy, isBegun: true) }
                    bytes += piece.readableBytesView
                }
                return .whole(bytes, permit)
            } catch {
                let failure = Task.isCancelled ? tooSlow : Self.status(400, "BadRequest", "the body broke off")
                return .failed(failure, isBegun: true)
            }
        }
        let alarm = loop.scheduleTask(in: TimeAmount(limits.body)) { reading.cancel() }
        defer { alarm.cancel() }
        return await withTaskCancellationHandler {
            await reading.value
        } onCancel: {
            reading.cancel()
        }
    }

    private func tooLarge(_ limit: Int) -> ServedResponse {
        Self.status(413, "RequestEntityTooLarge", "the body is over the limit of \(limit) bytes")
    }

    private var tooSlow: ServedResponse {
        Self.status(408, "Timeout", "the body did not come whole within \(limits.body)")
    }

    private var busy: ServedResponse {
        Self.tooMany(
            "requests of \(limits.requestBytes.share) bytes by one client, or of \(limits.requestBytes.total) by all, "
                + "are being answered, as many as may be: try again")
    }

    // MARK: Answers

    private static let pieceBytes = 64 << 10
    /// Of a request that is refused by its head.
    private static let passedBytes = 64 << 10

    private func response(
        _ answer: ServedResponse, _ account: String, _ method: HTTPRequest.Method, on channel: any Channel
    ) -> Response {
        let (status, fields) = head(answer)
        let next: @Sendable () async throws -> [UInt8]?
        let close: @Sendable () -> Void
        switch answer.body {
        case .bytes(let bytes) where bytes.count <= Self.pieceBytes:
            return Response(status: status, headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        case .bytes(let bytes):
            // What was done is done, and its client is told, whoever else holds how much.
            let permit = answerBytes.take(bytes.count, for: account)
            if permit == nil, method == .get { return response(unread, account, method, on: channel) }
            let body = ResponseBody(contentLength: bytes.count) { writer in
                for piece in Self.pieces(bytes) { try await writer.write(piece) }
                try await writer.finish(nil)
                withExtendedLifetime(permit) {}
            }
            return Response(status: status, headers: fields, body: body)
        case .stream(let pull, let end): (next, close) = (pull, end)
        }
        let body = ResponseBody { writer in
            clients.whenGone(channel, close)
            defer {
                clients.answered(channel)
                close()
            }
            while let bytes = try await next() {
                guard let permit = answerBytes.take(bytes.count, for: account) else { throw Unread() }
                for piece in Self.pieces(bytes) { try await writer.write(piece) }
                withExtendedLifetime(permit) {}
            }
            try await writer.finish(nil)
        }
        return Response(status: status, headers: fields, body: body)
    }

    /// The connection breaks: too much of what this client was sent lies about unread.
    private struct Unread: Error {}

    private var unread: ServedResponse {
        Self.tooMany(
            "answers of \(limits.answerBytes.share) bytes to one client, or of \(limits.answerBytes.total) to all, are "
                + "not yet read, as many as may be: read them, or ask in parts with limit=")
    }

    /// To be written one by one, each when the one before it has gone.
    private static func pieces(_ bytes: [UInt8]) -> some Sequence<ByteBuffer> {
        stride(from: 0, to: bytes.count, by: pieceBytes).lazy.map { start in
            ByteBuffer(bytes: bytes[start..<min(start + pieceBytes, bytes.count)])
        }
    }

    private func head(_ answer: ServedResponse) -> (HTTPResponse.Status, HTTPFields) {
        var fields = HTTPFields()
        fields[.contentType] = answer.contentType
        for (name, value) in answer.headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        return (HTTPResponse.Status(code: answer.status), fields)
    }

    /// Answers without the body: what comes of it is thrown away, and then the connection is closed.
    private func refuse(
        _ request: Request, on channel: any Channel, _ answer: ServedResponse, afterReading isBegun: Bool = false
    ) -> Response {
        guard case .bytes(let bytes) = answer.body else { return response(answer, "", request.method, on: channel) }
        var (status, fields) = head(answer)
        // Nothing follows such a head, and the next request is welcome.
        if request.headers[.contentLength] == nil, request.method == .get || request.method == .head {
            return Response(status: status, headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        }
        let limits = limits
        // A small body is let pass, kept nowhere, and the connection stays: over HTTP/2 others use it too, and a client
        // whose stream is closed under it does not get to see why.
        if !isBegun, let said = request.headers[.contentLength].flatMap({ Int($0) }), said <= Self.passedBytes {
            let body = ResponseBody(contentLength: bytes.count) { writer in
                let alarm = channel.eventLoop.scheduleTask(in: TimeAmount(limits.linger)) {
                    channel.close(promise: nil)
                }
                defer { alarm.cancel() }
                for try await _ in request.body {}
                try await writer.write(ByteBuffer(bytes: bytes))
                try await writer.finish(nil)
            }
            return Response(status: status, headers: fields, body: body)
        }
        fields[.connection] = "close"
        let body = ResponseBody(contentLength: bytes.count) { writer in
            try await writer.write(ByteBuffer(bytes: bytes))
            try await writer.finish(nil)
            let alarm = channel.eventLoop.scheduleTask(in: TimeAmount(limits.linger)) {
                channel.close(promise: nil)
            }
            // A body is read from its beginning once: what is left of one goes until then as it comes.
            if isBegun { return }
            defer {
                alarm.cancel()
                channel.close(promise: nil)
            }
            var count = 0
            for try await piece in request.body {
                count += piece.readableBytes
                if count > limits.refusedBytes { break }
            }
        }
        return Response(status: status, headers: fields, body: body)
    }

    private static func tooMany(_ message: String) -> ServedResponse {
        var answer = status(429, "TooManyRequests", message)
        answer.headers.append(("Retry-After", "1"))
        return answer
    }

    /// A Kubernetes Status.
    private static func status(_ code: Int, _ reason: String, _ message: String) -> ServedResponse {
        let text =
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":""# + message
            + #"","reason":""# + reason + #"","code":"# + "\(code)}"
        return ServedResponse(status: code, contentType: "application/json", body: .bytes(Array(text.utf8)))
    }
}
