import Apply
import Documents
import Model
import Tree

/// `/openapi/v3`: an index and one document per group and version, all out of the kinds' schemas. Made once and
/// kept as text, for clients read them before nearly everything they do.
enum OpenAPI {
    /// Nil where the path is none of these.
    static func answer(_ path: String) -> APIResponse? {
        guard let bytes = documents[path] else { return nil }
        return .document(status: 200, contentType: "application/json", bytes)
    }

    private static let documents: [String: [UInt8]] = {
        var documents: [String: [UInt8]] = [:]
        var index = Tree.emptyObject
        for group in ServedResource.groups {
            let kinds = Kind.allCases.filter { $0.group == group.name }
            guard !kinds.isEmpty else { continue }
            let name = group.name.isEmpty ? "api/\(group.version)" : "apis/\(group.name)/\(group.version)"
            let bytes = JSON.encode(document(kinds))
            documents["/openapi/v3/\(name)"] = bytes
            index[name] = ["serverRelativeURL": .string("/openapi/v3/\(name)?hash=\(hash(bytes))")]
        }
        documents["/openapi/v3"] = JSON.encode(["paths": index])
        return documents
    }()

    /// FNV-1a: clients keep a document under it, so it has to change whenever the document does.
    private static func hash(_ bytes: [UInt8]) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return String(hash, radix: 16)
    }

    private static func document(_ kinds: [Kind]) -> Tree {
        var paths = Tree.emptyObject
        for kind in kinds {
            for (path, item) in OpenAPIPaths(kind).items { paths[path] = item }
        }
        return [
            "openapi": "3.0.0", "info": ["title": "Reconcile", "version": "v1alpha1"], "paths": paths,
            "components": ["schemas": schemas(kinds)],
        ]
    }

    static func schemas(_ kinds: [Kind]) -> Tree {
        var schemas: Tree = [:]
        for kind in kinds {
            schemas[schemaName(kind)] = schema(of: kind)
            schemas[schemaName(kind) + "List"] = list(of: kind)
        }
        schemas[objectMeta] = Kind.namespace.objectSchema.property("metadata")?.schema.openAPI
        schemas[deleteOptions] = options
        schemas[scale] = scaleSchema
        schemas[status] = statusSchema
        return schemas
    }

    // MARK: Names

    static let objectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
    static let deleteOptions = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
    static let status = "io.k8s.apimachinery.pkg.apis.meta.v1.Status"
    static let scale = "io.k8s.api.autoscaling.v1.Scale"

    /// The group's domain backwards, as Kubernetes names schemas.
    static func schemaName(_ kind: Kind) -> String {
        let group =
            switch kind.group {
            case "": "io.k8s.api.core"
            case Kind.group: kind.group.split(separator: ".").reversed().joined(separator: ".")
            default: "io.k8s.api." + (kind.group.split(separator: ".").first ?? "")
            }
        return "\(group).\(kind.version).\(kind.rawValue)"
    }

    static func reference(_ name: String) -> Tree { ["$ref": .string("#/components/schemas/\(name)")] }

    static func groupVersionKind(_ kind: Kind) -> Tree {
        Discovery.kind(kind.group, kind.version, kind.rawValue)
    }

    // MARK: Schemas

    private static func schema(of kind: Kind) -> Tree {
        var tree = kind.schema.openAPI
        tree["type"] = "object"
        let described = tree["properties"]?["metadata"]?["description"] ?? ""
        tree["properties"]?["metadata"] = ["allOf": [reference(objectMeta)], "description": described]
        tree["x-kubernetes-group-version-kind"] = [groupVersionKind(kind)]
        return tree
    }

    private static func list(of kind: Kind) -> Tree {
        var listKind = groupVersionKind(kind)
        listKind["kind"] = .string(kind.rawValue + "List")
        return [
            "description": .string("A list of \(kind.rawValue) objects."), "type": "object", "required": ["items"],
            "properties": [
                "apiVersion": ["type": "string"], "kind": ["type": "string"], "metadata": ["type": "object"],
                "items": ["type": "array", "items": reference(schemaName(kind))],
            ],
            "x-kubernetes-group-version-kind": [listKind],
        ]
    }

    private static let options: Tree = [
        "description": "How an object is to be deleted.", "type": "object",
        "properties": [
            "apiVersion": ["type": "string"], "kind": ["type": "string"],
            "dryRun": ["type": "array", "items": ["type": "string"]],
            "gracePeriodSeconds": ["type": "integer", "format": "int64"],
            "propagationPolicy": ["type": "string", "enum": ["Background", "Foreground", "Orphan"]],
            "preconditions": [
                "type": "object",
                "properties": ["uid": ["type": "string"], "resourceVersion": ["type": "string"]],
            ],
        ],
    ]

    private static let statusSchema: Tree = [
        "description": "How a request ended that was answered with no object.", "type": "object",
        "required": ["kind", "apiVersion", "status"],
        "properties": [
            "apiVersion": ["type": "string"], "kind": ["type": "string", "enum": ["Status"]],
            "metadata": ["type": "object"], "status": ["type": "string", "enum": ["Success", "Failure"]],
            "message": ["type": "string"], "reason": ["type": "string"], "code": ["type": "integer"],
            "details": ["type": "object"],
        ],
        "x-kubernetes-group-version-kind": [Discovery.kind("", "v1", "Status")],
    ]

    private static let scaleSchema: Tree = [
        "description": "The size of an object that can be scaled.", "type": "object",
        "properties": [
            "apiVersion": ["type": "string"], "kind": ["type": "string"], "metadata": reference(objectMeta),
            "spec": ["type": "object", "properties": ["replicas": ["type": "integer", "format": "int32"]]],
            "status": [
                "type": "object",
                "properties": [
                    "replicas": ["type": "integer", "format": "int32"], "selector": ["type": "string"],
                ],
            ],
        ],
        "x-kubernetes-group-version-kind": [
            Discovery.kind("autoscaling", "v1", "Scale")
        ],
    ]
}
