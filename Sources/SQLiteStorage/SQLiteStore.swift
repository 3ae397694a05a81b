package import Model
package import Ports
package import Storage

/// The embedded store: one SQLite file, read into memory when it is opened, written in groups.
///
/// The caller holds the lock of the `StateDirectory`: this is the only connection to the file, always.
package struct SQLiteStore: ResourceStore {
    /// Given when the file was made; tags everything that this state owns elsewhere.
    package let clusterID: String
    private let store: DurableStore

    /// Opens the file, or makes it with `clusterID` if there is none. Blocks while it reads. `onFatal` is
    /// called, once, when the disk has failed under an open store: the process has to end.
    package static func open(
        _ path: String, clusterID: String, limits: StoreLimits = StoreLimits(),
        onFatal: @escaping @Sendable (String) -> Void
    ) throws(StoreOpenError) -> SQLiteStore {
        if try !StateFile.check(path) { try StateFile.create(path, clusterID: clusterID) }
        let state = try StateFile.load(path, limits: limits)
        let log = try SQLiteLog(path, limits: limits)
        return SQLiteStore(
            clusterID: state.clusterID, store: DurableStore(state.core, log: log, onFatal: onFatal))
    }

    package func get(_ key: ObjectKey) throws(StoreError) -> StoredObject? { try store.get(key) }

    package func list(_ query: StoreQuery) throws(StoreError) -> ListResult { try store.list(query) }

    package func commit(_ batch: Batch) async throws(StoreError) -> CommitReceipt { try await store.commit(batch) }

    package func claimEpoch() async throws(StoreError) -> UInt64 { try await store.claimEpoch() }

    package func watch(_ query: StoreQuery, from version: UInt64?) throws(StoreError) -> StoreWatch {
        try store.watch(query, from: version)
    }

    package var version: UInt64 {
        get throws(StoreError) { try store.version }
    }

    package var fullness: StoreCore.Fullness {
        get throws(StoreError) { try store.fullness }
    }

    package func usage(of namespace: String) throws(StoreError) -> NamespaceUsage? {
        try store.usage(of: namespace)
    }

    package var usage: [NamespaceUsage] {
        get throws(StoreError) { try store.usage }
    }

    /// Lets go of the history up to that version.
    package func forgetHistory(through version: UInt64) throws(StoreError) {
        try store.forgetHistory(through: version)
    }

    /// Makes what waits durable and closes the file.
    package func close() async { await store.close() }
}
