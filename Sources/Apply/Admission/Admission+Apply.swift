import Model
package import Tree

extension Admission {
    /// Server-side apply by `context.manager`. `live` is what is stored, nil to create. `applied` may name
    /// any part of the object; fields unknown to the schema are refused whatever `fieldValidation` says, as
    /// nobody could own them.
    package func prepareApply(
        live: Tree?, applied: Tree, namespace: String? = nil, force: Bool = false,
        subresource: Subresource = .none,
        uid: String, _ context: WriteContext
    ) throws(AdmissionError) -> Admitted {
        guard let manager = context.manager, !manager.isEmpty else { throw .managerMissing }
        guard manager.utf8.count <= 128 else {
            throw AdmissionError(.badRequest, "fieldManager: may not be more than 128 bytes")
        }
        try checkType(applied)
        var wish = applied
        try place(&wish, in: namespace)
        try checkConfiguration(wish)
        if let live { try checkIdentity(wish, live, verb: .patch) }
        let warnings = supportWarnings(wish)
        wish = reduced(wish, subresource)

        let merged: Tree
        do throws(ApplyConflict) {
            merged = try ServerSideApply.apply(
                live: live, applied: wish, manager: manager, force: force, schema: schema, now: context.now,
                subresource: subresource.rawValue)
        } catch {
            throw .conflict(error)
        }
        let owners = merged["metadata"]?["managedFields"]
        guard let live else {
            guard subresource == .none else { throw .notFound(kind, name(of: wish)) }
            var tree = try created(merged, uid: uid, now: context.now)
            SystemMetadata.set(&tree, "managedFields", owners)
            return Admitted(tree: tree, warnings: warnings, created: true)
        }
        var tree = try updated(merged, old: live, subresource)
        SystemMetadata.set(&tree, "managedFields", owners)
        return Admitted(tree: tree, warnings: warnings, changed: tree != live)
    }

    /// What must hold of a configuration by itself, before it meets the object.
    private func checkConfiguration(_ applied: Tree) throws(AdmissionError) {
        if let given = applied["metadata"]?["managedFields"], given != .null, given != [] {
            throw AdmissionError(.badRequest, "metadata.managedFields must be nil")
        }
        let name = name(of: applied)
        guard !name.isEmpty else {
            throw .invalid(kind, "", [FieldError(.required, ["metadata", "name"], "name is required")])
        }
        if let unknown = UnknownFields.find(applied, schema).first {
            let namespace = applied["metadata"]?["namespace"]?.string ?? ""
            var error = AdmissionError(
                .badRequest,
                "failed to create typed patch object (\(namespace)/\(name); \(kind.apiVersion), "
                    + "Kind=\(kind.rawValue)): "
                    + ".\(unknown.path): field not declared in schema")
            error.unknownFields = UnknownFields.find(applied, schema)
            throw error
        }
        let errors = Validation.check(applied, schema: schema, partial: true)
        if !errors.isEmpty { throw .invalid(kind, name, errors) }
    }

    /// The part of a configuration that the subresource takes: the rest is neither written nor owned.
    private func reduced(_ applied: Tree, _ subresource: Subresource) -> Tree {
        var tree = applied
        for name in ["resourceVersion", "uid", "creationTimestamp", "generation"] {
            SystemMetadata.set(&tree, name, nil)
        }
        guard subresource == .status else {
            if kind.hasStatus { tree["status"] = nil }
            return tree
        }
        var kept: Tree = ["apiVersion": .string(kind.apiVersion), "kind": .string(kind.rawValue)]
        kept["metadata"] = ["name": .string(name(of: tree))]
        kept["status"] = tree["status"]
        return kept
    }
}
