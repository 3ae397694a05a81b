import Apply
import Model
import Ports
import Tree

extension APIServer {
    func delete(
        _ key: ObjectKey, _ request: APIRequest, _ route: Route, _ view: View
    ) async throws -> APIResponse {
        let asked = try DeleteRequest(request) { try body($0) }
        return try await delete(key, asked, view)
    }

    private func delete(_ key: ObjectKey, _ asked: DeleteRequest, _ view: View) async throws -> APIResponse {
        let options = try options(asked, key)
        for attempt in 1...Self.attempts {
            guard let old = try await store.get(key) else { return notFound(key) }
            let deletion = try admission(key.kind).prepareDelete(old: old.tree, options, now: clock.now.wall)
            do throws(StoreError) {
                return present(try await carryOut(deletion, of: old, isDry: asked.isDry), of: old, view)
            } catch {
                guard attempt < Self.attempts, error.isRace else { throw error }
            }
        }
        throw AdmissionError.modified(key.kind, key.name)
    }

    /// The state that is left of the object; nil where nothing is.
    private func carryOut(
        _ deletion: Deletion, of old: StoredObject, isDry: Bool
    ) async throws(StoreError) -> Tree? {
        switch deletion {
        case .underWay:
            if old.key.kind == .namespace, !isDry { _ = try await settle(old.key) }
            return old.tree
        case .remove:
            if !isDry { _ = try await store.commit(Batch([.remove(old.key, expecting: old.version)])) }
            return nil
        case .mark(let tree):
            if isDry { return tree }
            let receipt = try await store.commit(Batch([.update(old.key, tree, expecting: old.version)]))
            let marked = receipt.objects.first?.map { $0 }
            // What the object held goes with it, or lets go of it, without anybody's waiting for the collector.
            do throws(StoreError) {
                if old.key.kind == .namespace { _ = try await settle(old.key) }
                if let marked { try await releaseDependents(of: marked) }
            } catch {
                guard error.isRace else { throw error }
            }
            return marked?.tree ?? tree
        }
    }

    private func present(_ left: Tree?, of old: StoredObject, _ view: View) -> APIResponse {
        if let left { return present(left, view) }
        // A real server shows what it deleted of this kind alone.
        if old.key.kind == .serviceAccount { return present(old.tree, view) }
        let kind = old.key.kind
        var details: Tree = ["name": .string(old.key.name), "kind": .string(kind.plural), "uid": .string(old.uid)]
        if !kind.group.isEmpty { details["group"] = .string(kind.group) }
        let status: Tree = [
            "kind": "Status", "apiVersion": "v1", "metadata": .emptyObject, "status": "Success", "details": details,
        ]
        return view.form == .yaml ? present(status, view) : .ok(status)
    }

    /// The kinds that make others and whose controller ends them.
    static let parents: Set<Kind> = [.region, .workerPool, .executionPlan]

    private func options(_ asked: DeleteRequest, _ key: ObjectKey) throws -> DeleteOptions {
        var options = asked.options
        if key.kind == .namespace, Self.immortal.contains(key.name) {
            throw RequestProblem(
                response: .failure(
                    403, "Forbidden",
                    "namespaces \"\(key.name)\" is forbidden: this namespace may not be deleted",
                    details: ["name": .string(key.name), "kind": "namespaces"]))
        }
        guard asked.propagation != .orphan || !Self.parents.contains(key.kind) else {
            throw AdmissionError(
                .badRequest,
                "propagationPolicy Orphan is not possible: what a \(key.kind.rawValue) made ends with it, as nobody else "
                    + "would end it or pay for it; delete it without")
        }
        // Events are nobody's owners, and a namespace takes along what it holds.
        options.propagation = key.kind == .event || key.kind == .namespace ? nil : asked.propagation
        return options
    }

    /// What every cluster has.
    private static let immortal: Set<String> = ["default", "kube-system", "kube-public"]

    /// The objects of a collection that the selectors let through, or a part of them; answers with what there was.
    func deleteCollection(_ request: APIRequest, _ route: Route, _ view: View) async throws -> APIResponse {
        let filter = try Filter(request, route.kind)
        let listed = try ListRequest(request.query)
        let asked = try DeleteRequest(request) { try body($0) }
        let state = try await self.state(listed, route)
        var chosen: [StoredObject] = []
        let last = listed.continuation.map { ObjectKey(route.kind, $0.namespace, $0.name) }
        for object in state.objects where filter.admits(object) {
            if let last, !(last < object.key) { continue }
            if let limit = listed.limit, chosen.count == limit { break }
            chosen.append(object)
        }
        for object in chosen {
            let answer = try await delete(object.key, asked, view)
            if case .value(let status, _, _) = answer, status >= 400, status != 404 { return answer }
        }
        return present(
            chosen, of: route.kind, metadata: ["resourceVersion": .string(String(state.version))], view)
    }
}
