import Apply
import Model
import Ports
import Tree

extension APIServer {
    func get(_ key: ObjectKey, _ request: APIRequest, _ route: Route, _ view: View) async throws -> APIResponse {
        let version = try ListRequest.version(request.query)
        if Parameters(request.query).flag("export") ?? false {
            throw RequestProblem.bad("the export parameter, deprecated since v1.14, is no longer supported")
        }
        if route.part == .scale, key.kind.scale == nil { return .pageNotFound }
        let found = try await store.get(key)
        if let version, version > found?.version ?? 0 {
            let current = try await currentVersion()
            if version > current { throw RequestProblem.future(version, current: current) }
        }
        guard let object = found else { return notFound(key) }
        return route.part == .scale ? present(Scale.tree(of: object.tree, key.kind), view) : present(object, view)
    }

    /// `/log?attempt=N&offset=B&follow=true` of a task: what its attempts wrote, as the agents uploaded it, from byte B
    /// of that attempt's on.
    func log(_ request: APIRequest, _ route: Route) async throws -> APIResponse {
        guard route.kind == .task, let key = route.key else {
            return .failure(404, "NotFound", "the server could not find the requested resource")
        }
        guard let stored = try await store.get(key) else { return notFound(key) }
        let task = try WorkTask(tree: stored.tree)
        let asked = request.query["attempt"].flatMap { Int($0) }
        let cursor = LogCursor(
            uid: task.metadata.uid, key: key, attempt: asked ?? max(1, task.status.attempt), onlyAttempt: asked != nil,
            offset: max(0, request.query["offset"].flatMap { Int($0) } ?? 0), follow: request.query["follow"] == "true",
            store: store, blobs: blobs, clock: clock)
        return .stream(
            contentType: "text/plain; charset=utf-8",
            APIStream(next: { await cursor.next() }, close: { cursor.close() }))
    }
}
