import Dispatch
import Documents
package import Model
package import Ports
import Synchronization
import Tree

/// A store over a durable log, with group commit: batches that arrive while the disk is busy share the next
/// write. Each batch is checked by itself and is atomic by itself; one that fails is left out of the group.
///
/// Laws: a batch is acknowledged, and visible to readers and watches, only when its group is durable. A full
/// disk refuses the group and changes nothing. After any other failure of the disk the store is closed,
/// `onFatal` is called once, and the program has to exit: what is on the disk is read again by the next
/// process, never assumed.
package final class DurableStore: ResourceStore {
    private let live: LiveStore
    private let log: any DurableLog
    private let queue: Mutex<CommitQueue>
    private let limits: StoreLimits
    /// The writer: does the blocking writes, one group after the other.
    private let writer = DispatchQueue(label: "reconcile.store", qos: .userInitiated)
    private let onFatal: @Sendable (String) -> Void
    private let broken = Mutex(false)

    /// `core` is what `log` holds. `onFatal` gets one line for the operator.
    package init(_ core: StoreCore, log: any DurableLog, onFatal: @escaping @Sendable (String) -> Void) {
        live = LiveStore(core)
        self.log = log
        limits = core.limits
        queue = Mutex(CommitQueue(limits: core.limits))
        self.onFatal = onFatal
    }

    package func get(_ key: ObjectKey) throws(StoreError) -> StoredObject? { try live.get(key) }

    package func list(_ query: StoreQuery) throws(StoreError) -> ListResult { try live.list(query) }

    package func watch(_ query: StoreQuery, from version: UInt64?) throws(StoreError) -> StoreWatch {
        try live.watch(query, from: version)
    }

    package func commit(_ batch: Batch) async throws(StoreError) -> CommitReceipt {
        // Here, in the caller's thread: the writer's time belongs to the disk.
        let json = try encode(batch)
        let done = await submit(.batch(batch, json: json), bytes: json.reduce(0) { $0 + $1.count })
        guard case .batch(let receipt) = try done.get() else { preconditionFailure("a batch is answered by a receipt") }
        return receipt
    }

    package func claimEpoch() async throws(StoreError) -> UInt64 {
        let done = await submit(.claimEpoch, bytes: 0)
        guard case .epoch(let epoch) = try done.get() else { preconditionFailure("a claim is answered by an epoch") }
        return epoch
    }

    /// Makes what waits durable, then ends: later calls and all watches throw `.closed`.
    package func close() async {
        let error = StoreError(.closed, "the store was closed")
        queue.withLock { $0.close(error) }
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            writer.async { [self] in
                drain()
                live.close(error)
                if !broken.withLock({ $0 }) {
                    do throws(DiskFailure) { try log.close() } catch { fail(error) }
                }
                done.resume()
            }
        }
    }

    package var version: UInt64 {
        get throws(StoreError) { try live.core().version }
    }

    package var fullness: StoreCore.Fullness {
        get throws(StoreError) { try live.core().fullness }
    }

    package func usage(of namespace: String) throws(StoreError) -> NamespaceUsage? {
        try live.core().usage(of: namespace)
    }

    package var usage: [NamespaceUsage] {
        get throws(StoreError) { try live.core().usage }
    }

    /// Lets go of the history up to that version.
    package func forgetHistory(through version: UInt64) throws(StoreError) {
        try live.change { (core) throws(StoreError) in core.forgetHistory(through: version) }
    }

    /// Batches and claims that wait for the disk, those being written not counted.
    package var waiting: Int { queue.withLock { $0.count } }

    private func encode(_ batch: Batch) throws(StoreError) -> [[UInt8]] {
        var json: [[UInt8]] = []
        json.reserveCapacity(batch.writes.count)
        for write in batch.writes {
            let bytes = write.canonicalJSON
            if bytes.count > limits.objectBytes {
                throw .tooLarge(write.key, bytes: bytes.count, limit: limits.objectBytes)
            }
            json.append(bytes)
        }
        return json
    }

    private func submit(_ work: CommitQueue.Work, bytes: Int) async -> Result<CommitQueue.Done, StoreError> {
        await withCheckedContinuation { reply in
            switch queue.withLock({ $0.add(CommitQueue.Item(work: work, bytes: bytes, reply: reply)) }) {
            case .start: writer.async { [self] in drain() }
            case .waits: break
            case .refused(let error): reply.resume(returning: .failure(error))
            }
        }
    }
}

// The writer's side.
extension DurableStore {
    private func drain() {
        while let group = queue.withLock({ $0.next() }) {
            do throws(StoreError) {
                try commit(group)
            } catch {
                for item in group { item.reply.resume(returning: .failure(error)) }
            }
            if broken.withLock({ $0 }) { continue }
            do throws(DiskFailure) { try log.maintain() } catch { fail(error) }
        }
    }

    /// Throws if nothing of the group was committed, and then has answered nobody.
    private func commit(_ items: [CommitQueue.Item]) throws(StoreError) {
        let standing = try live.core()
        var core = standing
        var rows: [RowGroup.Row] = []
        let results = items.map { apply($0.work, to: &core, &rows) }
        if core.version != standing.version || core.epoch != standing.epoch {
            do throws(DiskFailure) {
                try log.write(RowGroup(rows: rows, version: core.version, epoch: core.epoch))
            } catch {
                throw fail(error)
            }
            try live.change { $0 = core }
        }
        for (item, result) in zip(items, results) { item.reply.resume(returning: result) }
    }

    private func apply(
        _ work: CommitQueue.Work, to core: inout StoreCore, _ rows: inout [RowGroup.Row]
    ) -> Result<CommitQueue.Done, StoreError> {
        switch work {
        case .claimEpoch: return .success(.epoch(core.claimEpoch()))
        case .batch(let batch, let json):
            let result = core.commit(batch, json: json)
            guard case .success(let receipt) = result else { return result.map { .batch($0) } }
            for (index, object) in receipt.objects.enumerated() {
                if let object {
                    rows.append(.put(object.key, uid: object.uid, version: object.version, json: json[index]))
                } else {
                    rows.append(.remove(batch.writes[index].key))
                }
            }
            return .success(.batch(receipt))
        }
    }

    /// What those who wait are told; closes the store unless the disk is merely full.
    @discardableResult
    private func fail(_ failure: DiskFailure) -> StoreError {
        switch failure {
        case .full(let message):
            return StoreError(.unavailable(unknownOutcome: false), "nothing was kept: \(message)")
        case .broken(let message):
            broken.withLock { $0 = true }
            let closed = StoreError(.closed, "the store has failed and is closed: \(message)")
            let waiting = queue.withLock { queue in
                queue.close(closed)
                return queue.empty()
            }
            live.close(closed)
            for item in waiting { item.reply.resume(returning: .failure(closed)) }
            onFatal("the store has failed, the process has to end: \(message)")
            return StoreError(
                .unavailable(unknownOutcome: true),
                "the store has failed while it wrote, the outcome is unknown: \(message)")
        }
    }
}
