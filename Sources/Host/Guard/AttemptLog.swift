import Kernel
import Model

/// What a task wrote, within a bound: the beginning as it comes, and, once that is full, the last 64 KiB, put behind a
/// line that says how much is missing. While it still runs, the last 4 KiB are shown every 5 s, half as often after
/// each sixteen times, in half of the bound again. The file only grows, so that it can be followed by offset.
struct AttemptLog {
    private let file: Descriptor
    private let headLimit: Int
    private let tailLimit: Int
    private var headBytes = 0
    private var tail: [UInt8] = []
    private var dropped = 0
    /// When the last of it is shown next; nil while there is nothing new, or no more room.
    private(set) var due: Instant?
    private var glances = 0
    private var pause = Self.firstPause
    private var roomForGlances: Int
    /// The first write that failed; the task goes on without a log.
    private(set) var failure: SystemError?

    static let tailBytes = 64 << 10
    /// Room for the line about what is missing.
    static let markerBytes = 64
    static let glanceBytes = 4 << 10
    static let firstPause = Duration.seconds(5)
    /// After so many the pause is doubled.
    static let glancesAtOnce = 16

    init(_ path: String, limit: Int) throws(SystemError) {
        self.init(try Files.make(path), limit: limit)
    }

    init(_ file: Descriptor, limit: Int) {
        self.file = file
        tailLimit = min(Self.tailBytes, limit / 4)
        headLimit = max(0, limit - tailLimit - Self.markerBytes)
        roomForGlances = limit / 2
    }

    mutating func append(_ bytes: [UInt8], at now: Instant) {
        let toHead = min(bytes.count, headLimit - headBytes)
        if toHead > 0 {
            headBytes += toHead
            write(bytes[..<toHead])
        }
        guard toHead < bytes.count else { return }
        tail += bytes[toHead...]
        if tail.count > 2 * tailLimit { trimTail() }
        if due == nil, roomForGlances > 0 { due = now + pause }
        show(at: now)
    }

    /// Puts the last of what came into the file while the task goes on, if it is time.
    mutating func show(at now: Instant) {
        guard let due, due <= now else { return }
        self.due = nil
        let most = Self.glanceBytes + Self.markerBytes
        guard roomForGlances >= most else { return roomForGlances = 0 }
        roomForGlances -= most
        glances += 1
        if glances.isMultiple(of: Self.glancesAtOnce) { pause = pause + pause }
        trimTail(to: Self.glanceBytes)
        writeTail()
    }

    /// Puts the last of it into the file. Call it once, at the end.
    mutating func finish() {
        if tail.count > tailLimit { trimTail() }
        writeTail()
    }

    private mutating func writeTail() {
        if dropped > 0 {
            // Not from the middle of a character.
            let start = tail.prefix(3).prefix { $0 & 0xC0 == 0x80 }.count
            write(Array("\n[\(dropped + start) bytes left out]\n".utf8)[...])
            write(tail[start...])
        } else {
            write(tail[...])
        }
        (tail, dropped) = ([], 0)
    }

    private mutating func trimTail(to limit: Int? = nil) {
        let excess = tail.count - (limit ?? tailLimit)
        guard excess > 0 else { return }
        tail.removeFirst(excess)
        dropped += excess
    }

    private mutating func write(_ bytes: ArraySlice<UInt8>) {
        guard failure == nil else { return }
        do throws(SystemError) { try file.writeAll(bytes) } catch { failure = error }
    }
}
