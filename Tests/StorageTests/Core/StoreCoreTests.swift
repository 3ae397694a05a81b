import Model
import Ports
import Storage
import StoreConformance
import Testing
import Tree

/// What the conformance suite can't see: copies, crashes and bounds.
@Suite struct StoreCoreTests {
    private let key = Sample.key("a")

    private func core(events: Int = 100, bytes: Int = 1 << 20) -> StoreCore {
        var limits = StoreLimits()
        limits.historyEvents = events
        limits.historyBytes = bytes
        return StoreCore(limits: limits)
    }

    @Test func aCopyIsAnotherStore() throws {
        var core = core()
        let made = try core.commit(Batch([.create(key, Sample.tree(key))])).get()
        let before = core
        _ = try core.commit(Batch([.remove(key, expecting: made.version)])).get()
        #expect(core.get(key) == nil)
        #expect(before.get(key)?.version == made.version)
        #expect(before.version == 1 && core.version == 2)
    }

    @Test func afterACrashTheDurableStateStandsAndItsHistoryIsGone() throws {
        var core = core()
        let made = try core.commit(Batch([.create(key, Sample.tree(key))])).get()
        _ = core.claimEpoch()
        var after = core.reopened()
        #expect(after.get(key) == core.get(key))
        #expect(after.epoch == 1)
        #expect(throws: StoreError.self) { try after.watch(StoreQuery(), from: 0) }
        var watch = try after.watch(StoreQuery(), from: made.version)
        #expect(try watch.pull(from: after, limit: 10) == [.synced(version: made.version)])
        _ = try after.commit(Batch([.remove(key, expecting: made.version)])).get()
        #expect(try watch.pull(from: after, limit: 10).count == 1)
        #expect(after.version == made.version + 1, "the counter goes on where it stood")
    }

    @Test func restoringIsTheInverseOfListing() throws {
        var core = core()
        for name in ["c", "a", "b"] {
            _ = try core.commit(Batch([.create(Sample.key(name), Sample.tree(Sample.key(name)))])).get()
        }
        let list = core.list(StoreQuery())
        let restored = StoreCore(restoring: list.objects.reversed(), version: list.version, epoch: 4)
        #expect(restored.list(StoreQuery()).objects == list.objects)
        #expect(restored.epoch == 4)
    }

    @Test(arguments: [
        (events: 100, bytes: 1 << 20, because: "the count bounds it"),
        (events: 1_000_000, bytes: 4_000, because: "the bytes do"),
        (events: 1, bytes: 1 << 20, because: "one change is kept at least"),
    ])
    func historyIsBounded(events: Int, bytes: Int, because: Comment) throws {
        var core = core(events: events, bytes: bytes)
        var version = try core.commit(Batch([.create(key, Sample.tree(key))])).get().version
        for value in 0..<1_000 {
            version = try core.commit(Batch([.update(key, Sample.tree(key, value: value), expecting: version)])).get()
                .version
        }
        guard
            case .expired(let oldest) = (#expect(throws: StoreError.self) { try core.watch(StoreQuery(), from: 0) })?
                .code
        else { return }
        #expect(oldest > 700, because)
        #expect(oldest < version, because)
        var watch = try core.watch(StoreQuery(), from: oldest)
        var count = -1
        while case let events = try watch.pull(from: core, limit: 7), !events.isEmpty { count += events.count }
        #expect(count == Int(version - oldest), because)
    }

    /// A plan of two thousand tasks is written again with each of them: what is kept of it is not counted in changes.
    @Test func largeChangesAreKeptNoLongerThanTheirBytesAllow() throws {
        var core = core(events: 10_000, bytes: 320_000)
        var version = try core.commit(Batch([.create(key, large(key, 10_000))])).get().version
        for size in 0..<100 {
            let write = Write.update(key, large(key, 10_000 + size), expecting: version)
            version = try core.commit(Batch([write])).get().version
        }
        guard
            case .expired(let oldest) = (#expect(throws: StoreError.self) { try core.watch(StoreQuery(), from: 0) })?
                .code
        else { return }
        #expect((20...32).contains(version - oldest), "\(version - oldest) changes of 10 kB in 320 kB")
        for begin in oldest...version {
            var watch = try core.watch(StoreQuery(), from: begin)
            var seen: [UInt64] = []
            while case let events = try watch.pull(from: core, limit: 5), !events.isEmpty {
                seen += events.compactMap { if case .applied(let object, _) = $0 { object.version } else { nil } }
            }
            #expect(seen == (begin..<version).map { $0 + 1 }, "from \(begin)")
        }
    }

    @Test func historyThatIsOldIsLetGo() throws {
        var core = core()
        var version = try core.commit(Batch([.create(key, Sample.tree(key))])).get().version
        for value in 0..<50 {
            version = try core.commit(Batch([.update(key, Sample.tree(key, value: value), expecting: version)])).get()
                .version
        }
        var reader = try core.watch(StoreQuery(), from: version)
        core.forgetHistory(through: version)
        #expect(throws: StoreError.self, "a watch from before begins anew") { try core.watch(StoreQuery(), from: 1) }
        #expect(try reader.pull(from: core, limit: 10) == [.synced(version: version)], "one that kept up goes on")
        let next = try core.commit(Batch([.remove(key, expecting: version)])).get()
        #expect(try reader.pull(from: core, limit: 10).count == 1)
        #expect(core.version == next.version)
    }

    /// A tree of about so many bytes.
    private func large(_ key: ObjectKey, _ bytes: Int) -> Tree {
        var tree = Sample.tree(key)
        tree["data"] = .string(String(repeating: "x", count: bytes))
        return tree
    }

    @Test func whoFillsTheirNamespaceFillsNobodyElses() throws {
        var limits = StoreLimits()
        (limits.objectsBytes, limits.quota[.bytes]) = (60_000, 20_000)
        (limits.reserveBytes, limits.smallBytes) = (5_000, 1_000)
        var core = StoreCore(limits: limits)
        func put(_ namespace: String, _ name: String, _ bytes: Int) -> StoreError.Code? {
            let key = ObjectKey(.configMap, namespace, name)
            if case .failure(let error) = core.commit(Batch([.create(key, large(key, bytes))])) { return error.code }
            return nil
        }
        #expect(put("a", "one", 9_000) == nil && put("a", "two", 9_000) == nil)
        #expect(put("a", "three", 9_000) == .full(namespace: "a"))
        #expect(core.usage(of: "a").share(.bytes) > 0.8, "and it is known before")
        #expect(put("b", "one", 18_000) == nil, "others have their own room")
        #expect(put("c", "one", 18_000) == nil)
        #expect(put("d", "one", 9_000) == .full(namespace: nil), "and all together have a bound")
        let one = ObjectKey(.configMap, "a", "one")
        let standing = try #require(core.get(one))
        let status = Batch([.update(one, large(one, 9_900), expecting: standing.version)])
        let grown = try core.commit(status).get().version
        let more = core.commit(Batch([.update(one, large(one, 15_000), expecting: grown)]))
        #expect(throws: StoreError.self, "what stands may grow a little, as a status does") { try more.get() }
        _ = try core.commit(Batch([.remove(one, expecting: grown)])).get()
        #expect(put("a", "three", 9_000) == nil, "what was deleted makes room")
        let (four, five) = (ObjectKey(.configMap, "a", "four"), ObjectKey(.configMap, "a", "five"))
        let both = core.commit(Batch([.create(four, large(four, 100)), .create(five, large(five, 9_000))]))
        #expect(throws: StoreError.self, "a batch is taken whole or not at all") { try both.get() }
        #expect(core.get(four) == nil)
    }

    @Test func aBatchLargerThanTheHistoryExpiresEvenAReaderThatKeptUp() throws {
        var core = core(events: 10)
        var watch = try core.watch(StoreQuery())
        _ = try watch.pull(from: core, limit: 10)
        let writes = (0..<50).map { Write.create(Sample.key("n\($0)"), Sample.tree(Sample.key("n\($0)"))) }
        _ = try core.commit(Batch(writes)).get()
        #expect(throws: StoreError.self) { try watch.pull(from: core, limit: 10) }
    }

    @Test func anObjectWithoutUIDIsRefused() {
        var core = core()
        let result = core.commit(Batch([.create(key, ["metadata": ["name": "a"]])]))
        #expect(throws: StoreError.self) { try result.get() }
        #expect(core.version == 0)
    }

    @Test(
        arguments: [
            (tree: ["metadata": ["deletionTimestamp": "t"]], released: true, because: "no finalizers at all"),
            (
                tree: ["metadata": ["deletionTimestamp": "t", "finalizers": []]], released: true,
                because: "an empty list"
            ),
            (
                tree: ["metadata": ["deletionTimestamp": "t", "finalizers": ["f"]]], released: false,
                because: "one holds it"
            ),
            (tree: ["metadata": ["deletionTimestamp": .null]], released: false, because: "null is not set"),
            (tree: ["metadata": ["finalizers": []]], released: false, because: "it is not deleting"),
        ] as [(Tree, Bool, Comment)])
    func releasedMeansGone(tree: Tree, released: Bool, because: Comment) throws {
        var core = core()
        let made = try core.commit(Batch([.create(key, Sample.tree(key, finalizers: ["f"]))])).get()
        var next = tree
        var metadata = next["metadata"] ?? .emptyObject
        metadata["uid"] = "uid-a"
        next["metadata"] = metadata
        _ = try core.commit(Batch([.update(key, next, expecting: made.version)])).get()
        #expect((core.get(key) == nil) == released, because)
    }
}
