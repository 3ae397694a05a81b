import Model

/// What happened, in order: always as a hash, as text only where somebody wants to read it.
package struct Trace: Sendable {
    package private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    package private(set) var steps = 0
    /// The last lines, if they are kept.
    package private(set) var lines: [String] = []
    package let keeps: Bool
    private static let bound = 200_000

    init(keeps: Bool) { self.keeps = keeps }

    /// `what` happened at `at`, when the store stood at `version`.
    mutating func step(_ at: UInt64, _ what: UInt64, _ version: UInt64) {
        steps += 1
        mix(at)
        mix(what)
        mix(version)
    }

    mutating func mix(_ number: UInt64) {
        hash = (hash ^ number) &* 0x100_0000_01B3
        hash ^= hash >> 29
    }

    mutating func say(_ now: Instant, _ line: @autoclosure () -> String) {
        guard keeps, lines.count < Self.bound else { return }
        lines.append("\(Self.clock(now)) \(line())")
    }

    static func clock(_ now: Instant) -> String {
        let milliseconds = (now - .origin).milliseconds
        let rest = String(milliseconds % 1000)
        let seconds = String(milliseconds / 1000)
        return String(repeating: " ", count: max(0, 5 - seconds.utf8.count)) + seconds + "."
            + String(repeating: "0", count: 3 - rest.utf8.count) + rest
    }
}
