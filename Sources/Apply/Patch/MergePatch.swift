package import Tree

/// JSON merge patch, RFC 7386: members replace, null removes, everything that is no object replaces whole.
package enum MergePatch {
    package static func apply(_ patch: Tree, to target: Tree) -> Tree {
        guard case .object(let changes) = patch else { return patch }
        var result = target.object ?? Members()
        for change in changes {
            if change.value == .null {
                result[change.key] = nil
            } else {
                result[change.key] = apply(change.value, to: result[change.key] ?? .null)
            }
        }
        return .object(result)
    }

    /// The smallest patch that makes `new` of `old`. A merge patch can't write a null: one in `new` is left
    /// out.
    package static func between(_ old: Tree, _ new: Tree) -> Tree {
        guard case .object(let before) = old, case .object(let after) = new else { return new }
        var patch = Members()
        for member in before where after[member.key] == nil { patch[member.key] = .null }
        for member in after where member.value != .null {
            guard let previous = before[member.key] else {
                patch[member.key] = member.value
                continue
            }
            guard previous != member.value else { continue }
            patch[member.key] = between(previous, member.value)
        }
        return .object(patch)
    }
}
