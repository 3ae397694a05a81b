import Model
package import Tree

extension Admission {
    /// A new object. `namespace` is the one written to, nil where the document alone decides; `uid` must
    /// never have been used before, and makes the end of a generated name too.
    package func prepareCreate(
        _ document: Tree, namespace: String? = nil, uid: String, _ context: WriteContext
    ) throws(AdmissionError) -> Admitted {
        try checkType(document)
        var tree: Tree
        var warnings: [String]
        if let sound = sound(document, namespace, uid: uid, now: context.now) {
            (tree, warnings) = (sound, supportWarnings(document))
        } else {
            (tree, warnings) = try read(document, context, .whole)
            warnings += supportWarnings(tree) + dropRepeatedOwners(&tree) + finalizerWarnings(tree, old: nil)
            try place(&tree, in: namespace)
            // One that is no number is none, as a real server's store reads it.
            if let version = tree["metadata"]?["resourceVersion"]?.string.flatMap({ UInt64($0) }), version > 0 {
                throw AdmissionError(.badRequest, "resourceVersion should not be set on objects to be created")
            }
            begin(&tree, uid: uid, now: context.now)
            Defaulting.apply(schema, to: &tree)
            try check(tree, old: nil) { _ in true }
        }
        if let manager = context.manager, isRecordable(document) {
            var owners = ManagedFields()
            owners.update(
                old: nil, new: KubernetesKinds.written(tree, document, kind), schema: schema, manager: manager,
                apiVersion: apiVersion,
                now: context.now)
            owners.write(to: &tree)
        }
        return Admitted(tree: tree, warnings: warnings, created: true)
    }

    /// Defaults, system metadata of a first state, and all checks.
    func created(_ document: Tree, uid: String, now: Timestamp) throws(AdmissionError) -> Tree {
        var tree = document
        begin(&tree, uid: uid, now: now)
        if let sound = checked(tree) { return sound }
        tree = try typed(document, .merged)
        begin(&tree, uid: uid, now: now)
        Defaulting.apply(schema, to: &tree)
        try check(tree, old: nil) { _ in true }
        return tree
    }

    /// The new object if nothing at all is wrong with the document, which most often is so. Nil means that it has to
    /// be looked at step by step.
    private func sound(_ document: Tree, _ namespace: String?, uid: String, now: Timestamp) -> Tree? {
        // What is dropped below would not be searched for unknown fields, nor read.
        guard document["status"] == nil, SystemMetadata.isTidy(document["metadata"]),
            !SystemMetadata.isMentioned(in: document["metadata"]), document["metadata"]?["finalizers"] == nil,
            document["metadata"]?["namespace"].map({ $0.string != nil }) ?? true
        else { return nil }
        var tree = document
        do throws(AdmissionError) { try place(&tree, in: namespace) } catch { return nil }
        begin(&tree, uid: uid, now: now)
        return checked(tree)
    }

    /// The object with its defaults if it passes every check of `check`.
    private func checked(_ tree: Tree) -> Tree? {
        let result: Tree
        switch SoundWalk.visit(tree, shape) {
        case .unsound: return nil
        case .same: result = tree
        case .changed(let changed): result = changed
        }
        guard MetadataCheck.check(result["metadata"] ?? .emptyObject, kind).isEmpty else { return nil }
        if kind.isOwn { return semanticErrors(result).isEmpty ? result : nil }
        return CoreRules.check(result, old: nil, kind, apiVersion).isEmpty ? result : nil
    }

    /// The system's metadata of a first state.
    private func begin(_ tree: inout Tree, uid: String, now: Timestamp) {
        SystemMetadata.tidy(&tree)
        SystemMetadata.edit(&tree) { metadata in
            if metadata["name"] == nil, let prefix = metadata["generateName"]?.string {
                metadata["name"] = .string(SystemMetadata.name(prefix: prefix, uid: uid))
            }
            for name in ["resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields"] {
                metadata[name] = nil
            }
            metadata["uid"] = .string(uid)
            metadata["creationTimestamp"] = .string(now.wholeSeconds.description)
            // Nobody counts that of Kubernetes' own small kinds: what is written stands.
            if hasGeneration { metadata["generation"] = 1 }
        }
        if kind.hasStatus { tree["status"] = nil }
        KubernetesKinds.begin(&tree, kind)
    }
}
