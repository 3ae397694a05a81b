package import Model

/// The disk under a `DurableStore`. Called from one thread at a time.
package protocol DurableLog: Sendable {
    /// Makes all of the group durable, or nothing of it. After `.broken` it is never called again.
    func write(_ group: RowGroup) throws(DiskFailure)
    /// Housekeeping between groups, after those who wait were answered; most calls have nothing to do.
    func maintain() throws(DiskFailure)
    func close() throws(DiskFailure)
}

/// What one durable write changes, in order, and where the counters stand afterwards.
package struct RowGroup: Sendable, Hashable {
    package enum Row: Sendable, Hashable {
        /// The object's JSON comes without `metadata.resourceVersion`: the version says it.
        case put(ObjectKey, uid: String, version: UInt64, json: [UInt8])
        case remove(ObjectKey)
    }

    package var rows: [Row]
    package var version: UInt64
    package var epoch: UInt64

    package init(rows: [Row], version: UInt64, epoch: UInt64) {
        self.rows = rows
        self.version = version
        self.epoch = epoch
    }
}

/// Why a group is not durable.
package enum DiskFailure: Error, Sendable, Hashable {
    /// No space: nothing of the group was kept, a later one may succeed.
    case full(String)
    /// Anything else. What the disk holds of the group is unknown, and asking again would not tell: a second
    /// fsync can succeed after a first one failed and lost the data.
    case broken(String)
}
