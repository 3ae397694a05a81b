import Glibc

/// Which of a few descriptors can be read now: poll(2).
package enum Poll {
    /// Waits without limit until one is readable, at its end, or broken. True for each that is; nil entries never are.
    package static func wait(_ descriptors: [Descriptor?]) throws(SystemError) -> [Bool] {
        var entries = descriptors.map { pollfd(fd: $0?.raw ?? -1, events: Int16(POLLIN), revents: 0) }
        try check("poll") { poll(&entries, nfds_t(entries.count), -1) }
        return entries.map { $0.revents != 0 }
    }

    /// Waits until one of the first is readable, at its end, or broken, until the reader of `output` has gone, or until
    /// that many milliseconds have passed; nil waits without limit.
    package static func wait(
        _ descriptors: [Descriptor], output: Descriptor?, milliseconds: Int32?
    ) throws(SystemError) -> (ready: [Bool], isOutputClosed: Bool) {
        var entries = descriptors.map { pollfd(fd: $0.raw, events: Int16(POLLIN), revents: 0) }
        // Asked for nothing, poll still tells of errors and hang-ups.
        entries.append(pollfd(fd: output?.raw ?? -1, events: 0, revents: 0))
        try check("poll") { poll(&entries, nfds_t(entries.count), milliseconds ?? -1) }
        return (entries.dropLast().map { $0.revents != 0 }, entries[entries.count - 1].revents != 0)
    }
}
