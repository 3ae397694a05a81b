package import Model
package import Ports

/// The whole of a store as a value: objects, versions, epochs and the history that watches read. Shells add
/// locks, threads and disks; the simulator uses it as it stands.
///
/// Invariants: versions rise by one with every write and are never given twice; a batch is applied whole or
/// not at all; an epoch once seen refuses every lower one. A copy is cheap and shares everything, so a
/// durable state and the state being made durable can stand side by side, and a crash is the return to the
/// former (`reopened`).
package struct StoreCore: Sendable {
    package let limits: StoreLimits
    /// The version of the last write.
    package internal(set) var version: UInt64
    /// The highest epoch claimed or seen.
    package internal(set) var epoch: UInt64
    var objects: ObjectTable
    var history: History

    package init(limits: StoreLimits = StoreLimits()) {
        self.init(restoring: [], version: 0, epoch: 0, limits: limits)
    }

    /// The state a disk held. The history begins here: what happened before is expired.
    package init(restoring objects: [StoredObject], version: UInt64, epoch: UInt64, limits: StoreLimits = StoreLimits())
    {
        self.limits = limits
        self.version = version
        self.epoch = epoch
        self.objects = ObjectTable(objects.map { ObjectTable.Entry($0, bytes: Self.bytes(of: $0)) })
        history = History(after: version, limits: limits)
    }

    private static func bytes(of object: StoredObject) -> Int {
        (object.packed as? PackedObject)?.json.count ?? object.tree.approximateBytes
    }

    package var count: Int { objects.count }

    /// How full it is with everybody's objects together.
    package var fullness: Fullness { Fullness(bytes: objects.bytes, limit: limits.objectsBytes) }

    package struct Fullness: Sendable, Hashable {
        package let bytes: Int
        package let limit: Int

        package var share: Double { Double(bytes) / Double(max(1, limit)) }
    }

    /// What the objects of a namespace take of what they may.
    package func usage(of namespace: String) -> NamespaceUsage {
        let taken = objects.taken[namespace] ?? Taken()
        return NamespaceUsage(
            namespace: namespace,
            used: Dictionary(uniqueKeysWithValues: NamespaceQuota.Resource.allCases.map { ($0, taken[$0]) }),
            quota: limits.quota.with(objects.quotas[namespace]))
    }

    /// Of all that have objects, in order of their names.
    package var usage: [NamespaceUsage] { objects.taken.keys.sorted().filter { !$0.isEmpty }.map(usage(of:)) }

    package func get(_ key: ObjectKey) -> StoredObject? { objects[key]?.object }

    /// The latest state, whatever version the query asks for.
    package func list(_ query: StoreQuery) -> ListResult {
        ListResult(objects: objects.scan(query), version: version)
    }

    package func list(_ query: StoreQuery, at asked: UInt64) throws(StoreError) -> ListResult {
        if asked == version { return list(query) }
        return ListResult(objects: try objects(at: asked, query).scan(query), version: asked)
    }

    /// The objects as they were: what has changed since is taken back, the last change first.
    private func objects(at asked: UInt64, _ query: StoreQuery) throws(StoreError) -> ObjectTable {
        guard (history.floor...version).contains(asked) else { throw .expired(asked, oldest: history.floor) }
        var table = objects
        for version in (asked + 1...version).reversed() {
            guard let change = history[version], query.matches(change.entry.object.key) else { continue }
            if let previous = change.previous { table.put(previous) } else { table.remove(change.entry.object.key) }
        }
        return table
    }

    package mutating func claimEpoch() -> UInt64 {
        epoch += 1
        return epoch
    }

    /// A cursor over the changes after `version`, or over a snapshot and everything that follows.
    package func watch(_ query: StoreQuery, from version: UInt64? = nil) throws(StoreError) -> WatchState {
        guard let version else { return WatchState(query, snapshotOf: self) }
        if version < history.floor { throw .expired(version, oldest: history.floor) }
        // From the future: of another store, or of this one before it was restored from a copy.
        if version > self.version { throw .expired(version, oldest: history.floor) }
        return WatchState(query, from: version)
    }

    /// Lets go of the history up to that version: watches and lists that want to go on from before have to begin anew.
    package mutating func forgetHistory(through version: UInt64) { history.forget(through: version) }

    /// The same state after a restart: objects, version and epoch stay, watches have to begin anew.
    package func reopened() -> StoreCore {
        var core = self
        core.history = History(after: version, limits: limits)
        return core
    }
}

extension StoreError {
    static func expired(_ version: UInt64, oldest: UInt64) -> StoreError {
        StoreError(
            .expired(oldest: oldest),
            "version \(version) is outside of the history that is kept, which begins at \(oldest): list again")
    }
}
