package import Model
package import Tree

/// A member that the schema does not know.
package struct UnknownField: Sendable, Hashable, CustomStringConvertible {
    package let path: FieldPath
    /// The known sibling that was probably meant.
    package let nearest: String?

    /// Kubernetes' words: `unknown field "spec.paralelism"`.
    package var description: String { "unknown field \"\(path.plain)\"" }
}

/// Finds or drops the members that a schema does not know. Where the schema is `any`, everything is known.
package enum UnknownFields {
    /// The first ones, in document order of the schema's walk; no list is longer.
    package static let limit = 100

    package static func find(_ tree: Tree, _ schema: Schema) -> [UnknownField] {
        var search = Search()
        search.visit(tree, schema)
        return search.found
    }

    package static func prune(_ tree: inout Tree, _ schema: Schema) {
        switch tree {
        case .object(let members) where schema.kind == .object:
            var kept = Members(reservingCapacity: members.count)
            for member in members {
                guard let inner = schema.property(member.key)?.schema ?? schema.values else { continue }
                var value = member.value
                prune(&value, inner)
                kept[member.key] = value
            }
            tree = .object(kept)
        case .array(let items):
            guard let inner = schema.items else { return }
            tree = .array(
                items.map { item in
                    var item = item
                    prune(&item, inner)
                    return item
                })
        default: break
        }
    }

    private struct Search {
        var found: [UnknownField] = []
        var steps: [FieldPath.Step] = []

        mutating func visit(_ tree: Tree, _ schema: Schema) {
            guard found.count < UnknownFields.limit else { return }
            switch tree {
            case .object(let members) where schema.kind == .object:
                for member in members {
                    steps.append(.field(member.key))
                    if let inner = schema.property(member.key)?.schema ?? schema.values {
                        visit(member.value, inner)
                    } else if found.count < UnknownFields.limit {
                        let nearest = NearestName.suggest(member.key, among: schema.properties.map(\.name))
                        found.append(UnknownField(path: FieldPath(steps), nearest: nearest))
                    }
                    steps.removeLast()
                }
            case .array(let items):
                guard let inner = schema.items else { return }
                for (index, item) in items.enumerated() {
                    steps.append(.index(index))
                    visit(item, inner)
                    steps.removeLast()
                }
            default: break
            }
        }
    }
}
