package import Model
package import WorkerProtocol

/// What reaches an agent.
package enum AgentInput: Sendable, Equatable {
    // Every request that was sent comes back once, as its answer or as a failure, within its route's timeout.
    case joined(JoinReply, number: Int)
    case exchanged(ExchangeReply, number: Int)
    case renewed(RenewReply, number: Int)
    case failed(AgentCall, number: Int, CallFailure)
    /// Every `start` is followed by `ended` once, with `started` before it if a process ran.
    case started(AttemptID, at: Timestamp)
    case ended(AttemptID, AttemptEnd)
    /// Every `uploadLog` is followed by one of these; `next` is what the gateway answered, or the offset itself where
    /// the log holds no more.
    /// `atEnd`: the attempt has ended and everything is sent.
    case logUploaded(AttemptID, next: Int, atEnd: Bool)
    case logFailed(AttemptID, CallFailure)
    /// The container engine that answers now: the version of its API; nil where none does.
    case engine(String?)
    /// SIGTERM to the worker: end what runs, report, exit. A second one does not wait.
    case shutDown
    case tick
}

package enum AgentCall: Sendable, Hashable { case join, exchange, renew }

package enum CallFailure: Sendable, Hashable {
    /// No answer, or none of this protocol.
    case unreachable(String)
    case refused(Refusal)
}

/// How the runner saw an attempt end.
package struct AttemptEnd: Sendable, Hashable {
    package var finishedAt: Timestamp
    package var exitCode: Int?
    package var signal: Int?
    /// A cause that is not the task's own.
    package struct Cause: Sendable, Hashable {
        package var reason: Reason
        package var message: String

        package init(_ reason: Reason, _ message: String) {
            self.reason = reason
            self.message = message
        }
    }

    /// That its worker had nothing left to start it with, or that somebody else ended it.
    package var notItsOwn: Cause?
    /// Why there never was a process.
    package var couldNotStart: String?
    package var outputs: [String: String]
    /// Why its outputs can't be taken.
    package var outputProblem: String?
    /// What is known of the cause of an end by exit code or signal.
    package var note: String?

    package init(
        finishedAt: Timestamp, exitCode: Int? = nil, signal: Int? = nil, couldNotStart: String? = nil,
        outputs: [String: String] = [:], outputProblem: String? = nil, note: String? = nil
    ) {
        self.finishedAt = finishedAt
        self.exitCode = exitCode
        self.signal = signal
        self.couldNotStart = couldNotStart
        self.outputs = outputs
        self.outputProblem = outputProblem
        self.note = note
    }
}
