import Model
import Tree

/// How a place is merged, compared and owned: the reading of a schema by structured-merge-diff's typed
/// package.
enum Structure {
    /// One owner for the whole value.
    case leaf
    /// Each member by itself; a member without schema of its own goes by `nil`, which is deduced from the
    /// value.
    case map
    /// Each element by itself, known by its key or value.
    case list(Schema.ListType, items: Schema)

    /// The structure that all the given values have together. Values that don't have the shape the schema
    /// says are leaves, and so are lists where some element has no key.
    init(_ schema: Schema?, _ values: Tree?...) {
        let present = values.compactMap { $0 }
        switch schema?.kind ?? .any {
        case .object where schema?.isAtomic == true: self = .leaf
        case .object, .any: self = present.allSatisfy { $0.object != nil } ? .map : .leaf
        case .array:
            guard let schema, let items = schema.items, schema.listType != .atomic,
                present.allSatisfy({ Structure.isKeyed($0, schema.listType, items) })
            else {
                self = .leaf
                return
            }
            self = .list(schema.listType, items: items)
        default: self = .leaf
        }
    }

    private static func isKeyed(_ tree: Tree, _ type: Schema.ListType, _ schema: Schema) -> Bool {
        guard case .array(let items) = tree else { return false }
        return items.allSatisfy { FieldSet.Element(item: $0, listType: type, items: schema) != nil }
    }
}

extension Schema {
    /// Whether a value has the types that it needs for its places to be told.
    func fits(_ tree: Tree) -> Bool {
        switch (self.kind, tree) {
        case (.any, _), (_, .null), (.string, .string), (.boolean, .bool): true
        case (.integer, .int), (.integer, .double), (.intOrString, .int), (.intOrString, .string): true
        case (.object, .object(let members)): members.allSatisfy { member($0.key)?.fits($0.value) ?? true }
        case (.array, .array(let list)):
            list.allSatisfy { item in
                let isKeyed =
                    items.map { FieldSet.Element(item: item, listType: self.listType, items: $0) != nil } ?? true
                return (self.listType == .atomic || isKeyed) && (items?.fits(item) ?? true)
            }
        default: false
        }
    }

    /// The schema of a member: its own, that of free keys, or none.
    func member(_ name: String) -> Schema? { property(name)?.schema ?? values }

    /// Whether a member has a schema of its own.
    func names(_ name: String) -> Bool { property(name) != nil }
}

/// A list whose elements have keys, for look-up by key. Elements of one key, which nothing forbids outside of
/// server-side apply, are one place together, with nothing below it.
struct KeyedList {
    /// Each once, in the order of their first.
    let elements: [FieldSet.Element]
    let items: [FieldSet.Element: [Tree]]

    init(_ tree: Tree?, _ type: Schema.ListType, _ schema: Schema) {
        var elements: [FieldSet.Element] = []
        var items: [FieldSet.Element: [Tree]] = [:]
        for item in tree?.array ?? [] {
            guard let element = FieldSet.Element(item: item, listType: type, items: schema) else { continue }
            if items[element] == nil { elements.append(element) }
            items[element, default: []].append(item)
        }
        self.elements = elements
        self.items = items
    }

    /// The only element of its key.
    func single(_ element: FieldSet.Element) -> Tree? {
        guard let found = items[element], found.count == 1 else { return nil }
        return found[0]
    }
}
