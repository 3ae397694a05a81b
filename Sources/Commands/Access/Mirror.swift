import Client
import Model
import Synchronization
import Tree

/// A copy of some objects that watches keep current. Readers take a snapshot whenever they are told that something
/// changed; what changed several times meanwhile is seen once.
final class Mirror: Sendable {
    struct Source: Sendable, Hashable {
        var kind: Kind
        var namespace: String?
        var selector: String?
        var fields: String?

        init(_ kind: Kind, namespace: String? = nil, selector: String? = nil, fields: String? = nil) {
            self.kind = kind
            self.namespace = namespace
            self.selector = selector
            self.fields = fields
        }
    }

    private struct State {
        var objects: [ObjectKey: Tree] = [:]
        var listed: Set<Source> = []
        var error: ClientError?
    }

    let sources: [Source]
    private let objects: ObjectClient
    private let state = Mutex(State())
    private let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation

    /// A watch that ends is begun again after this long.
    private static let pause = Duration.milliseconds(500)

    init(_ objects: ObjectClient, _ sources: [Source]) {
        self.objects = objects
        self.sources = sources
        (changes, changed) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// The objects in key order; nil until every source was listed once.
    var snapshot: [Tree]? {
        state.withLock { state in
            guard state.listed.count == Set(sources).count else { return nil }
            return state.objects.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    /// Snapshots are taken no faster than this: what changes meanwhile is seen together.
    private static let rest = Duration.milliseconds(50)

    /// Calls `body` with every new snapshot, and at least every `interval`, until it answers, the deadline passes (nil)
    /// or the task is cancelled (nil).
    func follow<Answer: Sendable>(
        until deadline: Instant, every interval: Duration, _ console: Console,
        _ body: (_ objects: [Tree]) async throws -> Answer?
    ) async throws -> Answer? {
        let notice = ConnectionNotice(console)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for source in Set(sources).sorted(by: { $0.kind < $1.kind }) {
                group.addTask { await self.keep(source, console, notice) }
            }
            group.addTask { await self.tick(every: interval, until: deadline, console) }
            defer { group.cancelAll() }
            for await _ in changes {
                if Task.isCancelled { return nil }
                if let error = state.withLock({ $0.error }) { throw error }
                if let objects = snapshot, let answer = try await body(objects) { return answer }
                if console.instant >= deadline { return nil }
                await console.sleep(until: min(console.instant + Self.rest, deadline))
            }
            return nil
        }
    }

    private func tick(every interval: Duration, until deadline: Instant, _ console: Console) async {
        while !Task.isCancelled {
            let next = console.instant + interval
            await console.sleep(until: min(next, deadline))
            changed.yield()
        }
    }

    /// Lists, watches, and does both again where a watch can't go on.
    private func keep(_ source: Source, _ console: Console, _ notice: ConnectionNotice) async {
        var connection = Reconnection(objects, console, notice)
        while !Task.isCancelled {
            do throws(ClientError) {
                try await listAndWatch(source, &connection)
            } catch {
                do throws(ClientError) { try await connection.wait(after: error) } catch { return fail(error) }
                continue
            }
            await console.sleep(until: console.instant + Self.pause)
        }
    }

    private func fail(_ error: ClientError) {
        state.withLock { $0.error = error }
        changed.yield()
    }

    private func listAndWatch(_ source: Source, _ connection: inout Reconnection) async throws(ClientError) {
        let listing = try await objects.list(
            source.kind, namespace: source.namespace, selector: source.selector, fields: source.fields)
        replace(source, listing.items)
        connection.succeeded()
        var version = listing.version
        while !Task.isCancelled {
            var watch = try await objects.watch(
                source.kind, namespace: source.namespace, from: version, selector: source.selector,
                fields: source.fields)
            defer { watch.close() }
            let before = version
            while let event = try await watch.next() {
                switch event {
                case .changed(let object):
                    put(object)
                    version = object["metadata"]?["resourceVersion"]?.string ?? version
                case .removed(let object): remove(object)
                case .bookmark(let new): version = new.isEmpty ? version : new
                case .expired: return
                }
                connection.succeeded()
            }
            // An empty watch that ends at once would otherwise be begun again without end.
            if version == before { return }
        }
    }

    private func replace(_ source: Source, _ items: [Tree]) {
        state.withLock { state in
            let shared = sources.contains { $0.kind == source.kind && $0 != source }
            if !shared { state.objects = state.objects.filter { $0.key.kind != source.kind } }
            for item in items { if let key = ObjectKey(object: item) { state.objects[key] = item } }
            state.listed.insert(source)
        }
        changed.yield()
    }

    private func put(_ object: Tree) {
        guard let key = ObjectKey(object: object) else { return }
        state.withLock { $0.objects[key] = object }
        changed.yield()
    }

    private func remove(_ object: Tree) {
        guard let key = ObjectKey(object: object) else { return }
        state.withLock { $0.objects[key] = nil }
        changed.yield()
    }
}
