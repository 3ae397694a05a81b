import CLinux
import Glibc

/// Signals of a program with many threads, as bytes to read: a handler writes each signal's number into a pipe,
/// whichever thread it interrupts. There is one pipe in a process, so one reader.
package enum SignalPipe {
    private static let ends: (read: Int32, write: Int32) = {
        var ends: [Int32] = [-1, -1]
        _ = pipe2(&ends, O_CLOEXEC | O_NONBLOCK)
        return (ends[0], ends[1])
    }()

    /// Whether whoever started this program asked that it go on when that signal comes, as nohup does.
    package static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(signal, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    /// A write whose reader has gone fails from here on, in place of ending the program. Children start with the
    /// default again.
    package static func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }

    /// From here on these signals no longer do what they do by default. Children start with the defaults again.
    package static func open(_ signals: [Int32]) throws(SystemError) -> Descriptor {
        // Made before any handler can run, which then only reads it.
        guard ends.read >= 0 else { throw SystemError("pipe2") }
        for signal in signals {
            var action = sigaction()
            action.sa_flags = SA_RESTART
            action.__sigaction_handler.sa_handler = { number in
                let code = errno
                var byte = UInt8(truncatingIfNeeded: number)
                // Full means sixty thousand unread: one more says nothing new.
                _ = write(SignalPipe.ends.write, &byte, 1)
                errno = code
            }
            try check("sigaction", "signal \(signal)") { sigaction(signal, &action, nil) }
        }
        return Descriptor(owning: try check("fcntl") { fcntl(ends.read, F_DUPFD_CLOEXEC, 0) })
    }
}
