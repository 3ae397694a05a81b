package import Model

/// Both clocks of this machine.
package protocol Clock: Sendable {
    var now: Moment { get }
    /// Returns at `instant`, or early when the task is cancelled.
    func sleep(until instant: Instant) async
}

/// Random bytes for uids, tokens and jitter.
package protocol RandomSource: Sendable {
    func next() -> UInt64
}

/// Logs and large outputs beside the objects, by name. Appending is in order; a blob is bounded by the caller.
package protocol BlobStore: Sendable {
    func append(_ bytes: [UInt8], to name: String) async throws(BlobError)
    func read(_ name: String, from offset: Int, limit: Int) async throws(BlobError) -> BlobPart?
    func remove(prefix: String) async throws(BlobError)
}

package struct BlobPart: Sendable, Hashable {
    package let bytes: [UInt8]
    package let total: Int
    package init(bytes: [UInt8], total: Int) {
        self.bytes = bytes
        self.total = total
    }
}

package struct BlobError: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String
    package init(_ message: String) { self.message = message }
    package var description: String { message }
}
