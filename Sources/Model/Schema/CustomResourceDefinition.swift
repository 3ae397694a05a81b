package import Tree

/// The CustomResourceDefinition (apiextensions.k8s.io/v1) by which a Kubernetes cluster learns one of our
/// kinds.
package enum CustomResourceDefinition {
    package static func tree(for kind: Kind) -> Tree {
        [
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": ["name": .string("\(kind.plural).\(kind.group)")],
            "spec": [
                "group": .string(kind.group),
                "scope": kind.namespaced ? "Namespaced" : "Cluster",
                "names": [
                    "kind": .string(kind.rawValue), "listKind": .string("\(kind.rawValue)List"),
                    "plural": .string(kind.plural), "singular": .string(kind.singular),
                    "shortNames": .array(kind.shortNames.map { .string($0) }), "categories": ["reconcile"],
                ],
                "versions": [version(of: kind)],
            ],
        ]
    }

    private static func version(of kind: Kind) -> Tree {
        [
            "name": .string(kind.version), "served": true, "storage": true,
            "schema": ["openAPIV3Schema": root(of: kind)],
            "subresources": subresources(of: kind),
            "additionalPrinterColumns": .array(kind.columns.map(column)),
        ]
    }

    /// The API server itself describes `apiVersion`, `kind` and `metadata`, and refuses bounds on them.
    private static func root(of kind: Kind) -> Tree {
        var root = kind.schema.openAPI
        for name in ["apiVersion", "kind"] {
            let description = kind.schema.property(name)?.schema.description ?? ""
            root["properties"]?[name] = ["type": "string", "description": .string(description)]
        }
        root["properties"]?["metadata"] = ["type": "object"]
        return root
    }

    private static func subresources(of kind: Kind) -> Tree {
        var tree = Tree.emptyObject
        if kind.hasStatus { tree["status"] = .emptyObject }
        if let scale = kind.scale {
            tree["scale"] = [
                "specReplicasPath": .string(".\(scale.specReplicas)"),
                "statusReplicasPath": .string(".\(scale.statusReplicas)"),
                "labelSelectorPath": .string(".\(scale.selector)"),
            ]
        }
        return tree
    }

    private static func column(_ column: PrinterColumn) -> Tree {
        var tree: Tree = [
            "name": .string(column.name), "type": .string(column.type), "jsonPath": .string(column.path),
            "description": .string(column.description),
        ]
        if column.priority != 0 { tree["priority"] = .int(Int64(column.priority)) }
        return tree
    }
}
