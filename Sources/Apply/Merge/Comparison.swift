import Model
import Tree

/// What a write did to an object, place by place (structured-merge-diff, typed/compare.go).
struct Comparison {
    var added = FieldSet()
    var modified = FieldSet()
    var removed = FieldSet()

    init(_ old: Tree?, _ new: Tree?, _ schema: Schema?) {
        if let old, let new, old == new { return }
        switch Structure(schema, old, new) {
        case .leaf: markLeaf(old, new)
        case .map: compareMaps(old, new, schema)
        case .list(let type, let items): compareLists(old, new, type, items)
        }
    }

    var written: FieldSet { added.union(modified) }

    private mutating func markLeaf(_ old: Tree?, _ new: Tree?) {
        if old == nil {
            added.isMember = true
        } else if new == nil {
            removed.isMember = true
        } else if old != new {
            modified.isMember = true
        }
    }

    private mutating func compareMaps(_ old: Tree?, _ new: Tree?, _ schema: Schema?) {
        markPresence(old, new)
        let before = old?.object ?? Members()
        let after = new?.object ?? Members()
        // An empty object on both sides, or on the only one, is a leaf: being there is all it says. Where one side is
        // there at all, what is absent from it stands at its standard.
        for member in before {
            let property = schema?.property(member.key)
            let other = after[member.key] ?? (new == nil ? nil : property?.standard)
            descend(.field(member.key), member.value, other, property?.schema ?? schema?.values)
        }
        for member in after where before[member.key] == nil {
            let property = schema?.property(member.key)
            let other = old == nil ? nil : property?.standard
            descend(.field(member.key), other, member.value, property?.schema ?? schema?.values)
        }
    }

    private mutating func compareLists(_ old: Tree?, _ new: Tree?, _ type: Schema.ListType, _ items: Schema) {
        markPresence(old, new)
        let before = KeyedList(old, type, items)
        let after = KeyedList(new, type, items)
        for element in before.elements { compare(element, before, after, items) }
        for element in after.elements where before.items[element] == nil { compare(element, before, after, items) }
    }

    /// Several elements of one key are compared as one value; where there are several on one side alone, that side's
    /// place comes or goes as a whole, and the other's with all that is in it.
    private mutating func compare(
        _ element: FieldSet.Element, _ before: KeyedList, _ after: KeyedList, _ items: Schema
    ) {
        let (old, new) = (before.items[element] ?? [], after.items[element] ?? [])
        switch (old.count > 1, new.count > 1) {
        case (false, false): descend(element, old.first, new.first, items)
        case (true, true): if old != new { modified[element].isMember = true }
        case (true, false):
            if let item = new.first { descend(element, nil, item, items) }
            removed[element].isMember = true
        case (false, true):
            if let item = old.first { descend(element, item, nil, items) }
            added[element].isMember = true
        }
    }

    private mutating func markPresence(_ old: Tree?, _ new: Tree?) {
        if old == nil { added.isMember = true }
        if new == nil { removed.isMember = true }
    }

    private mutating func descend(_ element: FieldSet.Element, _ old: Tree?, _ new: Tree?, _ schema: Schema?) {
        let below = Comparison(old, new, schema)
        added[element] = below.added
        modified[element] = below.modified
        removed[element] = below.removed
    }
}
