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
        schema.properties = self.properties.map { $0.name == "metadata" ? ObjectSchemas.metadata : $0 }
        return schema
    }
}

private enum ObjectSchemas {
    static let table: [Kind: Schema] = {
        var table: [Kind: Schema] = [:]
        for kind in Kind.allCases { table[kind] = kind.schema.withMetadata }
        return table
    }()

    static let metadata = Schema.Property(
        name: "metadata", schema: MetaShapes.objectMeta, required: false, number: 1, presence: .kept)
}
