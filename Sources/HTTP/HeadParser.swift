/// Collects the header lines of a response, as libcurl hands them over one by one, into the final head.
struct HeadParser {
    static let maxFields = 512

    enum Step: Equatable {
        case more
        case complete(HTTPResponseHead)
        case tooLarge
    }

    private let maxBytes: Int
    private var bytes = 0
    private var head = HTTPResponseHead(status: 0)
    private(set) var isComplete = false

    init(maxBytes: Int) { self.maxBytes = maxBytes }

    /// One line with its line end. Lines after the final head are trailers: they count, and are dropped.
    mutating func take(_ line: some Collection<UInt8>) -> Step {
        bytes += line.count
        guard bytes <= maxBytes, head.headers.fields.count < Self.maxFields else { return .tooLarge }
        guard !isComplete else { return .more }
        let text = Self.trimmed(line)
        if text.isEmpty { return endOfHead() }
        if line.starts(with: "HTTP/".utf8) {
            head = HTTPResponseHead(status: Self.status(text))
        } else if let first = line.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") {
            head.headers.extendLast(by: text)
        } else if let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) {
            let value = text[text.utf8.index(after: colon)...]
            head.headers.add(String(text[..<colon]), Self.trimmed(value.utf8))
        }
        return .more
    }

    private mutating func endOfHead() -> Step {
        if (100..<200).contains(head.status), head.status != 101 {
            head = HTTPResponseHead(status: 0)
            return .more
        }
        isComplete = true
        return .complete(head)
    }

    /// The number after the first space of `HTTP/1.1 200 OK`; libcurl has refused a malformed one before
    /// this.
    private static func status(_ line: String) -> Int {
        let words = line.utf8.split(separator: UInt8(ascii: " "), maxSplits: 2)
        return words.count > 1 ? Int(String(decoding: words[1], as: UTF8.self)) ?? 0 : 0
    }

    private static func trimmed(_ bytes: some Collection<UInt8>) -> String {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d || $0 == 0x0a }
        let start = bytes.drop(while: isBlank)
        let blankTail = Array(start).reversed().prefix(while: isBlank).count
        return String(decoding: start.dropLast(blankTail), as: UTF8.self)
    }
}
