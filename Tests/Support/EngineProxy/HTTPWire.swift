import Glibc
import Kernel

/// One end of a connection that speaks HTTP/1.1, read message by message. Blocking; one thread's alone.
struct HTTPWire {
    let descriptor: Descriptor
    private var unread: [UInt8] = []

    init(_ descriptor: Descriptor) { self.descriptor = descriptor }

    struct Head {
        /// With the empty line that ends it.
        let bytes: [UInt8]
        let firstLine: [String]
        let fields: [String: String]

        var length: Int? { fields["content-length"].flatMap { Int($0) } }
        var isChunked: Bool { fields["transfer-encoding"]?.lowercased().contains("chunked") ?? false }
    }

    /// Nil once the other side has closed.
    mutating func head() -> Head? {
        let end = Array("\r\n\r\n".utf8)
        var searched = 0
        while true {
            if let range = unread[max(0, searched - 3)...].firstRange(of: end) {
                let bytes = Array(unread[..<range.upperBound])
                unread.removeFirst(bytes.count)
                return Self.parsed(bytes)
            }
            searched = unread.count
            guard receive() else { return nil }
        }
    }

    private static func parsed(_ bytes: [UInt8]) -> Head {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        return Head(
            bytes: bytes, firstLine: (lines.first ?? "").split(separator: " ").map(String.init), fields: fields)
    }

    /// What follows a request's head; nil where it broke off.
    mutating func content(ofRequest head: Head) -> [UInt8]? { take(head.length ?? 0) }

    /// What follows a reply's head, as it came; what there is of it where it broke off.
    mutating func content(ofReply head: Head, to method: String) -> [UInt8] {
        let status = head.firstLine.count > 1 ? Int(head.firstLine[1]) ?? 0 : 0
        if method == "HEAD" || status == 204 || status == 304 { return [] }
        if let length = head.length { return take(length) ?? rest() }
        if head.isChunked { return chunks() }
        while receive() {}
        return rest()
    }

    private mutating func chunks() -> [UInt8] {
        var all: [UInt8] = []
        while let line = line() {
            all += line
            let digits = String(decoding: line.prefix { $0 != 0x0d && $0 != UInt8(ascii: ";") }, as: UTF8.self)
            // The data and its line's end; after the last chunk, which is empty, the line that ends the trailer.
            guard let count = Int(digits, radix: 16), let chunk = take(count + 2) else { break }
            all += chunk
            if count == 0 { break }
        }
        return all
    }

    private mutating func line() -> [UInt8]? {
        while true {
            if let end = unread.firstIndex(of: 0x0a) { return take(end + 1) }
            guard receive() else { return nil }
        }
    }

    private mutating func take(_ count: Int) -> [UInt8]? {
        while unread.count < count { guard receive() else { return nil } }
        defer { unread.removeFirst(count) }
        return Array(unread.prefix(count))
    }

    /// What has been read and not been taken.
    mutating func rest() -> [UInt8] {
        defer { unread = [] }
        return unread
    }

    private mutating func receive() -> Bool {
        guard case .bytes(let piece)? = try? descriptor.read(upTo: 256 << 10) else { return false }
        unread += piece
        return true
    }

    /// False when the other side is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { all in
                Glibc.send(descriptor.raw, all.baseAddress! + sent, all.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
