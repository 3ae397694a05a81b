package import Model
package import WorkerProtocol

/// What an agent asks of its shell. In order: what is persisted is durable before the next effect runs, and an agent
/// that can't persist exits.
package enum AgentEffect: Sendable, Equatable {
    case persist(AgentState)
    case sendJoin(JoinRequest, number: Int)
    case sendExchange(ExchangeRequest, BearerSecret)
    case sendRenew(RenewRequest, BearerSecret)
    case start(AssignmentMessage)
    /// SIGTERM to the attempt. May come before `started`, and then holds from the start on.
    case terminate(AttemptID)
    /// SIGKILL to all that is left of it; repeated until it has ended.
    case kill(AttemptID)
    /// The leases of the guards of exclusive attempts run from that instant of the boot clock.
    case renewLease(from: Instant)
    /// At most `WireLimits.chunk` bytes of its log from that offset on.
    case uploadLog(AttemptID, from: Int, BearerSecret)
    /// Nothing of the attempt's files is needed any more.
    case discard(AttemptID)
    /// The last effect of all. Closing the guards' pipes ends what still runs.
    case exit(AgentExit)
}

package enum AgentExit: Sendable, Hashable {
    /// As asked: everything ended, and reported where there was somebody to take it.
    case drained
    /// The controller has given this worker up.
    case fenced(Refusal?)
    /// A later start of this worker's agent has taken over.
    case superseded
    case joinRefused(Refusal)
    /// Nobody let it join in time.
    case neverJoined
    /// Idle and without contact for `AgentIdentity.abandonAfter`.
    case abandoned
}

extension AgentExit: CustomStringConvertible {
    /// For the worker's log.
    package var description: String {
        switch self {
        case .drained: "all that it ran has ended"
        case .fenced(let refusal): "the controller has given it up\(refusal.map { ": \($0)" } ?? "")"
        case .superseded: "a later start of it has taken over"
        case .joinRefused(let refusal): "it may not join: \(refusal)"
        case .neverJoined: "nobody let it join in time"
        case .abandoned: "it was idle, and no controller was heard for too long"
        }
    }
}

/// Which worker this agent is, on which machine and in which process.
package struct AgentIdentity: Sendable, Hashable {
    package var workerUID: String
    package var bootID: String
    package var pid: Int
    package var version: String
    /// The single-use token; absent where the agent resumes with a credential.
    package var token: BearerSecret?
    /// The version of the Engine API that its container engine speaks; nil where it has none. It may come and go.
    package var containerEngine: String?
    /// After that long without contact an agent that holds nothing exits: its controller will not come back.
    package var abandonAfter = Duration.hours(24)

    package init(workerUID: String, bootID: String, pid: Int, version: String, token: BearerSecret?) {
        self.workerUID = workerUID
        self.bootID = bootID
        self.pid = pid
        self.version = version
        self.token = token
    }
}

/// What an agent did not do, since its start.
package struct AgentCounters: Sendable, Hashable {
    /// Assignments under a fence lower than one already taken.
    package var refusedFences = 0
    /// Answers of leaders that a later one has replaced.
    package var staleEpochs = 0
    /// Answers to requests no longer waited for.
    package var lateAnswers = 0
    package var cutOffs = 0
    package var droppedReports = 0

    package init() {}
}
