import Commands
import Synchronization

/// A stream that remembers what was written to it.
final class Recorder: TextSink {
    private let written = Mutex("")
    let isTerminal: Bool
    let width = 100
    let height = 50

    init(isTerminal: Bool = false) { self.isTerminal = isTerminal }

    func writeVerbatim(_ text: String) { written.withLock { $0 += text } }

    /// What was written since the last call.
    func take() -> String {
        written.withLock { written in
            defer { written = "" }
            return written
        }
    }

    var text: String { written.withLock { $0 } }
}
