import Apply
import Documents
import Model
import Ports
import Synchronization
import Tree

extension APIServer {
    func get(_ key: ObjectKey, _ route: Route) async throws -> APIResponse {
        guard let object = try await store.get(key) else { return notFound(key) }
        guard route.part == .scale else { return .ok(object.tree) }
        guard key.kind.scale != nil else {
            return .failure(404, "NotFound", "the server could not find the requested resource")
        }
        return .ok(Scale.tree(of: object.tree, key.kind))
    }

    func list(_ request: APIRequest, _ route: Route) async throws -> APIResponse {
        guard let filter = Filter(request, route.kind) else { return badSelector(request) }
        let result = try await store.list(StoreQuery(kinds: [route.kind], namespace: route.namespace))
        let items = result.objects.filter { filter.admits($0) }.map(\.tree)
        return .ok([
            "kind": .string(route.kind.rawValue + "List"), "apiVersion": .string(route.kind.apiVersion),
            "metadata": ["resourceVersion": .string(String(result.version))], "items": .array(items),
        ])
    }

    /// JSON lines of `{type, object}`, as Kubernetes frames a watch.
    func watch(_ request: APIRequest, _ route: Route) throws -> APIResponse {
        guard let filter = Filter(request, route.kind) else { return badSelector(request) }
        var from: UInt64?
        if let text = request.query["resourceVersion"], !text.isEmpty, text != "0" {
            guard let version = UInt64(text) else {
                return .failure(400, "BadRequest", "invalid resourceVersion \"\(text)\": must be a number")
            }
            from = version
        }
        let watch = try store.watch(StoreQuery(kinds: [route.kind], namespace: route.namespace), from: from)
        let view = WatchView(
            filter, route.kind, bookmarks: request.query["allowWatchBookmarks"] == "true", isWhole: from == nil)
        return .stream(
            contentType: "application/json",
            APIStream(
                next: {
                    do throws(StoreError) {
                        while let events = try await watch.next() {
                            var lines: [UInt8] = []
                            for event in events {
                                guard let line = view.line(of: event) else { continue }
                                lines += JSON.encode(line) + [0x0A]
                            }
                            if !lines.isEmpty { return lines }
                        }
                    } catch {
                        let code: Int64 = if case .expired = error.code { 410 } else { 500 }
                        let status: Tree = [
                            "kind": "Status", "apiVersion": "v1", "status": "Failure",
                            "message": .string(error.message),
                            "reason": code == 410 ? "Expired" : "InternalError", "code": .int(code),
                        ]
                        watch.close()
                        return JSON.encode(["type": "ERROR", "object": status]) + [0x0A]
                    }
                    return nil
                },
                close: { watch.close() }))
    }

    private func badSelector(_ request: APIRequest) -> APIResponse {
        let text = request.query["labelSelector"] ?? request.query["fieldSelector"] ?? ""
        return .failure(400, "BadRequest", "unable to parse selector \"\(text)\"")
    }

    /// `/log?attempt=N&offset=B&follow=true` of a task: what its attempts wrote, as the agents uploaded it.
    func log(_ request: APIRequest, _ route: Route) async throws -> APIResponse {
        guard route.kind == .task, let key = route.key else {
            return .failure(404, "NotFound", "the server could not find the requested resource")
        }
        guard let stored = try await store.get(key), let task = try? WorkTask(tree: stored.tree) else {
            return notFound(key)
        }
        let asked = request.query["attempt"].flatMap { Int($0) }
        let cursor = LogCursor(
            uid: task.metadata.uid, key: key, attempt: asked ?? max(1, task.status.attempt), onlyAttempt: asked != nil,
            follow: request.query["follow"] == "true", store: store, blobs: blobs, clock: clock)
        return .stream(
            contentType: "text/plain; charset=utf-8",
            APIStream(next: { await cursor.next() }, close: { cursor.close() }))
    }
}

/// One watch as its client sees it: an object that comes to match appears, one that no longer does disappears.
final class WatchView: Sendable {
    private let filter: Filter
    private let kind: Kind
    private let bookmarks: Bool
    /// Whether it began with a snapshot, so that what was never shown is new to its client.
    private let isWhole: Bool
    private let shown = Mutex<Set<ObjectKey>>([])

    init(_ filter: Filter, _ kind: Kind, bookmarks: Bool, isWhole: Bool) {
        self.filter = filter
        self.kind = kind
        self.bookmarks = bookmarks
        self.isWhole = isWhole
    }

    func line(of event: StoreEvent) -> Tree? {
        switch event {
        case .initial(let object): return admit(object, created: true)
        case .applied(let object, let created): return admit(object, created: created)
        case .deleted(let object):
            let wasShown = forget(object.key)
            return wasShown || filter.admits(object) ? ["type": "DELETED", "object": object.tree] : nil
        case .synced(let version):
            guard bookmarks else { return nil }
            let metadata: Tree = ["resourceVersion": .string(String(version))]
            return [
                "type": "BOOKMARK",
                "object": [
                    "kind": .string(kind.rawValue), "apiVersion": .string(kind.apiVersion), "metadata": metadata,
                ],
            ]
        case .restarted: return nil
        }
    }

    private func admit(_ object: StoredObject, created: Bool) -> Tree? {
        guard filter.admits(object) else {
            return forget(object.key) ? ["type": "DELETED", "object": object.tree] : nil
        }
        // Without a filter everything matches always, and nothing has to be remembered.
        let isFresh = filter.isOpen ? created : shown.withLock { $0.insert(object.key).inserted }
        return ["type": created || (isFresh && isWhole) ? "ADDED" : "MODIFIED", "object": object.tree]
    }

    private func forget(_ key: ObjectKey) -> Bool { shown.withLock { $0.remove(key) != nil } }
}

/// What a list or watch lets through.
struct Filter: Sendable {
    private let labels: Selector?
    private let fields: Selector?

    init?(_ request: APIRequest, _ kind: Kind) {
        if let text = request.query["labelSelector"], !text.isEmpty {
            guard let selector = Selector(labels: text) else { return nil }
            labels = selector
        } else {
            labels = nil
        }
        if let text = request.query["fieldSelector"], !text.isEmpty {
            var supported = ["metadata.name", "metadata.namespace"]
            if kind == .event {
                supported += [
                    "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
                    "reason", "type",
                ]
            }
            guard let selector = Selector(fields: text, supported: supported) else { return nil }
            fields = selector
        } else {
            fields = nil
        }
    }

    /// Lets everything through.
    var isOpen: Bool { labels == nil && fields == nil }

    func admits(_ object: StoredObject) -> Bool {
        if let labels, !labels.matches({ object.tree["metadata"]?["labels"]?[$0]?.string }) { return false }
        guard let fields else { return true }
        return fields.matches { path in
            path.split(separator: ".").reduce(object.tree as Tree?) { $0?[String($1)] }?.string
        }
    }
}
