/// A request to the engine, as it went by.
package struct ProxiedCall: Sendable, Hashable, CustomStringConvertible {
    /// Method and path without version, query and names: `GET /containers/*/json`.
    package let kind: String
    /// Which of its kind, from 1.
    package let occurrence: Int
    package let method: String
    /// As it was asked for, with version and query.
    package let target: String

    package var description: String { "\(kind) #\(occurrence)" }
    /// Whether an engine that got it may have changed something.
    package var changes: Bool { method != "GET" && method != "HEAD" }
    /// The engine's answer to it has no end.
    package var isStream: Bool { kind == "GET /events" }

    /// What stands for itself below its collection; anything else there is a name.
    private static let words: Set<String> = ["containers/json", "containers/create", "images/create", "images/json"]

    package static func kind(method: String, target: String) -> String {
        var parts = target.prefix { $0 != "?" }.split(separator: "/")
        if let first = parts.first, first.hasPrefix("v1.") { parts.removeFirst() }
        if parts.count > 1, !words.contains("\(parts[0])/\(parts[1])") { parts[1] = "*" }
        return "\(method) /\(parts.joined(separator: "/"))"
    }
}
