import Host
import Model
import Ports
import Synchronization

/// A store that remembers how long its writes took, and how they ended.
final class MeasuredStore: ResourceStore {
    struct Measured: Sendable {
        var seconds = Histogram()
        var committed = 0
        /// Another writer was faster.
        var conflicts = 0
        var failed = 0
    }

    private let store: any ResourceStore
    private let clock = SystemClock()
    private let state = Mutex(Measured())

    init(_ store: any ResourceStore) { self.store = store }

    var measured: Measured { state.withLock { $0 } }

    func get(_ key: ObjectKey) async throws(StoreError) -> StoredObject? { try await store.get(key) }

    func list(_ query: StoreQuery) async throws(StoreError) -> ListResult { try await store.list(query) }

    func commit(_ batch: Batch) async throws(StoreError) -> CommitReceipt {
        let start = clock.now.instant
        do throws(StoreError) {
            let receipt = try await store.commit(batch)
            note(since: start) { $0.committed += 1 }
            return receipt
        } catch {
            let isConflict = if case .conflict = error.code { true } else { false }
            note(since: start) { if isConflict { $0.conflicts += 1 } else { $0.failed += 1 } }
            throw error
        }
    }

    func claimEpoch() async throws(StoreError) -> UInt64 { try await store.claimEpoch() }

    func watch(_ query: StoreQuery, from version: UInt64?) throws(StoreError) -> StoreWatch {
        try store.watch(query, from: version)
    }

    func usage(of namespace: String) throws(StoreError) -> NamespaceUsage? { try store.usage(of: namespace) }

    private func note(since start: Instant, _ change: (inout Measured) -> Void) {
        let took = (clock.now.instant - start).components
        let nanoseconds = took.seconds * 1_000_000_000 + took.attoseconds / 1_000_000_000
        state.withLock {
            $0.seconds.add(nanoseconds: nanoseconds)
            change(&$0)
        }
    }
}
