import Model
import Tree
import WorkerProtocol

/// What an outsider has seen so far, kept apart from everything under test.
struct Witness: Sendable {
    struct TaskSeen: Sendable {
        var phase: String
        var fence: Int
        var attempt: Int
    }

    /// The highest epoch that was ever claimed.
    var epoch: UInt64 = 0
    /// By task uid, as the store last had it.
    var tasks: [String: TaskSeen] = [:]
    /// How attempts ended in the world, by task uid and fence: an exit code, or nil where a signal or nobody ended it.
    private var ends: [String: [Int: Int?]] = [:]
    /// The largest size each pool ever asked for.
    var desired: [String: Int] = [:]
    /// Which generation of a sync point has been released, by uid.
    var released: [String: Int] = [:]

    mutating func ended(_ id: AttemptID, code: Int?) { ends[id.taskUID, default: [:]][id.fence] = code }

    func completed(_ taskUID: String, fence: Int) -> Bool { ends[taskUID]?[fence] == .some(.some(0)) }
    func hasEnded(_ taskUID: String, fence: Int) -> Bool { ends[taskUID]?[fence] != nil }

    // MARK: For the trace

    static func gist(_ tree: Tree) -> String {
        let status = tree["status"]
        let words = ["phase", "state", "reason"].compactMap { status?[$0]?.string }
        let numbers = ["fence", "desiredReplicas", "readyReplicas"].compactMap { name in
            status?[name]?.int.map { "\(name) \($0)" }
        }
        let circuits = status?["circuits"]?.array?.map {
            "\($0["errorClass"]?.string ?? "") \($0["state"]?.string ?? "") \($0["failures"]?.int ?? 0)"
        }
        let message = tree["message"]?.string ?? status?["message"]?.string
        let marks = tree["metadata"]?["deletionTimestamp"] == nil ? [] : ["deleting"]
        return (words + numbers + (circuits ?? []) + marks + [message.map { "“\($0.prefix(90))”" }].compactMap { $0 })
            .joined(separator: " ")
    }

    static func gist(_ deed: Deed) -> String {
        switch deed {
        case .create(let key, _): "create \(key)"
        default: "\(deed)"
        }
    }
}
