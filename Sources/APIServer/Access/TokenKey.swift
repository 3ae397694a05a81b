/// The state's secret, behind a port: this core computes no hash of its own.
package protocol TokenKey: Sendable {
    /// HMAC-SHA-256 (RFC 2104) of these bytes under the state's key.
    func mac(_ bytes: [UInt8]) -> [UInt8]
    /// Whether that is the credential of the worker of this UID; compared in constant time.
    func isCredential(_ text: String, ofWorker uid: String) -> Bool
}
