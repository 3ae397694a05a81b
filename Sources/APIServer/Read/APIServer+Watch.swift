import Documents
import Model
import Ports
import Synchronization
import Tree

extension APIServer {
    /// JSON lines of `{type, object}`, as Kubernetes frames a watch.
    func watch(_ request: APIRequest, _ route: Route, _ view: View) async throws -> APIResponse {
        let filter = try Filter(request, route.kind)
        let asked = try ListRequest(request.query)
        // Without initial events asked for or forbidden, a watch from nowhere begins with what there is.
        let isWhole = asked.sendsInitialEvents ?? ((asked.version ?? 0) == 0)
        var query = StoreQuery(kinds: [route.kind], namespace: route.namespace)
        query.comparing = true
        let current = try await currentVersion()
        let from = (asked.version ?? 0) == 0 ? current : asked.version ?? current
        let watch: StoreWatch
        do throws(StoreError) {
            // A version that is yet to come is waited for.
            watch = try store.watch(query, from: isWhole ? nil : min(from, current))
        } catch {
            // A real API server says so within the stream, and clients know it from there.
            guard case .expired = error.code else { throw error }
            watch = StoreWatch(ExpiredWatch(version: from, error: error))
        }
        let deadline = asked.seconds.flatMap { seconds in
            seconds == 0 ? nil : clock.now.instant + .seconds(min(max(seconds, 0), Self.longestTimeout))
        }
        let lines = WatchLines(
            WatchView(
                filter, route.kind, view, bookmarks: asked.bookmarks, marksEnd: isWhole,
                after: isWhole ? 0 : from),
            watch, clock: clock, until: deadline)
        return .stream(
            contentType: "application/json",
            APIStream(next: { await lines.next() }, close: { watch.close() }))
    }

    private static let longestTimeout: Int64 = 86_400

    /// The version of the latest write.
    func currentVersion() async throws(StoreError) -> UInt64 {
        try await store.list(StoreQuery(kinds: [.namespace], name: "-")).version
    }
}

/// The watch that can't begin where it was asked to.
private struct ExpiredWatch: StoreWatchSource {
    let version: UInt64
    let error: StoreError

    func next() async throws(StoreError) -> [StoreEvent]? {
        guard case .expired(let oldest) = error.code else { throw error }
        throw StoreError(error.code, "too old resource version: \(version) (\(oldest))")
    }
    func close() {}
}

/// The lines of one watch, pulled one batch at a time, until it is closed, cut off, or its time is up.
final class WatchLines: Sendable {
    private let view: WatchView
    private let watch: StoreWatch
    private let clock: any Clock
    private let deadline: Instant?
    private let ended = Mutex(false)
    /// What the store handed over and is not yet written: a batch at most.
    private let pending = Mutex<ArraySlice<StoreEvent>>([])

    /// About the length of what is handed on at once; one object goes in one.
    private static let bytes = 64 << 10

    init(_ view: WatchView, _ watch: StoreWatch, clock: any Clock, until deadline: Instant?) {
        self.view = view
        self.watch = watch
        self.clock = clock
        self.deadline = deadline
    }

    private enum Step: Sendable {
        case events([StoreEvent])
        case closed
        case timeUp
        case failed(StoreError)
    }

    func next() async -> [UInt8]? {
        while !ended.withLock({ $0 }) {
            if let lines = lines() { return lines }
            switch await step() {
            case .events(let events): pending.withLock { $0 = events[...] }
            case .closed: return nil
            case .timeUp:
                end()
                return view.bookmark.map { JSON.encode($0) + [0x0A] }
            case .failed(let error):
                end()
                return JSON.encode(["type": "ERROR", "object": Self.status(error)]) + [0x0A]
            }
        }
        return nil
    }

    /// Of what is pending; nil where none of it concerns the client.
    private func lines() -> [UInt8]? {
        pending.withLock { pending in
            var lines: [UInt8] = []
            while lines.count < Self.bytes, let event = pending.popFirst() { view.append(event, to: &lines) }
            return lines.isEmpty ? nil : lines
        }
    }

    private func end() {
        ended.withLock { $0 = true }
        watch.close()
    }

    private func step() async -> Step {
        guard let deadline else { return await pull() }
        guard clock.now.instant < deadline else { return .timeUp }
        return await withTaskGroup(of: Step.self) { group in
            group.addTask { await self.pull() }
            group.addTask {
                await self.clock.sleep(until: deadline)
                return .timeUp
            }
            defer { group.cancelAll() }
            return await group.next() ?? .closed
        }
    }

    private func pull() async -> Step {
        do throws(StoreError) {
            return try await watch.next().map { .events($0) } ?? .closed
        } catch {
            return .failed(error)
        }
    }

    private static func status(_ error: StoreError) -> Tree {
        if case .expired = error.code { return APIResponse.failureStatus(410, "Expired", error.message) }
        return APIResponse.failureStatus(500, "InternalError", error.message)
    }
}
