package import Ports
import Synchronization

/// Blobs in memory, with the names and bounds of the file store: for tests and rehearsals.
package final class MemoryBlobStore: BlobStore {
    private let limits: BlobLimits
    private let blobs = Mutex<[String: [UInt8]]>([:])

    package init(limits: BlobLimits = BlobLimits()) {
        self.limits = limits
    }

    package func append(_ bytes: [UInt8], to name: String) throws(BlobError) {
        _ = try BlobName(name)
        try blobs.withLock { blobs throws(BlobError) in
            if (blobs[name]?.count ?? 0) + bytes.count > limits.blobBytes { throw .full(name, limits) }
            blobs[name, default: []] += bytes
        }
    }

    package func read(_ name: String, from offset: Int, limit: Int) throws(BlobError) -> BlobPart? {
        _ = try BlobName(name)
        return blobs.withLock { blobs in
            blobs[name].map { bytes in
                let part = bytes.dropFirst(max(0, offset)).prefix(min(max(0, limit), limits.readBytes))
                return BlobPart(bytes: Array(part), total: bytes.count)
            }
        }
    }

    package func remove(prefix: String) throws(BlobError) {
        let wanted = try BlobName(prefix)
        blobs.withLock { blobs in
            // try?: names were checked when they came.
            blobs = blobs.filter { name, _ in (try? BlobName(name)).map { !wanted.contains($0) } ?? true }
        }
    }
}
