package import Model
package import Ports

/// A store that lasts as long as the process: for rehearsals (`plan`), tests and anything that may forget.
package final class MemoryStore: ResourceStore {
    private let live: LiveStore

    package init(_ core: StoreCore = StoreCore()) {
        live = LiveStore(core)
    }

    package func get(_ key: ObjectKey) throws(StoreError) -> StoredObject? { try live.get(key) }

    package func list(_ query: StoreQuery) throws(StoreError) -> ListResult { try live.list(query) }

    package func commit(_ batch: Batch) throws(StoreError) -> CommitReceipt {
        let json = batch.writes.map(\.canonicalJSON)
        return try live.change { core throws(StoreError) in try core.commit(batch, json: json).get() }
    }

    package func claimEpoch() throws(StoreError) -> UInt64 {
        try live.change { core throws(StoreError) in core.claimEpoch() }
    }

    package func watch(_ query: StoreQuery, from version: UInt64?) throws(StoreError) -> StoreWatch {
        try live.watch(query, from: version)
    }

    package func usage(of namespace: String) throws(StoreError) -> NamespaceUsage? {
        try live.core().usage(of: namespace)
    }

    /// The state as it stands, for tests and for the next store.
    package func core() throws(StoreError) -> StoreCore { try live.core() }

    /// Every later call and every watch ends with `.closed`.
    package func close() { live.close(StoreError(.closed, "the store was closed")) }
}
