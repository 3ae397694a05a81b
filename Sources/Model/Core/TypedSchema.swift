import Tree

/// Words to describe Kubernetes' own structs with: one line a field, its protobuf number first.
enum Typed {
    static func object(
        _ name: String, _ description: String, atomic: Bool = false, _ fields: Schema.Property...
    ) -> Schema {
        var schema = Schema(.object)
        schema.structName = name
        schema.description = description
        schema.properties = fields
        schema.isAtomic = atomic
        return schema
    }

    static func list(_ items: Schema, _ type: Schema.ListType = .atomic) -> Schema {
        var schema = Schema(.array)
        schema.itemSchema = [items]
        schema.listType = type
        return schema
    }

    static func map(_ values: Schema) -> Schema {
        var schema = Schema(.object)
        schema.valueSchema = [values]
        return schema
    }

    static let text = Schema(.string)
    static let flag = Schema(.boolean)
    static let bytes = formatted(.string, "byte")
    static let int32 = formatted(.integer, "int32")
    static let int64 = formatted(.integer, "int64")
    static let time = formatted(.string, "date-time")
    static let anything = Schema(.any)
    static let microTime: Schema = {
        var schema = time
        schema.isMicroTime = true
        return schema
    }()

    private static func formatted(_ kind: Schema.Kind, _ format: String) -> Schema {
        var schema = Schema(kind)
        schema.format = format
        return schema
    }
}

extension Schema.Property {
    static func field(
        _ number: Int, _ name: String, _ schema: Schema, _ description: String,
        _ presence: Schema.Presence = .omittedEmpty
    ) -> Schema.Property {
        var schema = schema
        schema.description = description
        return Schema.Property(name: name, schema: schema, required: false, number: number, presence: presence)
    }
}
