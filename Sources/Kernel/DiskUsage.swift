import CLinux
import Glibc

/// What files take on a disk.
package enum DiskUsage {
    /// Entries that are looked at; more are many files indeed, and each takes something.
    private static let mostEntries = 2_000_000
    /// What lies deeper is not looked at: each level costs a descriptor.
    private static let mostLevels = 100

    /// All that is used of the file system which that path is on.
    package static func ofFileSystem(at path: String) throws(SystemError) -> Int64 {
        var info = statvfs()
        try check("statvfs", path) { statvfs(path, &info) }
        return Int64(clamping: (info.f_blocks - info.f_bfree) * info.f_frsize)
    }

    /// All that lies beneath a directory, as soon as it is more than `enough`. No link is followed; of a file with
    /// several names each counts for its part.
    package static func beneath(_ path: String, upTo enough: Int64) -> Int64 {
        var total: Int64 = 0
        var entries = 0
        // try?: a directory that went meanwhile takes nothing.
        guard let root = try? Descriptor.open(path, [.read, .noFollow, .directory]) else { return 0 }
        var levels = [(directory: root, names: names(in: root))]
        while let level = levels.last {
            guard let name = levels[levels.count - 1].names.popLast() else {
                levels.removeLast()
                continue
            }
            var info = stat()
            guard fstatat(level.directory.raw, name, &info, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            entries += 1
            let isDirectory = info.st_mode & S_IFMT == S_IFDIR
            total += Int64(info.st_blocks) * 512 / Int64(isDirectory ? 1 : max(1, info.st_nlink))
            if total > enough || entries >= mostEntries { return total }
            guard isDirectory, levels.count < mostLevels else { continue }
            let raw = openat(level.directory.raw, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard raw >= 0 else { continue }
            let below = Descriptor(owning: raw)
            levels.append((below, names(in: below)))
        }
        return total
    }

    private static func names(in directory: Descriptor) -> [String] {
        let raw = openat(directory.raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard raw >= 0 else { return [] }
        guard let stream = fdopendir(raw) else {
            close(raw)
            return []
        }
        return Files.names(of: stream)
    }
}
