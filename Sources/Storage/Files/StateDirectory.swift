import Glibc
import Kernel

/// The directory that holds one state, owned by this process until the last reference goes: `lock` (who owns it),
/// `state.db` (the objects), `blobs/` (logs and outputs).
package final class StateDirectory: Sendable {
    package let path: String
    private let lock: FileLock

    package var database: String { path + "/state.db" }
    package var blobs: String { path + "/blobs" }

    private init(_ path: String, lock: FileLock) {
        self.path = path
        self.lock = lock
    }

    /// False once it, or the lock in it, was removed or moved away: whoever looks there finds no owner.
    package var isInPlace: Bool { lock.lies(at: path + "/lock") }

    /// Makes the directory if it is missing, for its owner only, and takes its lock without waiting.
    package static func open(_ path: String) throws(StoreOpenError) -> StateDirectory {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        do throws(SystemError) {
            try Files.makeDirectories(path)
            if let lock = try FileLock.take(path + "/lock") {
                try lock.descriptor.truncate()
                try lock.descriptor.writeAll(Array("\(getpid())\n".utf8))
                return StateDirectory(path, lock: lock)
            }
        } catch {
            throw StoreOpenError(
                .notWritable, path, "can't be the state directory: \(error)",
                next: "Name a directory that this user (id \(getuid())) may write, with --state")
        }
        throw locked(path)
    }

    private static func locked(_ path: String) -> StoreOpenError {
        // try?: who holds it is a courtesy; that it is held is said either way.
        let bytes = (try? Files.read(path + "/lock", limit: 64)) ?? nil
        let owner = bytes.flatMap { Int(String(decoding: $0.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)) }
        return StoreOpenError(
            .locked(by: owner), path, "is in use by \(owner.map { "process \($0)" } ?? "another process")",
            next:
                "Talk to that process through the socket in that directory, stop it, or name another directory with --state"
        )
    }
}
