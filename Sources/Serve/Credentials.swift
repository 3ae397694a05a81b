import Crypto

/// Secrets of workers, derived so that nothing about them needs storing: a worker's credential is a keyed hash of its
/// uid, and only its hash is compared.
package struct Credentials: Sendable {
    private let key: SymmetricKey

    /// `key`: 32 random bytes, kept with mode 0600 in the state.
    package init(key: [UInt8]) { self.key = SymmetricKey(data: key) }

    /// HMAC-SHA-256 (RFC 2104) of the uid, in lower-case hexadecimal.
    package func credential(workerUID: String) -> String {
        Self.hexadecimal(Array(HMAC<SHA256>.authenticationCode(for: Array("worker/\(workerUID)".utf8), using: key)))
    }

    /// HMAC-SHA-256 of a text that is to be told apart from workers' credentials.
    package func mac(_ bytes: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array("token/".utf8) + bytes, using: key))
    }

    /// In constant time.
    package func isCredential(_ text: String, workerUID: String) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            Self.bytes(text), authenticating: Array("worker/\(workerUID)".utf8), using: key)
    }

    /// Of hexadecimal; empty where it is none.
    private static func bytes(_ text: String) -> [UInt8] {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, digits.count % 2 == 0 else { return [] }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    package static func hash(_ secret: String) -> [UInt8] { Array(SHA256.hash(data: Array(secret.utf8))) }

    /// Bytes from the system's generator, in hexadecimal.
    package static func randomSecret(bytes: Int = 32) -> String {
        var generator = SystemRandomNumberGenerator()
        return hexadecimal((0..<bytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    package static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
