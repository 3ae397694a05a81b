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
                tree["spec"].map { $0.isNull || $0 == .object(spec) } ?? true
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
        case .lease:
            // What coordinated leader election would say, which is off in a real server too.
            // What is no text is left for the reader to refuse.
            guard var spec = tree["spec"], spec["strategy"] != nil || spec["preferredHolder"] != nil else { return }
            for name in ["strategy", "preferredHolder"] where spec[name]?.string != nil { spec[name] = nil }
            tree["spec"] = spec
        case .serviceAccount:
            // Of a secret its name alone is kept.
            guard let secrets = tree["secrets"]?.array, secrets.allSatisfy(isReference) else { return }
            tree["secrets"] = .array(secrets.map { $0["name"].map { ["name": $0] } ?? .emptyObject })
        default: break
        }
    }

    /// What of a state its writer wrote, before the server put its own in place of some of it.
    static func written(_ tree: Tree, _ document: Tree, _ kind: Kind, old: Tree? = nil) -> Tree {
        var written = tree
        switch kind {
        case .namespace:
            written["spec"] = document["spec"]?["finalizers"].flatMap { $0.isNull ? nil : ["finalizers": $0] }
            written["status"] = old?["status"]
            if (document["metadata"]?["name"]?.string ?? "").isEmpty {
                SystemMetadata.set(&written, "labels", document["metadata"]?["labels"])
            }
        case .serviceAccount:
            if let secrets = document["secrets"], secrets.array?.isEmpty == false { written["secrets"] = secrets }
        case .lease:
            for name in ["strategy", "preferredHolder"] {
                if let value = document["spec"]?[name], !value.isNull { written["spec"]?[name] = value }
            }
        default: break
        }
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
        var data = tree["data"] ?? .emptyObject
        // Values that are no text are left where they are, for the checks to find.
        guard plain.allSatisfy({ $0.value.string != nil }),
            data.isNull || data.object?.allSatisfy({ $0.value.isNull || $0.value.string != nil }) == true
        else { return }
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
