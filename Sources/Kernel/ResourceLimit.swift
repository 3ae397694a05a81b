import Glibc

/// Limits the kernel puts on this process.
package enum ResourceLimit {
    /// Descriptors it may hold (RLIMIT_NOFILE, the soft limit).
    package static var openFiles: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        return Int(clamping: limit.rlim_cur)
    }
}
