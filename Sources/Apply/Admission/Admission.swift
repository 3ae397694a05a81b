package import Model
package import Tree

/// The one way a write takes before it is stored, whoever writes: CLI, API or controller. Pure: the old
/// state, the wish and the time go in, the new state or the reason why not comes out.
///
/// It defaults, validates, drops or refuses unknown fields, keeps spec and status apart, sets the metadata
/// that belongs to the system, and keeps the record of who owns which field.
package struct Admission: Sendable {
    package let kind: Kind
    /// The group and version that the kind is written in.
    package let apiVersion: String
    /// The schema of the whole object, metadata described.
    package let schema: Schema
    /// The same, for what is right.
    let shape: SoundShape

    package init(_ kind: Kind) {
        self.kind = kind
        apiVersion = kind.apiVersion
        shape = SoundShape.of(kind)
        schema = shape.schema
    }

    /// With a schema of the caller's own in place of the kind's.
    package init(_ kind: Kind, schema: Schema, apiVersion: String? = nil) {
        self.kind = kind
        self.apiVersion = apiVersion ?? kind.apiVersion
        self.schema = schema
        shape = SoundShape(schema)
    }

    /// The generation of an object counts what users ask for; Kubernetes' own small kinds have none.
    var hasGeneration: Bool { kind.isOwn }

    /// Whether a whole object may be written without the version that it was read at.
    var takesBlindUpdates: Bool { !kind.isOwn && kind != .lease }

    // MARK: - Type and identity

    /// The document must be of this kind, and say so.
    package func checkType(_ tree: Tree) throws(AdmissionError) {
        guard case .object = tree else {
            throw AdmissionError(
                .badRequest,
                "the object provided is unrecognized (must be of type \(kind.rawValue)): it is "
                    + "\(tree.typeName)"
            )
        }
        let version = tree["apiVersion"]?.string ?? ""
        guard let word = tree["kind"]?.string, !word.isEmpty else {
            throw AdmissionError(.badRequest, "Object 'Kind' is missing: write kind: \(kind.rawValue)")
        }
        guard version == apiVersion else {
            throw AdmissionError(
                .badRequest,
                "the API version in the data (\(version)) does not match the expected API version "
                    + "(\(apiVersion))"
            )
        }
        guard word == kind.rawValue else {
            throw .invalid(
                kind, name(of: tree),
                [FieldError(.invalid, ["kind"], value: .string(word), "must be \(kind.rawValue)")]
                    + Validation.unreadableRules(tree, schema: part { $0 != "metadata" }),
                kindWord: word)
        }
    }

    /// Puts the object into the namespace it is written to, or says that it claims another.
    func place(_ tree: inout Tree, in namespace: String?) throws(AdmissionError) {
        guard kind.namespaced else { return dropNamespace(&tree) }
        guard let namespace, !namespace.isEmpty else { return }
        let claimed = tree["metadata"]?["namespace"]?.string ?? ""
        guard claimed.isEmpty || claimed == namespace else {
            throw AdmissionError(
                .badRequest,
                "the namespace of the provided object does not match the namespace sent on the request")
        }
        // What is no text is left for the reader to refuse.
        if let given = tree["metadata"]?["namespace"], given.string == nil, !given.isNull { return }
        SystemMetadata.set(&tree, "namespace", .string(namespace))
    }

    /// What has no namespace is not refused for naming one (apiserver, pkg/registry/rest, `EnsureObjectNamespace…`).
    func dropNamespace(_ tree: inout Tree) {
        guard !kind.namespaced, tree["metadata"]?["namespace"]?.string != nil else { return }
        SystemMetadata.set(&tree, "namespace", nil)
    }

    func name(of tree: Tree) -> String { tree["metadata"]?["name"]?.string ?? "" }

    // MARK: - Fields

    /// What the user wrote that is kept without being acted on; asked of the document before its defaults.
    func supportWarnings(_ document: Tree) -> [String] {
        unsupportedFields(in: document, of: kind).prefix(20).map {
            "\($0) is stored and shown but not acted on yet"
        }
    }

    /// Everything that is wrong with an object as it would be stored. Of an update, `parts` are the members
    /// that it can change: only they are looked at.
    func check(_ tree: Tree, old: Tree?, parts: (String) -> Bool) throws(AdmissionError) {
        var errors: [FieldError] = []
        if parts("metadata"), let metadata = tree["metadata"] {
            errors += MetadataCheck.check(metadata, kind, isNew: old == nil)
            if errors.isEmpty, let before = old?["metadata"] {
                let found = MetadataCheck.checkUpdate(old: before, new: metadata)
                // A real server looks twice at the metadata of a custom resource, and says so in the causes.
                errors += kind.isOwn ? found + found : found
            }
        }
        guard kind.isOwn else {
            errors += CoreRules.check(tree, old: old, kind, apiVersion)
            if !errors.isEmpty { throw .invalid(kind, name(of: tree), errors) }
            return
        }
        // The rules of the object as a whole look at all of it, so they are run on all of it.
        errors += Validation.check(tree, old: old, schema: part { $0 != "metadata" && parts($0) })
        errors += scaleErrors(tree, parts)
        if errors.isEmpty, parts("spec"), old?["spec"] != tree["spec"] { errors = semanticErrors(tree) }
        guard !errors.isEmpty else { return }
        throw .invalid(kind, name(of: tree), errors, rulesSkipped: schema.hasRules && errors.blockRules)
    }

    /// What `/scale` says about sizes, whatever the schema says; its paths begin with a dot.
    private func scaleErrors(_ tree: Tree, _ parts: (String) -> Bool) -> [FieldError] {
        guard let scale = kind.scale else { return [] }
        return [("spec", scale.specReplicas), ("status", scale.statusReplicas)].compactMap { part, path in
            guard parts(part), let size = tree[path]?.int, size < 0 else { return nil }
            return FieldError(
                .invalid, FieldPath([.field("")] + path.steps), value: .int(size), "should be a non-negative integer")
        }
    }

    /// The schema with some of the object's members only.
    func part(_ isIn: (String) -> Bool) -> Schema {
        var part = schema
        part.properties = schema.properties.filter { isIn($0.name) }
        return part
    }

    /// What no schema can see, from the model: names that don't resolve, cycles.
    func semanticErrors(_ tree: Tree) -> [FieldError] {
        guard kind == .executionPlan, let spec = tree["spec"] else { return [] }
        do throws(DecodingIssue) {
            return try ExecutionPlanSpec(tree: spec).validate().map {
                FieldError(.invalid, $0.path, $0.message)
            }
        } catch {
            return [FieldError(.invalid, FieldPath([.field("spec")] + error.path.steps), error.message)]
        }
    }
}
