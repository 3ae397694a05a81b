import Model
import Tree

/// Nulls in what server-side apply made of an object of a kind of ours. Those of members with a default give way to it;
/// the others stand for nothing and are refused, where a create or a merge patch would drop them.
enum Nulls {
    static func errors(_ tree: Tree, _ schema: Schema) -> [FieldError] {
        var walk = Walk()
        for property in schema.properties where property.name != "metadata" {
            walk.member(property.name, tree[property.name], property.schema, standard: property.standard)
        }
        return walk.errors
    }

    private struct Walk {
        var steps: [FieldPath.Step] = []
        var errors: [FieldError] = []

        mutating func member(_ name: String, _ value: Tree?, _ schema: Schema, standard: Tree?) {
            guard let value, schema.kind != .any else { return }
            steps.append(.field(name))
            defer { steps.removeLast() }
            if value.isNull {
                if schema.defaultValue == nil, standard == nil { refuse(schema) }
            } else {
                visit(value, schema)
            }
        }

        private mutating func visit(_ tree: Tree, _ schema: Schema) {
            switch tree {
            case .object(let members) where schema.kind == .object:
                for member in members {
                    guard let below = schema.member(member.key) else { continue }
                    self.member(
                        member.key, member.value, below, standard: schema.property(member.key)?.standard)
                }
            case .array(let items):
                guard let inner = schema.items, inner.kind != .any else { return }
                for (index, item) in items.enumerated() {
                    steps.append(.index(index))
                    if item.isNull { refuse(inner) } else { visit(item, inner) }
                    steps.removeLast()
                }
            default: break
            }
        }

        private mutating func refuse(_ schema: Schema) {
            guard errors.count < Validation.limit else { return }
            let path = FieldPath(steps)
            let word = schema.kind == .intOrString ? "integer,string" : schema.kind.rawValue
            errors.append(
                FieldError(
                    .typeInvalid, path, value: "null", "\(path) in body must be of type \(word): \"null\""))
        }
    }
}
