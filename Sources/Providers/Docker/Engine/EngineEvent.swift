import Documents
import Tree

/// A line of `/events`.
struct EngineEvent: Sendable, Hashable {
    /// Nanoseconds since 1970 on the engine's clock.
    let time: Int64

    /// Nil for a line that is no event: it is passed over.
    init?(line: [UInt8]) {
        guard let tree = try? JSON.parse(line), let time = tree["timeNano"]?.int else { return nil }
        self.time = time
    }

    /// As `since` takes it; what happened just then is told again.
    var mark: String { Self.mark(nanoseconds: time) }

    static func mark(nanoseconds: Int64) -> String {
        let rest = String(nanoseconds % 1_000_000_000)
        return "\(nanoseconds / 1_000_000_000).\(String(repeating: "0", count: 9 - rest.count))\(rest)"
    }
}
