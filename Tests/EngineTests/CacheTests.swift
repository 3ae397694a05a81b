import Engine
import Model
import Ports
import Testing
import Tree

@Suite struct CacheTests {
    private let worker = ObjectKey(.worker, "shop", "web-0-1")
    private let plan = ObjectKey(.executionPlan, "shop", "site")

    @Test func theVersionOfAnObjectNeverFalls() throws {
        var cache = Cache()
        #expect(try cache.apply(.task("a", version: 5)) == true)
        #expect(try cache.apply(.task("a", version: 4)) == false, "a late event of an older state")
        #expect(try cache.apply(.task("a", version: 5)) == false, "the same state again")
        let removedEarly = cache.remove(ObjectKey(.task, "shop", "a"), version: 4)
        #expect(!removedEarly, "a removal before what is held")
        let removed = cache.remove(ObjectKey(.task, "shop", "a"), version: 9)
        #expect(removed)
        #expect(try cache.apply(.task("a", version: 8)) == false, "a late event does not revive what is gone")
        #expect(try cache.apply(.task("a", version: 10)) == true, "but a new object of that name may come")
    }

    @Test func indicesFollowEveryState() throws {
        var cache = Cache()
        _ = try cache.apply(.worker("web-0-1", version: 1))
        _ = try cache.apply(.task("a", on: "web-0-1", version: 2))
        _ = try cache.apply(.task("b", version: 3))
        #expect(cache.taskKeys(of: plan).map(\.name) == ["a", "b"])
        #expect(cache.taskKeys(on: worker).map(\.name) == ["a"])
        #expect(cache.worker(uid: "uid-web-0-1")?.metadata.name == "web-0-1")
        #expect(cache.workers(of: ObjectKey(.workerPool, "shop", "web")).count == 1)
        #expect(cache.workers(in: "east").count == 1)
        _ = try cache.apply(.task("a", version: 4))
        #expect(cache.taskKeys(on: worker).isEmpty, "it was unbound")
        _ = cache.remove(worker, version: 5)
        #expect(cache.workers(in: "east").isEmpty)
        #expect(cache.worker(uid: "uid-web-0-1") == nil)
    }

    @Test func whatHasNotEndedIsCounted() throws {
        var cache = Cache()
        #expect(cache.openTasks(of: plan) == 0)
        _ = try cache.apply(.task("a", version: 1))
        _ = try cache.apply(.task("b", on: "web-0-1", version: 2))
        #expect(cache.openTasks(of: plan) == 2)
        _ = try cache.apply(.task("b", on: "web-0-1", phase: .succeeded, version: 3))
        _ = try cache.apply(.task("b", phase: .failed, version: 4))
        #expect(cache.openTasks(of: plan) == 1, "ended once")
        _ = try cache.apply(.task("b", phase: .pending, version: 5))
        #expect(cache.openTasks(of: plan) == 2, "taken up again")
        _ = cache.remove(ObjectKey(.task, "shop", "a"), version: 6)
        _ = try cache.apply(.task("b", phase: .skipped, version: 7))
        #expect(cache.openTasks(of: plan) == 0)
        _ = cache.remove(ObjectKey(.task, "shop", "b"), version: 8)
        #expect(cache.openTasks(of: plan) == 0)
    }

    @Test func whatCannotBeReadLeavesWhatIsHeld() throws {
        var cache = Cache()
        _ = try cache.apply(.task("a", version: 1))
        let broken: Tree = ["metadata": ["name": "a", "namespace": "shop", "uid": "uid-a"], "spec": ["plan": 7]]
        #expect(throws: DecodingIssue.self) {
            try cache.apply(StoredObject(key: ObjectKey(.task, "shop", "a"), uid: "uid-a", version: 2, tree: broken))
        }
        #expect(cache.stored(ObjectKey(.task, "shop", "a"))?.version == 1)
    }

    @Test func aListTellsWhatIsGone() throws {
        var cache = Cache()
        _ = try cache.apply(.task("a", version: 1))
        _ = try cache.apply(.task("b", version: 2))
        #expect(cache.keysMissing(from: [ObjectKey(.task, "shop", "b")]).map(\.name) == ["a"])
    }

    @Test func oldEventsAreTheOldestAndNotTheRepeated() throws {
        var cache = Cache()
        for index in 1...5 { _ = try cache.apply(.event("e\(index)", at: Int64(index) * 1000, version: UInt64(index))) }
        // Said again: the youngest now.
        _ = try cache.apply(.event("e1", at: 9000, version: 6))
        let spent = cache.spentEvents(in: "shop", before: Timestamp(milliseconds: 4000), beyond: 100, limit: 10)
        #expect(spent.map(\.key.name) == ["e2", "e3"])
        let again = cache.spentEvents(in: "shop", before: Timestamp(milliseconds: 4000), beyond: 100, limit: 1)
        #expect(again.map(\.key.name) == ["e2"], "asking takes nothing away")
        let crowded = cache.spentEvents(in: "shop", before: Timestamp(milliseconds: 0), beyond: 3, limit: 10)
        #expect(crowded.map(\.key.name) == ["e2", "e3"], "five, and three may stay")
        #expect(cache.spentEvents(in: "other", before: Timestamp(milliseconds: 9999), beyond: 0, limit: 10).isEmpty)
    }
}
