import Model
import Tree

/// What a Kubernetes API server makes of its own kinds when they are written.
enum KubernetesKinds {
    /// What a first state is completed with.
    static func begin(_ tree: inout Tree, _ kind: Kind) {
        if kind == .namespace {
            // What can't be read is left for the reader to refuse.
            let spec = tree["spec"]?.object ?? Members()
            let finalizers = spec["finalizers"]?.array ?? []
            let isReadable =
                tree["spec"].map { $0 == .object(spec) } ?? true
                && spec.allSatisfy { $0.key == "finalizers" && $0.value == .array(finalizers) }
            if isReadable, !finalizers.contains("kubernetes") {
                tree["spec"] = ["finalizers": .array(finalizers + ["kubernetes"])]
            }
            tree["status"] = ["phase": "Active"]
        }
        complete(&tree, kind)
    }

    /// What every state is completed with.
    static func complete(_ tree: inout Tree, _ kind: Kind) {
        switch kind {
        case .secret: secret(&tree)
        case .namespace: label(&tree)
        case .serviceAccount:
            // Of a secret its name alone is kept.
            guard let secrets = tree["secrets"]?.array, secrets.allSatisfy(isReference) else { return }
            tree["secrets"] = .array(secrets.map { $0["name"].map { ["name": $0] } ?? .emptyObject })
        default: break
        }
    }

    /// What of a first state its writer wrote.
    static func written(_ tree: Tree, _ document: Tree, _ kind: Kind) -> Tree {
        guard kind == .namespace else { return tree }
        var written = tree
        written["spec"] = document["spec"]
        written["status"] = nil
        return written
    }

    /// What a write of the whole object does not change.
    static func keep(_ tree: inout Tree, _ old: Tree, _ kind: Kind) {
        guard kind == .namespace else { return }
        for name in ["spec", "status"] { tree[name] = old[name] ?? .emptyObject }
    }

    private static func isReference(_ tree: Tree) -> Bool {
        guard case .object(let members) = tree else { return false }
        return members.allSatisfy { references.contains($0.key) && $0.value.string != nil }
    }

    private static let references: Set<String> = [
        "kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath",
    ]

    /// A type, and plain values as data.
    private static func secret(_ tree: inout Tree) {
        if [nil, .null, ""].contains(tree["type"]) { tree["type"] = "Opaque" }
        guard let plain = tree["stringData"]?.object else { return }
        // Values that are no text are left where they are, for the checks to find.
        guard plain.allSatisfy({ $0.value.string != nil }) else { return }
        var data = tree["data"] ?? .emptyObject
        for member in plain { data[member.key] = .string(Base64.encode(Array((member.value.string ?? "").utf8))) }
        tree["data"] = data.isEmptyValue ? nil : data
        tree["stringData"] = nil
    }

    /// The label that policies select namespaces by.
    private static func label(_ tree: inout Tree) {
        guard let name = tree["metadata"]?["name"] else { return }
        var labels = tree["metadata"]?["labels"] ?? .emptyObject
        guard case .object = labels else { return }
        labels["kubernetes.io/metadata.name"] = name
        SystemMetadata.set(&tree, "labels", labels)
    }
}
