import Model
import Tree

extension Kind {
    /// The kind's schema with its metadata described, for validating, merging and finding unknown fields.
    package var objectSchema: Schema { ObjectSchemas.table[self] ?? schema }
}

private enum ObjectSchemas {
    static let table: [Kind: Schema] = {
        var table: [Kind: Schema] = [:]
        for kind in Kind.allCases { table[kind] = described(kind.schema) }
        return table
    }()

    private static func described(_ whole: Schema) -> Schema {
        var schema = whole
        schema.properties = whole.properties.map { property in
            property.name == "metadata"
                ? .init(name: property.name, schema: metadata, required: property.required) : property
        }
        return schema
    }

    /// Without the bounds of names and keys: `MetadataCheck` has Kubernetes' words for those.
    private static let metadata: Schema = {
        var schema = ObjectMeta.schema
        schema.properties = schema.properties.map { property in
            var inner = property.schema
            if inner.kind == .string { inner.form = nil; inner.minLength = nil; inner.maxLength = nil }
            if inner.values != nil { inner.valueSchema = [Schema(.string)] }
            return .init(name: property.name, schema: inner, required: false)
        }
        return schema
    }()
}
