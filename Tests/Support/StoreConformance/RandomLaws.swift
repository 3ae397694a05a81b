import Model
import Ports

extension StoreConformance {
    static let randomLaws: [StoreLaw] = [
        StoreLaw("any sequence of calls means what the plain model means", because: "nobody thinks of every sequence") {
            factory in
            for seed in 1...4 as ClosedRange<UInt64> {
                let store = try await factory.make()
                try await RandomRun(seed: seed, operations: 2_500).run(store, historyEvents: factory.historyEvents)
            }
        }
    ]

    /// The same with more operations, for stores that make it cheap.
    package static func random(_ factory: StoreFactory, operations: Int, seed: UInt64) async throws {
        let store = try await factory.make()
        try await RandomRun(seed: seed, operations: operations).run(store, historyEvents: factory.historyEvents)
    }
}

/// Random calls on a store and on the plain model, compared one by one; and what two watches told, compared
/// at the end.
struct RandomRun {
    private let seed: UInt64
    private let operations: Int
    private var random: SeededRandom
    private var plain = PlainStore()

    init(seed: UInt64, operations: Int) {
        self.seed = seed
        self.operations = operations
        random = SeededRandom(seed)
    }

    func run(_ store: any ResourceStore, historyEvents: Int) async throws {
        var run = self
        try await run.go(store, pause: max(1, historyEvents / 16))
    }

    private mutating func go(_ store: any ResourceStore, pause: Int) async throws {
        var all = Follower(try store.watch(StoreQuery(), from: nil), StoreQuery())
        let query = StoreQuery(kinds: [.task], namespace: "one")
        var some = Follower(try store.watch(query, from: nil), query)
        for operation in 0..<operations {
            do {
                try await step(store)
                if operation % pause == 0 || operation == operations - 1 {
                    try await all.follow(plain)
                    try await some.follow(plain)
                    plain.forget(upTo: all.done)
                    try await compare(store)
                }
            } catch {
                throw LawBroken(description: "seed \(seed), operation \(operation): \(error)")
            }
        }
    }

    private mutating func step(_ store: any ResourceStore) async throws {
        if Int.random(in: 0..<50, using: &random) == 0 {
            try expectEqual(try await store.claimEpoch(), plain.claimEpoch(), "the claimed epoch")
            return
        }
        let batch = randomBatch()
        let expected = plain.commit(batch)
        do {
            let receipt = try await store.commit(batch)
            try expectEqual(.success(receipt.objects), expected, "the result of \(batch)")
            try expectEqual(receipt.version, plain.version, "the version after \(batch)")
        } catch let error as StoreError {
            try expectEqual(.failure(Refusal(error.code)), expected, "the refusal of \(batch)")
        }
    }

    private mutating func compare(_ store: any ResourceStore) async throws {
        let query = StoreQuery(
            kinds: Bool.random(using: &random) ? [] : [.worker, .task],
            namespace: ["one", "two", nil].randomElement(using: &random) ?? nil,
            name: Bool.random(using: &random) ? nil : "n1")
        let list = try await store.list(query)
        try expectEqual(list.objects, plain.list(query), "the list of \(query)")
        try expectEqual(list.version, plain.version, "the list's version")
        for object in plain.objects { try expectEqual(try await store.get(object.key), object, "get") }
    }

    // MARK: what is tried

    private mutating func randomBatch() -> Batch {
        let count = [1, 1, 1, 2, 4].randomElement(using: &random) ?? 1
        let writes = (0..<count).map { _ in randomWrite() }
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return Batch(writes, epoch: plain.epoch)
        case 1: return Batch(writes, epoch: plain.epoch + UInt64.random(in: 0...2, using: &random))
        case 2 where plain.epoch > 0: return Batch(writes, epoch: plain.epoch - 1)
        default: return Batch(writes)
        }
    }

    private mutating func randomWrite() -> Write {
        let kind = [Kind.task, .worker, .region].randomElement(using: &random) ?? .task
        let namespace = ["one", "two"].randomElement(using: &random) ?? ""
        let key = ObjectKey(kind, namespace, "n\(Int.random(in: 0..<6, using: &random))")
        let standing = plain.objects.first { $0.key == key }
        let value = Int.random(in: 0..<1_000, using: &random)
        let right = Int.random(in: 0..<8, using: &random) > 0
        let expecting = right ? standing?.version ?? 1 : UInt64.random(in: 0...plain.version + 1, using: &random)
        let finalizers = Bool.random(using: &random) ? ["f"] : []
        let tree = Sample.tree(key, uid: standing?.uid ?? "uid-\(value)", value: value, finalizers: finalizers)
        switch Int.random(in: 0..<(standing == nil ? 4 : 8), using: &random) {
        case 0, 1, 2: return .create(key, Sample.tree(key, uid: "uid-\(value)", value: value, finalizers: finalizers))
        case 3: return .remove(key, expecting: expecting)
        case 4:
            let deleting = Sample.tree(
                key, uid: standing?.uid ?? "", value: value, finalizers: finalizers, deleting: true)
            return .update(key, deleting, expecting: expecting)
        default: return .update(key, tree, expecting: expecting)
        }
    }
}

/// A watch, compared piece by piece with what the model says has happened.
private struct Follower {
    private let watch: StoreWatch
    private let query: StoreQuery
    /// Events of the model that were compared.
    private(set) var done = 0
    private var begun = false

    init(_ watch: StoreWatch, _ query: StoreQuery) {
        self.watch = watch
        self.query = query
    }

    mutating func follow(_ plain: PlainStore) async throws {
        let expected = plain.events[(done - plain.forgotten)...].filter { query.matches($0) }
        // The first two are restarted and synced: the watches begin on an empty store.
        let start = begun ? 0 : 2
        let seen = try await watch.take(expected.count + start)
        try expectEqual(Array(seen.dropFirst(start)), expected, "the events of the watch")
        begun = true
        done = plain.forgotten + plain.events.count
    }
}

extension StoreQuery {
    fileprivate func matches(_ event: StoreEvent) -> Bool {
        switch event {
        case .applied(let object, _), .replaced(let object, _), .deleted(let object): matches(object.key)
        case .restarted, .initial, .synced: false
        }
    }
}
