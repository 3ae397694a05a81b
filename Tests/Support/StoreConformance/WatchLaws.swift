import Model
import Ports

extension StoreConformance {
    static let watchLaws: [StoreLaw] = [
        StoreLaw("a watch begins with a snapshot, then tells changes in order", because: "a cache swaps at synced") {
            factory in
            let store = try await factory.make()
            let b = try await store.create(Sample.key("b"))
            let a = try await store.create(Sample.key("a"))
            let watch = try store.watch(StoreQuery(), from: nil)
            let changed = try await store.update(b, value: 1)
            let c = try await store.create(Sample.key("c"))
            let removal = try await store.remove(a)
            let events = try await watch.take(upTo: removal)
            try expectEqual(
                events,
                [
                    .restarted, .initial(a), .initial(b), .synced(version: a.version),
                    .applied(changed, created: false),
                    .applied(c, created: true),
                    .deleted(
                        StoredObject(key: a.key, uid: a.uid, version: removal, tree: Sample.stored(a.tree, at: removal))
                    ),
                ], "the events")
        },
        StoreLaw("a watch that compares tells what stood before", because: "a selector is left by a change of labels") {
            factory in
            let store = try await factory.make()
            let a = try await store.create(Sample.key("a"))
            var query = StoreQuery()
            query.comparing = true
            let once = try await store.update(a, value: 1)
            let twice = try await store.update(once, value: 2)
            let removal = try await store.remove(twice)
            let last = StoredObject(
                key: a.key, uid: a.uid, version: removal, tree: Sample.stored(twice.tree, at: removal))
            let watch = try store.watch(query, from: a.version)
            try expectEqual(
                try await watch.take(4),
                [
                    .synced(version: a.version), .replaced(once, old: a), .replaced(twice, old: once), .deleted(last),
                ], "the events")
        },
        StoreLaw("a list shows the state of a version", because: "a client reads on where another read") { factory in
            let store = try await factory.make()
            let a = try await store.create(Sample.key("a"))
            let b = try await store.create(Sample.key("b"))
            let changed = try await store.update(a, value: 1)
            _ = try await store.remove(b)
            let c = try await store.create(Sample.key("c"))
            var query = StoreQuery()
            let wanted: [(UInt64, [StoredObject])] = [
                (a.version, [a]), (b.version, [a, b]), (changed.version, [changed, b]), (c.version, [changed, c]),
            ]
            for (version, objects) in wanted {
                query.version = version
                let list = try await store.list(query)
                try expectEqual(list.objects, objects, "the state of \(version)")
                try expectEqual(list.version, version, "its version")
            }
            query.version = c.version + 1
            do {
                _ = try await store.list(query)
                throw LawBroken(description: "a version that is yet to come was listed")
            } catch let error as StoreError {
                guard case .expired = error.code else { throw error }
            }
        },
        StoreLaw("a watch of an empty store syncs at once", because: "a cache is ready without objects") { factory in
            let store = try await factory.make()
            let version = try await store.list(StoreQuery()).version
            let watch = try store.watch(StoreQuery(), from: nil)
            try expectEqual(try await watch.take(2), [.restarted, .synced(version: version)], "the events")
        },
        StoreLaw("a watch from a version tells what came after it", because: "a list's version loses nothing") {
            factory in
            let store = try await factory.make()
            let a = try await store.create(Sample.key("a"))
            let version = try await store.list(StoreQuery()).version
            let b = try await store.create(Sample.key("b"))
            let watch = try store.watch(StoreQuery(), from: version)
            let changed = try await store.update(a, value: 1)
            let events = try await watch.take(3)
            try expectEqual(
                events, [.synced(version: version), .applied(b, created: true), .applied(changed, created: false)],
                "the events")
        },
        StoreLaw("a watch tells only what it was asked for", because: "a kind's cache sees its kind") { factory in
            let store = try await factory.make()
            try await store.create(Sample.key("r", .region))
            let one = try await store.create(Sample.key("a", .task, in: "one"))
            let watch = try store.watch(StoreQuery(kinds: [.task], namespace: "one"), from: nil)
            try await store.create(Sample.key("a", .task, in: "two"))
            try await store.create(Sample.key("s", .region))
            let changed = try await store.update(one, value: 1)
            let events = try await watch.take(upTo: changed.version)
            try expectEqual(events.changes, [changed], "the changes")
            try expectEqual(events.filter { $0 == .initial(one) }.count, 1, "the snapshot's object")
        },
        StoreLaw("a batch can be resumed in its middle", because: "a connection can break between two of its events") {
            factory in
            let store = try await factory.make()
            let keys = ["a", "b", "c"].map { Sample.key($0) }
            let receipt = try await store.commit(Batch(keys.map { .create($0, Sample.tree($0)) }))
            guard let middle = receipt.objects[1] else { throw LawBroken(description: "no second object") }
            let watch = try store.watch(StoreQuery(), from: middle.version)
            try expectEqual(try await watch.take(2).changes.map(\.key.name), ["c"], "what follows the second write")
        },
        StoreLaw("a reader that waits is woken by the change", because: "nobody polls") { factory in
            let store = try await factory.make()
            let watch = try store.watch(StoreQuery(kinds: [.task]), from: nil)
            _ = try await watch.take(2)
            let events = try await within {
                async let next = watch.next()
                try await store.create(Sample.key("r", .region))
                let made = try await store.create(Sample.key("a"))
                return (try await next, made)
            }
            try expectEqual(events.0, [.applied(events.1, created: true)], "what it was woken with")
        },
        StoreLaw("a closed or cancelled watch ends", because: "connections go away while nothing happens") { factory in
            let store = try await factory.make()
            let closed = try store.watch(StoreQuery(), from: nil)
            _ = try await closed.take(2)
            let ended = try await within {
                async let next = closed.next()
                await Task.yield()
                closed.close()
                return try await next
            }
            try expectEqual(ended, nil, "next of a closed watch")
            let cancelled = try store.watch(StoreQuery(), from: nil)
            _ = try await cancelled.take(2)
            let reader = Task { try await cancelled.next() }
            await Task.yield()
            reader.cancel()
            let last = try await within { try await reader.value }
            try expectEqual(last, nil, "next of a cancelled reader")
        },
    ]

    static let historyLaws: [StoreLaw] = [
        StoreLaw("a version older than the history is expired", because: "S7: 410, never a silent gap") { factory in
            let store = try await factory.make()
            let first = try await store.create(Sample.key("a"))
            let last = try await store.churn(factory.historyEvents * 3)
            let code = try await refusal { try store.watch(StoreQuery(), from: first.version) }
            guard case .expired(let oldest) = code else { throw LawBroken(description: "refused with \(code)") }
            try require(oldest > first.version && oldest <= last, "the oldest is \(oldest), the last \(last)")
            let watch = try store.watch(StoreQuery(), from: oldest)
            try expectEqual(
                try await watch.take(upTo: last).changes.map(\.version), Array(oldest + 1...last), "from the oldest on")
        },
        StoreLaw("a version that is yet to come is expired", because: "it is of another store, or of a lost one") {
            factory in
            let store = try await factory.make()
            let last = try await store.create(Sample.key("a"))
            let code = try await refusal { try store.watch(StoreQuery(), from: last.version + 1) }
            guard case .expired = code else { throw LawBroken(description: "refused with \(code)") }
        },
        StoreLaw("a reader that falls behind is expired", because: "a slow reader's memory has a bound") { factory in
            let store = try await factory.make()
            let slow = try store.watch(StoreQuery(), from: nil)
            _ = try await slow.take(2)
            _ = try await store.churn(factory.historyEvents * 3)
            guard case .expired = try await slow.end()?.code else {
                throw LawBroken(description: "the slow watch went on")
            }
        },
        StoreLaw("a quiet watch never expires", because: "a kind that rests must not be listed again and again") {
            factory in
            let store = try await factory.make()
            let quiet = try store.watch(StoreQuery(kinds: [.region]), from: nil)
            _ = try await quiet.take(2)
            let (events, region) = try await within {
                async let next = quiet.next()
                // Until the reader waits, which only the store knows: a few turns of the pool, and many
                // changes between.
                for _ in 0..<20 {
                    await Task.yield()
                    _ = try await store.churn(max(1, factory.historyEvents / 10))
                }
                let region = try await store.create(Sample.key("r", .region))
                return (try await next, region)
            }
            try expectEqual(events, [.applied(region, created: true)], "what it waited for")
        },
        StoreLaw("a snapshot is read to its end while the store moves on", because: "a slow list is still one state") {
            factory in
            let store = try await factory.make()
            let count = 1_000
            let writes = (0..<count).map { Write.create(Sample.key("n\($0)"), Sample.tree(Sample.key("n\($0)"))) }
            let version = try await store.commit(Batch(writes)).version
            let before = try await store.list(StoreQuery()).objects
            let watch = try store.watch(StoreQuery(), from: nil)
            guard var events = try await watch.next() else { throw LawBroken(description: "no events") }
            try require(events.count < count, "a snapshot of \(count) came in one piece of \(events.count)")
            let removed = try await store.remove(before[count - 1])
            events += try await watch.take(upTo: removed)
            try expectEqual(
                Array(events.prefix(count + 2)),
                [.restarted] + before.map { .initial($0) } + [.synced(version: version)],
                "the snapshot")
            try expectEqual(events.changes.map(\.version), [removed], "what came after it")
        },
    ]
}

extension ResourceStore {
    /// That many changes; the last one's version.
    func churn(_ changes: Int) async throws -> UInt64 {
        let key = Sample.key("churn")
        var object = try await get(key)
        for value in 0..<changes {
            if let standing = object {
                object = try await update(standing, value: value)
            } else {
                object = try await create(key)
            }
        }
        return object?.version ?? 0
    }
}
