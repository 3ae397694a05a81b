import Glibc
import Kernel
import Synchronization

/// What lies between a controller and its engine: a Unix socket that carries every call there and back, writes it down,
/// and lets the plan of a test spoil it.
package final class EngineProxy: Sendable {
    package typealias Plan = @Sendable (ProxiedCall) -> Treatment

    fileprivate struct State {
        var plan: Plan = { _ in .pass }
        var calls: [ProxiedCall] = []
        var counts: [String: Int] = [:]
        var streams = 0
        /// By their numbers, so that closing the proxy ends the threads that block on them.
        var open: [Int32: Descriptor] = [:]
        var isClosed = false
    }

    /// What the threads share.
    fileprivate final class Core: Sendable {
        let engine: String
        let state = Mutex(State())
        init(engine: String) { self.engine = engine }
    }

    package let socket: String
    private let listener: Descriptor
    private let core: Core

    /// `engine`: the socket behind it.
    package init(at socket: String, to engine: String, plan: Plan? = nil) throws {
        self.socket = socket
        core = Core(engine: engine)
        if let plan { core.state.withLock { $0.plan = plan } }
        let listener = try Descriptor.inherited(Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
        let bound = withAddress(socket) { bind(listener.raw, $0, $1) }
        guard bound == 0, listen(listener.raw, 128) == 0 else { throw SystemError("bind", socket) }
        self.listener = listener
        let core = core
        let isStarted = PosixThread.start(stackBytes: 256 << 10) { core.accept(listener) }
        precondition(isStarted, "no thread for the proxy")
    }

    deinit { close() }

    /// Everything that it carries breaks off, and nothing more is taken.
    package func close() {
        // Once: the next one may stand at that path by now.
        let wasClosed = core.state.withLock { state in
            defer { state.isClosed = true }
            for raw in state.open.keys { shutdown(raw, Int32(SHUT_RDWR)) }
            return state.isClosed
        }
        guard !wasClosed else { return }
        shutdown(listener.raw, Int32(SHUT_RDWR))
        unlink(socket)
    }

    // MARK: What tests ask

    package var calls: [ProxiedCall] { core.state.withLock { $0.calls } }
    /// How many streams of events are open now.
    package var streams: Int { core.state.withLock { $0.streams } }
    package func plan(_ plan: @escaping Plan) { core.state.withLock { $0.plan = plan } }

    /// Ends every connection as an engine's death would.
    package func cutAll() {
        core.state.withLock { state in for raw in state.open.keys { shutdown(raw, Int32(SHUT_RDWR)) } }
    }
}

// MARK: Carrying

extension EngineProxy.Core {
    fileprivate func accept(_ listener: Descriptor) {
        while true {
            let raw = Glibc.accept(listener.raw, nil, nil)
            guard raw >= 0, let caller = try? Descriptor.inherited(raw) else {
                if raw < 0, errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            guard enter(caller) else { return }
            _ = PosixThread.start(stackBytes: 512 << 10) { [self] in
                serve(HTTPWire(caller))
                leave(caller)
            }
        }
    }

    private func enter(_ descriptor: Descriptor) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.open[descriptor.raw] = descriptor
            return true
        }
    }

    private func leave(_ descriptor: Descriptor) {
        shutdown(descriptor.raw, Int32(SHUT_RDWR))
        state.withLock { _ = $0.open.removeValue(forKey: descriptor.raw) }
    }

    private func note(_ method: String, _ target: String) -> (ProxiedCall, EngineProxy.Plan) {
        state.withLock { state in
            let kind = ProxiedCall.kind(method: method, target: target)
            state.counts[kind, default: 0] += 1
            let call = ProxiedCall(
                kind: kind, occurrence: state.counts[kind] ?? 1, method: method, target: target)
            state.calls.append(call)
            return (call, state.plan)
        }
    }

    /// One request after the other, until either side ends it.
    private func serve(_ wire: HTTPWire) {
        var caller = wire
        while let head = caller.head(), head.firstLine.count == 3 {
            if head.fields["expect"]?.lowercased() == "100-continue" {
                caller.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
            }
            guard let content = caller.content(ofRequest: head) else { return }
            let (call, plan) = note(head.firstLine[0], head.firstLine[1])
            let treatment = plan(call)
            treatment.onArrival()
            if let answer = treatment.answer {
                guard caller.send(Self.bytes(answer)) else { return }
                continue
            }
            guard treatment.reachesEngine, let engine = connect() else { return }
            defer { leave(engine) }
            var there = HTTPWire(engine)
            guard there.send(head.bytes + content), let reply = there.head() else { return }
            if call.isStream {
                return relay(&there, reply, to: caller, treatment)
            }
            let rest = there.content(ofReply: reply, to: call.method)
            treatment.onReply()
            guard deliver(reply.bytes, rest, to: caller, treatment.reply) else { return }
            treatment.onDelivery()
        }
    }

    private func deliver(_ head: [UInt8], _ rest: [UInt8], to caller: HTTPWire, _ reply: Treatment.Reply) -> Bool {
        switch reply {
        case .none: return false
        case .half:
            caller.send(rest.isEmpty ? Array(head.prefix(head.count / 2)) : head + rest.prefix(rest.count / 2))
            return false
        case .whole: return caller.send(head + rest)
        }
    }

    /// A stream, piece by piece, until one of the two ends it.
    private func relay(
        _ engine: inout HTTPWire, _ head: HTTPWire.Head, to caller: HTTPWire, _ treatment: Treatment
    ) {
        treatment.onReply()
        guard deliver(head.bytes, engine.rest(), to: caller, treatment.reply) else { return }
        state.withLock { $0.streams += 1 }
        defer { state.withLock { $0.streams -= 1 } }
        treatment.onDelivery()
        while let readable = try? Poll.wait([engine.descriptor, caller.descriptor]) {
            // A caller that says anything now has gone.
            if readable[1] { return }
            guard case .bytes(let piece)? = try? engine.descriptor.read(upTo: 64 << 10), caller.send(piece) else {
                return
            }
        }
    }

    private func connect() -> Descriptor? {
        guard let descriptor = try? Descriptor.inherited(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)) else {
            return nil
        }
        let isConnected = withAddress(engine) { Glibc.connect(descriptor.raw, $0, $1) } == 0
        return isConnected && enter(descriptor) ? descriptor : nil
    }

    private static func bytes(_ answer: Treatment.Answer) -> [UInt8] {
        let body = Array(answer.body.utf8)
        return Array(
            "HTTP/1.1 \(answer.status) Said\r\nContent-Type: \(answer.type)\r\nContent-Length: \(body.count)\r\n\r\n"
                .utf8)
            + body
    }
}

private func withAddress<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
