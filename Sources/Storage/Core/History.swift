import Ports

/// The last changes, one for every version, for watches to read. Bounded by count and by bytes; the oldest go
/// first.
///
/// Every version makes one change, so within a segment a version is found by counting. Changes lie in segments, and a
/// copy shares them.
struct History: Sendable {
    struct Change: Sendable {
        enum What: Sendable { case created, updated, deleted }
        let what: What
        let entry: ObjectTable.Entry
        /// What stood before; nil of a creation.
        let previous: ObjectTable.Entry?

        func event(comparing: Bool) -> StoreEvent {
            switch (what, comparing ? previous?.object : nil) {
            case (.created, _): .applied(entry.object, created: true)
            case (.updated, nil): .applied(entry.object, created: false)
            case (.updated, let old?): .replaced(entry.object, old: old)
            case (.deleted, let old?): .deleted(old.restamped(entry.object.version))
            case (.deleted, nil): .deleted(entry.object)
            }
        }
    }

    /// Changes up to this version are gone: a watch can begin here, not before.
    private(set) var floor: UInt64
    private let maxEvents: Int
    private let maxBytes: Int
    /// A segment is full at so many changes or bytes: whole segments go, and the last one always stays.
    private let segmentSize: Int
    private let segmentBytes: Int
    /// Oldest first; all but the last are full.
    private var segments: [Segment] = []
    private var count = 0
    private var bytes = 0
    /// Of states that only the history still holds, because they stood before its first change of their object.
    private var bytesBefore = 0

    private struct Segment: Sendable {
        /// The version of its first change.
        let first: UInt64
        var changes: [Change] = []
        var bytes = 0
    }

    init(after version: UInt64, limits: StoreLimits) {
        floor = version
        maxEvents = max(1, limits.historyEvents)
        maxBytes = limits.historyBytes
        segmentSize = min(128, max(1, limits.historyEvents / 8))
        segmentBytes = limits.historyBytes / 16
    }

    mutating func append(_ change: Change) {
        precondition(change.entry.object.version == floor + UInt64(count) + 1, "a version makes exactly one change")
        if segments.last.map({ $0.changes.count < segmentSize && $0.bytes < segmentBytes }) != true {
            segments.append(Segment(first: change.entry.object.version))
            segments[segments.count - 1].changes.reserveCapacity(segmentSize)
        }
        segments[segments.count - 1].changes.append(change)
        segments[segments.count - 1].bytes += change.entry.held
        count += 1
        bytes += change.entry.held
        bytesBefore += bytesBefore(change)
        while segments.count > 1, count > maxEvents || bytes + bytesBefore > maxBytes { dropOldest() }
    }

    /// The change that made `version`, which lies above `floor`; nil if it is yet to come.
    subscript(_ version: UInt64) -> Change? {
        guard version - floor <= UInt64(count) else { return nil }
        // The last segment that begins at this version or before.
        var (low, high) = (0, segments.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if segments[middle].first <= version { low = middle } else { high = middle - 1 }
        }
        return segments[low].changes[Int(version - segments[low].first)]
    }

    /// Lets go of the changes up to that version.
    mutating func forget(through version: UInt64) {
        while let oldest = segments.first, oldest.first + UInt64(oldest.changes.count) - 1 <= version { dropOldest() }
    }

    private mutating func dropOldest() {
        let oldest = segments.removeFirst()
        count -= oldest.changes.count
        bytes -= oldest.bytes
        floor += UInt64(oldest.changes.count)
        // What the dropped changes made is now what stood before: few objects change twice, so all is counted anew.
        bytesBefore = segments.reduce(0) { $0 + $1.changes.reduce(0) { $0 + bytesBefore($1) } }
    }

    private func bytesBefore(_ change: Change) -> Int {
        guard let previous = change.previous, previous.object.version <= floor else { return 0 }
        return previous.held
    }
}
