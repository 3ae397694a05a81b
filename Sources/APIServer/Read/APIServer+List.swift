import Documents
import Model
import Ports
import Tree

extension APIServer {
    /// Bytes of JSON that one answer holds at once: a part of a list ends there, whatever limit was asked for, and a
    /// list that is longer and was not asked for in parts is made as it is read.
    private static let partBytes = 1 << 20
    private static let wholeBytes = 256 << 10
    /// Of one that isn't kept as JSON, or is to be shown in another form, as many objects.
    private static let wholeObjects = 500

    func list(_ request: APIRequest, _ route: Route, _ view: View) async throws -> APIResponse {
        let filter = try Filter(request, route.kind)
        let asked = try ListRequest(request.query)
        let state = try await state(asked, route)
        if view.form == .misfit { return Self.notAcceptable }
        if asked.isOpen, !request.isWhole, Self.isLong(state.objects) { return try pieces(filter, route, view) }
        var items = state.objects[...]
        if let from = asked.continuation {
            let last = ObjectKey(route.kind, from.namespace, from.name)
            items = items[items.partitioningIndex { last < $0.key }...]
        }
        var found: [StoredObject] = []
        var bytes = 0
        var next: ObjectKey?
        for (index, object) in zip(items.indices, items) {
            // Whether what follows matches is not looked at, as on a real server: the next part may be empty.
            if let limit = asked.limit, found.count == limit || bytes >= Self.partBytes {
                // What is left to look at is at most so much; a filter makes the count unknown.
                next = items[items.index(before: index)].key
                items = items[index...]
                break
            }
            guard filter.admits(object) else { continue }
            found.append(object)
            bytes += object.packed?.count ?? 0
        }
        var metadata: Tree = ["resourceVersion": .string(String(state.version))]
        if let next {
            metadata["continue"] = .string(ListRequest.Continuation(version: state.version, after: next).token)
            if filter.isOpen { metadata["remainingItemCount"] = .int(Int64(items.count)) }
        }
        return present(found, of: route.kind, metadata: metadata, view)
    }

    private static func isLong(_ objects: [StoredObject]) -> Bool {
        var bytes = 0
        for (index, object) in objects.enumerated() {
            bytes += object.packed?.count ?? 0
            if bytes > wholeBytes || index >= wholeObjects { return true }
        }
        return false
    }

    /// What a watch begins with is a list of one moment that nobody holds whole.
    private func pieces(_ filter: Filter, _ route: Route, _ view: View) throws(StoreError) -> APIResponse {
        let watch = try store.watch(StoreQuery(kinds: [route.kind], namespace: route.namespace), from: nil)
        let pieces = ListPieces(watch, filter, route.kind, view)
        let type = if case .yaml = view.form { "application/yaml" } else { "application/json" }
        return .pieces(
            contentType: type,
            APIPieces(
                next: { () async throws(StoreError) in try await pieces.next() }, close: { watch.close() }))
    }

    /// The state that the request may be answered from. What was begun in parts goes on with the state of then, as long
    /// as the store's history knows it: nothing is kept for a reader.
    func state(_ asked: ListRequest, _ route: Route) async throws -> ListResult {
        var query = StoreQuery(kinds: [route.kind], namespace: route.namespace)
        query.version = asked.continuation?.version
        let state: ListResult
        do throws(StoreError) { state = try await store.list(query) } catch {
            guard case .expired = error.code else { throw error }
            throw RequestProblem.expired
        }
        if let version = asked.version, version > state.version {
            throw RequestProblem.future(version, current: state.version)
        }
        guard let exact = asked.continuation?.version ?? (asked.isExact ? asked.version : nil), exact != state.version
        else { return state }
        query.version = exact
        do throws(StoreError) { return try await store.list(query) } catch {
            guard case .expired = error.code else { throw error }
            throw RequestProblem.expired
        }
    }
}

extension RandomAccessCollection {
    /// The first index from which on `belongs` holds, in a collection that is parted by it.
    fileprivate func partitioningIndex(where belongs: (Element) -> Bool) -> Index {
        var (low, count) = (startIndex, self.count)
        while count > 0 {
            let half = count / 2
            let middle = index(low, offsetBy: half)
            if belongs(self[middle]) {
                count = half
            } else {
                low = index(after: middle)
                count -= half + 1
            }
        }
        return low
    }
}
