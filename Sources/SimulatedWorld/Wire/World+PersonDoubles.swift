import Apply
import Model
import Tree

// What the API would make of what a person writes, and of what others write after him: on a copy, beside the store.
extension World {
    /// One of so many deeds is tried.
    private static let every: UInt64 = 3

    mutating func tryPerson(_ key: ObjectKey, _ tree: Tree) {
        guard scenario.kind.isDrawnWide, key.kind == .workerPool else { return }
        tries += 1
        guard tries % Self.every == 0 else { return }
        var document = tree
        (document["apiVersion"], document["kind"]) = (.string(key.kind.apiVersion), .string(key.kind.rawValue))
        document["metadata"] = ["name": .string(key.name), "namespace": .string(key.namespace)]
        let trial = PersonTrial(key: key, admission: Admission(key.kind), now: wall())
        if let message = trial.fault(of: document) { fail(.kept, message) }
    }
}

/// Writes of four people, of one pool, one after the other.
private struct PersonTrial {
    let key: ObjectKey
    let admission: Admission
    let now: Timestamp

    private static let version = "10"
    private static let label = "team"

    private func context(_ person: String) -> WriteContext { WriteContext(now: now, manager: person) }

    /// As the store would hand it out.
    private func stored(_ tree: Tree) -> Tree {
        var tree = tree
        tree["metadata"]?["resourceVersion"] = .string(Self.version)
        return tree
    }

    /// Nil also where the document itself is refused: then there is nothing to look at.
    func fault(of document: Tree) -> String? {
        var document = document
        document["status"] = ["replicas": 7]
        document["metadata"]?["labels"] = [.init(Self.label): "a"]
        guard let made = try? admission.prepareCreate(document, uid: "double", context("anna")).tree else { return nil }
        if made["status"]?["replicas"] == 7 { return "\(key) would be created with a status that its author wrote" }
        var open = document
        open["spec"]?["maxWorkers"] = .null
        if let filled = try? admission.prepareCreate(open, uid: "double", context("anna")).tree,
            filled["spec"]?["maxWorkers"]?.int == nil
        {
            return "\(key) would be created without its size, of which its author said nothing"
        }
        let first = stored(made)
        return updated(first) ?? patched(first) ?? applied(first) ?? deleted(first)
    }

    private func size(of tree: Tree) -> Int64 { tree["spec"]?["maxWorkers"]?.int ?? 10 }

    /// Another one writes the whole object.
    private func updated(_ first: Tree) -> String? {
        var next = first
        next["spec"]?["maxWorkers"] = .int(size(of: first) + 1)
        next["metadata"]?["labels"] = ["other": "b"]
        next["status"] = ["replicas": 7]
        next["metadata"]?["resourceVersion"] = "9"
        if (try? admission.prepareUpdate(old: first, new: next, context("bert"))) != nil {
            return "\(key) would be written over by one who read an older version"
        }
        next["metadata"]?["resourceVersion"] = .string(Self.version)
        guard let second = try? admission.prepareUpdate(old: first, new: next, context("bert")).tree else { return nil }
        var told = first
        told["status"] = ["replicas": 3]
        if let third = try? admission.prepareUpdate(old: first, new: told, subresource: .status, context("emil")).tree {
            if third["metadata"]?["generation"] != first["metadata"]?["generation"] {
                return "\(key) would be of another generation for its status"
            }
            if third["status"]?["replicas"] != 3 { return "the status of \(key) would not be what was written of it" }
        }
        if second["metadata"]?["generation"]?.int != first["metadata"]?["generation"]?.int.map({ $0 + 1 }) {
            return "\(key) would not be of the next generation with another spec"
        }
        if second["status"] != first["status"] { return "the status of \(key) would be what a person wrote" }
        let size = ["f:spec", "f:maxWorkers"]
        guard owners(of: size, in: second) == ["bert"] else {
            return "\(key): bert changed its size, and it belongs to \(owners(of: size, in: second))"
        }
        guard owners(of: ["f:metadata", "f:labels", "f:other"], in: second) == ["bert"] else {
            return "\(key): bert gave it a label that is not his"
        }
        guard owners(of: ["f:metadata", "f:labels", "f:\(Self.label)"], in: second).isEmpty else {
            return "\(key): a label that is gone still belongs to somebody"
        }
        return nil
    }

    /// A null takes away.
    private func patched(_ first: Tree) -> String? {
        let patch: Tree = ["metadata": ["labels": [.init(Self.label): .null]]]
        guard let second = try? admission.preparePatch(old: first, .merge(patch), context("cora")).tree else {
            return nil
        }
        return second["metadata"]?["labels"]?[Self.label] == nil ? nil : "\(key) would keep what a patch takes away"
    }

    /// What somebody else owns is not taken without force, and what nobody else owns goes with whom it belongs to.
    private func applied(_ first: Tree) -> String? {
        func wish(_ spec: Tree) -> Tree {
            [
                "apiVersion": .string(key.kind.apiVersion), "kind": .string(key.kind.rawValue),
                "metadata": ["name": .string(key.name), "namespace": .string(key.namespace)], "spec": spec,
            ]
        }
        let grown = wish(["maxWorkers": .int(size(of: first) + 2)])
        func apply(_ wish: Tree, _ live: Tree, by person: String = "dora", force: Bool) -> Tree? {
            try? admission.prepareApply(live: live, applied: wish, force: force, uid: "double", context(person)).tree
        }
        if apply(grown, first, force: false) != nil { return "\(key): dora would take what is anna's" }
        // What was written and what is applied belong to two, of whatever name.
        if apply(grown, first, by: "anna", force: false) != nil {
            return "\(key): an apply would take what was written"
        }
        guard let taken = apply(grown, first, force: true) else { return nil }
        guard owners(of: ["f:spec", "f:maxWorkers"], in: taken) == ["dora"] else {
            return "\(key): dora took its size, and it is not hers"
        }
        return nil
    }

    /// What a finalizer holds is marked.
    private func deleted(_ first: Tree) -> String? {
        var held = first
        held["metadata"]?["finalizers"] = ["example.com/hold"]
        guard case .remove? = try? admission.prepareDelete(old: held, now: now) else { return nil }
        return "\(key) would be removed under a finalizer"
    }

    private func owners(of path: [String], in tree: Tree) -> [String] {
        let entries = tree["metadata"]?["managedFields"]?.array ?? []
        return entries.filter { entry in
            path.reduce(entry["fieldsV1"]) { $0?[$1] } != nil
        }.compactMap { $0["manager"]?.string }
    }
}
