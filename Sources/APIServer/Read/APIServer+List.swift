import Documents
import Model
import Ports
import Tree

extension APIServer {
    func list(_ request: APIRequest, _ route: Route, _ view: View) async throws -> APIResponse {
        let filter = try Filter(request, route.kind)
        let asked = try ListRequest(request.query)
        let state = try await state(asked, route)
        var items = state.objects[...]
        if let from = asked.continuation {
            let last = ObjectKey(route.kind, from.namespace, from.name)
            items = items[items.partitioningIndex { last < $0.key }...]
        }
        var found: [StoredObject] = []
        var next: ObjectKey?
        for (index, object) in zip(items.indices, items) where filter.admits(object) {
            if let limit = asked.limit, found.count == limit {
                // What is left to look at is at most so much; a filter makes the count unknown.
                next = items[items.index(before: index)].key
                items = items[index...]
                break
            }
            found.append(object)
        }
        var metadata: Tree = ["resourceVersion": .string(String(state.version))]
        if let next {
            metadata["continue"] = .string(ListRequest.Continuation(version: state.version, after: next).token)
            if filter.isOpen { metadata["remainingItemCount"] = .int(Int64(items.count)) }
            snapshots.keep(
                state, ListSnapshots.Key(kind: route.kind, namespace: route.namespace, version: state.version))
        }
        return present(found, of: route.kind, metadata: metadata, view)
    }

    /// The state that the request may be answered from.
    private func state(_ asked: ListRequest, _ route: Route) async throws -> ListResult {
        if let from = asked.continuation {
            let key = ListSnapshots.Key(kind: route.kind, namespace: route.namespace, version: from.version)
            if let kept = snapshots[key] { return kept }
        }
        let state = try await store.list(StoreQuery(kinds: [route.kind], namespace: route.namespace))
        if let version = asked.version, version > state.version {
            throw RequestProblem.future(version, current: state.version)
        }
        if let exact = asked.continuation?.version ?? (asked.isExact ? asked.version : nil), exact != state.version {
            throw RequestProblem.expired
        }
        return state
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
