package import Model
package import Tree

extension FieldSet {
    /// The places that a configuration speaks of: its leaves, the elements of its keyed lists, and members
    /// with free names (structured-merge-diff, typed/tofieldset.go).
    package init(of tree: Tree, _ schema: Schema?) {
        switch Structure(schema, tree) {
        case .leaf: self = .member
        case .map:
            self.init()
            for member in tree.object ?? Members() {
                var below = FieldSet(of: member.value, schema?.member(member.key))
                let isNamed = schema?.names(member.key) ?? false
                if !isNamed || member.value == .null || member.value == .emptyObject { below.isMember = true }
                self[.field(member.key)] = below
            }
        case .list(let type, let items):
            self.init()
            let list = KeyedList(tree, type, items)
            for element in list.elements {
                var below = list.single(element).map { FieldSet(of: $0, items) } ?? FieldSet()
                below.isMember = true
                self[element] = below
            }
        }
    }

    /// The set with every named member on the way to one of its places: `a.b.c` brings `a` and `a.b` where
    /// the schema names them. A named member that nothing is left of can then go with its content.
    func withNamedParents(_ schema: Schema?) -> FieldSet {
        var result = FieldSet()
        result.isMember = isMember
        for child in children {
            let name = child.element.fieldName
            var below = child.set.withNamedParents(name.map { schema?.member($0) } ?? schema?.items)
            if let name, schema?.names(name) == true { below.isMember = true }
            result[child.element] = below
        }
        return result
    }
}

extension Tree {
    /// Without the places of a set (structured-merge-diff, typed/remove.go).
    func removing(_ set: FieldSet, _ schema: Schema?) -> Tree {
        guard !set.isEmpty else { return self }
        switch Structure(schema, self) {
        case .leaf: return self
        case .map:
            var kept = Members()
            for member in object ?? Members() {
                let below = set[.field(member.key)]
                if below.isMember { continue }
                kept[member.key] = member.value.removing(below, schema?.member(member.key))
            }
            return .object(kept)
        case .list(let type, let items):
            var kept: [Tree] = []
            for item in array ?? [] {
                guard let element = FieldSet.Element(item: item, listType: type, items: items) else {
                    continue
                }
                let below = set[element]
                if !below.isMember { kept.append(item.removing(below, items)) }
            }
            return .array(kept)
        }
    }
}
