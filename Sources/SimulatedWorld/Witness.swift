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
    /// When attempts ended with their agents, by task uid and fence.
    private(set) var lostAt: [String: [Int: Instant]] = [:]
    /// When the agent of a worker last started again.
    var restartedAt: [String: Instant] = [:]
    /// How many agents each task has killed.
    var poisonings: [String: Int] = [:]
    /// Uids of workers that a person made by hand.
    var forged: Set<String> = []
    /// How attempts ended in the world, by task uid and fence: an exit code, or nil where a signal or nobody ended it.
    private var ends: [String: [Int: Int?]] = [:]
    /// The largest size each pool ever asked for.
    var desired: [String: Int] = [:]
    /// Which generation of a sync point has been released, by uid.
    var released: [String: Int] = [:]

    /// By uid.
    var plans: [String: PlanSeen] = [:]
    var workers: [String: WorkerSeen] = [:]
    /// When a person last wrote an object, or a controller first heard of that.
    var editedAt: [ObjectKey: Instant] = [:]
    /// When each task and worker was last written.
    var writtenAt: [ObjectKey: Instant] = [:]
    /// When a person last did anything but give the controllers more to do.
    var disturbedAt = Instant.origin
    /// Tasks by the uid of the worker they are bound to, and the reverse; since when a worker has none.
    var bound: [String: Set<String>] = [:]
    var workerOf: [String: String] = [:]
    var idleSince: [String: Instant] = [:]
    /// When attempts began, by task uid and fence.
    var begins: [String: [Int: Instant]] = [:]
    /// Failures whose next attempt has not begun: when, and for how long it must wait.
    var backoffs: [String: (since: Instant, wait: Duration)] = [:]
    /// When each task was first written, and when it succeeded, by uid.
    var firstSeen: [String: Instant] = [:]
    var succeededAt: [String: Instant] = [:]
    /// When each object was first written, each worker ordered, and gone, and each task bound, by uid.
    var createdAt: [String: Instant] = [:]
    var orderedAt: [String: Instant] = [:]
    var goneAt: [String: Instant] = [:]
    var boundAt: [String: Instant] = [:]
    /// The last renewals that each worker's leader answered, by the worker's uid, and the number of the last, by agent.
    var heard: [String: HeardSeen] = [:]
    var renewals: [Int: Int] = [:]
    /// Since when each worker is to go, or is kept from tasks.
    var drainsSince: [String: Instant] = [:]
    /// When the first party arrived at each sync point.
    var firstArrival: [String: Instant] = [:]
    /// In a crowd: small tasks that began while the large one waited.
    var overtakings = 0
    /// When the last worker of a slot that never joined was given up, and how many in turn, by pool and slot.
    var unborn: [String: (since: Instant, times: Int)] = [:]
    /// Outside parties that somebody asked and that answered.
    var answered: Set<String> = []
    /// Namespaces in which a plan ever left it to the controllers how many workers there are.
    var scaled: Set<String> = []
    /// The size that people gave each pool, the largest so far.
    var givenSize: [ObjectKey: Int] = [:]
    /// The highest fence that each worker's agents began an attempt under, by the uids of worker and task.
    var takenFences: [String: Int] = [:]
    /// By worker's uid.
    var reports: [String: ReportsSeen] = [:]
    var gateways: [GatewayWire.Key: GatewayWire] = [:]
    var doors: [DoorSeen.Key: DoorSeen] = [:]
    var circuits: [CircuitSeen.Key: CircuitSeen] = [:]
    /// When the end of each attempt was stored, by its task's uid and its fence.
    var storedEnds: [String: Instant] = [:]
    var losses = LossesSeen()
    var writes = WriteCounts()
    /// What was reached, and how often.
    private(set) var marks: [String: Int] = [:]

    mutating func mark(_ name: String) { marks[name, default: 0] += 1 }

    /// How often a task's process ended by itself with a failure.
    private(set) var failures: [String: Int] = [:]

    /// `lostAt`: where it ended because its agent did.
    mutating func ended(_ id: AttemptID, code: Int?, lostAt: Instant?) {
        ends[id.taskUID, default: [:]][id.fence] = code
        if let lostAt { self.lostAt[id.taskUID, default: [:]][id.fence] = lostAt }
        if let code, code != 0 { failures[id.taskUID, default: 0] += 1 }
    }

    /// How often somebody killed it, which counts as its failure too.
    private(set) var kills: [String: Int] = [:]
    mutating func killed(_ id: AttemptID) { kills[id.taskUID, default: 0] += 1 }

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

    /// A small value on one line.
    static func text(_ tree: Tree) -> String {
        switch tree {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let value): value
        case .array(let items): "[" + items.map { text($0) }.joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.elements.map { "\($0.key): \(text($0.value))" }.joined(separator: ", ") + "}"
        }
    }

    static func gist(_ deed: Deed) -> String {
        switch deed {
        case .create(let key, _): "create \(key)"
        case .apply(let key, _): "apply \(key)"
        case .recreate(let key, _): "delete \(key) and make it again"
        case .createOnceGone(let key, _, _): "create \(key), once the former is gone"
        case .set(let key, let path, let value):
            "set \(key) \(path.joined(separator: ".")) \(value.map { text($0) } ?? "absent")"
        default: "\(deed)"
        }
    }
}
