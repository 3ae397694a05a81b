import Kernel
import Model
import Ports
import ProcessKit
import SQLiteStorage
import Storage
import StoreConformance
import Testing
import Tree

@Suite struct SQLiteStoreTests {
    private let place: Scratch
    private var path: String { place.path + "/state.db" }

    init() throws { place = try Scratch() }

    private static func open(_ path: String, _ limits: StoreLimits = StoreLimits()) throws -> SQLiteStore {
        try SQLiteStore.open(path, clusterID: "cluster-1", limits: limits) { Issue.record("fatal: \($0)") }
    }

    @Test(arguments: StoreConformance.laws)
    func holds(_ law: StoreLaw) async throws {
        let place = place
        let factory = StoreFactory(historyEvents: 400) {
            var limits = StoreLimits()
            limits.historyEvents = 400
            return try SQLiteStoreTests.open("\(place.path)/\(UInt64.random(in: 0 ... .max)).db", limits)
        }
        try await law.check(factory)
    }

    @Test func reopeningKeepsEverything() async throws {
        let first = try SQLiteStoreTests.open(path)
        for name in ["a", "b", "ü — “quoted” \u{1F600}"] { try await commit(first, create(name)) }
        let gone = try #require(try first.get(Sample.key("b")))
        try await commit(first, .remove(gone.key, expecting: gone.version))
        #expect(try await first.claimEpoch() == 1)
        let before = try first.list(StoreQuery())
        await first.close()

        let second = try SQLiteStore.open(path, clusterID: "another") { Issue.record("fatal: \($0)") }
        let after = try second.list(StoreQuery())
        #expect(after.objects == before.objects)
        #expect(after.version == before.version, "also where the last write was a removal")
        #expect(second.clusterID == "cluster-1", "the identity is given once")
        #expect(try await second.claimEpoch() == 2)
        #expect(throws: StoreError.self, "what happened before is expired") { try second.watch(StoreQuery(), from: 1) }
        #expect(try await commit(second, create("c")) == before.version + 1)
        await second.close()
    }

    @Test func whatWasAcknowledgedIsInTheFilesWithoutClosing() async throws {
        let store = try SQLiteStoreTests.open(path)
        for number in 0..<100 { try await commit(store, create("n\(number)")) }
        // As a crash leaves it: the files as they are now, under another name.
        let copy = place.path + "/copy.db"
        for suffix in ["", "-wal"] {
            let bytes = try #require(try Files.read(path + suffix, limit: 1 << 30))
            try Files.replace(copy + suffix, bytes)
        }
        let list = try store.list(StoreQuery())
        let survivor = try SQLiteStoreTests.open(copy)
        #expect(try survivor.list(StoreQuery()).objects == list.objects)
        #expect(try survivor.list(StoreQuery()).version == list.version)
        await survivor.close()
        await store.close()
    }

    @Test func aTornLogEndsAtItsLastWholeBatch() async throws {
        let store = try SQLiteStoreTests.open(path)
        let pair = ["left", "right"].map { Sample.key($0) }
        var versions = try await store.commit(Batch(pair.map { .create($0, Sample.tree($0)) })).objects.map {
            $0?.version ?? 0
        }
        for value in 1...20 {
            let writes = zip(pair, versions).map { Write.update($0, Sample.tree($0, value: value), expecting: $1) }
            versions = try await store.commit(Batch(writes)).objects.map { $0?.version ?? 0 }
        }
        let file = try #require(try Files.read(path, limit: 1 << 30))
        let log = try #require(try Files.read(path + "-wal", limit: 1 << 30))
        await store.close()
        var seen: Set<Int> = []
        for cut in stride(from: 0, through: log.count, by: 3_001) {
            let copy = "\(place.path)/cut\(cut).db"
            try Files.replace(copy, file)
            try Files.replace(copy + "-wal", Array(log.prefix(cut)))
            let survivor = try SQLiteStoreTests.open(copy)
            let values = try survivor.list(StoreQuery()).objects.map { Int($0.tree["spec"]?["value"]?.int ?? -1) }
            #expect(
                Set(values).count <= 1 && [0, 2].contains(values.count), "half a batch after a cut at \(cut): \(values)"
            )
            seen.insert(values.first ?? -1)
            await survivor.close()
        }
        #expect(seen.count > 10, "cuts led to \(seen.sorted())")
    }

    @Test func aStateAboveItsLimitRefusesAndGoesOn() async throws {
        var limits = StoreLimits()
        limits.databaseBytes = 200 << 10
        let store = try SQLiteStoreTests.open(path, limits)
        var kept = 0
        let error = await #expect(throws: StoreError.self) {
            for number in 0..<1_000 {
                try await commit(store, large("n\(number)"))
                kept = number + 1
            }
        }
        #expect(error?.code == .unavailable(unknownOutcome: false))
        #expect(error?.message.contains(path) == true)
        #expect(kept > 10)
        let objects = try store.list(StoreQuery()).objects
        #expect(objects.count == kept)
        for object in objects.prefix(5) { try await commit(store, .remove(object.key, expecting: object.version)) }
        try await commit(store, large("again"))
        let before = try store.list(StoreQuery())
        await store.close()
        let reopened = try SQLiteStoreTests.open(path, limits)
        #expect(try reopened.list(StoreQuery()).objects == before.objects)
        await reopened.close()
    }

    @Test func checkpointsKeepTheLogShort() async throws {
        let store = try SQLiteStoreTests.open(path)
        for round in 0..<12 {
            let writes = (0..<40).map { large("r\(round)-\($0)", bytes: 100_000) }
            _ = try await store.commit(Batch(writes))
        }
        await store.close()
        #expect(try Files.read(path + "-wal", limit: 1 << 30)?.isEmpty != false, "closing leaves no log")
        let reopened = try SQLiteStoreTests.open(path)
        #expect(try reopened.list(StoreQuery()).objects.count == 480)
        await reopened.close()
    }

    private func create(_ name: String) -> Write { .create(Sample.key(name), Sample.tree(Sample.key(name))) }

    private func large(_ name: String, bytes: Int = 5_000) -> Write {
        var tree = Sample.tree(Sample.key(name))
        tree["spec"] = ["text": .string(String(repeating: "x", count: bytes))]
        return .create(Sample.key(name), tree)
    }

    @discardableResult
    private func commit(_ store: SQLiteStore, _ write: Write) async throws -> UInt64 {
        try await store.commit(Batch([write])).version
    }
}
