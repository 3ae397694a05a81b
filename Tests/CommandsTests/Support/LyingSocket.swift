import Dispatch
import Glibc
import HTTP
import Kernel
import Synchronization

/// The API on a real socket, whose answers a lie changes as bytes: head, framing and body alike.
final class LyingSocket: Sendable {
    typealias Lie = @Sendable (_ honest: [UInt8]) -> [UInt8]

    let path: String
    private let server: LyingTransport
    private let listener: Descriptor
    private let lie = Mutex<Lie>({ $0 })

    init(_ server: LyingTransport, in directory: String) throws {
        self.server = server
        path = "\(directory)/liar.sock"
        listener = try LocalSocket.listen(in: directory, as: "liar.sock")
        _ = PosixThread.start(stackBytes: 512 << 10) { [self] in accept() }
    }

    func tell(_ lie: @escaping Lie) { self.lie.withLock { $0 = lie } }

    func close() { LocalSocket.close(listener) }

    private func accept() {
        while let caller = try? LocalSocket.accept(from: listener) {
            _ = PosixThread.start(stackBytes: 512 << 10) { [self] in
                while let request = read(caller) {
                    let whole = Self.bytes(honest(request))
                    let told = lie.withLock { $0 }(whole)
                    // Whoever lies keeps no connection.
                    guard caller.send(told), told == whole else { break }
                }
                shutdown(caller.raw, Int32(SHUT_RDWR))
            }
        }
    }

    private func honest(_ request: HTTPRequest) -> HTTPResponse {
        let isThere = DispatchSemaphore(value: 0)
        let box = Box()
        Task {
            let given = await server.honest(request)
            box.answer.withLock { $0 = given }
            isThere.signal()
        }
        isThere.wait()
        return box.answer.withLock { $0 } ?? HTTPResponse(status: 500)
    }

    private func read(_ caller: Descriptor) -> HTTPRequest? {
        var bytes: [UInt8] = []
        let end = Array("\r\n\r\n".utf8)
        var head: Int?
        var length = 0
        while true {
            if head == nil, let range = bytes.firstRange(of: end) {
                head = range.upperBound
                let text = String(decoding: bytes[..<range.lowerBound], as: UTF8.self).lowercased()
                let field = text.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                length = field.flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
                if text.contains("expect: 100-continue") {
                    _ = caller.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
                }
            }
            if let head, bytes.count >= head + length {
                let line = String(decoding: bytes.prefix { $0 != 0x0D }, as: UTF8.self).split(separator: " ")
                guard line.count == 3, let method = HTTPMethod(rawValue: String(line[0])) else { return nil }
                var request = HTTPRequest(
                    method, "http://localhost\(line[1])", body: Array(bytes[head..<head + length]))
                let type = String(decoding: bytes[..<head], as: UTF8.self).split(separator: "\r\n")
                    .first { $0.lowercased().hasPrefix("content-type:") }
                request.headers["Content-Type"] = type.map { String($0.dropFirst(13).drop { $0 == " " }) }
                return request
            }
            guard case .bytes(let piece)? = try? caller.read(upTo: 64 << 10) else { return nil }
            bytes += piece
        }
    }

    private final class Box: Sendable {
        let answer = Mutex<HTTPResponse?>(nil)
    }

    private static func bytes(_ response: HTTPResponse) -> [UInt8] {
        var head = "HTTP/1.1 \(response.status) Answer\r\n"
        if let type = response.headers["Content-Type"] { head += "Content-Type: \(type)\r\n" }
        guard response.headers["Transfer-Encoding"] != nil else {
            return Array("\(head)Content-Length: \(response.body.count)\r\n\r\n".utf8) + response.body
        }
        let chunk =
            response.body.isEmpty
            ? [] : Array("\(String(response.body.count, radix: 16))\r\n".utf8) + response.body + Array("\r\n".utf8)
        return Array("\(head)Transfer-Encoding: chunked\r\n\r\n".utf8) + chunk + Array("0\r\n\r\n".utf8)
    }
}
