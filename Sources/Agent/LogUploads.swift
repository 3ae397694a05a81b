import Model
import WorkerProtocol

/// When to send which attempt's log: one piece at a time, each log about every second while it may grow, to its end
/// afterwards.
struct LogUploads: Sendable {
    private struct Entry {
        let id: AttemptID
        var offset = 0
        var nextAt: Instant
        var failures = 0
        var endedAt: Instant?
    }

    private var entries: [Entry] = []
    private var current: (id: AttemptID, since: Instant)?

    static let interval = Duration.seconds(1)
    static let timeout = Duration.seconds(60)
    /// How long after its end a log is still tried.
    static let patience = Duration.minutes(10)
    static let slowest = Duration.seconds(30)
    /// Logs waiting at a time; beyond it the oldest of an ended attempt is given up.
    static let limit = 2048

    var isEmpty: Bool { entries.isEmpty }

    mutating func begin(_ id: AttemptID, now: Instant) -> AttemptID? {
        entries.append(Entry(id: id, nextAt: now + Self.interval))
        guard entries.count > Self.limit, let index = entries.firstIndex(where: { $0.endedAt != nil }) else {
            return nil
        }
        return entries.remove(at: index).id
    }

    mutating func finish(_ id: AttemptID, now: Instant) {
        guard let index = place(id) else { return }
        entries[index].endedAt = now
        if entries[index].failures == 0 { entries[index].nextAt = now }
    }

    /// When the next piece is due, or the current one has taken too long.
    var deadline: Instant? {
        current.map { $0.since + Self.timeout } ?? entries.lazy.map(\.nextAt).min()
    }

    /// Gives up a piece that has taken too long; the log, if it is done with by that.
    mutating func expire(now: Instant) -> AttemptID? {
        guard let current, current.since + Self.timeout <= now else { return nil }
        return failed(current.id, isFinal: false, now: now) ? current.id : nil
    }

    /// The piece to send now.
    mutating func next(now: Instant) -> (id: AttemptID, offset: Int)? {
        guard current == nil, let entry = entries.min(by: { $0.nextAt < $1.nextAt }), entry.nextAt <= now else {
            return nil
        }
        current = (entry.id, now)
        return (entry.id, entry.offset)
    }

    /// True if the log is done with.
    mutating func uploaded(_ id: AttemptID, next: Int, atEnd: Bool, now: Instant) -> Bool {
        guard let index = settle(id) else { return false }
        let moved = next != entries[index].offset
        entries[index].offset = next
        entries[index].failures = 0
        entries[index].nextAt = moved ? now : now + Self.interval
        return isOver(index, atEnd, now)
    }

    /// True if the log is done with.
    mutating func failed(_ id: AttemptID, isFinal: Bool, now: Instant) -> Bool {
        guard let index = settle(id) else { return false }
        let wait = min(Self.interval.milliseconds << Int64(min(entries[index].failures, 5)), Self.slowest.milliseconds)
        entries[index].failures += 1
        entries[index].nextAt = now + .milliseconds(wait)
        return isOver(index, isFinal, now)
    }

    private mutating func isOver(_ index: Int, _ isDone: Bool, _ now: Instant) -> Bool {
        guard let endedAt = entries[index].endedAt, isDone || endedAt + Self.patience <= now else { return false }
        entries.remove(at: index)
        return true
    }

    private mutating func settle(_ id: AttemptID) -> Int? {
        guard current?.id == id else { return nil }
        current = nil
        return place(id)
    }

    private func place(_ id: AttemptID) -> Int? { entries.firstIndex { $0.id == id } }
}
