import Model
import Ports

extension StoreConformance {
    static let readLaws: [StoreLaw] = [
        StoreLaw("a list is in key order and filtered", because: "pages and tables rely on it") { factory in
            let store = try await factory.make()
            let keys = [
                Sample.key("b", .task, in: "one"), Sample.key("a", .task, in: "two"), Sample.key("a", .task, in: "one"),
                Sample.key("r2", .region), Sample.key("r1", .region), Sample.key("a", .worker, in: "one"),
                Sample.key("one", .namespace), Sample.key("a", .secret, in: "two"), Sample.key("ab", .task, in: "one"),
            ]
            for key in keys { try await store.create(key) }
            let table: [(String, StoreQuery)] = [
                ("everything", StoreQuery()), ("one kind", StoreQuery(kinds: [.task])),
                ("kinds in any order", StoreQuery(kinds: [.worker, .region, .worker])),
                ("one namespace", StoreQuery(namespace: "one")), ("one name", StoreQuery(name: "a")),
                ("one object", StoreQuery(kinds: [.task], namespace: "one", name: "a")),
                ("a kind without namespaces", StoreQuery(kinds: [.region], name: "r1")),
                ("nothing", StoreQuery(kinds: [.lease])), ("an absent namespace", StoreQuery(namespace: "three")),
            ]
            for (what, query) in table {
                let found = try await store.list(query).objects.map(\.key)
                try expectEqual(found, keys.filter(query.matches).sorted(), what)
            }
        },
        StoreLaw("thousands of objects stay in order", because: "the index splits and shrinks") { factory in
            let store = try await factory.make()
            var random = SeededRandom(11)
            let names = (0..<3_000).map { "task-\($0)" }.shuffled(using: &random)
            for start in stride(from: 0, to: names.count, by: 500) {
                let part = names[start..<start + 500].map { Write.create(Sample.key($0), Sample.tree(Sample.key($0))) }
                _ = try await store.commit(Batch(part))
            }
            var objects = try await store.list(StoreQuery()).objects
            try expectEqual(objects.map(\.key.name), names.sorted(), "all names")
            var kept: [StoredObject] = []
            var removals: [Write] = []
            for object in objects {
                if Bool.random(using: &random) {
                    kept.append(object)
                } else {
                    removals.append(.remove(object.key, expecting: object.version))
                }
            }
            _ = try await store.commit(Batch(removals))
            objects = try await store.list(StoreQuery()).objects
            try expectEqual(objects, kept, "what the removals left")
            for object in kept { try expectEqual(try await store.get(object.key), object, "get of \(object.key)") }
        },
        StoreLaw("an acknowledged write is read by everybody", because: "S7: linearizable") { factory in
            let store = try await factory.make()
            try await within {
                try await withThrowingTaskGroup { group in
                    for writer in 0..<16 {
                        group.addTask {
                            var object = try await store.create(Sample.key("w\(writer)"))
                            for value in 1..<20 {
                                object = try await store.update(object, value: value)
                                try expectEqual(try await store.get(object.key), object, "own write")
                                let list = try await store.list(StoreQuery())
                                try require(
                                    list.version >= object.version, "a list is older than an acknowledged write")
                                try require(list.objects.contains(object), "a list lacks an acknowledged write")
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        },
        StoreLaw("a list shows whole batches only", because: "S7: a batch is one change to every reader") { factory in
            let store = try await factory.make()
            let left = try await store.create(Sample.key("left"))
            let right = try await store.create(Sample.key("right"))
            try await within {
                try await withThrowingTaskGroup { group in
                    group.addTask {
                        var (a, b) = (left.version, right.version)
                        for value in 1...200 {
                            let receipt = try await store.commit(
                                Batch([
                                    .update(left.key, Sample.tree(left.key, value: value), expecting: a),
                                    .update(right.key, Sample.tree(right.key, value: value), expecting: b),
                                ]))
                            (a, b) = (receipt.objects[0]?.version ?? 0, receipt.objects[1]?.version ?? 0)
                        }
                    }
                    group.addTask {
                        var last = (version: UInt64(0), value: 0)
                        while last.value < 200 {
                            let list = try await store.list(StoreQuery())
                            try expectEqual(Set(list.objects.map(\.value)).count, 1, "different values in one list")
                            let value = list.objects.first?.value ?? -1
                            try require(list.version >= last.version && value >= last.value, "a list went back in time")
                            last = (list.version, value)
                            await Task.yield()
                        }
                    }
                    try await group.waitForAll()
                }
            }
        },
    ]
}
