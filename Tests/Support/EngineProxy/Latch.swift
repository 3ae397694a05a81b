package import Kernel
import Synchronization

/// A door that is opened once; who comes before waits.
package final class Latch: Sendable {
    private let waiting: Descriptor
    private let door: Mutex<Descriptor?>

    package init() throws(SystemError) {
        let (read, write) = try Descriptor.pipe()
        waiting = read
        door = Mutex(write)
    }

    package func open() { door.withLock { $0 = nil } }

    /// Blocks the calling thread.
    package func wait() { _ = try? Poll.wait([waiting]) }
}
