import Model
package import Tree

extension Admission {
    /// How a document came.
    enum Arrival: Sendable {
        case whole
        /// What a patch made of the stored object.
        case patched
        /// What server-side apply made of it.
        case merged
    }

    /// A document with everything about it read: types right where they are Go's, unknown members dropped or refused,
    /// numbers as they are stored.
    func read(_ document: Tree, _ context: WriteContext, _ arrival: Arrival) throws(AdmissionError)
        -> (tree: Tree, warnings: [String])
    {
        var tree = try typed(document, arrival)
        dropNamespace(&tree)
        let unknown = UnknownFields.find(document, schema)
        guard !unknown.isEmpty else { return (tree, []) }
        let problems = unknown.map(\.description)
        if context.fieldValidation == .strict {
            var error =
                arrival == .patched
                ? AdmissionError.strictPatch(document, problems)
                : .strictDecoding(kind, apiVersion: apiVersion, problems)
            error.unknownFields = unknown
            throw error
        }
        UnknownFields.prune(&tree, schema)
        return (tree, context.fieldValidation == .warn ? problems : [])
    }

    /// What must hold of a whole object before it is asked whether there is one to replace.
    package func checkReadable(_ document: Tree) throws(AdmissionError) {
        try checkType(document)
        _ = try typed(document, .whole)
    }

    /// Kubernetes' own kinds are structs from top to bottom; of ours, metadata is one.
    func typed(_ document: Tree, _ arrival: Arrival) throws(AdmissionError) -> Tree {
        do throws(TypedFault) {
            guard kind.isOwn else { return try TypedDecoding.read(document, schema, at: [], kind.rawValue) }
            var tree = Numbers.integral(document)
            guard let metadata = tree["metadata"] else { return tree }
            let read = try TypedDecoding.read(
                metadata, MetaShapes.objectMeta, at: [.field("metadata")], kind.rawValue)
            tree["metadata"] = read.isNull ? .emptyObject : read
            return tree
        } catch {
            throw refusal(error, document, arrival)
        }
    }

    private func refusal(_ fault: TypedFault, _ document: Tree, _ arrival: Arrival) -> AdmissionError {
        let version = apiVersion.split(separator: "/").last ?? ""
        let why = "\(kind.rawValue) in version \"\(version)\" cannot be handled as a \(kind.rawValue): \(fault.message)"
        var error: AdmissionError =
            arrival == .patched ? .unreadablePatch(document, why) : AdmissionError(.badRequest, why)
        error.fieldErrors = [FieldError(.typeInvalid, fault.path, value: fault.value, fault.message)]
        return error
    }

    /// Finalizers of kinds of ours that could be anybody's.
    func finalizerWarnings(_ tree: Tree, old: Tree?) -> [String] {
        guard kind.isOwn, let finalizers = tree["metadata"]?["finalizers"]?.array else { return [] }
        let before = old?["metadata"]?["finalizers"]?.array ?? []
        let added = Set(finalizers.filter { !before.contains($0) }.compactMap(\.string))
        return added.subtracting(["orphan", "foregroundDeletion"]).filter { !$0.contains("/") }.sorted().map {
            "metadata.finalizers: \"\($0)\": prefer a domain-qualified finalizer name to avoid accidental conflicts with "
                + "other finalizer writers"
        }
    }

    /// Whether what was written can be told place by place. Of a status that is sent along with the whole object
    /// nothing is stored, so that nothing holds its types; where they are wrong, a real server gives the record up.
    func isRecordable(_ document: Tree) -> Bool {
        if kind == .serviceAccount { return schema.fits(document) }
        guard kind.isOwn, let status = document["status"] else { return true }
        return schema.property("status")?.schema.fits(status) ?? true
    }

    /// Owners that are named twice, word for word, are named once, with a warning.
    func dropRepeatedOwners(_ tree: inout Tree, _ arrival: Arrival = .whole) -> [String] {
        guard let owners = tree["metadata"]?["ownerReferences"]?.array, owners.count > 1 else { return [] }
        var kept: [Tree] = []
        var repeated: [String] = []
        for owner in owners {
            if kept.contains(owner) { repeated.append(owner["uid"]?.string ?? "") } else { kept.append(owner) }
        }
        guard !repeated.isEmpty else { return [] }
        SystemMetadata.set(&tree, "ownerReferences", .array(kept))
        let place = arrival == .whole ? "" : " after mutating admission happens"
        return [
            ".metadata.ownerReferences contains duplicate entries\(place); API server dedups owner references in 1.20+, and may "
                + "reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: "
                + repeated.joined(separator: ", ")
        ]
    }
}

/// Numbers as Kubernetes stores those of custom resources: one without a fraction is whole, however it is written.
package enum Numbers {
    package static func integral(_ tree: Tree) -> Tree { changed(tree) ?? tree }

    /// Nil where nothing changes, so that the common tree is walked without a copy.
    private static func changed(_ tree: Tree) -> Tree? {
        switch tree {
        case .double(let number): Int64(exactly: number).map { .int($0) }
        case .array(let items):
            items.contains { changed($0) != nil } ? .array(items.map(integral)) : nil
        case .object(let members):
            members.contains { changed($0.value) != nil }
                ? .object(Members(ascending: members.map { Members.Member(key: $0.key, value: integral($0.value)) }))
                : nil
        default: nil
        }
    }
}
