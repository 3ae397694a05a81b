import Kernel

/// What a task wrote, within a bound: the beginning as it comes, and, once that is full, the last 64 KiB, put behind a
/// line that says how much is missing. The file only grows, so that it can be followed by offset.
struct AttemptLog {
    private let file: Descriptor
    private let headLimit: Int
    private let tailLimit: Int
    private var headBytes = 0
    private var tail: [UInt8] = []
    private var dropped = 0
    /// The first write that failed; the task goes on without a log.
    private(set) var failure: SystemError?

    static let tailBytes = 64 << 10
    /// Room for the line about what is missing.
    static let markerBytes = 64

    init(_ path: String, limit: Int) throws(SystemError) {
        self.init(try Files.make(path), limit: limit)
    }

    init(_ file: Descriptor, limit: Int) {
        self.file = file
        tailLimit = min(Self.tailBytes, limit / 4)
        headLimit = max(0, limit - tailLimit - Self.markerBytes)
    }

    mutating func append(_ bytes: [UInt8]) {
        let toHead = min(bytes.count, headLimit - headBytes)
        if toHead > 0 {
            headBytes += toHead
            write(bytes[..<toHead])
        }
        guard toHead < bytes.count else { return }
        tail += bytes[toHead...]
        if tail.count > 2 * tailLimit { trimTail() }
    }

    /// Puts the last of it into the file. Call it once, at the end.
    mutating func finish() {
        if tail.count > tailLimit || dropped > 0 {
            trimTail()
            // Not from the middle of a character.
            let start = tail.prefix(3).prefix { $0 & 0xC0 == 0x80 }.count
            dropped += start
            write(Array("\n[\(dropped) bytes left out]\n".utf8)[...])
            write(tail[start...])
        } else {
            write(tail[...])
        }
        tail = []
    }

    private mutating func trimTail() {
        let excess = tail.count - tailLimit
        guard excess > 0 else { return }
        tail.removeFirst(excess)
        dropped += excess
    }

    private mutating func write(_ bytes: ArraySlice<UInt8>) {
        guard failure == nil else { return }
        do throws(SystemError) { try file.writeAll(bytes) } catch { failure = error }
    }
}
