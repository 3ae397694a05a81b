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
        var event: StoreEvent {
            switch what {
            case .created: .applied(entry.object, created: true)
            case .updated: .applied(entry.object, created: false)
            case .deleted: .deleted(entry.object)
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
        bytes += change.entry.bytes
        while segments.count > 1, count > maxEvents || bytes > maxBytes { dropOldest() }
    }

    /// The change that made `version`, which lies above `floor`; nil if it is yet to come.
    subscript(_ version: UInt64) -> Change? {
        let index = Int(version - floor) - 1
        guard index < count else { return nil }
        return segments[index / segmentSize][index % segmentSize]
    }

    private mutating func dropOldest() {
        let oldest = segments.removeFirst()
        count -= oldest.count
        bytes -= oldest.reduce(0) { $0 + $1.entry.bytes }
        floor += UInt64(oldest.count)
    }
}
