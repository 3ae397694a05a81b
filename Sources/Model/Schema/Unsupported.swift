package import Tree

/// The fields that `tree` sets and that this release keeps without acting on, in document order of the
/// schema.
///
/// Give it the manifest as written: defaulting fills in fields nobody asked for.
package func unsupportedFields(in tree: Tree, of kind: Kind) -> [FieldPath] {
    var found: [FieldPath] = []
    collectUnsupported(tree, kind.schema, FieldPath(), &found)
    return found
}

private func collectUnsupported(_ tree: Tree, _ schema: Schema, _ path: FieldPath, _ found: inout [FieldPath]) {
    guard schema.hasMarks else { return }
    switch (schema.support, tree) {
    case (_, .null): return
    case (.notYet, _):
        found.append(path)
        return
    case (.notYetUnless(let values), .string(let text)) where !values.contains(text): found.append(path)
    case (.notYetUnless(let values), .bool(let value)) where !values.contains(String(value)):
        found.append(path)
    case (.notYetUnless, _), (.full, _): break
    }
    switch tree {
    case .object(let members):
        for property in schema.properties where property.schema.hasMarks {
            if let value = members[property.name] {
                collectUnsupported(value, property.schema, path + property.name, &found)
            }
        }
    case .array(let items):
        guard let itemSchema = schema.items, itemSchema.hasMarks else { return }
        for (index, item) in items.enumerated() { collectUnsupported(item, itemSchema, path + index, &found) }
    default: break
    }
}
