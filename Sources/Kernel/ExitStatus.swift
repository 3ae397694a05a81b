import CLinux
import Glibc

/// How a process ended.
package enum ExitStatus: Sendable, Hashable {
    case exited(Int32)
    case signalled(Int32)

    /// From wait(2)'s status of a process that has ended.
    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7F
        self = signal == 0 ? .exited((waitStatus >> 8) & 0xFF) : .signalled(signal)
    }

    package var code: Int? { if case .exited(let code) = self { Int(code) } else { nil } }
    package var signal: Int? { if case .signalled(let signal) = self { Int(signal) } else { nil } }
}

/// Children of this process.
package enum Children {
    /// From here on orphaned descendants become children of this process, those that left its session too.
    package static func adoptOrphans() throws(SystemError) {
        try check("prctl") { clinux_become_subreaper() }
    }

    /// Takes the end of that child; nil if it has none yet. A child that is not ours, or was taken before, is an error
    /// (ECHILD).
    package static func take(_ pid: Int32) throws(SystemError) -> ExitStatus? {
        var status: Int32 = 0
        let taken = try check("waitpid", "process \(pid)") { waitpid(pid, &status, WNOHANG) }
        return taken == 0 ? nil : ExitStatus(waitStatus: status)
    }

    /// The same, waiting for it.
    package static func wait(_ pid: Int32) throws(SystemError) -> ExitStatus {
        var status: Int32 = 0
        try check("waitpid", "process \(pid)") { waitpid(pid, &status, 0) }
        return ExitStatus(waitStatus: status)
    }

    package enum Next: Sendable {
        case ended(Int32, ExitStatus)
        /// There are children, and all live.
        case alive
        case none
    }

    /// Takes the end of any child.
    package static func takeAny() -> Next {
        var status: Int32 = 0
        while true {
            let taken = waitpid(-1, &status, WNOHANG)
            if taken > 0 { return .ended(taken, ExitStatus(waitStatus: status)) }
            if taken == 0 { return .alive }
            if errno != EINTR { return .none }
        }
    }
}
