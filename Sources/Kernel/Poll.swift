import Glibc

/// Which of a few descriptors can be read now: poll(2).
package enum Poll {
    /// Waits without limit until one is readable, at its end, or broken. True for each that is; nil entries never are.
    package static func wait(_ descriptors: [Descriptor?]) throws(SystemError) -> [Bool] {
        var entries = descriptors.map { pollfd(fd: $0?.raw ?? -1, events: Int16(POLLIN), revents: 0) }
        try check("poll") { poll(&entries, nfds_t(entries.count), -1) }
        return entries.map { $0.revents != 0 }
    }
}
