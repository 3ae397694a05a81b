import Glibc

/// Holds a server's threads until the test opens it; each opening lets one pass.
final class Gate: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    init() throws {
        (readEnd, writeEnd) = try makePipe()
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func open() {
        var byte: UInt8 = 1
        write(writeEnd, &byte, 1)
    }

    /// At most ten seconds.
    func wait() {
        var entry = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, 10_000)
        var byte: UInt8 = 0
        read(readEnd, &byte, 1)
    }
}
