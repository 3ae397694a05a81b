import Model

/// Who says why a task is pending. The field has two writers: the task's own step, while the task waits for something
/// that is no matter of places, and the placement round once it is ready.
///
/// Law (L5): each leaves standing what the other says. A ready task's step takes back its own words alone, so that a
/// reason which the round learns to give later needs no entry here; the round looks at ready tasks alone.
enum PendingReasons {
    /// What the step says of a task that is not ready. The round need not look at one that waits for one of these, but
    /// for those that it ends itself.
    static let waiting: Set<Reason> = [
        .waitingForDependencies, .waitingForSyncPoint, .waitingForExternal, .retryBackoff, .fenced, .migrationLimit,
        .awaitingDecision,
    ]

    /// Of these the round sees for itself when they are over, in the decision in which the slots come free that what
    /// has ended held: so what waited for it competes for them. A word of the step in between would be a write for
    /// nothing, and would keep the task out of that round.
    static let overForTheRound: Set<Reason> = [.waitingForDependencies, .waitingForSyncPoint]

    /// What a ready task's step takes back: beyond that, what it said while the attempt before was under way.
    static let takenBack = waiting.subtracting(overForTheRound).union([
        .rescheduled, .assigned, .running, .preempted, .workerLost,
    ])

    /// `Suspended` is both's: of a plan by the step, of a pool by the round. It is the round's to take back.
    static func stands(_ reason: String?) -> Bool {
        guard let reason else { return false }
        guard let known = Reason(rawValue: reason) else { return true }
        return !takenBack.contains(known)
    }

    /// Whether the round has to look at a pending task with that reason, whatever has happened meanwhile.
    static func concernsRound(_ reason: String?) -> Bool {
        guard let known = reason.flatMap(Reason.init(rawValue:)) else { return true }
        return !waiting.contains(known)
    }

    /// Whether the round has to look at a pending task with that reason if it is ready.
    static func mayConcernRound(_ reason: String?) -> Bool {
        concernsRound(reason) || reason.flatMap(Reason.init(rawValue:)).map(overForTheRound.contains) == true
    }
}
