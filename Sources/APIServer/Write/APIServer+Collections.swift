import Apply
import Model
package import Ports
import Tree

/// Deletions that reach further than one object.
extension APIServer {
    /// Every object of the collection that the selectors let through; answers with what there was.
    func deleteCollection(_ request: APIRequest, _ route: Route, _ view: View) async throws -> APIResponse {
        let filter = try Filter(request, route.kind)
        let state = try await store.list(StoreQuery(kinds: [route.kind], namespace: route.namespace))
        let chosen = state.objects.filter(filter.admits)
        for object in chosen {
            _ = try await delete(object.key, request, route)
        }
        return present(
            chosen, of: route.kind, metadata: ["resourceVersion": .string(String(state.version))], view)
    }

    /// A namespace takes along what is in it. What has finalizers goes first in its own time: until then the namespace
    /// is Terminating and takes nothing new.
    func deleteNamespace(_ object: StoredObject) async throws(StoreError) -> StoredObject? {
        var marked = object
        if object.tree["metadata"]?["deletionTimestamp"] == nil {
            var tree = object.tree
            var metadata = tree["metadata"] ?? .emptyObject
            metadata["deletionTimestamp"] = .string(clock.now.wall.wholeSeconds.description)
            var finalizers = metadata["finalizers"]?.array ?? []
            if !finalizers.contains("kubernetes") { finalizers.append("kubernetes") }
            metadata["finalizers"] = .array(finalizers)
            tree["metadata"] = metadata
            tree["status"] = ["phase": "Terminating"]
            let receipt = try await store.commit(Batch([.update(object.key, tree, expecting: object.version)]))
            marked = receipt.objects.first.flatMap { $0 } ?? object
        }
        do throws(StoreError) {
            return try await settle(marked.key) ? nil : marked
        } catch {
            // The collector was at it too: what stands now is the answer.
            guard error.isRace else { throw error }
            return try await store.get(marked.key)
        }
    }

    /// Empties a namespace that is being deleted, and removes it once nothing is left in it; true when it is gone.
    func settle(_ namespace: ObjectKey) async throws(StoreError) -> Bool {
        guard let object = try await store.get(namespace) else { return true }
        guard object.tree["metadata"]?["deletionTimestamp"] != nil else { return false }
        for held in try await store.list(StoreQuery(namespace: namespace.name)).objects {
            try await remove(held)
        }
        let left = try await store.list(StoreQuery(namespace: namespace.name)).objects
        let others = object.tree["metadata"]?["finalizers"]?.array?.contains { $0 != "kubernetes" } ?? false
        guard left.isEmpty, !others else { return false }
        _ = try await store.commit(Batch([.remove(namespace, expecting: object.version)]))
        return true
    }

    private func remove(_ object: StoredObject) async throws(StoreError) {
        // Without preconditions nothing can be wrong with it.
        guard let deletion = try? admission(object.key.kind).prepareDelete(old: object.tree, now: clock.now.wall) else {
            return
        }
        do throws(StoreError) {
            switch deletion {
            case .underWay: break
            case .mark(let tree):
                _ = try await store.commit(Batch([.update(object.key, tree, expecting: object.version)]))
            case .remove: _ = try await store.commit(Batch([.remove(object.key, expecting: object.version)]))
            }
        } catch {
            // Whoever changed the object meanwhile wakes the collector again, so a lost race is not repeated here.
            guard error.isRace else { throw error }
        }
    }

    /// The objects that name this one as their owner.
    private func dependents(of uid: String, in namespace: String) async throws(StoreError) -> [StoredObject] {
        try await store.list(StoreQuery(namespace: namespace.isEmpty ? nil : namespace)).objects.filter { object in
            guard object.mayMention(uid) else { return false }
            return object.tree["metadata"]?["ownerReferences"]?.array?.contains { $0["uid"]?.string == uid } ?? false
        }
    }

    /// Takes the owner's name off its dependents, so that they outlive it.
    func orphanDependents(of owner: StoredObject) async throws(StoreError) {
        for object in try await dependents(of: owner.uid, in: owner.key.namespace) {
            var tree = object.tree
            let others = tree["metadata"]?["ownerReferences"]?.array?.filter { $0["uid"]?.string != owner.uid } ?? []
            var metadata = tree["metadata"] ?? .emptyObject
            metadata["ownerReferences"] = others.isEmpty ? nil : .array(others)
            tree["metadata"] = metadata
            _ = try await store.commit(Batch([.update(object.key, tree, expecting: object.version)]))
        }
    }

    // MARK: The collector

    /// Ends what has lost its owner or its namespace, for as long as it is run: one process a state runs it. What it
    /// could not do it reports, and begins again with what there is; only the store's end ends it.
    package func collectGarbage(report: @Sendable (StoreError) -> Void = { _ in }) async {
        var failures: Int64 = 0
        while !Task.isCancelled {
            // Made anew with each watch, which begins with everything that stands.
            var index = OwnerIndex()
            do throws(StoreError) {
                let watch = try store.watch(StoreQuery(), from: nil)
                while let events = try await watch.next() {
                    try await collect(events, &index)
                    failures = 0
                }
                return
            } catch {
                if case .closed = error.code { return }
                // It fell behind or lost a race: nothing to speak of.
                if !error.isRace, !error.isExpired { report(error) }
                failures = min(failures + 1, 50)
                await clock.sleep(until: clock.now.instant + .milliseconds(200 * failures))
            }
        }
    }

    private func collect(_ events: [StoreEvent], _ index: inout OwnerIndex) async throws(StoreError) {
        var namespaces: Set<String> = []
        for event in events {
            switch event {
            case .initial(let object):
                index.put(object, isNew: true)
                if object.key.kind == .namespace { namespaces.insert(object.key.name) }
            // What lost its owner while nobody collected.
            case .synced:
                for owner in index.owners where try await store.get(owner.key)?.uid != owner.uid {
                    try await collect(dependentsOf: owner, index)
                }
            case .applied(let object, let created): index.put(object, isNew: created)
            case .replaced(let object, _): index.put(object, isNew: false)
            case .deleted(let object):
                if object.key.kind.namespaced { namespaces.insert(object.key.namespace) }
                index.remove(object.key)
                try await collect(dependentsOf: OwnerIndex.Owner(key: object.key, uid: object.uid), index)
            case .restarted: continue
            }
        }
        for name in namespaces.sorted() { _ = try await settle(ObjectKey(.namespace, "", name)) }
    }
}

extension APIServer {
    /// Ends what names this owner, which is gone, and no other that stands.
    private func collect(dependentsOf gone: OwnerIndex.Owner, _ index: OwnerIndex) async throws(StoreError) {
        for key in index.dependents(of: gone.uid, gone.key) {
            guard let held = try await store.get(key) else { continue }
            let owners = OwnerIndex.owners(of: held.tree, at: key)
            guard owners.contains(gone) else { continue }
            var isOwned = false
            for owner in owners where owner != gone && !isOwned {
                isOwned = try await store.get(owner.key)?.uid == owner.uid
            }
            if !isOwned { try await remove(held) }
        }
    }
}

extension StoreError {
    fileprivate var isExpired: Bool { if case .expired = code { true } else { false } }
}
