import Glibc

/// A listening port that completes no further handshake: its backlog is full and nobody accepts.
final class FullListener: Sendable {
    let url: String
    private let descriptors: [Int32]

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0, withLoopback(0, { bind(listener, $0, $1) }) == 0, listen(listener, 0) == 0 else {
            throw TestServer.SocketFailure(call: "listen", code: errno)
        }
        let port = boundPort(listener)
        url = "http://127.0.0.1:\(port)"
        let fillers = (0..<4).map { _ in
            let filler = socket(
                AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
            _ = withLoopback(port) { connect(filler, $0, $1) }
            return filler
        }
        descriptors = fillers + [listener]
        // The first filler's handshake is done once it is writable: the one place in the backlog is taken.
        var entry = pollfd(fd: fillers[0], events: Int16(POLLOUT), revents: 0)
        poll(&entry, 1, 5000)
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }
}
