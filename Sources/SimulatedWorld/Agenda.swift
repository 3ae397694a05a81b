import HeapModule
import Model

/// What is going to happen, by time and then in the order in which it was said.
struct Agenda: Sendable {
    private struct Entry: Sendable, Comparable {
        let at: Instant
        let order: UInt64
        let happening: Happening
        static func < (a: Entry, b: Entry) -> Bool { a.at != b.at ? a.at < b.at : a.order < b.order }
        static func == (a: Entry, b: Entry) -> Bool { a.order == b.order }
    }

    private var heap = Heap<Entry>()
    private var counter: UInt64 = 0

    mutating func add(_ happening: Happening, at instant: Instant) {
        counter += 1
        heap.insert(Entry(at: instant, order: counter, happening: happening))
    }

    var nextAt: Instant? { heap.min?.at }

    mutating func next() -> (at: Instant, happening: Happening)? {
        heap.popMin().map { ($0.at, $0.happening) }
    }
}
