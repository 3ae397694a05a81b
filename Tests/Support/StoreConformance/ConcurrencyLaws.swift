import Model
import Ports

extension StoreConformance {
    /// Tries in which each of 64 contending writers gets through (L7).
    static let tries = 30

    static let concurrencyLaws: [StoreLaw] = [
        StoreLaw("64 writers of one object all get through", because: "L7, and S7: each version has one successor") {
            factory in
            let store = try await factory.make()
            let made = try await store.create(Sample.key("hot"))
            let steps = try await within {
                try await withThrowingTaskGroup(of: Step.self) { group in
                    for writer in 0..<64 { group.addTask { try await contend(writer, made.key, store) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            let last = try await store.get(made.key)
            try expectEqual(last?.value, 64, "the count after 64 increments")
            let chain = steps.sorted { $0.to < $1.to }
            try expectEqual(
                chain.map(\.from), [made.version] + chain.dropLast().map(\.to), "each step begins where one ended")
            try expectEqual(chain.last?.to, last?.version, "the last step is the state")
        },
        StoreLaw("a write acknowledged first has the lower version", because: "S7: versions follow real time") {
            factory in
            let store = try await factory.make()
            try await within {
                try await withThrowingTaskGroup { group in
                    for writer in 0..<16 {
                        group.addTask {
                            var object = try await store.create(Sample.key("w\(writer)"))
                            for value in 1..<30 {
                                let floor = try await store.list(StoreQuery(kinds: [.lease])).version
                                object = try await store.update(object, value: value)
                                try require(
                                    object.version > floor, "version \(object.version) came after \(floor) was seen")
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        },
        StoreLaw("watches under load have no gap and no duplicate", because: "S7") { factory in
            let store = try await factory.make()
            let writers = 8
            let rounds = max(1, factory.historyEvents / (writers * 4))
            let start = try await store.list(StoreQuery()).version
            let (written, seen) = try await within {
                async let wrote = withThrowingTaskGroup(of: [UInt64].self) { group in
                    for writer in 0..<writers { group.addTask { try await busy(writer, rounds, store) } }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                let seen = try await withThrowingTaskGroup(of: Seen.self) { group in
                    for reader in 0..<6 {
                        group.addTask {
                            for _ in 0..<reader * 3 { await Task.yield() }
                            return try await follow(
                                store, writers: writers, from: reader.isMultiple(of: 2) ? nil : start)
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                return (try await wrote.sorted(), seen)
            }
            let objects = try await store.list(StoreQuery()).objects
            for seen in seen {
                try expectEqual(
                    seen.versions, written.filter { $0 > seen.start }, "every write after the start, once, in order")
                try expectEqual(seen.state, objects, "the state that the events add up to")
            }
        },
    ]

    private struct Step: Sendable {
        let from: UInt64
        let to: UInt64
    }

    /// Adds one, as every writer does it: read, write what was read, and after a conflict wait a little, more
    /// each time, at random.
    private static func contend(_ writer: Int, _ key: ObjectKey, _ store: any ResourceStore) async throws -> Step {
        var random = SeededRandom(UInt64(writer) + 1)
        for attempt in 0..<tries {
            guard let object = try await store.get(key) else { throw LawBroken(description: "\(key) is gone") }
            do {
                let next = try await store.update(object, value: object.value + 1)
                return Step(from: object.version, to: next.version)
            } catch let error as StoreError {
                guard case .conflict(key, let actual) = error.code else { throw error }
                try require(actual > object.version, "a conflict at \(object.version) names \(actual)")
            }
            for _ in 0..<Int.random(in: 0..<1 << min(attempt + 3, 18), using: &random) { await Task.yield() }
        }
        throw LawBroken(description: "writer \(writer) did not get through in \(tries) tries")
    }

    /// What one reader saw: the changes after `start`, and the state they led to.
    private struct Seen: Sendable {
        let start: UInt64
        let versions: [UInt64]
        let state: [StoredObject]
    }

    /// Creates, changes, removes and creates again; ends with a mark that readers wait for. The versions of
    /// all its writes.
    private static func busy(_ writer: Int, _ rounds: Int, _ store: any ResourceStore) async throws -> [UInt64] {
        let key = Sample.key("w\(writer)")
        var versions: [UInt64] = []
        for round in 0..<rounds {
            let made = try await store.create(key, uid: "\(writer)-\(round)")
            let changed = try await store.update(made, value: round)
            versions += [made.version, changed.version, try await store.remove(changed)]
        }
        return versions + [try await store.create(Sample.key("done\(writer)")).version]
    }

    private static func follow(_ store: any ResourceStore, writers: Int, from version: UInt64?) async throws -> Seen {
        let watch = try store.watch(StoreQuery(), from: version)
        defer { watch.close() }
        var events: [StoreEvent] = []
        var state: [StoredObject] = []
        while state.filter({ $0.key.name.hasPrefix("done") }).count < writers {
            guard let more = try await watch.next() else { throw LawBroken(description: "the watch ended") }
            events += more
            state = try events.replayed()
        }
        let starts = events.compactMap { event -> UInt64? in
            if case .synced(let version) = event { version } else { nil }
        }
        return Seen(start: starts.first ?? 0, versions: events.changes.map(\.version), state: state)
    }
}
