import Model
import Ports
import Tree

extension StoreConformance {
    static let commitLaws: [StoreLaw] = [
        StoreLaw("a created object is read back with its version", because: "compare-and-set needs it") { factory in
            let store = try await factory.make()
            let key = Sample.key("a")
            let object = try await store.create(key, value: 1)
            try expectEqual(object.tree, Sample.stored(Sample.tree(key, value: 1), at: object.version), "the receipt")
            try expectEqual(try await store.get(key), object, "get")
            try expectEqual(try await store.get(Sample.key("b")), nil, "an absent object")
        },
        StoreLaw("the store alone sets resourceVersion", because: "callers send what they read") { factory in
            let store = try await factory.make()
            let key = Sample.key("a")
            let made = try await store.create(key)
            let sent = Sample.stored(Sample.tree(key, value: 2), at: 999_999)
            let receipt = try await store.commit(Batch([.update(key, sent, expecting: made.version)]))
            let object = try await store.get(key)
            try expectEqual(receipt.objects, [object], "the receipt")
            try expectEqual(object?.tree, Sample.stored(sent, at: receipt.version), "the stored tree")
        },
        StoreLaw("versions rise with every write, removals included", because: "S7") { factory in
            let store = try await factory.make()
            var last: UInt64 = try await store.list(StoreQuery()).version
            func rises(_ version: UInt64, _ what: String) throws {
                try require(version > last, "\(what) has version \(version) after \(last)")
                last = version
            }
            let a = try await store.create(Sample.key("a"))
            try rises(a.version, "a")
            let b = try await store.create(Sample.key("b"))
            try rises(b.version, "b")
            let changed = try await store.update(a, value: 7)
            try rises(changed.version, "the update of a")
            try rises(try await store.remove(b), "the removal of b")
            let again = try await store.create(Sample.key("b"), uid: "another")
            try rises(again.version, "the second b")
            try expectEqual(try await store.list(StoreQuery()).version, last, "the list's version")
        },
        StoreLaw("what was only looked at has to stand", because: "decisions about one object meet at commit") {
            factory in
            let store = try await factory.make()
            let (looked, written) = (Sample.key("looked"), Sample.key("written"))
            let object = try await store.create(looked)
            var batch = Batch([.create(written, Sample.tree(written))], standing: [Standing(looked, uid: "another")])
            try expectEqual(
                try await refusal { try await store.commit(batch) }, .conflict(looked, actual: object.version),
                "one of another uid")
            batch.standing = [Standing(Sample.key("absent"), uid: object.uid)]
            try expectEqual(
                try await refusal { try await store.commit(batch) }, .conflict(Sample.key("absent"), actual: 0),
                "one that is not there")
            batch.standing = [Standing(looked, uid: object.uid)]
            _ = try await store.commit(batch)
            var tree = object.tree
            var metadata = tree["metadata"] ?? .emptyObject
            metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
            metadata["finalizers"] = ["reconcile.dev/test"]
            tree["metadata"] = metadata
            let receipt = try await store.commit(Batch([.update(looked, tree, expecting: object.version)]))
            let standing = try await store.get(written)
            batch.writes = [.update(written, Sample.tree(written, value: 3), expecting: standing?.version ?? 0)]
            try expectEqual(
                try await refusal { try await store.commit(batch) }, .conflict(looked, actual: receipt.version),
                "one on its way out")
        },
        StoreLaw("each wrong precondition has its own refusal", because: "callers decide by the code") { factory in
            let store = try await factory.make()
            let key = Sample.key("a")
            let absent = Sample.key("absent")
            let first = try await store.create(key)
            let second = try await store.update(first, value: 1)
            let table: [(String, Write, StoreError.Code)] = [
                ("create over a standing one", .create(key, Sample.tree(key)), .alreadyExists(key)),
                ("update of an absent one", .update(absent, Sample.tree(absent), expecting: 1), .notFound(absent)),
                ("removal of an absent one", .remove(absent, expecting: 1), .notFound(absent)),
                (
                    "update of an old version", .update(key, Sample.tree(key), expecting: first.version),
                    .conflict(key, actual: second.version)
                ),
                (
                    "removal of an old version", .remove(key, expecting: first.version),
                    .conflict(key, actual: second.version)
                ),
                (
                    "update of a version to come", .update(key, Sample.tree(key), expecting: second.version + 1),
                    .conflict(key, actual: second.version)
                ),
                (
                    "update to another uid", .update(key, Sample.tree(key, uid: "other"), expecting: second.version),
                    .conflict(key, actual: second.version)
                ),
            ]
            let before = try await store.list(StoreQuery())
            for (what, write, code) in table {
                try expectEqual(try await refusal { try await store.commit(Batch([write])) }, code, what)
            }
            let after = try await store.list(StoreQuery())
            try expectEqual(after.objects, before.objects, "the objects after refusals")
            try expectEqual(after.version, before.version, "the version after refusals")
        },
        StoreLaw("a batch is all or nothing", because: "a placement round binds and reserves in one batch") { factory in
            let store = try await factory.make()
            let a = try await store.create(Sample.key("a"))
            let watch = try store.watch(StoreQuery(), from: a.version)
            let writes: [Write] = [
                .create(Sample.key("b"), Sample.tree(Sample.key("b"))),
                .update(a.key, Sample.tree(a.key, value: 5), expecting: a.version),
                .create(a.key, Sample.tree(a.key)),
            ]
            try expectEqual(
                try await refusal { try await store.commit(Batch(writes)) }, .alreadyExists(a.key), "the whole batch")
            try expectEqual(try await store.list(StoreQuery()).objects, [a], "the objects after the refused batch")
            let receipt = try await store.commit(Batch(Array(writes.dropLast())))
            try expectEqual(receipt.objects.count, 2, "a result for every write")
            try expectEqual(receipt.objects.last??.version, receipt.version, "the last write has the batch's version")
            let events = try await watch.take(3)
            try expectEqual(events.changes.map(\.key.name), ["b", "a"], "what a watch saw of both batches")
        },
        StoreLaw("later writes of a batch see earlier ones", because: "replacing an object is a removal and a creation")
        { factory in
            let store = try await factory.make()
            let a = try await store.create(Sample.key("a"))
            let replaced = try await store.commit(
                Batch([.remove(a.key, expecting: a.version), .create(a.key, Sample.tree(a.key, uid: "new"))]))
            try expectEqual(try await store.get(a.key)?.uid, "new", "the object that took the place")
            let write = Write.update(a.key, Sample.tree(a.key, uid: "new"), expecting: replaced.version)
            let code = try await refusal { try await store.commit(Batch([write, write])) }
            guard case .conflict(a.key, _) = code else { throw LawBroken(description: "refused with \(code)") }
        },
        StoreLaw("an object above the limit is refused", because: "S13: limits before values") { factory in
            let store = try await factory.make()
            let key = Sample.key("large")
            var tree = Sample.tree(key)
            tree["spec"] = ["text": .string(String(repeating: "x", count: 4 << 20))]
            let code = try await refusal { [tree] in try await store.commit(Batch([.create(key, tree)])) }
            guard case .tooLarge(key, let bytes) = code else { throw LawBroken(description: "refused with \(code)") }
            try require(bytes > 4 << 20, "the size is given as \(bytes)")
            try expectEqual(try await store.get(key), nil, "the refused object")
        },
        StoreLaw("an empty batch changes nothing", because: "a decision may need no write") { factory in
            let store = try await factory.make()
            let a = try await store.create(Sample.key("a"))
            let receipt = try await store.commit(Batch([]))
            try expectEqual(receipt, CommitReceipt(version: a.version, objects: []), "the receipt")
        },
    ]

    static let deletionLaws: [StoreLaw] = [
        StoreLaw("a deleting object stays while a finalizer holds it", because: "S16") { factory in
            let store = try await factory.make()
            let made = try await store.create(Sample.key("a"), finalizers: ["f"])
            let watch = try store.watch(StoreQuery(), from: made.version)
            let held = Sample.tree(made.key, finalizers: ["f"], deleting: true)
            let deleting = try await store.commit(Batch([.update(made.key, held, expecting: made.version)]))
            try expectEqual(
                deleting.objects.first??.tree, Sample.stored(held, at: deleting.version), "the deleting object")
            let freed = Sample.tree(made.key, deleting: true)
            let gone = try await store.commit(Batch([.update(made.key, freed, expecting: deleting.version)]))
            try expectEqual(gone.objects, [nil], "the receipt of the write that freed it")
            try expectEqual(try await store.get(made.key), nil, "the freed object")
            let last = StoredObject(
                key: made.key, uid: made.uid, version: gone.version, tree: Sample.stored(freed, at: gone.version))
            try expectEqual(try await watch.take(3).last, .deleted(last), "what the watch saw last")
        },
        StoreLaw("remove does not ask for finalizers", because: "deciding about them is the caller's") { factory in
            let store = try await factory.make()
            let made = try await store.create(Sample.key("a"), finalizers: ["f"])
            let watch = try store.watch(StoreQuery(), from: made.version)
            let version = try await store.remove(made)
            try expectEqual(try await store.get(made.key), nil, "the removed object")
            let last = StoredObject(
                key: made.key, uid: made.uid, version: version, tree: Sample.stored(made.tree, at: version))
            try expectEqual(try await watch.take(2).last, .deleted(last), "the last state, at the removal's version")
        },
    ]

    static let epochLaws: [StoreLaw] = [
        StoreLaw("epochs rise, and every lower one is refused", because: "S5: a deposed leader writes nothing") {
            factory in
            let store = try await factory.make()
            let first = try await store.claimEpoch()
            let a = try await store.create(Sample.key("a"))
            let b = try await store.update(a, value: 1, epoch: first)
            let second = try await store.claimEpoch()
            try require(second > first, "epoch \(second) was claimed after \(first)")
            try expectEqual(
                try await refusal { try await store.update(b, value: 2, epoch: first) }, .staleEpoch(current: second),
                "a write of the epoch before")
            let c = try await store.update(b, value: 3, epoch: second)
            let d = try await store.update(c, value: 4)
            try expectEqual(try await store.get(a.key), d, "users' writes carry no epoch and pass")
        },
        StoreLaw("an epoch once seen counts as claimed", because: "S5: it may have been claimed elsewhere") { factory in
            let store = try await factory.make()
            let claimed = try await store.claimEpoch()
            let a = try await store.create(Sample.key("a"))
            let b = try await store.update(a, value: 1, epoch: claimed + 5)
            try expectEqual(
                try await refusal { try await store.update(b, value: 2, epoch: claimed + 4) },
                .staleEpoch(current: claimed + 5), "a lower epoch than the one seen")
            let next = try await store.claimEpoch()
            try require(next > claimed + 5, "epoch \(next) was claimed after \(claimed + 5) was seen")
        },
        StoreLaw("no two claims get the same epoch", because: "S5: an epoch has one leader") { factory in
            let store = try await factory.make()
            let epochs = try await within {
                try await withThrowingTaskGroup(of: UInt64.self) { group in
                    for _ in 0..<32 { group.addTask { try await store.claimEpoch() } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            try expectEqual(Set(epochs).count, 32, "different epochs among 32 claims")
        },
    ]
}
