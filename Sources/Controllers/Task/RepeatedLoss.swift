import Model

/// What becomes of a task that loses attempt after attempt to ends that nobody ordered. One such end says nothing of
/// the task, and neither does a long run that a machine's death cuts off. But a task that kills its worker, or the
/// guard above it, does so again wherever it runs, and takes its neighbours along: it is slowed, then ended readably.
enum RepeatedLoss: Equatable {
    /// Placed again at once.
    case again
    case later(Duration)
    /// Lost so many times in a row that it is the task's own doing, as far as anybody can tell.
    case over(Int)

    /// From this one on each waits twice as long as the one before.
    static let slowedFrom = 3
    static let overAt = 8
    /// An attempt that had run this long when it was lost begins a new row.
    static let innocentAfter = Duration.minutes(5)
    private static let firstPause = Duration.seconds(10)
    private static let longestPause = Duration.minutes(5)

    /// Whether the task is to have a worker to itself: what has taken so many workers along takes no neighbours with
    /// the next. A worker's silence is no sign against the task.
    static func isSuspect(_ attempts: [AttemptRecord]) -> Bool {
        row(attempts.filter { $0.proven != false }) >= slowedFrom
    }

    /// Losses in a row, the last attempt's first.
    private static func row(_ attempts: [AttemptRecord]) -> Int {
        var losses = 0
        for attempt in attempts.reversed() {
            guard let reason = Reason(rawValue: attempt.reason), EndRule.isLost(reason).countsAsLoss else { break }
            if let began = attempt.startedAt, let ended = attempt.finishedAt, ended - began >= innocentAfter { break }
            losses += 1
        }
        return losses
    }

    /// `attempts`: those that ended, the one that has just been lost among them.
    static func of(_ attempts: [AttemptRecord]) -> RepeatedLoss {
        let losses = row(attempts)
        if losses >= overAt { return .over(losses) }
        guard losses >= slowedFrom else { return .again }
        return .later(min(firstPause * (1 << (losses - slowedFrom)), longestPause))
    }
}
