import Model

/// Counts how often each object is written although nothing from outside asked for it, and slows the one for which that
/// does not end: two decisions correct each other, or one its own result (L5).
///
/// A task is asked for by what is said of it: a report, a write by somebody else; and one that waits says what becomes
/// of the workers, so it may be written a few times for each that comes or goes. Plans, pools, workers and regions fold
/// what happens to all others, so they may be written a few times for whatever came in meanwhile, and once for
/// each object that was made and for each task that was written first in a row of tasks that follow from each other.
package struct WriteMeter: Sendable {
    package static let window = Duration.seconds(10)
    /// Writes in a window that nobody need ask for.
    package static let allowed = 16
    /// Of an object that folds others, for each thing that came in.
    private static let perInput: UInt64 = 4
    private static let perFirst: UInt64 = 1
    private static let firstPause = Duration.milliseconds(100)
    package static let longestPause = Duration.minutes(1)

    private struct Count {
        var since: Instant
        var last: Instant
        var writes: UInt64 = 0
        /// `credit` when the window began; of a task `ofWorkers`.
        var credit: UInt64
        var pause = Duration.zero

        /// What was slowed is forgiven once it has been quiet for longer than it was held back.
        func isOver(at now: Instant) -> Bool {
            pause == .zero ? now - since > WriteMeter.window : now - last > WriteMeter.window + pause * 4
        }
    }

    /// Of what was written lately: what is over goes whenever their number has doubled.
    private var counts: [ObjectKey: Count] = [:]
    private var clearAt = 4096
    /// Rises with every reason for objects that fold others to be written.
    private var credit: UInt64 = 0
    /// The same for tasks: what came from outside about workers.
    private var ofWorkers: UInt64 = 0
    /// Until when a key is held back.
    private var slowed: [ObjectKey: Instant] = [:]

    package init() {}

    /// Something came from outside; `key`: and it was about that object, which is now written for a reason again.
    mutating func input(on key: ObjectKey? = nil) {
        credit &+= Self.perInput
        guard let key else { return }
        if key.kind == .worker { ofWorkers &+= Self.perInput }
        if counts[key]?.pause ?? .zero > .zero { slowed[key] = nil }
        counts[key] = nil
    }

    /// An object was made by a decision.
    mutating func made() { credit &+= Self.perFirst }

    mutating func forget(_ key: ObjectKey) {
        counts[key] = nil
        slowed[key] = nil
    }

    /// Until when the key is to be left alone; nil where it is not.
    func heldUntil(_ key: ObjectKey, at now: Instant) -> Instant? {
        guard !slowed.isEmpty, let until = slowed[key], until > now else { return nil }
        return until
    }

    /// Notes a write. Returns what to say of the key where it has just been found to oscillate.
    mutating func wrote(_ key: ObjectKey, now: Instant) -> String? {
        let isTask = key.kind == .task
        let fresh = Count(since: now, last: now, credit: isTask ? ofWorkers : credit)
        var count = counts[key] ?? fresh
        if count.isOver(at: now) {
            count = fresh
            slowed[key] = nil
        }
        count.writes += 1
        count.last = now
        if isTask, count.writes == 1 { credit &+= Self.perFirst }
        let allowed = UInt64(Self.allowed) + ((isTask ? ofWorkers : credit) &- count.credit)
        defer {
            counts[key] = count
            clear(now)
        }
        guard count.writes > allowed else { return nil }
        let isNews = count.pause == .zero
        count.pause = isNews ? Self.firstPause : min(count.pause * 2, Self.longestPause)
        slowed[key] = now + count.pause
        guard isNews else { return nil }
        return
            "written \(count.writes) times within \((now - count.since).age) with nothing new from outside: decisions "
            + "undo each other; held back from now on, up to \(Self.longestPause.text) between two writes"
    }

    private mutating func clear(_ now: Instant) {
        guard counts.count >= clearAt else { return }
        counts = counts.filter { !$0.value.isOver(at: now) }
        slowed = slowed.filter { counts[$0.key] != nil }
        clearAt = max(4096, counts.count * 2)
    }
}
