import Model
package import Tree

/// How an update arrives: a whole object, or the old one with changes made to it.
package enum UpdateVerb: Sendable, Hashable {
    /// The object must carry the version it was read at.
    case replace
    case patch
}

/// A change to an object.
package enum Patch: Sendable, Hashable {
    /// RFC 7386.
    case merge(Tree)
    /// RFC 6902.
    case json(Tree)
    /// What a patch of another form made already.
    case whole(Tree)

    func apply(to tree: Tree) throws(AdmissionError) -> Tree {
        switch self {
        case .whole(let patched): return patched
        case .merge(let patch): return MergePatch.apply(patch, to: tree)
        case .json(let patch):
            do throws(JSONPatchError) { return try JSONPatch.apply(patch, to: tree) } catch {
                throw .patch(error)
            }
        }
    }
}

extension Admission {
    /// A new state of an object. `old` is what is stored; its version is the one `new` is compared with, and
    /// the caller commits under it. Through `status` only status changes, through `scale` (where `new` is a
    /// Scale) only the size, and otherwise everything but status.
    package func prepareUpdate(
        old: Tree, new: Tree, subresource: Subresource = .none, verb: UpdateVerb = .replace,
        _ context: WriteContext
    ) throws(AdmissionError) -> Admitted {
        var warnings: [String] = []
        var tree: Tree
        let arrival: Arrival = verb == .patch ? .patched : .whole
        switch subresource {
        case .scale:
            let scale: Tree
            (scale, warnings) = try readScale(new, context, arrival)
            try checkIdentity(scale, old, verb: .replace, isVersionFree: true)
            tree = try Scale.apply(scale, to: old, kind)
        case .status, .finalize:
            try checkType(new)
            // A spec of thousands of tasks is not looked at when a few numbers of its status change.
            var document = new
            if kind.isOwn { document["spec"] = nil }
            (document, warnings) = try read(document, context, arrival)
            try checkIdentity(document, old, verb: verb)
            let part = subresource == .status ? "status" : "spec"
            tree = kind.isOwn ? old : document
            if !kind.isOwn { for name in ["spec", "status"] { tree[name] = old[name] } }
            tree[part] = document[part]
        case .none:
            try checkType(new)
            (tree, warnings) = try read(new, context, arrival)
            warnings += supportWarnings(tree) + dropRepeatedOwners(&tree, arrival) + finalizerWarnings(tree, old: old)
            try checkIdentity(tree, old, verb: verb)
            if kind.hasStatus { tree["status"] = old["status"] }
            KubernetesKinds.keep(&tree, old, kind)
        }
        let given = subresource == .none ? new["metadata"]?["managedFields"] : nil
        tree = try updated(tree, old: old, subresource)
        if subresource == .scale {
            Scale.record(&tree, old: old, kind, schema, apiVersion, context)
        } else {
            let written = subresource == .none ? KubernetesKinds.written(tree, new, kind, old: old) : tree
            record(&tree, written: written, old: old, given: given, subresource, context)
        }
        if subresource == .none, !isRecordable(new) { SystemMetadata.set(&tree, "managedFields", nil) }
        return Admitted(tree: tree, warnings: warnings, changed: tree != old)
    }

    package func preparePatch(
        old: Tree, _ patch: Patch, subresource: Subresource = .none, _ context: WriteContext
    ) throws(AdmissionError) -> Admitted {
        var before = subresource == .scale ? Scale.tree(of: old, kind) : old
        if let scale = kind.scale, subresource == .scale, old[scale.specReplicas] == nil {
            before["spec"]?["replicas"] = Scale.unset
        }
        let new = try patch.apply(to: before)
        if let path = kind.scale?.specReplicas, subresource == .scale, new["spec"]?["replicas"] == Scale.unset {
            throw AdmissionError(.badRequest, "the spec replicas field \".\(path)\" cannot be empty")
        }
        return try prepareUpdate(old: old, new: new, subresource: subresource, verb: .patch, context)
    }

    /// What an API checks of a document before it looks the object up: it must be the one the path names.
    package func checkAddress(_ document: Tree, namespace: String?, name: String) throws(AdmissionError) {
        let given = self.name(of: document)
        guard given == name else { throw AdmissionError.wrongName(given, path: name) }
        var document = document
        try place(&document, in: namespace)
    }

    // MARK: - Steps

    /// The object must be the one stored, at the version stored.
    func checkIdentity(
        _ new: Tree, _ old: Tree, verb: UpdateVerb, isVersionFree: Bool = false
    ) throws(AdmissionError) {
        let before = old["metadata"] ?? .emptyObject
        let after = new["metadata"] ?? .emptyObject
        let name = before["name"]?.string ?? ""
        let given = after["name"]?.string ?? ""
        guard given == name else { throw AdmissionError.wrongName(given, path: name) }
        if let namespace = after["namespace"]?.string, !namespace.isEmpty,
            namespace != before["namespace"]?.string
        {
            throw AdmissionError(
                .badRequest,
                "the namespace of the provided object does not match the namespace sent on the request")
        }
        let version = after["resourceVersion"]?.string ?? ""
        if version.isEmpty || version == "0" {
            if !takesBlindUpdates, !isVersionFree { throw .versionMissing(kind, name) }
        } else if version != before["resourceVersion"]?.string {
            try AdmissionError.checkReadable(version: version)
            throw .modified(kind, name)
        }
        if verb == .replace, let uid = after["uid"]?.string, !uid.isEmpty, uid != before["uid"]?.string {
            throw .replaced(
                kind, before["namespace"]?.string, name, wanted: uid, actual: before["uid"]?.string ?? "")
        }
    }

    /// Defaults, system metadata carried over, and all checks.
    func updated(_ new: Tree, old: Tree, _ subresource: Subresource) throws(AdmissionError) -> Tree {
        var tree = new
        let before = old["metadata"] ?? .emptyObject
        if subresource == .none { SystemMetadata.tidy(&tree) }
        for name in ["resourceVersion", "generation", "managedFields"] {
            SystemMetadata.set(&tree, name, before[name])
        }
        for name in ["uid", "namespace", "deletionGracePeriodSeconds"] where tree["metadata"]?[name] == nil {
            SystemMetadata.set(&tree, name, before[name])
        }
        // Whatever a document says of these times, they stay.
        for name in ["creationTimestamp", "deletionTimestamp"] {
            guard let stored = before[name] else { continue }
            SystemMetadata.set(&tree, name, stored)
        }
        let parts: (String) -> Bool =
            subresource == .status && kind.isOwn
            ? { $0 == "status" } : { [hasStatus = kind.hasStatus] in !hasStatus || $0 != "status" }
        KubernetesKinds.complete(&tree, kind)
        Defaulting.apply(part(parts), to: &tree)
        try check(tree, old: old, parts: parts)
        if hasGeneration, !sameWish(tree, old) {
            SystemMetadata.set(&tree, "generation", .int((before["generation"]?.int ?? 0) + 1))
        }
        return tree
    }

    /// Whether two states ask for the same: they differ in nothing but metadata and status.
    private func sameWish(_ a: Tree, _ b: Tree) -> Bool {
        schema.properties.allSatisfy {
            $0.name == "metadata" || $0.name == "status" || a[$0.name] == b[$0.name]
        }
    }

    /// Records what was written. A whole object may bring the owners before the write along, to change them:
    /// `given`; `[{}]` forgets them all; nothing, or what can't be read, leaves them.
    private func record(
        _ tree: inout Tree, written: Tree, old: Tree, given: Tree?, _ subresource: Subresource, _ context: WriteContext
    ) {
        let stored = old["metadata"]?["managedFields"]
        // A list of nothing is as good as none where it isn't read into a struct.
        let forgets = given == [.emptyObject] || given == [] && !kind.isOwn && stored != nil
        let rewrites = forgets || given.map { $0 != .null && $0 != stored && $0 != [] } ?? false
        guard rewrites || (context.manager != nil && written != old) else { return }
        var owners = ManagedFields(of: old)
        if rewrites, let given {
            let parsed = ManagedFields(of: ["metadata": ["managedFields": given]])
            if forgets {
                owners = ManagedFields()
            } else if !parsed.entries.isEmpty {
                owners = parsed
            }
        }
        // Where nobody's fields are recorded, the record begins with the first apply.
        if let manager = context.manager, !owners.entries.isEmpty {
            owners.update(
                old: old, new: written, schema: schema, manager: manager, apiVersion: apiVersion,
                subresource: subresource.rawValue, now: context.now)
        }
        owners.write(to: &tree)
    }
}
