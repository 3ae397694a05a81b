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
        let problems = ManagerName.errors(manager, ["fieldManager"])
        guard problems.isEmpty else { throw .options("PatchOptions", problems) }
        try checkType(applied)
        var wish = kind.isOwn ? Numbers.integral(applied) : applied
        try place(&wish, in: namespace)
        try checkConfiguration(wish)
        // Who owns what is said before which version is meant.
        var stale: AdmissionError?
        do throws(AdmissionError) { try checkTarget(wish, live) } catch {
            guard error.reason == .conflict else { throw error }
            stale = error
        }
        let warnings = supportWarnings(wish) + finalizerWarnings(wish, old: live)
        wish = reduced(wish, subresource)

        var merged = try merge(wish, into: live, manager, force: force, context.now, subresource)
        if let stale { throw stale }
        if manager == LastApplied.manager { LastApplied.update(&merged, applied) }
        let nulls = kind.isOwn ? Nulls.errors(merged, schema) : []
        if !nulls.isEmpty { throw .invalid(kind, name(of: wish), nulls, rulesSkipped: schema.hasRules) }
        let owners = merged["metadata"]?["managedFields"]
        guard let live else {
            guard subresource == .none else { throw .notFound(kind, name(of: wish)) }
            var tree = try created(merged, uid: uid, now: context.now)
            SystemMetadata.set(&tree, "managedFields", owners)
            return Admitted(tree: tree, warnings: warnings, created: true)
        }
        if subresource == .none { KubernetesKinds.keep(&merged, live, kind) }
        var tree = try updated(try typed(merged, .merged), old: live, subresource)
        SystemMetadata.set(&tree, "managedFields", owners)
        return Admitted(tree: tree, warnings: warnings, changed: tree != live)
    }

    /// What client-side apply said before belongs to `kubectl` already: it takes that without a conflict.
    private func merge(
        _ wish: Tree, into live: Tree?, _ manager: String, force: Bool, _ now: Timestamp, _ subresource: Subresource
    ) throws(AdmissionError) -> Tree {
        let known = live.map { LastApplied.succeeding($0, manager, apiVersion) }
        func merge(_ force: Bool) throws(ApplyConflict) -> Tree {
            try ServerSideApply.apply(
                live: known, applied: wish, manager: manager, force: force, schema: schema, now: now,
                subresource: subresource.rawValue)
        }
        do throws(ApplyConflict) { return try merge(force) } catch {
            guard manager == LastApplied.manager, let live,
                let own = LastApplied.fields(of: live, schema, apiVersion: apiVersion)
            else { throw .conflict(error) }
            if let left = error.without(own) { throw .conflict(left) }
            do throws(ApplyConflict) { return try merge(true) } catch { throw .conflict(error) }
        }
    }

    /// The object that is meant must be the one that is there.
    private func checkTarget(_ wish: Tree, _ live: Tree?) throws(AdmissionError) {
        let uid = wish["metadata"]?["uid"]?.string ?? ""
        guard let live else {
            guard uid.isEmpty else { throw .absent(kind, name(of: wish), uid: uid) }
            return try AdmissionError.checkReadable(version: wish["metadata"]?["resourceVersion"]?.string ?? "")
        }
        if let version = wish["metadata"]?["resourceVersion"], version == "" || version == .null, !takesBlindUpdates {
            throw .versionMissing(kind, name(of: wish))
        }
        // A version that is not named means whatever there is.
        try checkIdentity(wish, live, verb: .patch, isVersionFree: true)
        guard uid.isEmpty || uid == live["metadata"]?["uid"]?.string else {
            let error = FieldError(.invalid, ["metadata", "uid"], value: .string(uid), "field is immutable")
            throw .invalid(kind, name(of: wish), kind.isOwn ? [error, error] : [error])
        }
    }

    /// What must hold of a configuration by itself, before it meets the object.
    private func checkConfiguration(_ applied: Tree) throws(AdmissionError) {
        if let given = applied["metadata"]?["managedFields"], given != .null {
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
        // Nobody counts the generations of Kubernetes' own small kinds: what is written of a first state stands.
        for name in ["resourceVersion", "uid", "creationTimestamp"] + (hasGeneration ? ["generation"] : []) {
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
