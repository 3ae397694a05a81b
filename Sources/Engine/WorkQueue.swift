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
}

/// Keys and when they are due: a key stands once, its earliest time wins, and why it woke is never told.
package struct WorkQueue: Sendable {
    private struct Entry: Sendable, Comparable {
        let due: Instant
        let order: UInt64
        let key: WorkKey
        static func < (a: Entry, b: Entry) -> Bool { a.due != b.due ? a.due < b.due : a.order < b.order }
        static func == (a: Entry, b: Entry) -> Bool { a.order == b.order }
    }

    /// Entries that came in the order they are due: nearly all, since most keys are woken for at once. The others
    /// wait in the heap.
    private var line = Deque<Entry>()
    private var heap = Heap<Entry>()
    /// The order of the entry that counts for a key; others of it are stale.
    private var standing: [WorkKey: (due: Instant, order: UInt64)] = [:]
    private var counter: UInt64 = 0

    package init() {}

    package var count: Int { standing.count }

    /// When the first key is due.
    package var nextDue: Instant? {
        mutating get {
            dropStale()
            return isLineFirst ? line.first?.due : heap.min?.due
        }
    }

    /// `isNow`: due at once, and so after all that was added like that before.
    package mutating func add(_ key: WorkKey, at instant: Instant, isNow: Bool = false) {
        guard Self.stand(instant, counter + 1, &standing[key, default: (.distantFuture, 0)]) else { return }
        counter += 1
        let entry = Entry(due: instant, order: counter, key: key)
        if isNow, line.last.map({ $0.due <= instant }) ?? true { line.append(entry) } else { heap.insert(entry) }
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

    /// The next key that is due, taken out.
    package mutating func pop(now: Instant) -> WorkKey? {
        while true {
            guard let first = isLineFirst ? line.first : heap.min, first.due <= now else { return nil }
            if isLineFirst { line.removeFirst() } else { heap.removeMin() }
            guard let held = standing.removeValue(forKey: first.key) else { continue }
            if held.order == first.order { return first.key }
            standing[first.key] = held
        }
    }

    private var isLineFirst: Bool {
        guard let inLine = line.first else { return false }
        return heap.min.map { inLine < $0 } ?? true
    }

    /// An entry is stale once its key was moved to an earlier time.
    private mutating func dropStale() {
        while let first = line.first, standing[first.key]?.order != first.order { line.removeFirst() }
        while let first = heap.min, standing[first.key]?.order != first.order { heap.removeMin() }
    }
}
