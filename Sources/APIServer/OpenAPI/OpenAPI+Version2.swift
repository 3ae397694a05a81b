import Documents
import Model
import Tree

/// `/openapi/v2`: the same schemas in the older form, as JSON and as protobuf. kubectl asks for the latter where it
/// checks a `kind: List` before it sends what is in it.
extension OpenAPI {
    private static let protobufType = "application/com.github.proto-openapi.spec.v2"

    /// Nil where the path is another one.
    static func version2(_ path: String, accept: String) -> APIResponse? {
        guard path == "/openapi/v2" else { return nil }
        // Written with `@v1.0` or `.v1.0`, by the client's age.
        guard accept.split(separator: ",").contains(where: { $0.contains(protobufType) }) else {
            return .document(status: 200, contentType: "application/json", JSON.encode(document2))
        }
        return .document(status: 200, contentType: protobufType + ".v1.0+protobuf", protobuf2)
    }

    private static let document2: Tree = {
        var definitions = Tree.emptyObject
        for group in ServedResource.groups {
            let found = schemas(Kind.allCases.filter { $0.group == group.name })
            for member in found.object ?? Members() { definitions[member.key] = older(member.value) }
        }
        return [
            "swagger": "2.0", "info": ["title": "Reconcile", "version": "v1alpha1"], "paths": .emptyObject,
            "definitions": definitions,
        ]
    }()

    private static let protobuf2 = OpenAPIProtobuf.document(document2)

    /// A schema as the older form has it: other places for references, and nothing beside one.
    private static func older(_ tree: Tree) -> Tree {
        switch tree {
        case .object(let members):
            if case .string(let place)? = members["$ref"] { return reference2(place) }
            if let all = members["allOf"]?.array, all.count == 1, case .string(let place)? = all[0]["$ref"] {
                return reference2(place)
            }
            var result = Members(reservingCapacity: members.count)
            for member in members { result[member.key] = older(member.value) }
            return .object(result)
        case .array(let items): return .array(items.map(older))
        default: return tree
        }
    }

    private static func reference2(_ place: String) -> Tree {
        ["$ref": .string("#/definitions/" + (place.split(separator: "/").last ?? ""))]
    }
}
