package import Model
package import Tree

/// The fields a user wrote that are stored and shown but not acted on yet.
package enum SupportNotes {
    /// No answer holds more notes.
    package static let limit = 20

    package static func find(_ tree: Tree, _ schema: Schema, at path: FieldPath = []) -> [FieldPath] {
        var found: [FieldPath] = []
        visit(tree, schema, path, &found)
        return found
    }

    private static func visit(_ tree: Tree, _ schema: Schema, _ path: FieldPath, _ found: inout [FieldPath]) {
        guard found.count < limit else { return }
        switch schema.support {
        case .full: break
        case .notYet: if tree != schema.defaultValue { return found.append(path) }
        case .notYetUnless(let values):
            if let text = tree.string, !values.contains(text) { return found.append(path) }
        }
        switch tree {
        case .object(let members) where schema.kind == .object:
            for member in members {
                guard let inner = schema.member(member.key) else { continue }
                visit(member.value, inner, path + member.key, &found)
            }
        case .array(let items):
            guard let inner = schema.items else { return }
            for (index, item) in items.enumerated() { visit(item, inner, path + index, &found) }
        default: break
        }
    }
}
