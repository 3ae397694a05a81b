import Model
import Ports
@testable import Storage
import StoreConformance
import Synchronization
import Testing

/// Group commit and what follows from a disk that fails, with a disk that does as it is told.
@Suite struct DurableStoreTests {
    private func create(_ name: String) -> Batch { Batch([.create(Sample.key(name), Sample.tree(Sample.key(name)))]) }

    @Test(arguments: StoreConformance.laws)
    func holds(_ law: StoreLaw) async throws {
        try await law.check(
            StoreFactory(historyEvents: 400) {
                var limits = StoreLimits()
                limits.historyEvents = 400
                return DurableStore(StoreCore(limits: limits), log: FakeLog()) { Issue.record("fatal: \($0)") }
            })
    }

    @Test func whatArrivesWhileTheDiskIsBusySharesTheNextWrite() async throws {
        let log = FakeLog()
        let store = DurableStore(StoreCore(), log: log) { _ in }
        let first = log.hold()
        async let one = store.commit(create("a"))
        await first.reached()
        try await withThrowingTaskGroup { group in
            for name in 0..<20 { group.addTask { try await store.commit(create("b\(name)")) } }
            while store.waiting < 20 { await Task.yield() }
            #expect(try store.get(Sample.key("a")) == nil, "nothing is visible before it is durable")
            first.release()
            try await group.waitForAll()
        }
        _ = try await one
        #expect(log.groups.map(\.rows.count) == [1, 20])
        #expect(log.groups.last?.version == 21)
    }

    @Test func aRefusedBatchIsLeftOutOfItsGroup() async throws {
        let log = FakeLog()
        let store = DurableStore(StoreCore(), log: log) { _ in }
        let made = try await store.commit(create("a"))
        let gate = log.hold()
        async let busy = outcome(store, create("b"))
        await gate.reached()
        async let taken = outcome(store, create("a"))
        while store.waiting < 1 { await Task.yield() }
        async let claim = store.claimEpoch()
        while store.waiting < 2 { await Task.yield() }
        async let deposed = outcome(store, Batch([.remove(Sample.key("a"), expecting: made.version)], epoch: 0))
        while store.waiting < 3 { await Task.yield() }
        async let last = outcome(store, create("c"))
        while store.waiting < 4 { await Task.yield() }
        gate.release()
        let (first, refused, epoch, stale, fourth) = try await (busy, taken, claim, deposed, last)
        #expect(throws: Never.self) { try first.get() }
        #expect(refused.code == .alreadyExists(Sample.key("a")))
        #expect(epoch == 1)
        #expect(stale.code == .staleEpoch(current: 1), "the claim came before it in the same group")
        #expect(throws: Never.self) { try fourth.get() }
        #expect(log.groups.map(\.rows.count) == [1, 1, 1])
        #expect(log.groups.last?.epoch == 1)
    }

    @Test func aBatchThatChangesNothingTakesNoWrite() async throws {
        let log = FakeLog()
        let store = DurableStore(StoreCore(), log: log) { _ in }
        _ = try await store.commit(Batch([]))
        await #expect(throws: StoreError.self) {
            try await store.commit(Batch([.remove(Sample.key("a"), expecting: 1)]))
        }
        #expect(log.groups.isEmpty)
    }

    @Test func aFullDiskRefusesAndTheStoreGoesOn() async throws {
        let log = FakeLog()
        let store = DurableStore(StoreCore(), log: log) { Issue.record("fatal: \($0)") }
        let made = try await store.commit(create("a"))
        let watch = try store.watch(StoreQuery(), from: made.version)
        log.failNext(.full("no space"))
        let error = await #expect(throws: StoreError.self) { try await store.commit(create("b")) }
        #expect(error?.code == .unavailable(unknownOutcome: false))
        #expect(error?.message.contains("no space") == true)
        #expect(try store.list(StoreQuery()).objects.map(\.key.name) == ["a"])
        let next = try await store.commit(create("b"))
        #expect(next.version == made.version + 1, "the refused write's version was never seen")
        #expect(try await watch.next() == [.synced(version: made.version)])
        #expect(try await watch.next()?.count == 1)
    }

    @Test func anyOtherFailureEndsTheStore() async throws {
        let log = FakeLog()
        let fatal = Mutex<[String]>([])
        let store = DurableStore(StoreCore(), log: log) { line in fatal.withLock { $0.append(line) } }
        let made = try await store.commit(create("a"))
        let watch = try store.watch(StoreQuery(), from: made.version)
        _ = try await watch.next()
        let gate = log.hold()
        async let doomed = outcome(store, create("b"))
        await gate.reached()
        async let waiting = outcome(store, create("c"))
        while store.waiting < 1 { await Task.yield() }
        log.failNext(.broken("fsync failed"))
        gate.release()
        let (first, second) = await (doomed, waiting)
        #expect(first.code == .unavailable(unknownOutcome: true), "the disk may hold it")
        #expect(second.code == .closed, "it never reached the disk")
        #expect(throws: StoreError.self) { try store.get(Sample.key("a")) }
        await #expect(throws: StoreError.self) { _ = try await watch.next() }
        await #expect(throws: StoreError.self) { _ = try await store.claimEpoch() }
        await store.close()
        #expect(fatal.withLock { $0.count } == 1)
        #expect(log.groups.count == 1 && log.calls == 2, "nothing was tried again")
    }

    @Test func whatWaitsAtCloseIsMadeDurable() async throws {
        let log = FakeLog()
        let store = DurableStore(StoreCore(), log: log) { _ in }
        let gate = log.hold()
        async let one = store.commit(create("a"))
        await gate.reached()
        async let two = store.commit(create("b"))
        while store.waiting < 1 { await Task.yield() }
        async let closed: Void = store.close()
        gate.release()
        _ = try await (one, two)
        await closed
        #expect(log.groups.last?.version == 2)
        let error = await #expect(throws: StoreError.self) { try await store.commit(create("c")) }
        #expect(error?.code == .closed)
    }

    @Test func theQueueIsBounded() async throws {
        var limits = StoreLimits()
        limits.waitingBatches = 2
        let log = FakeLog()
        let store = DurableStore(StoreCore(limits: limits), log: log) { _ in }
        let gate = log.hold()
        async let one = store.commit(create("a"))
        await gate.reached()
        async let two = store.commit(create("b"))
        async let three = store.commit(create("c"))
        while store.waiting < 2 { await Task.yield() }
        let error = await #expect(throws: StoreError.self) { try await store.commit(create("d")) }
        #expect(error?.code == .unavailable(unknownOutcome: false))
        gate.release()
        _ = try await (one, two, three)
    }

    @Test func rowsComeWithoutVersionAndRemovalsAsRemovals() async throws {
        let log = FakeLog()
        let store = DurableStore(StoreCore(), log: log) { _ in }
        let key = Sample.key("a")
        let tree = Sample.stored(Sample.tree(key), at: 77)
        let made = try await store.commit(Batch([.create(key, tree)]))
        let freed = Sample.tree(key, deleting: true)
        _ = try await store.commit(Batch([.update(key, freed, expecting: made.version)]))
        let json =
            #"{"apiVersion":"reconcile.dev/v1alpha1","kind":"Task","metadata":{"name":"a","namespace":"default","uid":"uid-a"},"spec":{"value":0}}"#
        #expect(
            log.groups.flatMap(\.rows) == [.put(key, uid: "uid-a", version: 1, json: Array(json.utf8)), .remove(key)])
    }

    private func outcome(_ store: DurableStore, _ batch: Batch) async -> Result<CommitReceipt, StoreError> {
        do throws(StoreError) { return .success(try await store.commit(batch)) } catch { return .failure(error) }
    }
}

extension Result<CommitReceipt, StoreError> {
    fileprivate var code: StoreError.Code? { if case .failure(let error) = self { error.code } else { nil } }
}
