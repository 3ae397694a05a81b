import CLinux
import Glibc

/// A lock on a file that lives as long as any process holds the descriptor: passed to a child, it says that the child
/// lives, without a race and without trusting a process number (open file description locks, fcntl(2)).
package struct FileLock: Sendable {
    package let descriptor: Descriptor

    /// Nil if somebody else has it. The file is made if need be; a file that was removed meanwhile is not locked.
    package static func take(_ path: String) throws(SystemError) -> FileLock? {
        for _ in 0..<8 {
            let file = try Descriptor.open(path, [.both, .create, .noFollow])
            var whole = flock()
            whole.l_type = Int16(F_WRLCK)
            guard fcntl(file.raw, CInt(clinux_ofd_setlk), &whole) == 0 else {
                if errno == EAGAIN || errno == EACCES { return nil }
                throw SystemError("fcntl", path)
            }
            if try isSame(file, path) { return FileLock(descriptor: file) }
        }
        throw SystemError("fcntl", path, code: ESTALE)
    }

    /// Whether somebody has it, found out without taking it. This process's own other descriptors count as others.
    package static func isHeld(_ path: String) throws(SystemError) -> Bool {
        let file: Descriptor
        do throws(SystemError) { file = try Descriptor.open(path, .read) } catch  where error.isNotFound {
            return false
        }
        var whole = flock()
        whole.l_type = Int16(F_WRLCK)
        try check("fcntl", path) { fcntl(file.raw, CInt(clinux_ofd_getlk), &whole) }
        return whole.l_type != Int16(F_UNLCK)
    }

    /// Whether the file that is locked still lies where it was taken.
    package func lies(at path: String) -> Bool {
        // try?: a path that can't be looked at does not lead to it.
        (try? Self.isSame(descriptor, path)) ?? false
    }

    /// The same of one that was inherited.
    package init(inherited descriptor: Descriptor) { self.descriptor = descriptor }

    private init(descriptor: Descriptor) { self.descriptor = descriptor }

    private static func isSame(_ file: Descriptor, _ path: String) throws(SystemError) -> Bool {
        var held = stat()
        var named = stat()
        try check("fstat", path) { fstat(file.raw, &held) }
        guard stat(path, &named) == 0 else { return false }
        return held.st_dev == named.st_dev && held.st_ino == named.st_ino
    }
}
