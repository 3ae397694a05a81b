import Model
import WorkerProtocol

/// One attempt in the agent's hands, from the order to start it to its end.
struct HeldAttempt: Sendable {
    let assignment: AssignmentMessage
    let orderedAt: Instant
    var started: Moment?
    /// An end once begun is never taken back.
    private(set) var stop: Stop?

    struct Stop: Sendable {
        let cause: StopCause
        /// When it is killed, or killed again.
        let killAt: Instant
        var killed = false
    }

    enum Signal: Sendable { case terminate, kill }

    /// Between two kills of one that does not end.
    static let killInterval = Duration.seconds(10)

    init(_ assignment: AssignmentMessage, orderedAt: Instant) {
        self.assignment = assignment
        self.orderedAt = orderedAt
    }

    /// When it must be stopped, or killed.
    var deadline: Instant? {
        if let stop { return stop.killAt }
        return assignment.timeout.map { (started?.instant ?? orderedAt) + $0 }
    }

    /// Begins its end, the kill grace counted from `from`. A second cause may bring the kill forward, never put it off.
    mutating func stop(_ cause: StopCause, from: Instant, now: Instant) -> Signal? {
        if stop?.killed == true { return nil }
        let killAt = from + assignment.killGrace
        if killAt <= now { return kill(cause, now: now) }
        let begins = stop == nil
        stop = Stop(cause: stop?.cause ?? cause, killAt: min(killAt, stop?.killAt ?? killAt))
        return begins ? .terminate : nil
    }

    mutating func kill(_ cause: StopCause, now: Instant) -> Signal {
        stop = Stop(cause: stop?.cause ?? cause, killAt: now + Self.killInterval, killed: true)
        return .kill
    }
}

/// Why an attempt is stopped before its own end.
enum StopCause: Sendable, Hashable {
    case asked(Reason)
    case timedOut
    /// The controller assigns it to this worker no more.
    case fenced
    /// No contact, and the task is exclusive.
    case cutOff
    case draining
}
