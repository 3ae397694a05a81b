import Apply
import Model
package import Ports
import Tree

/// Deletions that reach further than one object.
extension APIServer {
    /// Empties a namespace that is being deleted, and removes it once nothing is left in it; true when it is gone. What
    /// has finalizers goes first in its own time: until then the namespace is Terminating, takes nothing new, and says
    /// what it waits for.
    func settle(_ namespace: ObjectKey) async throws(StoreError) -> Bool {
        guard let object = try await store.get(namespace) else { return true }
        guard object.tree["metadata"]?["deletionTimestamp"] != nil else { return false }
        for held in try await store.list(StoreQuery(namespace: namespace.name)).objects {
            try await remove(held)
        }
        let left = try await store.list(StoreQuery(namespace: namespace.name)).objects
        let tree = NamespaceEnd.state(of: object.tree, left: left, now: clock.now.wall)
        guard tree != object.tree else { return false }
        let receipt = try await store.commit(Batch([.update(namespace, tree, expecting: object.version)]))
        return receipt.objects.first.flatMap { $0 } == nil
    }

    private func remove(_ object: StoredObject) async throws(StoreError) {
        // try?: without preconditions nothing can be wrong with it.
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

    /// Does what the finalizers of a deleted owner stand for: `orphan` takes its name off its dependents, so that they
    /// outlive it; `foregroundDeletion` ends them first. Kinds whose controller ends what they made are left to it.
    func releaseDependents(of owner: StoredObject) async throws(StoreError) {
        guard !Self.parents.contains(owner.key.kind), owner.key.kind != .namespace else { return }
        var tree = owner.tree
        guard tree["metadata"]?["deletionTimestamp"] != nil, let held = tree["metadata"]?["finalizers"]?.array,
            held.contains("orphan") || held.contains("foregroundDeletion")
        else { return }
        if held.contains("orphan") {
            try await orphanDependents(of: owner)
        } else {
            for object in try await dependents(of: owner.uid, in: owner.key.namespace) { try await remove(object) }
            let left = try await dependents(of: owner.uid, in: owner.key.namespace)
            guard !left.contains(where: { Self.blocks($0.tree, owner.uid) }) else { return }
        }
        let kept = held.filter { $0 != "orphan" && $0 != "foregroundDeletion" }
        var metadata = tree["metadata"] ?? .emptyObject
        metadata["finalizers"] = kept.isEmpty ? nil : .array(kept)
        tree["metadata"] = metadata
        _ = try await store.commit(Batch([.update(owner.key, tree, expecting: owner.version)]))
    }

    private static func blocks(_ dependent: Tree, _ uid: String) -> Bool {
        (dependent["metadata"]?["ownerReferences"]?.array ?? []).contains {
            $0["uid"]?.string == uid && $0["blockOwnerDeletion"] == true
        }
    }

    private func orphanDependents(of owner: StoredObject) async throws(StoreError) {
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

    /// An owner that waits for its dependents looks again when one has ended.
    private func releaseOwners(of dependent: StoredObject) async throws(StoreError) {
        for reference in dependent.tree["metadata"]?["ownerReferences"]?.array ?? [] {
            guard let word = reference["kind"]?.string, let name = reference["name"]?.string,
                let kind = Kind(apiVersion: reference["apiVersion"]?.string ?? "", kind: word),
                let owner = try await store.get(ObjectKey(kind, kind.namespaced ? dependent.key.namespace : "", name))
            else { continue }
            try await releaseDependents(of: owner)
        }
    }

    private func collect(_ events: [StoreEvent], _ index: inout OwnerIndex) async throws(StoreError) {
        var namespaces: Set<String> = []
        for event in events {
            switch event {
            case .initial(let object):
                index.put(object, isNew: true)
                if object.key.kind == .namespace { namespaces.insert(object.key.name) }
                // Somebody may have stopped between marking an owner and dealing with its dependents.
                if object.mayMention("foregroundDeletion") || object.mayMention("\"orphan\"") {
                    try await releaseDependents(of: object)
                }
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
                try await releaseOwners(of: object)
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
