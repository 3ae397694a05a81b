import Text

/// Why a command stops: what is wrong, where and why, and what to do next.
package struct CommandError: Error, Sendable, Hashable, CustomStringConvertible {
    package let exit: Exit
    /// What, where, why; several lines where several things are wrong.
    package let message: TerminalText
    /// What to do about it.
    package let next: TerminalText?

    package init(_ exit: Exit = .failed, _ message: TerminalText, next: TerminalText? = nil) {
        self.exit = exit
        self.message = message
        self.next = next
    }

    package var description: String { next.map { "\(message)\n\($0)" } ?? message.text }
}
