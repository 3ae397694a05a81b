/// A range of addresses as engines write it: `172.17.0.0/16` (RFC 4632).
struct IPv4Subnet: Sendable, Hashable {
    private let base: UInt32
    private let length: Int

    /// Nil where it is none of IPv4.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let length = Int(parts[1]), (1...30).contains(length) else { return nil }
        let bytes = parts[0].split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }
        guard bytes.count == 4 else { return nil }
        let address = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        self.length = length
        base = address & (UInt32.max << UInt32(32 - length))
    }

    /// The first that a host may have.
    var firstAddress: String {
        let address = base + 1
        return [24, 16, 8, 0].map { String(address >> $0 & 0xff) }.joined(separator: ".")
    }
}
