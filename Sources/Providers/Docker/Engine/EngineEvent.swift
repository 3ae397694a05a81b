import Documents
import Tree

/// A line of `/events`.
struct EngineEvent: Sendable, Hashable {
    /// Nanoseconds since 1970 on the engine's clock.
    let time: Int64
    /// `create`, `start`, `oom`, `die`, `destroy`.
    var action = ""
    /// Of the container; empty where the line names none.
    var id = ""
    /// Whose it is, by the labels that the engine sends along; nil: none of our workers.
    var labels: WorkerLabels?
    /// Of a container that died.
    var exitCode: Int?

    /// Nil for a line that is no event: it is passed over.
    init?(line: [UInt8]) {
        let tree: Tree
        do { tree = try JSON.parse(line) } catch { return nil }
        guard let time = tree["timeNano"]?.int else { return nil }
        self.time = time
        let actor = tree["Actor"]
        action = tree["Action"]?.string ?? tree["status"]?.string ?? ""
        id = actor?["ID"]?.string ?? tree["id"]?.string ?? ""
        labels = WorkerLabels(actor?["Attributes"])
        exitCode = actor?["Attributes"]?["exitCode"]?.string.flatMap { Int($0) }
    }

    /// Whether it says that a worker has ended, or is no more.
    var isDeath: Bool { labels != nil && !id.isEmpty && (action == "die" || action == "destroy") }

    /// As `since` takes it; what happened just then is told again.
    var mark: String { Self.mark(nanoseconds: time) }

    static func mark(nanoseconds: Int64) -> String {
        let rest = String(nanoseconds % 1_000_000_000)
        return "\(nanoseconds / 1_000_000_000).\(String(repeating: "0", count: 9 - rest.count))\(rest)"
    }
}
