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
                let rest = try await carryOut(deletion, of: old, isDry: asked.isDry)
                return present(rest, of: old, view, isAwaited: asked.endsDependents)
            } catch {
                guard attempt < Self.attempts, error.isRace else { throw error }
            }
        }
        throw AdmissionError.modified(key.kind, key.name)
    }

    /// What a deletion comes to.
    private enum Rest {
        /// The state that is left of the object.
        case left(Tree)
        /// Nothing: the version of its removal.
        case gone(UInt64)
    }

    private func carryOut(
        _ deletion: Deletion, of old: StoredObject, isDry: Bool
    ) async throws(StoreError) -> Rest {
        switch deletion {
        case .underWay:
            if old.key.kind == .namespace, !isDry { _ = try await settle(old.key) }
            return .left(old.tree)
        case .remove:
            if isDry { return .gone(old.version) }
            return .gone(try await store.commit(Batch([.remove(old.key, expecting: old.version)])).version)
        case .mark(let tree):
            if isDry { return .left(tree) }
            let receipt = try await store.commit(Batch([.update(old.key, tree, expecting: old.version)]))
            let marked = receipt.objects.first?.map { $0 }
            // What the object held goes with it, or lets go of it, without anybody's waiting for the collector.
            do throws(StoreError) {
                if old.key.kind == .namespace { _ = try await settle(old.key) }
                if let marked { try await releaseDependents(of: marked) }
            } catch {
                guard error.isRace else { throw error }
            }
            return .left(marked?.tree ?? tree)
        }
    }

    private func present(_ rest: Rest, of old: StoredObject, _ view: View, isAwaited: Bool) -> APIResponse {
        switch rest {
        case .left(let tree): return present(tree, view, status: isAwaited ? 202 : 200)
        case .gone(let version):
            // A real server shows what it deleted of this kind alone.
            guard old.key.kind == .serviceAccount else { break }
            var tree = old.tree
            tree["metadata"]?["resourceVersion"] = .string(String(version))
            return present(tree, view)
        }
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
        var left = 0
        let last = listed.continuation.map { ObjectKey(route.kind, $0.namespace, $0.name) }
        for object in state.objects {
            if let last, !(last < object.key) { continue }
            if let limit = listed.limit, chosen.count == limit {
                left += 1
            } else if filter.admits(object) {
                chosen.append(object)
            }
        }
        for object in chosen {
            let answer = try await delete(object.key, asked, view)
            if case .value(let status, _, _) = answer, status >= 400, status != 404 { return answer }
        }
        var metadata: Tree = ["resourceVersion": .string(String(state.version))]
        if left > 0, let last = chosen.last {
            metadata["continue"] = .string(ListRequest.Continuation(version: state.version, after: last.key).token)
            if filter.isOpen { metadata["remainingItemCount"] = .int(Int64(left)) }
        }
        return present(chosen, of: route.kind, metadata: metadata, view)
    }
}
