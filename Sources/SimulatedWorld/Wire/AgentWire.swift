import Agent
import Model
import WorkerProtocol

/// What an outsider notes of one process of an agent: what it was told, and what it said.
struct AgentWire: Sendable {
    struct Held: Sendable {
        let assignment: AssignmentMessage
        var isStopping = false
    }

    /// What it was to start and has not been seen to end, by the task's uid.
    private(set) var held: [String: Held] = [:]
    /// The last attempt that it started.
    private(set) var lastStarted: AssignmentMessage?
    private(set) var lastRenewal = 0
    private var joins: [Int: Instant] = [:]
    private var renewals: [Int: Instant] = [:]
    /// When that was sent whose answer it is being told.
    private(set) var askedAt: Instant?
    /// Reports up to this sequence it was told it may forget.
    private(set) var acknowledged = 0
    /// The sequences that it showed last.
    private(set) var shown: [Int] = []
    private(set) var wasShutDown = false

    /// In the order of the tasks' uids.
    var holdings: [Held] { held.keys.sorted().compactMap { held[$0] } }

    mutating func told(_ input: AgentInput) {
        askedAt = nil
        switch input {
        case .joined(_, let number): askedAt = joins[number]
        case .renewed(_, let number): askedAt = renewals[number]
        case .exchanged(let reply, _): acknowledged = max(acknowledged, reply.acknowledged)
        case .ended(let id, _): if held[id.taskUID]?.assignment.id == id { held[id.taskUID] = nil }
        case .shutDown: wasShutDown = true
        case .failed, .started, .logUploaded, .logFailed, .engine, .tick: break
        }
    }

    mutating func starts(_ assignment: AssignmentMessage) {
        held[assignment.taskUID] = Held(assignment: assignment)
        lastStarted = assignment
    }

    mutating func stops(_ id: AttemptID) {
        if held[id.taskUID]?.assignment.id == id { held[id.taskUID]?.isStopping = true }
    }

    mutating func joins(_ number: Int, at now: Instant) { joins[number] = now }

    mutating func renews(_ number: Int, at now: Instant) {
        lastRenewal = number
        renewals[number] = now
        renewals[number - Self.remembered] = nil
    }

    mutating func shows(_ sequences: [Int]) { shown = sequences }

    private static let remembered = 16
}

/// What an outsider notes of what one controller and one worker said to each other.
struct GatewayWire: Sendable {
    struct Key: Sendable, Hashable {
        let controller: Int
        let worker: String
    }

    /// The latest start of the agent that was heard, and in it the highest numbers.
    private(set) var incarnation = 0
    private(set) var exchange = 0
    private(set) var renewal = 0
    /// The highest sequence that was acknowledged.
    var acknowledged = 0

    mutating func heard(incarnation other: Int, exchange number: Int = 0, renewal sign: Int = 0) {
        if other > incarnation { (incarnation, exchange, renewal) = (other, 0, 0) }
        guard other == incarnation else { return }
        (exchange, renewal) = (max(exchange, number), max(renewal, sign))
    }
}

/// What is known of the reports of one worker, over all starts of its agent.
struct ReportsSeen: Sendable {
    var incarnation = 0
    /// The highest sequence of earlier starts, and of all.
    var former = 0
    var highest = 0
}
