import HeapModule
import Model

/// What is going to happen, by time and then in the order in which it was said.
struct Agenda: Sendable {
    /// Where a happening lies: the heap moves entries about, and happenings are large.
    private struct Entry: Sendable, Comparable {
        let at: Instant
        let order: UInt64
        let place: Int
        static func < (a: Entry, b: Entry) -> Bool { a.at != b.at ? a.at < b.at : a.order < b.order }
        static func == (a: Entry, b: Entry) -> Bool { a.order == b.order }
    }

    private var heap = Heap<Entry>()
    private var happenings: [Happening?] = []
    private var free: [Int] = []
    private var counter: UInt64 = 0

    mutating func add(_ happening: Happening, at instant: Instant) {
        counter += 1
        let place: Int
        if let reused = free.popLast() {
            place = reused
            happenings[place] = happening
        } else {
            place = happenings.count
            happenings.append(happening)
        }
        heap.insert(Entry(at: instant, order: counter, place: place))
    }

    var nextAt: Instant? { heap.min?.at }

    mutating func next() -> (at: Instant, happening: Happening)? {
        guard let entry = heap.popMin(), let happening = happenings[entry.place] else { return nil }
        happenings[entry.place] = nil
        free.append(entry.place)
        return (entry.at, happening)
    }
}
