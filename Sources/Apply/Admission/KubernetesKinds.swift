import Model
import Tree

/// What a Kubernetes API server makes of its own small kinds when they are written.
enum KubernetesKinds {
    static func complete(_ tree: inout Tree, _ kind: Kind) {
        switch kind {
        case .secret: secret(&tree)
        case .namespace: namespace(&tree)
        default: break
        }
    }

    /// A type, and plain values as data.
    private static func secret(_ tree: inout Tree) {
        if (tree["type"]?.string ?? "").isEmpty { tree["type"] = "Opaque" }
        guard let plain = tree["stringData"]?.object else { return }
        var data = tree["data"] ?? .emptyObject
        for member in plain {
            data[member.key] = .string(Base64.encode(Array((member.value.string ?? "").utf8)))
        }
        tree["data"] = data
        tree["stringData"] = nil
    }

    /// The label that policies select namespaces by.
    private static func namespace(_ tree: inout Tree) {
        guard let name = tree["metadata"]?["name"] else { return }
        var labels = tree["metadata"]?["labels"] ?? .emptyObject
        labels["kubernetes.io/metadata.name"] = name
        SystemMetadata.set(&tree, "labels", labels)
    }
}
