import Model

/// The polls that are held, the one to be answered first in front. All are held equally long, so that each goes to the
/// end; one that was answered before stays until it comes up, and is told by its call.
struct PollLine: Sendable {
    private var polls: [(until: Instant, workerUID: String, call: CallID)] = []
    private var head = 0

    mutating func add(_ poll: ParkedPoll, of workerUID: String) { polls.append((poll.until, workerUID, poll.call)) }

    /// The first that is still held, given who says so.
    mutating func first(isHeld: (_ workerUID: String, CallID) -> Bool) -> (until: Instant, workerUID: String)? {
        while head < polls.count {
            let poll = polls[head]
            if isHeld(poll.workerUID, poll.call) { return (poll.until, poll.workerUID) }
            head += 1
        }
        polls = []
        head = 0
        return nil
    }

    /// The workers whose polls are due, taken out.
    mutating func takeDue(at now: Instant, isHeld: (_ workerUID: String, CallID) -> Bool) -> [String] {
        var due: [String] = []
        while let first = first(isHeld: isHeld), first.until <= now {
            due.append(first.workerUID)
            head += 1
        }
        if head > 1024 {
            polls.removeFirst(head)
            head = 0
        }
        return due
    }
}
