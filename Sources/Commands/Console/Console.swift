import Model
package import Ports
package import Text

/// The terminal and what else surrounds a command, handed in, so that a test can stand in for all of it.
package struct Console: Sendable {
    /// Data.
    package let output: any TextSink
    /// Chatter: progress, warnings, errors, hints.
    package let errors: any TextSink
    package let environment: [String: String]
    package let clock: any Ports.Clock
    /// Standard input, refused past that many bytes.
    package let input: @Sendable (_ limit: Int) throws(CommandError) -> [UInt8]
    package let version: String

    package init(
        output: any TextSink, errors: any TextSink, environment: [String: String], clock: any Ports.Clock,
        version: String, input: @escaping @Sendable (_ limit: Int) throws(CommandError) -> [UInt8]
    ) {
        self.output = output
        self.errors = errors
        self.environment = environment
        self.clock = clock
        self.version = version
        self.input = input
    }

    var now: Timestamp { clock.now.wall }
    var instant: Instant { clock.now.instant }

    /// Until then, or until the task is cancelled.
    func sleep(until instant: Instant) async { await clock.sleep(until: instant) }
}

/// Text for a terminal: literals of ours, and strings from outside made visible.
package typealias TerminalText = Encoded<Terminal>

/// A stream of text, such as standard output.
package protocol TextSink: Sendable {
    /// Text as it is. Nobody calls it but `write`, which takes what is fit for a terminal, or says what it is.
    func writeVerbatim(_ text: String)
    var isTerminal: Bool { get }
    /// Columns of the terminal; 100 where there is none.
    var width: Int { get }
    /// Lines of the terminal; 50 where there is none.
    var height: Int { get }
    /// Why something written to it got lost, if something did.
    var failure: String? { get }
}

extension TextSink {
    package var failure: String? { nil }

    func write(_ text: TerminalText) { writeVerbatim(text.text) }
    func line(_ text: TerminalText = "") { writeVerbatim(text.text + "\n") }
    func write(_ output: Output) { writeVerbatim(output.verbatim) }
}
