package import Model
package import Tree

/// Holds a tree against its schema and says everything that is wrong with it, in the words of a Kubernetes
/// API server (kube-openapi's messages, apiextensions' causes).
///
/// First the shape: types, bounds, words, forms, list keys. Then, unless an error of the kind that makes them
/// meaningless was found, the rules. The tree is expected to have its defaults and no unknown fields.
package enum Validation {
    /// No answer holds more errors.
    package static let limit = 100

    /// `old` is the stored state on an update: transition rules compare with it. `partial` is for what
    /// server-side apply sends, a part of an object: nothing is required of it, and rules wait for the merged
    /// whole.
    package static func check(
        _ tree: Tree, old: Tree? = nil, schema: Schema, at path: FieldPath = [], partial: Bool = false
    ) -> [FieldError] {
        var shape = ShapeCheck(partial: partial, steps: path.steps)
        shape.visit(tree, schema)
        guard !partial, !shape.errors.blockRules else { return shape.errors }
        var rules = RuleCheck(steps: path.steps, errors: shape.errors)
        rules.visit(tree, old, schema)
        return rules.errors
    }

    /// The rules of an object that can't be defaulted, such as one of another kind: a rule that reads a member which is
    /// not there can't be evaluated.
    static func unreadableRules(_ tree: Tree, schema: Schema, at path: FieldPath = []) -> [FieldError] {
        var errors: [FieldError] = []
        for rule in schema.rules {
            guard let name = rule.membersRead.first(where: { tree[$0] == nil }) else { continue }
            errors.append(
                FieldError(
                    .invalid, path, value: .string(tree.typeName),
                    "no such key: \(name) evaluating rule: \(rule.message)"))
        }
        for property in schema.properties {
            guard let value = tree[property.name] else { continue }
            errors += unreadableRules(value, schema: property.schema, at: path + property.name)
        }
        return errors
    }
}

extension Schema.Rule {
    /// The members of `self` that the rule reads without asking whether they are there.
    fileprivate var membersRead: [String] {
        guard !cel.contains("has(") else { return [] }
        let word = "self."
        var names: [String] = []
        var rest = cel[...]
        while let place = rest.firstRange(of: word) {
            rest = rest[place.upperBound...]
            let name = String(rest.prefix { $0.isLetter || $0.isNumber })
            if !name.isEmpty { names.append(name) }
        }
        return names
    }
}

/// The walk that runs the rules. An element of a list keyed by members meets the old element of the same key;
/// other lists have no way to tell which element was which, so their elements have no old state.
private struct RuleCheck {
    var steps: [FieldPath.Step]
    var errors: [FieldError]

    mutating func visit(_ tree: Tree, _ old: Tree?, _ schema: Schema) {
        guard schema.hasRules else { return }
        for rule in schema.rules where errors.count < Validation.limit && !rule.holds(tree, old) {
            errors.append(FieldError(.invalid, FieldPath(steps), value: nil, rule.message))
        }
        switch tree {
        case .object(let members) where schema.kind == .object:
            for property in schema.properties {
                guard let value = members[property.name] else { continue }
                descend(.field(property.name), value, old?[property.name], property.schema)
            }
            guard let values = schema.values else { return }
            for member in members where !schema.names(member.key) {
                descend(.field(member.key), member.value, old?[member.key], values)
            }
        case .array(let items):
            guard let inner = schema.items, !items.isEmpty else { return }
            let before = oldItems(old, schema, inner)
            for (index, item) in items.enumerated() {
                let key =
                    before.isEmpty
                    ? nil : FieldSet.Element(item: item, listType: schema.listType, items: inner)
                descend(.index(index), item, key.flatMap { before[$0] }, inner)
            }
        default: break
        }
    }

    private mutating func descend(_ step: FieldPath.Step, _ tree: Tree, _ old: Tree?, _ schema: Schema) {
        steps.append(step)
        visit(tree, old, schema)
        steps.removeLast()
    }

    private func oldItems(_ old: Tree?, _ schema: Schema, _ inner: Schema) -> [FieldSet.Element: Tree] {
        guard case .map = schema.listType, let items = old?.array, inner.hasRules else { return [:] }
        var found: [FieldSet.Element: Tree] = [:]
        for item in items {
            guard let key = FieldSet.Element(item: item, listType: schema.listType, items: inner) else {
                continue
            }
            found[key] = item
        }
        return found
    }
}
