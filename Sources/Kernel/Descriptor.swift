import CLinux
import Glibc

/// An open file, socket or pipe, closed when the last reference goes. Every one that is opened here is closed on exec:
/// a child gets what its `SpawnRequest` lists and nothing else.
package final class Descriptor: Sendable {
    package let raw: Int32

    package init(owning raw: Int32) { self.raw = raw }

    deinit { close(raw) }

    /// Takes over a descriptor that the parent of this process left open for it; from here on no child inherits it.
    package static func inherited(_ raw: Int32) throws(SystemError) -> Descriptor {
        try check("fcntl", "descriptor \(raw)") { fcntl(raw, F_SETFD, FD_CLOEXEC) }
        return Descriptor(owning: raw)
    }

    /// Sees to it that the three standard streams are open, or the next file that is opened would become one of them.
    /// What was closed can be read as empty and not be written.
    package static func openStandardStreams() {
        for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) == -1 {
            // The lowest free number is this one.
            _ = Glibc.open("/dev/null", O_RDONLY)
        }
    }

    package struct Mode: OptionSet, Sendable {
        package let rawValue: Int32
        package init(rawValue: Int32) { self.rawValue = rawValue }
        package static let read = Mode(rawValue: O_RDONLY)
        package static let write = Mode(rawValue: O_WRONLY)
        package static let both = Mode(rawValue: O_RDWR)
        package static let create = Mode(rawValue: O_CREAT)
        package static let exclusive = Mode(rawValue: O_EXCL)
        package static let truncate = Mode(rawValue: O_TRUNC)
        package static let append = Mode(rawValue: O_APPEND)
        /// Fails where the name is a symbolic link (ELOOP).
        package static let noFollow = Mode(rawValue: O_NOFOLLOW)
        /// Fails where the name is no directory (ENOTDIR).
        static let directory = Mode(rawValue: O_DIRECTORY)
        package static let nonBlocking = Mode(rawValue: O_NONBLOCK)
    }

    /// New files are the owner's alone (0600).
    package static func open(_ path: String, _ mode: Mode) throws(SystemError) -> Descriptor {
        Descriptor(owning: try check("open", path) { Glibc.open(path, mode.rawValue | O_CLOEXEC | O_NOCTTY, 0o600) })
    }

    /// What is written to the second can be read from the first.
    package static func pipe() throws(SystemError) -> (read: Descriptor, write: Descriptor) {
        var ends: [Int32] = [-1, -1]
        try check("pipe2") { pipe2(&ends, O_CLOEXEC) }
        return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    }

    /// A connected pair of stream sockets.
    package static func pair() throws(SystemError) -> (Descriptor, Descriptor) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        try check("socketpair") { socketpair(AF_UNIX, type, 0, &ends) }
        return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    }

    /// Anonymous memory that a child can read as a file: for what must not reach a disk or an argument list.
    package static func memory(_ name: String, _ bytes: [UInt8]) throws(SystemError) -> Descriptor {
        let file = Descriptor(owning: try check("memfd_create", name) { clinux_memory_file(name) })
        try file.writeAll(bytes)
        try check("lseek", name) { lseek(file.raw, 0, SEEK_SET) }
        return file
    }

    package func setNonBlocking() throws(SystemError) {
        let flags = try check("fcntl") { fcntl(raw, F_GETFL) }
        try check("fcntl") { fcntl(raw, F_SETFL, flags | O_NONBLOCK) }
    }
}

extension Descriptor {
    package enum Input: Sendable {
        case bytes([UInt8])
        /// Nothing now; only where the descriptor does not block.
        case nothing
        case end
    }

    package func read(upTo count: Int) throws(SystemError) -> Input {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var result: Int
            repeat { result = Glibc.read(raw, buffer.baseAddress, count) } while result == -1 && errno == EINTR
            failure = result == -1 ? errno : 0
            filled = max(result, 0)
        }
        if failure == EAGAIN { return .nothing }
        // The other end of a socket died with unread data in it: for a reader that is an end like any other.
        if failure == ECONNRESET { return .end }
        guard failure == 0 else { throw SystemError("read", code: failure) }
        return bytes.isEmpty ? .end : .bytes(bytes)
    }

    package var isRegularFile: Bool {
        var status = stat()
        return fstat(raw, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    package func size() throws(SystemError) -> Int {
        var status = stat()
        try check("fstat") { fstat(raw, &status) }
        return Int(status.st_size)
    }

    /// Everything up to the end; more than `limit` bytes is an error (EFBIG).
    package func readAll(limit: Int) throws(SystemError) -> [UInt8] {
        var all: [UInt8] = []
        while case .bytes(let piece) = try read(upTo: 64 << 10) {
            guard all.count + piece.count <= limit else { throw SystemError("read", code: EFBIG) }
            all += piece
        }
        return all
    }

    /// At most `count` bytes from that place in a file, without moving; empty past its end.
    package func read(at offset: Int, upTo count: Int) throws(SystemError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let result = pread(raw, buffer.baseAddress, count, offset)
            failure = result == -1 ? errno : 0
            filled = max(result, 0)
        }
        guard failure == 0 else { throw SystemError("pread", code: failure) }
        return bytes
    }

    package func writeAll(_ bytes: [UInt8]) throws(SystemError) { try writeAll(bytes[...]) }

    package func writeAll(_ bytes: ArraySlice<UInt8>) throws(SystemError) {
        var rest = bytes
        while !rest.isEmpty {
            let written = try check("write") { rest.withUnsafeBytes { Glibc.write(raw, $0.baseAddress, $0.count) } }
            rest = rest.dropFirst(written)
        }
    }

    /// Sends all of it over a socket at once, or says no: never waits, never raises SIGPIPE.
    package func send(_ bytes: [UInt8]) -> Bool {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        return bytes.withUnsafeBytes { Glibc.send(raw, $0.baseAddress, $0.count, flags) } == bytes.count
    }
}
