import Glibc
import Kernel

/// A file that is large and takes no room.
enum SparseFile {
    static func make(_ path: String, size: Int) throws {
        try Files.replace(path, [])
        guard truncate(path, size) == 0 else { throw SystemError("truncate", path) }
    }
}
