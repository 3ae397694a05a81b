package import Model
package import Tree

/// One place where two states of an object differ; nil means absent.
package struct Change: Sendable, Hashable {
    package let path: FieldPath
    package let old: Tree?
    package let new: Tree?
}

/// What differs between two states, for people: the smallest differing values, in the order of the members.
package enum Diff {
    /// Elements of keyed lists (by the schema, or by `name` where it is silent) are compared with the element
    /// of the same key, whatever their order; their path has the index in the new list, of removed ones that
    /// in the old. Lists of plain values are one change.
    package static func of(_ old: Tree?, _ new: Tree?, schema: Schema? = nil) -> [Change] {
        var walk = Walk()
        walk.visit(old, new, schema)
        return walk.changes
    }

    private struct Walk {
        var steps: [FieldPath.Step] = []
        var changes: [Change] = []

        mutating func visit(_ old: Tree?, _ new: Tree?, _ schema: Schema?) {
            switch (old, new) {
            case (.object(let before)?, .object(let after)?):
                var names = before.keys
                names += after.keys.filter { before[$0] == nil }
                for name in names.sorted() {
                    descend(.field(name), before[name], after[name], schema?.member(name))
                }
            case (.array(let before)?, .array(let after)?): lists(before, after, schema)
            default: if old != new { changes.append(Change(path: FieldPath(steps), old: old, new: new)) }
            }
        }

        private mutating func lists(_ before: [Tree], _ after: [Tree], _ schema: Schema?) {
            guard before != after else { return }
            guard let old = keyed(before, schema), let new = keyed(after, schema) else {
                changes.append(Change(path: FieldPath(steps), old: .array(before), new: .array(after)))
                return
            }
            let count = changes.count
            let places = Dictionary(
                old.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
            let staying = Set(new)
            for (index, key) in new.enumerated() {
                descend(.index(index), places[key].map { before[$0] }, after[index], schema?.items)
            }
            for (index, key) in old.enumerated() where !staying.contains(key) {
                descend(.index(index), before[index], nil, schema?.items)
            }
            // Only the order differs.
            if changes.count == count {
                changes.append(Change(path: FieldPath(steps), old: .array(before), new: .array(after)))
            }
        }

        private mutating func descend(_ step: FieldPath.Step, _ old: Tree?, _ new: Tree?, _ schema: Schema?) {
            steps.append(step)
            visit(old, new, schema)
            steps.removeLast()
        }

        /// The keys of a list's elements; nil where some have none or share one.
        private func keyed(_ items: [Tree], _ schema: Schema?) -> [Tree]? {
            var keys: [String] = ["name"]
            if case .map(let named)? = schema?.listType { keys = named }
            var found: [Tree] = []
            var seen: Set<Tree> = []
            for item in items {
                guard case .object = item else { return nil }
                let identity = keys.compactMap { item[$0] }
                guard identity.count == keys.count, seen.insert(.array(identity)).inserted else { return nil }
                found.append(.array(identity))
            }
            return found
        }
    }
}
