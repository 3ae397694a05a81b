import Model
package import Tree

extension Admission {
    /// A new object. `namespace` is the one written to, nil where the document alone decides; `uid` must
    /// never have been used before, and makes the end of a generated name too.
    package func prepareCreate(
        _ document: Tree, namespace: String? = nil, uid: String, _ context: WriteContext
    ) throws(AdmissionError) -> Admitted {
        try checkType(document)
        var tree = document
        let warnings = try screen(&tree, context) + supportWarnings(tree)
        try place(&tree, in: namespace)
        if let version = tree["metadata"]?["resourceVersion"]?.string, !version.isEmpty {
            throw AdmissionError(.badRequest, "resourceVersion should not be set on objects to be created")
        }
        tree = try created(tree, uid: uid, now: context.now)
        if let manager = context.manager {
            var owners = ManagedFields()
            owners.update(
                old: nil, new: tree, schema: schema, manager: manager, apiVersion: kind.apiVersion,
                now: context.now)
            owners.write(to: &tree)
        }
        return Admitted(tree: tree, warnings: warnings, created: true)
    }

    /// Defaults, system metadata of a first state, and all checks.
    func created(_ document: Tree, uid: String, now: Timestamp) throws(AdmissionError) -> Tree {
        var tree = document
        SystemMetadata.tidy(&tree)
        let metadata = tree["metadata"] ?? .emptyObject
        if metadata["name"] == nil, let prefix = metadata["generateName"]?.string {
            SystemMetadata.set(&tree, "name", .string(SystemMetadata.name(prefix: prefix, uid: uid)))
        }
        for name in ["resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields"] {
            SystemMetadata.set(&tree, name, nil)
        }
        SystemMetadata.set(&tree, "uid", .string(uid))
        SystemMetadata.set(&tree, "creationTimestamp", .string(now.wholeSeconds.description))
        SystemMetadata.set(&tree, "generation", hasGeneration ? 1 : nil)
        if kind.hasStatus { tree["status"] = nil }
        KubernetesKinds.complete(&tree, kind)
        Defaulting.apply(schema, to: &tree)
        try check(tree, old: nil) { _ in true }
        return tree
    }
}
