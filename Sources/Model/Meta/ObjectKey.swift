/// Which object: kind, namespace (empty where the kind has none) and name.
package struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let kind: Kind
    package let namespace: String
    package let name: String

    package init(_ kind: Kind, _ namespace: String, _ name: String) {
        self.kind = kind
        self.namespace = kind.namespaced ? namespace : ""
        self.name = name
    }

    package static func < (a: ObjectKey, b: ObjectKey) -> Bool {
        if a.kind != b.kind { return a.kind < b.kind }
        if a.namespace != b.namespace { return a.namespace < b.namespace }
        return a.name < b.name
    }

    /// As kubectl names it: `workerpool/frontend`, with the namespace before it where there is one.
    package var description: String {
        namespace.isEmpty ? "\(kind.singular)/\(name)" : "\(namespace)/\(kind.singular)/\(name)"
    }
}
