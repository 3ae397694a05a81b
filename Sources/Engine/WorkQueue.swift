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

    private var heap = Heap<Entry>()
    private var due: [WorkKey: (due: Instant, order: UInt64)] = [:]
    private var counter: UInt64 = 0

    package init() {}

    package var count: Int { due.count }

    /// When the first key is due.
    package var nextDue: Instant? {
        mutating get {
            dropStale()
            return heap.min?.due
        }
    }

    package mutating func add(_ key: WorkKey, at instant: Instant) {
        if let held = due[key], held.due <= instant { return }
        counter += 1
        due[key] = (instant, counter)
        heap.insert(Entry(due: instant, order: counter, key: key))
    }

    /// The next key that is due, taken out.
    package mutating func pop(now: Instant) -> WorkKey? {
        dropStale()
        guard let first = heap.min, first.due <= now else { return nil }
        heap.removeMin()
        due[first.key] = nil
        return first.key
    }

    /// An entry is stale once its key was moved to an earlier time.
    private mutating func dropStale() {
        while let first = heap.min, due[first.key]?.order != first.order { heap.removeMin() }
    }
}
