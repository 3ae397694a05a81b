package import Model
import Tree

extension Kind {
    /// The kind's schema with its metadata described, for validating, merging and finding unknown fields.
    package var objectSchema: Schema { ObjectSchemas.table[self] ?? schema }
}

extension Schema {
    /// The same with the metadata that every object has.
    package var withMetadata: Schema {
        var schema = self
        schema.properties = self.properties.map { $0.name == "metadata" ? ObjectSchemas.metadata ?? $0 : $0 }
        return schema
    }
}

private enum ObjectSchemas {
    static let table: [Kind: Schema] = {
        var table: [Kind: Schema] = [:]
        for kind in Kind.allCases { table[kind] = kind.schema.withMetadata }
        return table
    }()

    static let metadata = Envelope.schema.property("metadata")
}

/// An object as far as its metadata goes.
private struct Envelope: Structured {
    var metadata: Metadata?

    static var shape: Shape<Envelope> {
        Shape(
            "An object.",
            .optional("metadata", \.metadata, "Name, namespace, labels and the store's own record."))
    }
}

/// Metadata as it is merged and validated: what its members are and how its lists merge. It has no bounds,
/// for `MetadataCheck` has Kubernetes' words for those.
private struct Metadata: Structured {
    var text: String?
    var number: Int?
    var time: Timestamp?
    var map: [String: String]?
    var owners: [OwnerReference]?
    var words: [String]?
    var anything: Tree?

    /// Each field is only described, never read: they share the properties above.
    static var shape: Shape<Metadata> {
        Shape(
            "Name, namespace, labels and the store's own record of an object.",
            .optional("name", \.text, "Name of the object."),
            .optional("generateName", \.text, "Prefix of a name to be made."),
            .optional("namespace", \.text, "Namespace of the object."),
            .optional("uid", \.text, "Never used twice."),
            .optional("resourceVersion", \.text, "Version of the last write."),
            .optional("selfLink", \.text, "Kubernetes' former link to the object."),
            .optional("generation", \.number, "Rises whenever the spec changes."),
            .optional("creationTimestamp", \.time, "When it was created."),
            .optional("deletionTimestamp", \.time, "When deletion was asked for."),
            .optional("deletionGracePeriodSeconds", \.number, "Seconds it was given to end."),
            .optional("labels", \.map, "Keys and values to select objects by."),
            .optional("annotations", \.map, "Keys and values that select nothing."),
            .optional("ownerReferences", \.owners, "The objects whose end ends this one.", .map(by: "uid")),
            .optional("finalizers", \.words, "What must happen before it may go.", .set),
            .optional("managedFields", \.anything, "Which writer owns which fields."))
    }
}
