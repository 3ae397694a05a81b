import Glibc
import Kernel
package import Ports
import Synchronization
import Text

/// A standard stream of this process. A reader that went away is no error: nobody is left to tell.
package final class ProcessSink: TextSink {
    private let descriptor: Descriptor
    private let lost = Mutex<String?>(nil)

    /// `descriptor` is duplicated, and stays the caller's.
    package init(_ descriptor: Int32) { self.descriptor = Descriptor(owning: dup(descriptor)) }

    package func writeVerbatim(_ text: String) {
        do throws(SystemError) { try descriptor.writeAll(Array(text.utf8)) } catch {
            guard error.code != EPIPE else { return }
            lost.withLock { $0 = $0 ?? error.reason }
        }
    }

    package var failure: String? { lost.withLock { $0 } }

    package var isTerminal: Bool { isatty(descriptor.raw) == 1 }

    package var width: Int { size.columns }
    package var height: Int { size.lines }

    private var size: (columns: Int, lines: Int) {
        var size = winsize()
        guard isTerminal, ioctl(descriptor.raw, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (100, 50)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}

extension Console {
    /// The streams and environment of this process.
    package static func process(
        environment: [String: String], clock: any Ports.Clock, version: String
    ) -> Console {
        Console(
            output: ProcessSink(STDOUT_FILENO), errors: ProcessSink(STDERR_FILENO), environment: environment,
            clock: clock, version: version,
            input: { limit throws(CommandError) in
                do throws(SystemError) {
                    return try Descriptor(owning: dup(STDIN_FILENO)).readAll(limit: limit)
                } catch  where error.code == EFBIG {
                    throw CommandError(.invalid, "<stdin>: more than \(limit) bytes; apply fewer at a time")
                } catch {
                    throw CommandError(.failed, "<stdin> can't be read: \(error.reason)")
                }
            })
    }
}
