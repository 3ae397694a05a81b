package import Model
package import Tree

/// Writes a schema's defaults into a tree, by the rules of structural schemas
/// (k8s.io/apiextensions-apiserver, pkg/apiserver/schema/defaulting): a default stands in for a member that
/// is missing or null; the members of an absent object are not filled in, unless the object itself has a
/// default; a null without a default is dropped.
package enum Defaulting {
    package static func apply(_ schema: Schema, to tree: inout Tree) {
        if let changed = defaulted(tree, schema) { tree = changed }
    }

    /// The tree with its defaults, or nil where nothing changes, so that a complete tree is walked without a
    /// copy.
    private static func defaulted(_ tree: Tree, _ schema: Schema) -> Tree? {
        switch tree {
        case .object(let members) where schema.kind == .object: object(members, schema).map { .object($0) }
        case .array(let items): schema.items.flatMap { array(items, $0) }.map { .array($0) }
        default: nil
        }
    }

    private static func object(_ members: Members, _ schema: Schema) -> Members? {
        var result = members
        var changed = false
        for property in schema.properties {
            let present = result[property.name]
            if present == nil || present == .null {
                guard present != property.schema.defaultValue, property.standard != .null else { continue }
                result[property.name] = property.schema.defaultValue
                changed = true
            }
            guard let value = result[property.name] else { continue }
            if let better = defaulted(value, property.schema) {
                result[property.name] = better
                changed = true
            }
        }
        guard let values = schema.values else { return changed ? result : nil }
        for member in members where !schema.names(member.key) {
            if member.value == .null {
                result[member.key] = values.defaultValue
                changed = true
            } else if let better = defaulted(member.value, values) {
                result[member.key] = better
                changed = true
            }
        }
        return changed ? result : nil
    }

    private static func array(_ items: [Tree], _ schema: Schema) -> [Tree]? {
        var result = items
        var changed = false
        for (index, item) in items.enumerated() {
            guard let better = defaulted(item, schema) else { continue }
            result[index] = better
            changed = true
        }
        return changed ? result : nil
    }
}
