import Glibc
import HTTP
import Kernel
import Logging
import ProcessKit
import Serve
import Synchronization
import Testing

/// A server of its own on a free port or a Unix socket, whose handler says what it was asked.
final class Stall: Sendable {
    let authority: CertificateAuthority
    private let seen = Mutex<[ServedRequest]>([])
    private let closed = Mutex(0)
    private let cancelled = Mutex(0)
    private let place = Mutex<(port: Int, task: Task<Void, any Error>?)>((0, nil))
    let socket: String
    private let scratch: Scratch

    /// What reached the handler.
    var requests: [ServedRequest] { seen.withLock { $0 } }
    /// How many streams were closed.
    var closedStreams: Int { closed.withLock { $0 } }
    /// How many requests were given up while they were worked on.
    var cancelledRequests: Int { cancelled.withLock { $0 } }
    var port: Int { place.withLock { $0.port } }
    var url: String { "https://127.0.0.1:\(port)" }

    /// Over TLS on a free port, or over a Unix socket; returns once it listens.
    init(unix: Bool = false, limits: Server.Limits = Stall.patient, bodyLimit: Int = 64 << 10) async throws {
        let now = Int64(time(nil))
        authority = try CertificateAuthority.generate(now: now)
        scratch = try Scratch()
        socket = scratch.path + "/api.sock"
        let identity = try authority.issueServer(names: ["localhost"], addresses: ["127.0.0.1"], now: now)
        var logger = Logger(label: "serve")
        logger.logLevel = .critical
        let listening = AsyncStream.makeStream(of: Int.self)
        let server = Server(
            unix ? .unix(path: socket) : .tcp(host: "127.0.0.1", port: 0), identity: unix ? nil : identity,
            clients: unix ? nil : authority.certificatePEM, hosts: unix ? nil : ["localhost"], limits: limits,
            logger: logger, started: { listening.continuation.yield($0 ?? 0) },
            receive: { [weak self] head in
                if head.path == "/closed" { return .refused(Stall.text("who are you?", 401)) }
                return .admitted(bodyLimit: bodyLimit, account: head.headers["x-account"] ?? "someone") {
                    [weak self] request in
                    await self?.answer(request) ?? Stall.text("gone")
                }
            })
        let task = Task { try await server.run() }
        let port = await listening.stream.first { _ in true } ?? 0
        place.withLock { $0 = (port, task) }
    }

    deinit { place.withLock { $0.task }?.cancel() }

    /// So long that no test meets them by accident.
    static let patient: Server.Limits = {
        var limits = Server.Limits()
        limits.handshake = .seconds(20)
        limits.idle = .seconds(20)
        limits.body = .seconds(20)
        return limits
    }()

    private struct Broken: Error {}

    /// Ends when it is closed, and says nothing before.
    private final class Silence: Sendable {
        private let state = Mutex<(isClosed: Bool, waiting: CheckedContinuation<Void, Never>?)>((false, nil))

        func wait() async {
            await withCheckedContinuation { continuation in
                let isClosed = state.withLock { state in
                    if !state.isClosed { state.waiting = continuation }
                    return state.isClosed
                }
                if isClosed { continuation.resume() }
            }
        }

        func close() {
            let waiting = state.withLock { state in
                defer { state = (true, nil) }
                return state.waiting
            }
            waiting?.resume()
        }
    }

    private func answer(_ request: ServedRequest) async -> ServedResponse {
        seen.withLock { $0.append(request) }
        switch request.path {
        case "/silence":
            let silence = Silence()
            return stream(
                next: {
                    await silence.wait()
                    return nil
                }, close: silence.close)
        case "/flood": return stream(next: { Array(repeating: 0x20, count: 64 << 10) }, close: {})
        case "/held":
            try? await Task.sleep(for: .seconds(60))
            if Task.isCancelled { cancelled.withLock { $0 += 1 } }
            return Stall.text("held")
        case "/large":
            return ServedResponse(
                status: 200, contentType: "text/plain", body: .bytes(Array(repeating: 0x20, count: 8 << 20)))
        default: return echo(request)
        }
    }

    private func stream(
        next: @escaping @Sendable () async throws -> [UInt8]?, close: @escaping @Sendable () -> Void
    ) -> ServedResponse {
        let once = Mutex(false)
        return ServedResponse(
            status: 200, contentType: "text/plain",
            body: .stream(
                next: next,
                close: { [weak self] in
                    close()
                    let isFirst = once.withLock { isClosed in
                        defer { isClosed = true }
                        return !isClosed
                    }
                    if isFirst { self?.closed.withLock { $0 += 1 } }
                }))
    }

    private func echo(_ request: ServedRequest) -> ServedResponse {
        guard request.path == "/stream" else {
            let peer = request.peer.map { "\($0.commonName) of \($0.organizations.joined(separator: "+"))" }
            return Stall.text("\(request.method) \(request.path) \(request.body.count) \(peer ?? "nobody")")
        }
        let lines = Mutex(0)
        return stream(
            next: {
                let number = lines.withLock { lines in
                    lines += 1
                    return lines
                }
                // What it says of itself is not all that there is.
                if request.query == "breaks", number > 2 { throw Broken() }
                if number > 3 { try? await Task.sleep(for: .milliseconds(20)) }
                return Array("line \(number)\n".utf8)
            }, close: {})
    }

    private static func text(_ text: String, _ status: Int = 200) -> ServedResponse {
        ServedResponse(status: status, contentType: "text/plain", body: .bytes(Array(text.utf8)))
    }

    func request(
        _ path: String, body: [UInt8] = [], as client: Server.Identity? = nil, overSocket: Bool = false
    ) -> HTTPRequest {
        var request = HTTPRequest(body.isEmpty ? .get : .post, (overSocket ? "http://local" : url) + path, body: body)
        if overSocket { request.unixSocketPath = socket }
        request.tls = TLSSettings(caPEM: Array(authority.certificatePEM.utf8))
        request.tls.certificatePEM = client.map { Array($0.certificatePEM.utf8) }
        request.tls.keyPEM = client.map { Array($0.keyPEM.utf8) }
        return request
    }
}

/// A socket that is written to by hand.
final class Wire: Sendable {
    private let descriptor: Int32

    /// On a thread of its own: the server under test needs those that tests run on.
    private func apart<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            let isStarted = PosixThread.start(stackBytes: 256 << 10) { continuation.resume(returning: body()) }
            precondition(isStarted, "no thread for a test")
        }
    }

    init(port: Int) throws {
        descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard result == 0 else { throw SystemError("connect", "port \(port)") }
        patience(20)
    }

    init(socket path: String) throws {
        descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard result == 0 else { throw SystemError("connect", path) }
        patience(20)
    }

    deinit { close(descriptor) }

    private func patience(_ seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    func send(_ text: String) async { await apart { self.write(text) } }

    private func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Whether the other side has closed it, however much is still to be read.
    var isClosed: Bool {
        let hangUp: Int16 = 0x2000
        var entry = pollfd(fd: descriptor, events: hangUp, revents: 0)
        return poll(&entry, 1, 0) == 1 && entry.revents & (hangUp | Int16(POLLHUP)) != 0
    }

    /// What comes until that was said; nil when it does not within 20 s.
    func until(_ text: String) async -> String? { await apart { self.read(until: text) } }

    private func read(until text: String) -> String? {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while !String(decoding: bytes, as: UTF8.self).contains(text) {
            let count = recv(descriptor, &piece, piece.count, 0)
            guard count > 0 else { return nil }
            bytes += piece.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Everything until the other side closes; nil when it does not within 20 s.
    func untilClosed() async -> String? { await apart { self.readAll() } }

    private func readAll() -> String? {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            if count == 0 || (count < 0 && errno == ECONNRESET) { return String(decoding: bytes, as: UTF8.self) }
            guard count > 0 else { return nil }
            bytes += piece.prefix(count)
        }
    }
}
