import Model
import Ports
import Storage
import StoreConformance
import Testing
import Tree

/// What one namespace may take of the store: bytes, objects, tasks.
@Suite struct QuotaTests {
    private static func core(_ limits: [NamespaceQuota.Resource: Int], reserve: Int = 5_000) -> StoreCore {
        var all = StoreLimits()
        for (resource, limit) in limits { all.quota[resource] = limit }
        (all.reserveBytes, all.smallBytes) = (reserve, 1_000)
        return StoreCore(limits: all)
    }

    private static func made(_ kind: Kind, _ namespace: String, _ name: String, bytes: Int = 0) -> Write {
        let key = ObjectKey(kind, namespace, name)
        var tree = Sample.tree(key)
        if bytes > 0 { tree["data"] = .string(String(repeating: "x", count: bytes)) }
        return .create(key, tree)
    }

    private static func namespace(_ name: String, _ quotas: [String: String]) -> Tree {
        var tree = Sample.tree(ObjectKey(.namespace, "", name))
        var metadata = tree["metadata"] ?? .emptyObject
        var annotations = Tree.emptyObject
        for (name, value) in quotas.sorted(by: { $0.key < $1.key }) { annotations[name] = .string(value) }
        metadata["annotations"] = annotations
        tree["metadata"] = metadata
        return tree
    }

    private static func refusal(_ core: inout StoreCore, _ writes: [Write], epoch: UInt64? = nil) -> StoreError? {
        if case .failure(let error) = core.commit(Batch(writes, epoch: epoch)) { return error }
        return nil
    }

    @Test func tasksAndObjectsAreCounted() throws {
        var core = Self.core([.tasks: 2, .objects: 4])
        #expect(Self.refusal(&core, [Self.made(.task, "a", "1"), Self.made(.task, "a", "2")]) == nil)
        let third = try #require(Self.refusal(&core, [Self.made(.task, "a", "3"), Self.made(.task, "a", "4")]))
        #expect(third.code == .full(namespace: "a"))
        #expect(
            third.message.hasPrefix("exceeded quota: namespace a, requested: tasks=2, used: tasks=2, limited: tasks=2"))
        #expect(third.message.contains("reconcile.dev/quota-tasks"), "it says what would raise it")
        #expect(Self.refusal(&core, [Self.made(.configMap, "a", "1"), Self.made(.configMap, "a", "2")]) == nil)
        #expect(Self.refusal(&core, [Self.made(.configMap, "a", "3")])?.message.contains("objects=4") == true)
        #expect(Self.refusal(&core, [Self.made(.event, "a", "1")]) == nil, "events count as bytes alone")
        #expect(Self.refusal(&core, [Self.made(.task, "b", "1")]) == nil, "others have their own")
        #expect(Self.refusal(&core, [Self.made(.region, "", "1")]) == nil, "and so has what has no namespace")
        let one = try #require(core.get(ObjectKey(.task, "a", "1")))
        let exchanged = [Write.remove(one.key, expecting: one.version), Self.made(.task, "a", "3")]
        #expect(Self.refusal(&core, exchanged) == nil, "one for another is no more")
        let usage = core.usage(of: "a")
        #expect(usage.used[.tasks] == 2 && usage.used[.objects] == 4 && usage.fullest != .bytes)
    }

    @Test func aNamespaceSetsItsOwn() throws {
        var core = Self.core([.tasks: 1])
        let key = ObjectKey(.namespace, "", "a")
        let quotas = ["reconcile.dev/quota-tasks": "3", "reconcile.dev/quota-bytes": "1Ki"]
        #expect(Self.refusal(&core, [.create(key, Self.namespace("a", quotas))]) == nil)
        for name in ["1", "2", "3"] { #expect(Self.refusal(&core, [Self.made(.task, "a", name)]) == nil) }
        #expect(Self.refusal(&core, [Self.made(.task, "a", "4")]) != nil)
        #expect(
            Self.refusal(&core, [Self.made(.configMap, "a", "big", bytes: 2_000)])?.message.contains("bytes=") == true)
        let standing = try #require(core.get(key))
        #expect(
            Self.refusal(&core, [.update(key, Self.namespace("a", [:]), expecting: standing.version)]) == nil)
        #expect(core.usage(of: "a").quota[.tasks] == 1, "the default again")
        let one = try #require(core.get(ObjectKey(.task, "a", "1")))
        #expect(
            Self.refusal(&core, [.update(one.key, Sample.tree(one.key, value: 7), expecting: one.version)]) == nil,
            "a quota below what stands takes nothing away")
        let restored = StoreCore(restoring: core.list(StoreQuery()).objects, version: core.version, epoch: 0)
        #expect(restored.usage(of: "a").used[.tasks] == 3, "what a disk held is counted likewise")
    }

    /// Whatever is full: what stands gets its status, controllers tell of it, and it can be deleted.
    @Test func thereIsRoomForStatusEventsAndDeletion() throws {
        var core = Self.core([.bytes: 3_000])
        #expect(Self.refusal(&core, [Self.made(.task, "a", "1", bytes: 2_500)]) == nil)
        #expect(Self.refusal(&core, [Self.made(.configMap, "a", "1", bytes: 900)]) != nil)
        let one = try #require(core.get(ObjectKey(.task, "a", "1")))
        var grown = one.tree
        grown["status"] = .string(String(repeating: "s", count: 800))
        let told = [Write.update(one.key, grown, expecting: one.version), Self.made(.event, "a", "1", bytes: 300)]
        #expect(Self.refusal(&core, told) != nil, "a user's event is one object more")
        #expect(Self.refusal(&core, told, epoch: 1) == nil, "a controller's status and event have room")
        #expect(Self.refusal(&core, [Self.made(.task, "a", "2")], epoch: 1) != nil, "what it makes has not")
        let standing = try #require(core.get(one.key))
        #expect(Self.refusal(&core, [.remove(one.key, expecting: standing.version)]) == nil)
        #expect(Self.refusal(&core, [Self.made(.configMap, "a", "1", bytes: 900)]) == nil)
    }

    @Test(
        arguments: [
            ("2000", 2000), ("512Mi", 512 << 20), ("0", 0), ("1k", 1000), ("-1", nil), ("1.5", nil), ("many", nil),
            ("", nil),
            ("500m", nil), ("99999999999999999999", nil),
        ] as [(String, Int?)])
    func limitsAsText(_ text: String, _ limit: Int?) { #expect(NamespaceQuota.limit(text) == limit) }
}
