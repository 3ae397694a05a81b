import DequeModule
import HeapModule
package import Model

/// What is reconciled: an object, or the placement round over all of them.
package enum WorkKey: Sendable, Hashable, Comparable {
    case object(ObjectKey)
    case round

    package static func < (a: WorkKey, b: WorkKey) -> Bool {
        switch (a, b) {
        case (.object(let a), .object(let b)): a < b
        // Objects first: the round sees what they decided.
        case (.object, .round): true
        case (.round, _): false
        }
    }

    /// Whose turn it takes: a namespace's, or that of all that belongs to none.
    var tenant: String {
        switch self {
        case .object(let key): key.namespace
        case .round: ""
        }
    }
}

/// Keys and when they are due: a key stands once, its earliest time wins, and why it woke is never told.
///
/// Namespaces take turns (L9): of what is due, each gives one key after the other, in the order they came due. So who
/// has one key waits for as many others as there are namespaces, and not for all that a neighbour has.
package struct WorkQueue: Sendable {
    private struct Entry: Sendable, Comparable {
        let due: Instant
        let order: UInt64
        let key: WorkKey
        static func < (a: Entry, b: Entry) -> Bool { a.due != b.due ? a.due < b.due : a.order < b.order }
        static func == (a: Entry, b: Entry) -> Bool { a.order == b.order }
    }

    /// What is due, by namespace, each in the order it came due; a namespace without any has no line.
    private var lines: [String: Deque<Entry>] = [:]
    /// The namespaces that have a line, the next one first.
    private var turns = Deque<String>()
    /// What is not due yet.
    private var heap = Heap<Entry>()
    /// The order of the entry that counts for a key; others of it are stale.
    private var standing: [WorkKey: (due: Instant, order: UInt64)] = [:]
    private var counter: UInt64 = 0
    package var adds: UInt64 { counter }

    package init() {}

    package var count: Int { standing.count }

    /// When the first key is due: of those in line, that of the one that came first to its line.
    package var nextDue: Instant? {
        mutating get {
            dropStale()
            let inLine = turns.compactMap { lines[$0]?.first?.due }.min()
            guard let later = heap.min?.due else { return inLine }
            return inLine.map { min($0, later) } ?? later
        }
    }

    /// `isNow`: due at once, and so after all that was added like that before.
    package mutating func add(_ key: WorkKey, at instant: Instant, isNow: Bool = false) {
        guard Self.stand(instant, counter + 1, &standing[key, default: (.distantFuture, 0)]) else { return }
        counter += 1
        let entry = Entry(due: instant, order: counter, key: key)
        if isNow { queueUp(entry) } else { heap.insert(entry) }
    }

    /// In one look at the table: most of what a key at rest costs is looking it up. Order 0 is a key that did not
    /// stand.
    private static func stand(
        _ instant: Instant, _ order: UInt64, _ held: inout (due: Instant, order: UInt64)
    ) -> Bool {
        guard held.order == 0 || instant < held.due else { return false }
        held = (instant, order)
        return true
    }

    /// Whether the key is due by then.
    func isDue(_ key: WorkKey, by instant: Instant) -> Bool { standing[key].map { $0.due <= instant } ?? false }

    /// The next key that is due, taken out.
    package mutating func pop(now: Instant) -> WorkKey? {
        while let first = heap.min, first.due <= now {
            heap.removeMin()
            if standing[first.key]?.order == first.order { queueUp(first) }
        }
        while let tenant = turns.first {
            guard let first = lines[tenant]?.first, first.due <= now else {
                // Nothing in line is due later than now unless time went back: then it waits.
                return nil
            }
            turns.removeFirst()
            lines[tenant]?.removeFirst()
            if lines[tenant]?.isEmpty == true { lines[tenant] = nil } else { turns.append(tenant) }
            guard let held = standing.removeValue(forKey: first.key) else { continue }
            if held.order == first.order { return first.key }
            standing[first.key] = held
        }
        return nil
    }

    private mutating func queueUp(_ entry: Entry) {
        let tenant = entry.key.tenant
        if lines[tenant]?.append(entry) == nil {
            lines[tenant] = [entry]
            turns.append(tenant)
        }
    }

    /// An entry is stale once its key was moved to an earlier time.
    private mutating func dropStale() {
        for tenant in turns {
            while let first = lines[tenant]?.first, standing[first.key]?.order != first.order {
                lines[tenant]?.removeFirst()
            }
            if lines[tenant]?.isEmpty == true { lines[tenant] = nil }
        }
        turns.removeAll { lines[$0] == nil }
        while let first = heap.min, standing[first.key]?.order != first.order { heap.removeMin() }
    }
}
