import Agent
import Coordinator
import Engine
import Gateway
import Model
import Ports
import Storage
import WorkerProtocol

/// A worker's agent process: the production core, and what its host holds.
struct SimulatedAgent: Sendable {
    let uid: String
    let region: Int
    var core: AgentCore
    var disk: AgentState
    let skew: Duration
    var isAlive = true
    var frozenUntil = Instant.origin
    var wakeAt = Instant.distantFuture
    /// What its guards' leases run from.
    var leaseFrom: Instant?
    var leaseDuration: Duration
    /// What it was given when it joined, which its disk keeps too.
    var terms: JoinReply?
    /// Told to end by somebody else than its controller.
    var isStopped = false
    /// Asked for before the process was there.
    var terminateOnStart: Set<AttemptID> = []
}

/// A task's process under its guard.
struct SimulatedAttempt: Sendable {
    let id: AttemptID
    let agent: Int
    let exclusive: Bool
    let killGrace: Duration
    let limit: Duration?
    let ignoresTerm: Bool
    /// Kills its agent when it has run its time.
    let isPoison: Bool
    let exitCode: Int
    let startedAt: Instant
    /// Of an exclusive one: when its guard ends it unless renewed.
    var leaseEnd: Instant?
    var killAt: Instant?
    var endedAt: Instant?
    var endedWith: (code: Int?, signal: Int?)?
    var isAlive: Bool { endedAt == nil }
}

/// A request of an agent under way.
struct SimulatedRequest: Sendable {
    enum Payload: Sendable {
        case join(JoinRequest)
        case exchange(ExchangeRequest, SecretHash)
        case renew(RenewRequest, SecretHash)
    }
    let agent: Int
    let call: AgentCall
    let number: Int
    var payload: Payload
    var controller: Int?
    /// When a controller took it.
    var arrivedAt: Instant?
    var isAnswered = false
    /// A second copy made by the network: nobody waits for its answer.
    let isCopy: Bool
}
