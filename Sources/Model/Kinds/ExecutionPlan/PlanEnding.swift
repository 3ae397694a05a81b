/// The end of a plan whose tasks have not all ended: it was cancelled, or its time was up.
package struct PlanEnding: Sendable, Hashable {
    package let reason: Reason
    /// Nil where it is about to be noted.
    package let since: Timestamp?

    package init(reason: Reason, since: Timestamp?) {
        self.reason = reason
        self.since = since
    }

    /// What `scheduling.cleanupTimeout` is where a plan doesn't say.
    package static let cleanupTimeout = Duration.minutes(5)
}

extension ExecutionPlan {
    /// Nil while it goes on, and where it has ended.
    package var ending: PlanEnding? {
        guard !status.phase.isTerminal else { return nil }
        if spec.cancel { return PlanEnding(reason: .cancelled, since: status.endingSince) }
        guard status.endingReason == Reason.timedOut.rawValue else { return nil }
        return PlanEnding(reason: .timedOut, since: status.endingSince)
    }

    /// How much is left for tasks that run always, once it is being ended.
    package func cleanupLeft(_ ending: PlanEnding, now: Timestamp) -> Duration {
        (ending.since ?? now) + (spec.scheduling.cleanupTimeout ?? PlanEnding.cleanupTimeout) - now
    }
}
