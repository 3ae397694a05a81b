package import Model
package import WorkerProtocol

/// What the gateway asks of its shell and of the engine, in order.
package enum GatewayEffect: Sendable, Equatable {
    /// Exactly one for every call that is not abandoned.
    case reply(CallID, GatewayAnswer)
    /// New reports of a worker, by sequence. Each is answered with `committed` once it is durable, or refused for good.
    case reports(workerUID: String, [AttemptReport])
    /// To be stored, so that a restarted controller still knows the worker. A later one replaces it.
    case credentialIssued(workerUID: String, SecretHash)
    /// The agent takes nothing new and leaves when it holds nothing.
    case draining(workerUID: String)
    /// The container engine that the worker has, by the version of its API, or none: said when it
    /// changes.
    case containerEngine(workerUID: String, String?)
    /// A worker says it has seen a later leader. Only the store knows: if it does not confirm it, the worker lies.
    case claims(workerUID: String, epoch: Int)
    /// What a worker said can't be true, whoever leads.
    case lied(workerUID: String, String)
    /// Of tasks that this worker was not given: the store knows whether they can once have been its own.
    case foreign(workerUID: String, AttemptReport)
}

/// One request that is being answered; the shell numbers them.
package struct CallID: Sendable, Hashable {
    package let number: UInt64
    package init(_ number: UInt64) { self.number = number }
}

package enum GatewayAnswer: Sendable, Equatable {
    case joined(JoinReply)
    case exchanged(ExchangeReply)
    case renewed(RenewReply)
    /// The piece of log may be written.
    case mayWrite
    case refused(Refusal)
}

/// A credential made by the shell for one join: the text goes to the agent, the hash stays.
package struct NewCredential: Sendable, Equatable {
    package let secret: BearerSecret
    package let hash: SecretHash
    package init(secret: BearerSecret, hash: SecretHash) {
        self.secret = secret
        self.hash = hash
    }
}

/// The lease of one worker that has joined.
package struct WorkerLease: Sendable, Hashable {
    package let workerUID: String
    package let lastRenewal: Moment
}

/// What was not taken in, since the start.
package struct GatewayCounters: Sendable, Hashable {
    /// Reports of attempts that a later one has replaced, or that are over.
    package var fencedReports = 0
    /// Reports about tasks that worker never had.
    package var foreignReports = 0
    /// Reports that came again.
    package var repeatedReports = 0
    /// Second terminal reports under one fence (S10).
    package var secondResults = 0
    /// Reports that make no sense.
    package var invalidReports = 0
    package var refusedJoins = 0
    package var refusedCalls = 0
    /// Renewals that came out of order and prolonged nothing.
    package var lateRenewals = 0

    package init() {}
}
