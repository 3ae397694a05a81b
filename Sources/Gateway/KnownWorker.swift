import Model
import WorkerProtocol

/// One worker as the gateway knows it.
struct KnownWorker: Sendable {
    let key: ObjectKey
    let lease: LeaseSpec
    var door: WorkerDoor
    /// Nil until it joins.
    var renewal: Moment?
    /// The latest start of its agent that was heard of.
    var incarnation = 0
    /// The highest number of an exchange and of a renewal in that incarnation.
    var exchange = 0
    var renewalNumber = 0
    /// Nil until the controller has said what it should hold: until then nothing is judged by it.
    var tasks: WorkerTasks?
    var intake = ReportIntake()
    var parked: ParkedPoll?
    /// Until then it gets no exclusive attempt that it does not hold: its lease had run out, and it may just be given
    /// up.
    var withholdUntil: Instant?
    var draining = false
    /// The version of its container engine's API, as far as is known; nil for none.
    var containerEngine: String?

    init(key: ObjectKey, lease: LeaseSpec, door: WorkerDoor, renewal: Moment?) {
        self.key = key
        self.lease = lease
        self.door = door
        self.renewal = renewal
    }

    /// What it should hold, given what it says it holds; nil where not yet known. Attempts whose end is already taken
    /// in are left out.
    func visible(to request: ExchangeRequest, now: Instant) -> [AssignmentMessage]? {
        guard let tasks else { return nil }
        let withholding = withholdUntil.map { now < $0 } ?? false
        return tasks.assignments.filter { assignment in
            if intake.hasEnded(assignment) { return false }
            guard withholding, assignment.exclusive else { return true }
            return request.holding.contains { $0.taskUID == assignment.taskUID && $0.fence == assignment.fence }
        }
    }

    /// What can't be true of what it says it holds: fences rise by the controller's word alone, and what was told here
    /// is no older than anything that an agent was ever told.
    func lie(in request: ExchangeRequest) -> String? {
        guard let tasks else { return nil }
        for held in request.holding {
            guard let assignment = tasks.assignment(of: held.taskUID), held.fence > assignment.fence else { continue }
            return "it says it holds fence \(held.fence) of task \(assignment.name), which was given fence "
                + "\(assignment.fence)"
        }
        return nil
    }

    /// Whether an answer would acknowledge any of its reports.
    func acknowledges(_ request: ExchangeRequest) -> Bool {
        tasks != nil && request.reports.contains { $0.sequence <= intake.acknowledged }
    }

    /// Whether an answer would tell the agent anything of what it should hold.
    func hasNews(for request: ExchangeRequest, now: Instant) -> Bool {
        guard let visible = visible(to: request, now: now) else { return false }
        let holding = Dictionary(request.holding.map { ($0.taskUID, $0) }) { $1 }
        for assignment in visible {
            guard let held = holding[assignment.taskUID], held.fence == assignment.fence else { return true }
            if assignment.stop != nil, !held.stopping { return true }
        }
        let wanted = Dictionary(visible.map { ($0.taskUID, $0.fence) }) { $1 }
        return request.holding.contains { !$0.stopping && wanted[$0.taskUID] != $0.fence }
    }
}

/// An exchange that is held until there is news.
struct ParkedPoll: Sendable {
    let call: CallID
    let request: ExchangeRequest
    var until: Instant
}

/// How a worker's agent proves that it is the one.
enum WorkerDoor: Sendable {
    /// Nobody has used the token.
    case expected(token: SecretHash, expiresAt: Instant)
    /// A process has used the token and has not yet shown the credential it got: an answer may have been lost, so it
    /// may ask again, and any of the last credentials it was sent may turn up.
    case answered(token: SecretHash, expiresAt: Instant, process: AgentProcess, credentials: [SecretHash])
    /// It has shown its credential; the token is spent.
    case proven(SecretHash)

    /// Credentials that may still turn up.
    static let credentialLimit = 4
}

struct AgentProcess: Sendable, Equatable {
    let bootID: String
    let pid: Int
}
