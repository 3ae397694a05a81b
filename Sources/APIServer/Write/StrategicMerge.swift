import Apply
import Model
import Tree

/// Kubernetes' own patch form, which kubectl sends for Kubernetes' own kinds: a merge patch whose lists merge where the
/// kind's shape says so, with directives in members that begin with `$`
/// (kubernetes/community, contributors/devel/sig-api-machinery/strategic-merge-patch.md).
enum StrategicMerge {
    /// The object that the patch makes of `old`. What kind it is stays.
    static func apply(_ patch: Tree, to old: Tree, _ schema: Schema) throws(AdmissionError) -> Tree {
        guard case .object(let changes) = patch else { return patch }
        var new = try merge(changes, into: old.object ?? Members(), schema)
        for name in ["apiVersion", "kind"] { new[name] = old[name] }
        return .object(new)
    }

    // MARK: Objects

    private static func merge(
        _ changes: Members, into old: Members, _ schema: Schema?
    ) throws(AdmissionError) -> Members {
        var changes = changes
        var result = old
        switch changes["$patch"] {
        case nil: break
        case "replace":
            changes["$patch"] = nil
            return changes
        case "delete": return Members()
        case let word?: throw bad("Unknown patch type found: \(word.string ?? word.typeName)")
        }
        changes["$patch"] = nil
        if let kept = changes["$retainKeys"] { try retain(kept, &changes, &result) }
        let orders = changes.filter { $0.key.hasPrefix(order) }
        for member in orders { changes[member.key] = nil }
        for change in changes {
            if change.key.hasPrefix(deletion) {
                let name = String(change.key.dropFirst(deletion.count))
                guard let gone = change.value.array else { throw bad("invalid patch format of primitive list") }
                guard let list = result[name]?.array else { continue }
                result[name] = .array(list.filter { !gone.contains($0) })
            } else if change.value == .null {
                result[change.key] = nil
            } else {
                let inner = schema?.property(change.key)?.schema ?? schema?.values
                result[change.key] = try merged(change.value, into: result[change.key], inner)
            }
        }
        for member in orders {
            let name = String(member.key.dropFirst(order.count))
            let inner = schema?.property(name)?.schema
            result[name] = try ordered(
                result[name], by: member.value, patched: changes[name], old: old[name], inner)
        }
        return result
    }

    private static let order = "$setElementOrder/"
    private static let deletion = "$deleteFromPrimitiveList/"

    /// Nil where nothing is left. What meets nothing of its type is taken as it is, but for directives and nulls.
    private static func merged(_ change: Tree, into old: Tree?, _ schema: Schema?) throws(AdmissionError) -> Tree? {
        switch (change, old) {
        case (.object(let changes), .object(let members)?): return .object(try merge(changes, into: members, schema))
        case (.array(let items), .array(let standing)?):
            guard let schema, schema.listType != .atomic else { return plain(change) }
            return .array(try merge(items, into: standing, ListKey(schema.listType)))
        default: return plain(change)
        }
    }

    private static func plain(_ tree: Tree) -> Tree? {
        switch tree {
        case .object(let members):
            guard members["$patch"] == nil else { return nil }
            var kept = Members(reservingCapacity: members.count)
            for member in members where !member.value.isNull { kept[member.key] = plain(member.value) }
            return .object(kept)
        case .array(let items): return .array(items.compactMap(plain))
        default: return tree
        }
    }

    /// A union keeps the members that the patch names, and those alone.
    private static func retain(_ kept: Tree, _ changes: inout Members, _ old: inout Members) throws(AdmissionError) {
        changes["$retainKeys"] = nil
        guard let names = kept.array?.compactMap(\.string) else { throw bad("invalid patch format of retainKeys") }
        guard changes.allSatisfy({ names.contains($0.key) || $0.key.hasPrefix("$") }) else {
            throw bad("invalid patch format of retainKeys")
        }
        for member in old where !names.contains(member.key) { old[member.key] = nil }
    }

    // MARK: Lists

    /// What tells elements apart: a member, or, of plain values, themselves.
    private enum ListKey {
        case value
        case member(String)

        init(_ type: Schema.ListType) {
            if case .map(let keys) = type, let key = keys.first { self = .member(key) } else { self = .value }
        }

        func of(_ item: Tree) -> Tree? {
            switch self {
            case .value: item
            case .member(let name): item[name]
            }
        }

        func index(of item: Tree, in list: [Tree]) -> Int? {
            guard let key = of(item) else { return nil }
            return list.firstIndex { of($0) == key }
        }
    }

    private static func merge(_ items: [Tree], into old: [Tree], _ key: ListKey) throws(AdmissionError) -> [Tree] {
        var list = old
        var plain: [Tree] = []
        var isReplaced = false
        for item in items {
            if case .value = key, item.object != nil { throw bad("list element types are not identical") }
            switch item["$patch"] {
            case "replace": isReplaced = true
            case "delete":
                guard let value = key.of(item) else { throw bad("map: does not contain declared merge key") }
                list.removeAll { key.of($0) == value }
            case nil, "merge":
                var item = item
                if item["$patch"] != nil { item["$patch"] = nil }
                guard key.of(item) != nil else { throw bad("map: does not contain declared merge key") }
                plain.append(item)
            case let word?: throw bad("Unknown patch type found: \(word.string ?? word.typeName)")
            }
        }
        if isReplaced { return plain }
        for item in plain {
            if let place = key.index(of: item, in: list) {
                if case .member = key { list[place] = try merged(item, into: list[place], nil) ?? item }
            } else {
                list.append(item)
            }
        }
        return arranged(list, by: plain, old: old, key)
    }

    /// The order that the patch asks for; what it does not name keeps its place among the rest.
    private static func ordered(
        _ list: Tree?, by order: Tree, patched: Tree?, old: Tree?, _ schema: Schema?
    ) throws(AdmissionError) -> Tree? {
        guard let order = order.array else { throw bad("invalid patch format of setElementOrder list") }
        guard let schema, schema.listType != .atomic else { throw bad("setElementOrder of a list that does not merge") }
        let key = ListKey(schema.listType)
        for item in patched?.array ?? [] where item["$patch"] == nil && key.index(of: item, in: order) == nil {
            throw bad("The order in patch list doesn't match setElementOrder list")
        }
        guard let list = list?.array else { return list }
        return .array(arranged(list, by: order, old: old?.array ?? [], key))
    }

    /// Elements that `order` names in its order, the others in theirs, and both together as they stood before, as far
    /// as they did.
    private static func arranged(_ list: [Tree], by order: [Tree], old: [Tree], _ key: ListKey) -> [Tree] {
        func sorted(_ items: [Tree], _ order: [Tree]) -> [Tree] {
            items.enumerated().sorted { a, b in
                let places = [a, b].map { key.index(of: $0.element, in: order) ?? Int.max }
                return places[0] == places[1] ? a.offset < b.offset : places[0] < places[1]
            }.map(\.element)
        }
        var named = sorted(list.filter { key.index(of: $0, in: order) != nil }, order)[...]
        var others = sorted(list.filter { key.index(of: $0, in: order) == nil }, old)[...]
        var result: [Tree] = []
        while let first = named.first, let other = others.first {
            let (a, b) = (key.index(of: other, in: old), key.index(of: first, in: old))
            if let a, let b, a < b {
                result.append(other)
                others.removeFirst()
            } else {
                result.append(first)
                named.removeFirst()
            }
        }
        return result + named + others
    }

    private static func bad(_ why: String) -> AdmissionError { AdmissionError(.badRequest, why) }
}
