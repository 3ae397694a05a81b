import Glibc

/// A system call that failed: which, on what, and how.
package struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    package let call: String
    /// The path, process or descriptor it was asked about; empty where there is none.
    package let subject: String
    /// `errno`.
    package let code: Int32

    package init(_ call: String, _ subject: String = "", code: Int32 = errno) {
        self.call = call
        self.subject = subject
        self.code = code
    }

    package var reason: String { String(cString: strerror(code)) }
    package var isNotFound: Bool { code == ENOENT }
    /// Whether it was refused for want of processes, memory, descriptors or disk, which say nothing of who asked.
    package var isExhaustion: Bool { [EAGAIN, ENOMEM, EMFILE, ENFILE, ENOSPC, EDQUOT].contains(code) }

    package var description: String { subject.isEmpty ? "\(call): \(reason)" : "\(call) \(subject): \(reason)" }
}

/// Repeats a call that a signal interrupted; -1 becomes an error.
@discardableResult
func check<Result: FixedWidthInteger>(
    _ call: String, _ subject: String = "", _ body: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = body()
        if result != -1 { return result }
        if errno != EINTR { throw SystemError(call, subject) }
    }
}
