import CLinux
import Glibc

/// Limits the kernel puts on this process.
package enum ResourceLimit {
    /// From here on no image of this process is left on a disk when it crashes, nor of those it starts, unless they ask
    /// for it (RLIMIT_CORE, the soft limit): it may hold keys.
    package static func forbidCoreDumps() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = 0
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    }

    /// What others may not do with new files of this process and of those it starts (umask(2)).
    package static func setFileMask(_ mask: UInt32) { _ = umask(mode_t(mask)) }

    /// Descriptors it may hold (RLIMIT_NOFILE, the soft limit).
    package static var openFiles: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        return Int(clamping: limit.rlim_cur)
    }
}
