import Ports

/// The last changes, one for every version, for watches to read. Bounded by count and by bytes; the oldest go
/// first.
///
/// Every version makes one change, so a version is found by counting. Changes lie in segments, and a copy
/// shares them.
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
    private let segmentSize: Int
    /// Oldest first; all but the last are full.
    private var segments: [[Change]] = []
    private var count = 0
    private var bytes = 0
    /// Of states that only the history still holds, because they stood before its first change of their object.
    private var bytesBefore = 0

    init(after version: UInt64, limits: StoreLimits) {
        floor = version
        maxEvents = max(1, limits.historyEvents)
        maxBytes = limits.historyBytes
        segmentSize = min(128, max(1, limits.historyEvents / 8))
    }

    mutating func append(_ change: Change) {
        precondition(change.entry.object.version == floor + UInt64(count) + 1, "a version makes exactly one change")
        if segments.last.map({ $0.count < segmentSize }) != true {
            segments.append([])
            segments[segments.count - 1].reserveCapacity(segmentSize)
        }
        segments[segments.count - 1].append(change)
        count += 1
        bytes += change.entry.held
        bytesBefore += bytesBefore(change)
        while segments.count > 1, count > maxEvents || bytes + bytesBefore > maxBytes { dropOldest() }
    }

    /// The change that made `version`, which lies above `floor`; nil if it is yet to come.
    subscript(_ version: UInt64) -> Change? {
        let index = Int(version - floor) - 1
        guard index < count else { return nil }
        return segments[index / segmentSize][index % segmentSize]
    }

    /// Lets go of the changes up to that version.
    mutating func forget(through version: UInt64) {
        while let oldest = segments.first, oldest.last.map({ $0.entry.object.version <= version }) == true {
            dropOldest()
        }
    }

    private mutating func dropOldest() {
        let oldest = segments.removeFirst()
        count -= oldest.count
        bytes -= oldest.reduce(0) { $0 + $1.entry.held }
        floor += UInt64(oldest.count)
        // What the dropped changes made is now what stood before: few objects change twice, so all is counted anew.
        bytesBefore = segments.reduce(0) { $0 + $1.reduce(0) { $0 + bytesBefore($1) } }
    }

    private func bytesBefore(_ change: Change) -> Int {
        guard let previous = change.previous, previous.object.version <= floor else { return 0 }
        return previous.held
    }
}
