/// Cuts bytes into whole lines, each with a prefix.
struct LogLines {
    private let prefix: String
    private var rest: [UInt8] = []

    /// A line longer than this is cut into several.
    private static let longest = 64 << 10

    init(prefix: String) { self.prefix = prefix }

    /// The lines that are whole now.
    mutating func add(_ piece: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in piece {
            if byte != UInt8(ascii: "\n") { rest.append(byte) }
            if byte == UInt8(ascii: "\n") || rest.count >= Self.longest { text += line() }
        }
        return text
    }

    /// What is left of a last line without an end.
    mutating func end() -> String { rest.isEmpty ? "" : line() }

    private mutating func line() -> String {
        let text = prefix + String(decoding: rest, as: UTF8.self) + "\n"
        rest.removeAll(keepingCapacity: true)
        return text
    }
}

/// The last lines of a log, and how many bytes come before what follows them.
struct LogTail {
    private let prefix: String
    private let count: Int
    private var lines: [[UInt8]] = []
    private var rest: [UInt8] = []
    private var total = 0

    init(prefix: String, count: Int) {
        self.prefix = prefix
        self.count = max(0, count)
    }

    /// Whole lines only: the beginning of one that is not yet written out belongs to what follows.
    var bytes: Int { total - rest.count }

    mutating func add(_ piece: [UInt8]) {
        total += piece.count
        for byte in piece {
            guard byte == UInt8(ascii: "\n") else {
                rest.append(byte)
                continue
            }
            lines.append(rest)
            rest = []
            if lines.count > count { lines.removeFirst(lines.count - count) }
        }
    }

    /// An unfinished line counts as one; unless this is the `whole` of it, it is left to what follows.
    func text(whole: Bool) -> String {
        var all = (rest.isEmpty ? lines : lines + [rest]).suffix(count)
        if !whole, !rest.isEmpty { all = all.dropLast() }
        return all.map { prefix + String(decoding: $0, as: UTF8.self) + "\n" }.joined()
    }
}
