import Model
import Ports
import Storage
import Tree

// What people do.
extension World {
    mutating func act(_ deed: Deed) {
        trace.say(now, "DEED \(Witness.gist(deed))")
        witness.mark("deed \(deed.name)")
        switch deed {
        case .create(let key, let tree):
            tryPerson(key, tree)
            commit(.init([.create(key, tree)]), by: nil)
        case .delete(let key): delete(key)
        case .scale(let key, let size):
            edit(key) { spec in
                spec["replicas"] = .int(Int64(size))
                spec["maxWorkers"] = .int(Int64(max(size, 1)))
                spec["minWorkers"] = .int(Int64(min(size, Int(spec["minWorkers"]?.int ?? 0))))
            }
        case .suspend(let key, let value): edit(key) { $0["suspend"] = .bool(value) }
        case .cancel(let key): edit(key) { $0["cancel"] = true }
        case .deleteWorker(let index): if let key = pickWorker(index) { delete(key) }
        case .maintain(let index, let value):
            if let key = pickWorker(index) { edit(key) { $0["maintenance"] = .bool(value) } }
        case .set(let key, let path, let value): edit(key) { $0 = Self.setting(value, at: path[...], in: $0) }
        case .apply(let key, let tree): edit(key) { $0 = tree["spec"] ?? .emptyObject }
        case .recreate(let key, let tree):
            delete(key)
            add(.act(.createOnceGone(key, tree, tries: 200)), after: .milliseconds(50))
        case .createOnceGone(let key, let tree, let tries):
            if store.get(key) == nil {
                commit(.init([.create(key, tree)]), by: nil)
            } else if tries > 0 {
                add(.act(.createOnceGone(key, tree, tries: tries - 1)), after: .milliseconds(500))
            }
        case .arrive(let key, let party): arrive(key, party)
        case .forge(let pool, let number): forge(pool, number)
        case .limitAge(let key):
            guard let age = store.get(key)?.tree["spec"]?["disruption"]?["expireAfter"]?.string,
                let limit = Duration(text: age), limit < .hours(1)
            else { return }
            edit(key) { $0 = Self.setting(nil, at: ["disruption", "expireAfter"], in: $0) }
        }
    }

    private static func setting(_ value: Tree?, at path: ArraySlice<String>, in tree: Tree) -> Tree {
        guard let first = path.first else { return value ?? .emptyObject }
        var tree = tree
        if path.count == 1 {
            tree[first] = value
        } else {
            tree[first] = setting(value, at: path.dropFirst(), in: tree[first] ?? .emptyObject)
        }
        return tree
    }

    private func pickWorker(_ index: Int) -> ObjectKey? {
        let workers = store.list(.init(kinds: [.worker])).objects
        return workers.isEmpty ? nil : workers[index % workers.count].key
    }

    /// A change of a spec, under a new generation; where it changes nothing, nothing is written.
    private mutating func edit(_ key: ObjectKey, _ change: (inout Tree) -> Void) {
        guard let standing = store.get(key) else { return }
        var tree = standing.tree
        let before = tree["spec"] ?? .emptyObject
        var spec = before
        change(&spec)
        guard spec != before || !scenario.kind.isDrawnWide else { return }
        tree["spec"] = spec
        var metadata = tree["metadata"] ?? .emptyObject
        metadata["generation"] = .int((metadata["generation"]?.int ?? 1) + 1)
        tree["metadata"] = metadata
        commit(.init([.update(key, tree, expecting: standing.version)]), by: nil)
    }

    /// As `reconcile arrive` writes it: for the generation that stands.
    private mutating func arrive(_ key: ObjectKey, _ party: String) {
        guard let standing = store.get(key) else { return }
        var tree = standing.tree
        var metadata = tree["metadata"] ?? .emptyObject
        var annotations = metadata["annotations"] ?? .emptyObject
        annotations[Names.arrivalPrefix + party] = .string("\(metadata["generation"]?.int ?? 1)")
        metadata["annotations"] = annotations
        tree["metadata"] = metadata
        commit(.init([.update(key, tree, expecting: standing.version)]), by: nil)
    }

    /// A machine that costs nothing and takes everything: where no admission stands before the store, anybody who may
    /// write objects can write that one.
    private mutating func forge(_ poolKey: ObjectKey, _ number: Int) {
        guard let pool = store.get(poolKey).flatMap({ try? WorkerPool(tree: $0.tree) }) else { return }
        var metadata = Manifest.metadata("forged-\(number)", namespace: poolKey.namespace, &chance)
        if number % 2 == 0 { metadata.ownerReferences = [pool.ownerReference] }
        var spec = WorkerSpec()
        spec.pool = poolKey.name
        spec.region = pool.spec.region
        spec.slot = 900 + number
        spec.attempt = 1
        spec.capabilities = ["gpu", "ssd", "render"]
        spec.maxConcurrentTasks = 1000
        witness.forged.insert(metadata.uid)
        let worker = Worker(metadata: metadata, spec: spec)
        commit(.init([.create(worker.key, worker.tree)]), by: nil)
    }

    private mutating func delete(_ key: ObjectKey) {
        guard let standing = store.get(key) else { return }
        guard standing.tree["metadata"]?["finalizers"]?.array?.isEmpty == false else {
            return _ = commit(.init([.remove(key, expecting: standing.version)]), by: nil)
        }
        guard standing.tree["metadata"]?["deletionTimestamp"] == nil else { return }
        var tree = standing.tree
        var metadata = tree["metadata"] ?? .emptyObject
        metadata["deletionTimestamp"] = .string(wall().wholeSeconds.description)
        tree["metadata"] = metadata
        commit(.init([.update(key, tree, expecting: standing.version)]), by: nil)
    }
}
