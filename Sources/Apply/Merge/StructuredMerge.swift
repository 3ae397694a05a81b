import Model
import Tree

/// Lays a configuration over an object: members one by one, keyed lists element by element, everything else
/// replaced (structured-merge-diff, typed/merge.go).
enum StructuredMerge {
    static func merge(_ live: Tree?, _ applied: Tree, _ schema: Schema?) -> Tree {
        guard let live, live != applied else { return applied }
        // Null is a map or list that says nothing.
        if applied == .null, case .object = live, case .map = Structure(schema, live) { return live }
        if applied == .null, case .list = Structure(schema, live) { return live }
        switch Structure(schema, live, applied) {
        case .leaf: return applied
        case .map:
            var result = live.object ?? Members()
            for member in applied.object ?? Members() {
                result[member.key] = merge(result[member.key], member.value, schema?.member(member.key))
            }
            return .object(result)
        case .list(let type, let items): return mergeLists(live, applied, type, items)
        }
    }

    /// Elements that both have come in the order of the configuration; those only the object has stay between
    /// the neighbours they had.
    private static func mergeLists(_ live: Tree, _ applied: Tree, _ type: Schema.ListType, _ items: Schema)
        -> Tree
    {
        let left = KeyedList(live, type, items)
        let right = KeyedList(applied, type, items)
        var shared = right.elements.filter { left.items[$0] != nil }[...]
        var rest = right.elements[...]
        var merged: [Tree] = []
        // Of several elements of one key none is merged with: the configuration's stands for them all.
        func take(_ element: FieldSet.Element) {
            guard let item = right.items[element]?.first else { return }
            merged.append(merge(left.single(element), item, items))
        }
        for item in live.array ?? [] {
            guard let element = FieldSet.Element(item: item, listType: type, items: items) else { continue }
            if right.items[element] == nil {
                merged.append(item)
            } else if element == shared.first {
                while let next = rest.popFirst() {
                    take(next)
                    if next == element { break }
                }
                shared.removeFirst()
            }
        }
        while let next = rest.popFirst() { take(next) }
        return .array(merged)
    }
}
