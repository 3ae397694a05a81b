/// Why a command stops: what is wrong, where and why, and what to do next.
package struct CommandError: Error, Sendable, Hashable, CustomStringConvertible {
    package let exit: Exit
    /// What, where, why; several lines where several things are wrong.
    package let message: String
    /// What to do about it.
    package let next: String?

    package init(_ exit: Exit = .failed, _ message: String, next: String? = nil) {
        self.exit = exit
        self.message = message
        self.next = next
    }

    package var description: String { next.map { "\(message)\n\($0)" } ?? message }
}
