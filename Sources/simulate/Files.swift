import Glibc

/// The few files that this program reads and writes.
enum Files {
    struct Problem: Error { let message: String }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The whole of a text file, at most a mebibyte.
    static func read(_ path: String) throws(Problem) -> String {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw Problem(message: "\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < 1 << 20 {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count <= 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func write(_ text: String, to path: String) throws(Problem) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw Problem(message: "\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count <= 0 { throw Problem(message: "\(path): \(String(cString: strerror(errno)))") }
            done += count
        }
    }

    /// The commit of the working tree this runs in; "unknown" outside of one.
    static var commit: String {
        guard let head = try? read(".git/HEAD") else { return "unknown" }
        let words = head.split(whereSeparator: \.isWhitespace)
        guard words.first == "ref:", words.count == 2 else {
            return words.first.map { String($0.prefix(12)) } ?? "unknown"
        }
        if let direct = try? read(".git/\(words[1])") { return String(direct.prefix(12)) }
        let packed = (try? read(".git/packed-refs")) ?? ""
        let line = packed.split(separator: "\n").first { $0.hasSuffix(" \(words[1])") }
        return line.map { String($0.prefix(12)) } ?? "unknown"
    }
}
