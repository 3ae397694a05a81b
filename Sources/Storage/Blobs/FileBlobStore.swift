import Dispatch
import Kernel
package import Ports

/// Blobs as plain files below one directory, for its owner only. An appended part survives the end of the
/// process, not the loss of power: what must survive that is an object.
///
/// One queue does the system calls, so appends are in order and no thread of the caller's waits for a disk.
package final class FileBlobStore: BlobStore {
    private let root: String
    private let limits: BlobLimits
    private let queue = DispatchQueue(label: "reconcile.blobs")

    package init(_ root: String, limits: BlobLimits = BlobLimits()) {
        self.root = root
        self.limits = limits
    }

    package func append(_ bytes: [UInt8], to name: String) async throws(BlobError) {
        let path = try path(name)
        let fits = try await run(name) { [limits] () throws(SystemError) in
            try Files.makeDirectories(Files.parent(of: path))
            let file = try Descriptor.open(path, [.write, .create, .append])
            if try file.size() + bytes.count > limits.blobBytes { return false }
            try file.writeAll(bytes)
            return true
        }
        if !fits { throw .full(name, limits) }
    }

    package func read(_ name: String, from offset: Int, limit: Int) async throws(BlobError) -> BlobPart? {
        let path = try path(name)
        return try await run(name) { [limits] () throws(SystemError) in
            do throws(SystemError) {
                let file = try Descriptor.open(path, .read)
                let total = try file.size()
                let from = min(max(0, offset), total)
                let count = min(max(0, limit), limits.readBytes, total - from)
                return BlobPart(bytes: count == 0 ? [] : try file.read(at: from, upTo: count), total: total)
            } catch  where error.isNotFound {
                return nil
            }
        }
    }

    /// Removes the blob of that name and all whose names continue it after a slash: `a/b` covers `a/b` and
    /// `a/b/c`, not `a/bc`.
    package func remove(prefix: String) async throws(BlobError) {
        let path = try path(prefix)
        try await run(prefix) { () throws(SystemError) in try Files.remove(path) }
    }

    private func path(_ name: String) throws(BlobError) -> String {
        root + "/" + (try BlobName(name)).parts.joined(separator: "/")
    }

    private func run<Value: Sendable>(
        _ name: String, _ work: @escaping @Sendable () throws(SystemError) -> Value
    ) async throws(BlobError) -> Value {
        let result = await withCheckedContinuation { reply in
            queue.async { reply.resume(returning: Result(catching: work)) }
        }
        do { return try result.get() } catch { throw BlobError("blob \(name): \(error)") }
    }
}

extension BlobError {
    static func full(_ name: String, _ limits: BlobLimits) -> BlobError {
        BlobError("blob \(name) is full: it may have \(limits.blobBytes) bytes; what comes after is not kept")
    }
}
