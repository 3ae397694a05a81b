import Model
import Ports
import Tree

/// What an outsider noted of a plan.
struct PlanSeen: Sendable {
    var phase = "Pending"
    var beganAt: Instant?
    var suspendedSince: Instant?
    var suspendedFor = Duration.zero
    /// When a person last changed it; long before the world began where nobody did.
    var editedAt = Instant.origin - .hours(1)
    var wasCancelled = false
    var cancelledAt: Instant?
    /// What it was to do when it ended, and the reason it ended for.
    var endSpec: Tree?
    var endedWith = ""
}

/// When one controller last heard a worker.
struct HeardSeen: Sendable {
    let controller: Int
    private var times: [Instant]
    private static let remembered = 8

    init(_ former: HeardSeen?, by controller: Int, at now: Instant) {
        self.controller = controller
        let before = former.map { $0.controller == controller ? $0.times : [] } ?? []
        times = before.suffix(Self.remembered - 1) + [now]
    }

    var at: Instant { times.last ?? .origin }
    var before: Instant { times.dropLast().last ?? at }
    /// As it was known then.
    func last(by instant: Instant) -> Instant? { times.last { $0 <= instant } }
}

/// What an outsider noted of a worker when it was ordered.
struct WorkerSeen: Sendable {
    let pool: ObjectKey
    let region: String
    let price: Money
}

/// How often objects are written: in all, and within the current five seconds.
struct WriteCounts: Sendable {
    private(set) var all: [ObjectKey: Int] = [:]
    private var recent: [ObjectKey: Int] = [:]
    private var window: Int64 = 0
    private(set) var isStorm = false

    /// More than this many writes of one object within five seconds is no work.
    static let most = 120

    mutating func count(_ key: ObjectKey, at now: Instant) {
        let current = now.nanoseconds / 5_000_000_000
        if current != window {
            window = current
            recent.removeAll(keepingCapacity: true)
        }
        all[key, default: 0] += 1
        recent[key, default: 0] += 1
        if recent[key, default: 0] > Self.most { isStorm = true }
    }

    mutating func reset() { all.removeAll(keepingCapacity: true) }

    /// The keys that wrote most.
    var summary: String {
        let top = all.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3)
        return top.map { "\($0.key) written \($0.value) times" }.joined(separator: ", ")
    }
}

extension Witness {
    mutating func bind(_ task: String, to worker: String) {
        if let former = workerOf[task] { bound[former]?.remove(task) }
        workerOf[task] = worker
        bound[worker, default: []].insert(task)
    }

    mutating func unbind(_ task: String, at now: Instant) {
        guard let worker = workerOf.removeValue(forKey: task) else { return }
        bound[worker]?.remove(task)
        if bound[worker]?.isEmpty == true { idleSince[worker] = now }
    }
}
