import Documents
package import Model
package import Tree

extension FieldSet {
    /// One step of a path, held as FieldsV1 writes it: `f:spec`, `k:{"name":"web"}`, `v:"a"`, `i:0`. The text
    /// is the identity.
    package struct Element: Sendable, Hashable, Comparable {
        package let text: String

        /// Reads the form of FieldsV1.
        package init?(text: String) {
            guard text.utf8.count >= 2, ["f:", "k:", "v:", "i:"].contains(text.prefix(2)) else { return nil }
            self.text = text
        }

        private init(_ prefix: String, _ text: String) { self.text = prefix + text }

        package static func field(_ name: String) -> Element { Element("f:", name) }
        package static func value(_ tree: Tree) -> Element { Element("v:", JSON.text(tree)) }
        package static func key(_ members: Members) -> Element { Element("k:", JSON.text(.object(members))) }

        /// What an element of a list is known by: its key members (their defaults where it omits them) or, in
        /// a set, its value. Nil where it omits a key that has no default, and in atomic lists.
        package init?(item: Tree, listType: Schema.ListType, items schema: Schema) {
            switch listType {
            case .atomic: return nil
            case .set: self = .value(item)
            case .map(let keys):
                var identity = Members(reservingCapacity: keys.count)
                for key in keys {
                    guard let value = item[key] ?? schema.property(key)?.schema.defaultValue else {
                        return nil
                    }
                    identity[key] = value
                }
                self = .key(identity)
            }
        }

        package static func < (a: Element, b: Element) -> Bool { a.text < b.text }

        /// The name of a member; nil for elements of lists.
        package var fieldName: String? { text.hasPrefix("f:") ? String(text.dropFirst(2)) : nil }

        /// The key members or value that the element is known by.
        package var identity: Tree? {
            // try?: an element that names none has no identity, and equals no other.
            text.hasPrefix("f:") ? nil : try? JSON.parse(String(text.dropFirst(2)))
        }
    }
}

extension FieldSet.Element: CustomStringConvertible {
    /// As conflicts name it: `.spec`, `[name="web"]`, `[="a"]`, `[0]`.
    package var description: String {
        switch text.prefix(2) {
        case "f:": ".\(text.dropFirst(2))"
        case "v:": "[=\(text.dropFirst(2))]"
        case "k:":
            if case .object(let members)? = identity {
                "[\(members.map { "\($0.key)=\(JSON.text($0.value))" }.joined(separator: ","))]"
            } else {
                "[\(text.dropFirst(2))]"
            }
        default: "[\(text.dropFirst(2))]"
        }
    }
}

extension FieldSet {
    /// The FieldsV1 form: a place without children is `{}`, one with them says by `.` that it is itself a
    /// member.
    package var tree: Tree {
        var members = Members(reservingCapacity: children.count + 1)
        if isMember && !children.isEmpty { members["."] = .emptyObject }
        for child in children { members[child.element.text] = child.set.tree }
        return .object(members)
    }

    /// Reads FieldsV1; nil for anything else.
    package init?(tree: Tree) {
        guard let set = FieldSet.read(tree, isRoot: true) else { return nil }
        self = set
    }

    private static func read(_ tree: Tree, isRoot: Bool) -> FieldSet? {
        guard case .object(let members) = tree else { return nil }
        var set = FieldSet()
        set.isMember = members["."] != nil || (members.isEmpty && !isRoot)
        for member in members where member.key != "." {
            guard let element = Element(text: member.key), let below = read(member.value, isRoot: false)
            else { return nil }
            set[element] = below
        }
        return set
    }
}
