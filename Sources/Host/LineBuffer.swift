/// Cuts a byte stream into lines; one longer than the limit is dropped as if it had not been sent.
struct LineBuffer {
    private let limit: Int
    private var partial: [UInt8] = []
    private var isSkipping = false

    init(limit: Int) { self.limit = limit }

    /// The lines that this piece completes, without their ends.
    mutating func feed(_ piece: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var rest = piece[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            carry(rest[..<end])
            if !isSkipping { lines.append(partial) }
            isSkipping = false
            partial = []
            rest = rest[(end + 1)...]
        }
        carry(rest)
        return lines
    }

    private mutating func carry(_ bytes: ArraySlice<UInt8>) {
        guard !isSkipping, partial.count + bytes.count <= limit else {
            isSkipping = true
            partial = []
            return
        }
        partial += bytes
    }
}
