import Glibc
import Synchronization

/// A server on raw sockets whose behaviour is the test's: one thread a connection runs the handler, then
/// closes it.
final class TestServer: Sendable {
    typealias Handler = @Sendable (TestConnection) -> Void

    struct SocketFailure: Error {
        let call: String
        let code: Int32
    }

    let port: UInt16
    let socketPath: String?
    private let listener: Int32
    private let open: OpenConnections

    /// Listens on 127.0.0.1, or on a Unix socket at `socketPath`.
    init(socketPath: String? = nil, _ handler: @escaping Handler) throws {
        let isLocal = socketPath != nil
        let listener = socket(
            isLocal ? AF_UNIX : AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw SocketFailure(call: "socket", code: errno) }
        let bound =
            if let socketPath { bindLocal(listener, socketPath) } else {
                withLoopback(0) { bind(listener, $0, $1) }
            }
        guard bound == 0, listen(listener, 512) == 0 else { throw SocketFailure(call: "bind", code: errno) }
        let open = OpenConnections()
        self.listener = listener
        self.open = open
        self.socketPath = socketPath
        port = isLocal ? 0 : boundPort(listener)
        onThread {
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { break }
                closeOnExec(descriptor)
                guard open.add(descriptor) else { break }
                onThread {
                    handler(TestConnection(descriptor))
                    open.close(descriptor)
                }
            }
            Glibc.close(listener)
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        open.shutAll()
        if let socketPath { unlink(socketPath) }
    }

    var url: String { socketPath == nil ? "http://127.0.0.1:\(port)" : "http://local" }

    /// Answers every request on every connection.
    static func answering(
        _ respond: @escaping @Sendable (TestConnection.Request) -> TestConnection.Response
    ) throws -> TestServer {
        try TestServer { connection in
            while let request = connection.request() { connection.send(respond(request).bytes) }
        }
    }

    /// Reads one request, then writes these bytes and closes.
    static func writing(_ text: String) throws -> TestServer {
        try TestServer { connection in
            guard connection.request() != nil else { return }
            connection.send(text)
        }
    }
}

/// The descriptors still open, so that stopping the server ends the threads that block on them.
private final class OpenConnections: Sendable {
    private let state = Mutex<(descriptors: Set<Int32>, isShut: Bool)>(([], false))

    func add(_ descriptor: Int32) -> Bool {
        state.withLock { state in
            if state.isShut { Glibc.close(descriptor) } else { state.descriptors.insert(descriptor) }
            return !state.isShut
        }
    }

    func close(_ descriptor: Int32) {
        state.withLock { state in
            state.descriptors.remove(descriptor)
            Glibc.close(descriptor)
        }
    }

    func shutAll() {
        state.withLock { state in
            state.isShut = true
            for descriptor in state.descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }
}

func onThread(_ body: @escaping @Sendable () -> Void) {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body)).toOpaque()
    let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { box in
        if let box { Unmanaged<Box>.fromOpaque(box).takeRetainedValue().body() }
        return nil
    }
    precondition(pthread_create(&thread, nil, main, box) == 0, "no thread for the test server")
    pthread_detach(thread)
}

private func bindLocal(_ listener: Int32, _ path: String) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
