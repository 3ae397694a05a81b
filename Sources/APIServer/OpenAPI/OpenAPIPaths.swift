import Model
import Tree

/// The operations of one kind. Clients look in them for the kind and for `fieldValidation`, without which they
/// would check manifests by themselves against a schema of another form.
struct OpenAPIPaths {
    private let kind: Kind

    init(_ kind: Kind) { self.kind = kind }

    var items: [(String, Tree)] {
        let base = kind.group.isEmpty ? "/api/\(kind.version)" : "/apis/\(kind.apiVersion)"
        let collection = kind.namespaced ? "\(base)/namespaces/{namespace}/\(kind.plural)" : "\(base)/\(kind.plural)"
        var items = [
            (collection, self.collection),
            ("\(collection)/{name}", object("", kind.rawValue, reads: OpenAPI.schemaName(kind))),
        ]
        if kind.namespaced {
            let everywhere = operation("list", "get", Self.listing, result: OpenAPI.schemaName(kind) + "List")
            items.append(("\(base)/\(kind.plural)", ["get": named(everywhere, "list", "ForAllNamespaces")]))
        }
        if kind.hasStatus {
            items.append(
                ("\(collection)/{name}/status", object("Status", kind.rawValue, reads: OpenAPI.schemaName(kind))))
        }
        if kind.scale != nil {
            items.append(("\(collection)/{name}/scale", object("Scale", kind.rawValue, reads: OpenAPI.scale)))
        }
        return items
    }

    // MARK: Paths

    private var collection: Tree {
        let one = OpenAPI.schemaName(kind)
        var tree: Tree = ["parameters": .array(address(named: false))]
        tree["get"] = named(operation("list", "list", Self.listing, result: one + "List"), "list")
        tree["post"] = named(operation("create", "post", Self.writing, takes: [one], result: one), "create")
        tree["delete"] = named(
            operation("delete", "deletecollection", Self.listing, takes: [OpenAPI.deleteOptions]), "deleteCollection")
        return tree
    }

    private func object(_ suffix: String, _ word: String, reads result: String) -> Tree {
        var tree: Tree = ["parameters": .array(address(named: true))]
        tree["get"] = named(operation("read", "get", ["resourceVersion"], result: result), "read", suffix)
        tree["put"] = named(
            operation("replace", "put", Self.writing, takes: [result], result: result), "replace", suffix)
        var patch = operation("patch", "patch", Self.writing + ["force"], result: result)
        let patchType: Tree = ["schema": ["type": "object"]]
        patch["requestBody"] = [
            "required": true,
            "content": [
                "application/apply-patch+yaml": patchType, "application/json-patch+json": patchType,
                "application/merge-patch+json": patchType,
            ],
        ]
        tree["patch"] = named(patch, "patch", suffix)
        if suffix.isEmpty {
            let parameters = ["dryRun", "gracePeriodSeconds", "propagationPolicy"]
            tree["delete"] = named(
                operation("delete", "delete", parameters, takes: [OpenAPI.deleteOptions]), "delete", suffix)
        }
        return tree
    }

    // MARK: Operations

    private static let listing = [
        "allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion",
        "resourceVersionMatch", "sendInitialEvents", "timeoutSeconds", "watch",
    ]
    private static let writing = ["dryRun", "fieldManager", "fieldValidation"]

    private func named(_ operation: Tree, _ verb: String, _ suffix: String = "") -> Tree {
        var operation = operation
        let group = (kind.group.isEmpty ? "core" : kind.group).split(separator: ".").map(Self.capital).joined()
        let scope = kind.namespaced ? "Namespaced" : ""
        operation["operationId"] = .string(
            "\(verb)\(group)\(Self.capital(kind.version[...]))\(scope)\(kind.rawValue)\(suffix)")
        return operation
    }

    private static func capital(_ word: Substring) -> String { word.prefix(1).uppercased() + word.dropFirst() }

    private func operation(
        _ verb: String, _ action: String, _ parameters: [String], takes: [String] = [], result: String? = nil
    ) -> Tree {
        func content(_ name: String) -> Tree {
            [
                "application/json": ["schema": OpenAPI.reference(name)],
                "application/yaml": ["schema": OpenAPI.reference(name)],
            ]
        }
        var ok: Tree = ["description": "OK"]
        if let result { ok["content"] = content(result) }
        var answers: Tree = [
            "200": ok,
            "default": [
                "description": "Why not; in plain text where the path leads nowhere.",
                "content": [
                    "application/json": ["schema": OpenAPI.reference(OpenAPI.status)],
                    "text/plain": ["schema": ["type": "string"]],
                ],
            ],
        ]
        if ["post", "put", "patch"].contains(action) { answers["201"] = ok }
        var tree: Tree = [
            "description": .string("\(verb) \(kind.rawValue)"), "responses": answers,
            "parameters": .array(parameters.map { Self.query($0) }),
            "x-kubernetes-action": .string(action),
            "x-kubernetes-group-version-kind": OpenAPI.groupVersionKind(kind),
        ]
        if let taken = takes.first {
            tree["requestBody"] = ["content": content(taken), "required": .bool(action == "post")]
        }
        return tree
    }

    private static func query(_ name: String) -> Tree {
        let type =
            switch name {
            case "limit", "timeoutSeconds", "gracePeriodSeconds": "integer"
            case "watch", "allowWatchBookmarks", "sendInitialEvents", "force": "boolean"
            default: "string"
            }
        return ["name": .string(name), "in": "query", "schema": ["type": .string(type), "uniqueItems": true]]
    }

    private func address(named: Bool) -> [Tree] {
        let names = (named ? ["name"] : []) + (kind.namespaced ? ["namespace"] : [])
        return names.map {
            ["name": .string($0), "in": "path", "required": true, "schema": ["type": "string", "uniqueItems": true]]
        }
    }
}
