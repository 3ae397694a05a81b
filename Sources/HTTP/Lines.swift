/// Cuts a byte stream into lines. A line may come in any number of pieces, a piece may hold any number of
/// lines.
///
/// Lines end with LF or CRLF, which is not part of them. A line longer than the limit is an error: nothing is
/// skipped.
package struct Lines: Sendable {
    /// One Kubernetes watch event is one line; the API server's objects stay below 3 MiB.
    package static let defaultLimit = 4 << 20

    private let limit: Int
    private var partial: [UInt8] = []

    package init(limit: Int = Lines.defaultLimit) { self.limit = limit }

    /// The lines that this piece completes.
    package mutating func feed(_ piece: [UInt8]) throws(HTTPError) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var rest = piece[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            try carry(rest[..<end])
            lines.append(takePartial())
            rest = rest[(end + 1)...]
        }
        try carry(rest)
        return lines
    }

    /// What came after the last line end, if anything did. Call it when the stream ended in order.
    package mutating func finish() -> [UInt8]? {
        partial.isEmpty ? nil : takePartial()
    }

    private mutating func carry(_ bytes: ArraySlice<UInt8>) throws(HTTPError) {
        guard partial.count + bytes.count <= limit else {
            partial = []
            throw HTTPError(
                .tooLarge, "a line of the response is longer than \(limit) bytes; ask for smaller objects",
                mayHaveBeenApplied: true)
        }
        partial.append(contentsOf: bytes)
    }

    private mutating func takePartial() -> [UInt8] {
        var line: [UInt8] = []
        swap(&line, &partial)
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return line
    }
}
