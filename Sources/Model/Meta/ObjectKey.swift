/// Which object: kind, namespace (empty where the kind has none) and name.
package struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let kind: Kind
    package let namespace: String
    package let name: String
    /// Of all three, made once: a key is looked up in many tables.
    private let hash: Int

    package init(_ kind: Kind, _ namespace: String, _ name: String) {
        self.kind = kind
        self.namespace = kind.namespaced ? namespace : ""
        self.name = name
        var hasher = Hasher()
        hasher.combine(kind)
        hasher.combine(self.namespace)
        hasher.combine(name)
        hash = hasher.finalize()
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(hash) }

    package static func == (a: ObjectKey, b: ObjectKey) -> Bool {
        a.hash == b.hash && a.kind == b.kind && a.name == b.name && a.namespace == b.namespace
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
