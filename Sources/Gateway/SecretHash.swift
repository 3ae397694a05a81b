/// What is kept of a token or credential. The shell hashes what an agent shows; only hashes come in here.
package struct SecretHash: Sendable, Equatable, CustomStringConvertible {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// In a time that depends on the length alone. An empty hash equals nothing.
    package static func == (a: SecretHash, b: SecretHash) -> Bool {
        guard a.bytes.count == b.bytes.count, !a.bytes.isEmpty else { return false }
        var difference: UInt8 = 0
        for index in a.bytes.indices { difference |= a.bytes[index] ^ b.bytes[index] }
        return difference == 0
    }

    package var description: String { "‹hash›" }
}
