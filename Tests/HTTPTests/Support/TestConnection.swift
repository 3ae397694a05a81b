import Glibc

/// The server's end of one connection. Blocking; used by its handler's thread alone.
final class TestConnection {
    struct Request: Sendable {
        var method: String
        var target: String
        /// `Name: value`, as it came.
        var headerLines: [String]
        var body: [UInt8]

        func header(_ name: String) -> String? {
            headerLines.first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { $0.dropFirst(name.count + 1).drop { $0 == " " } }.map(String.init)
        }
    }

    struct Response {
        var status = 200
        var headers: [String] = []
        var body: [UInt8] = []

        static func text(_ text: String) -> Response { Response(body: Array(text.utf8)) }

        var bytes: [UInt8] {
            let lines = ["HTTP/1.1 \(status) Said"] + headers + ["Content-Length: \(body.count)", "", ""]
            return Array(lines.joined(separator: "\r\n").utf8) + body
        }
    }

    private let descriptor: Int32
    private var unread: [UInt8] = []

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The next request with its content; nil when the client has closed.
    func request() -> Request? {
        let end = Array("\r\n\r\n".utf8)
        var headEnd = unread.firstRange(of: end)
        while headEnd == nil {
            guard receive() else { return nil }
            headEnd = unread.firstRange(of: end)
        }
        guard let headEnd else { return nil }
        let lines = String(decoding: unread[..<headEnd.lowerBound], as: UTF8.self)
            .split(separator: "\r\n").map(String.init)
        unread.removeSubrange(..<headEnd.upperBound)
        let words = lines[0].split(separator: " ").map(String.init)
        var request = Request(
            method: words[0], target: words[1], headerLines: Array(lines.dropFirst()), body: [])
        let length = request.header("Content-Length").flatMap { Int($0) } ?? 0
        while unread.count < length {
            guard receive() else { return nil }
        }
        request.body = Array(unread.prefix(length))
        unread.removeFirst(length)
        return request
    }

    private func receive() -> Bool {
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &piece, piece.count, 0)
        if count > 0 { unread.append(contentsOf: piece.prefix(count)) }
        return count > 0
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// False when the client is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { all in
                Glibc.send(descriptor, all.baseAddress! + sent, all.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Whether the client leaves room for more bytes within that time.
    func canSend(within milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }

    /// Blocks until the client closes.
    func waitForClose() {
        while receive() { unread = [] }
    }

    /// The close that follows is a TCP reset.
    func resetOnClose() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }
}
