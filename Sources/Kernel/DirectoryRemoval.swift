import Glibc

/// Empties a directory and removes it, by descriptors alone: no path grows too long for the kernel, no link is
/// followed, and two descriptors do for any depth, because what lies in a directory of it is moved up into it before
/// that one is removed. Tried again after a failure it goes on where it was.
struct DirectoryRemoval {
    private let path: String
    private let root: Descriptor
    private var moved = 0

    /// Levels that are removed in one go; more is nobody's directory but an attack, and what is left is for the next
    /// time.
    private static let mostLevels = 100_000

    static func run(_ path: String) throws(SystemError) {
        // Whoever made it may have taken the right to write in it.
        if fchmodat(AT_FDCWD, path, 0o700, AT_SYMLINK_NOFOLLOW) == -1, errno == ENOENT { return }
        let root: Descriptor
        do throws(SystemError) { root = try Descriptor.open(path, [.read, .noFollow, .directory]) } catch
            where error.isNotFound
        { return }
        var removal = DirectoryRemoval(path: path, root: root)
        try removal.empty()
        if rmdir(path) == -1 && errno != ENOENT { throw SystemError("rmdir", path) }
    }

    private init(path: String, root: Descriptor) {
        self.path = path
        self.root = root
    }

    /// One level of everything at a time.
    private mutating func empty() throws(SystemError) {
        for _ in 0..<Self.mostLevels {
            let names = try names(in: root, "")
            if names.isEmpty { return }
            for name in names where !isGone(name, in: root) { try flatten(name) }
        }
        throw SystemError("remove", "\(path) of more than \(Self.mostLevels) levels", code: ELOOP)
    }

    /// Moves what is in that directory of the root up, and removes it.
    private mutating func flatten(_ name: String) throws(SystemError) {
        let directory: Descriptor
        do throws(SystemError) { directory = try open(name) } catch  where error.isNotFound { return }
        for child in try names(in: directory, name) where !isGone(child, in: directory) {
            // A directory that changes its parent must be writable itself.
            _ = fchmodat(directory.raw, child, 0o700, AT_SYMLINK_NOFOLLOW)
            repeat {
                moved += 1
                // A name that is taken, by a directory that isn't empty, is left alone: the next one is tried.
                if renameat(directory.raw, child, root.raw, ".removed-\(moved)") == 0 || errno == ENOENT { break }
                guard [ENOTEMPTY, EEXIST, ENOTDIR, EISDIR].contains(errno) else {
                    throw SystemError("rename", "\(path)/\(name)/\(child)")
                }
            } while true
        }
        if unlinkat(root.raw, name, AT_REMOVEDIR) == -1, ![ENOENT, ENOTEMPTY, EEXIST].contains(errno) {
            throw SystemError("rmdir", "\(path)/\(name)")
        }
    }

    /// Removes a file, or a directory that is empty. False: it is one that isn't.
    private func isGone(_ name: String, in directory: Descriptor) -> Bool {
        if unlinkat(directory.raw, name, 0) == 0 || errno == ENOENT { return true }
        return unlinkat(directory.raw, name, AT_REMOVEDIR) == 0 || errno == ENOENT
    }

    private func open(_ name: String) throws(SystemError) -> Descriptor {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        _ = fchmodat(root.raw, name, 0o700, AT_SYMLINK_NOFOLLOW)
        return Descriptor(owning: try check("open", "\(path)/\(name)") { openat(root.raw, name, flags) })
    }

    private func names(in directory: Descriptor, _ name: String) throws(SystemError) -> [String] {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        let raw = try check("open", "\(path)/\(name)") { openat(directory.raw, ".", flags) }
        guard let stream = fdopendir(raw) else {
            defer { close(raw) }
            throw SystemError("opendir", "\(path)/\(name)")
        }
        return Files.names(of: stream)
    }
}
