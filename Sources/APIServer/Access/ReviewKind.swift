import Apply
import Model
import Tree

/// Questions that are answered at once and kept nowhere.
enum ReviewKind: String, Sendable {
    case access = "SelfSubjectAccessReview"
    case rules = "SelfSubjectRulesReview"
    case identity = "SelfSubjectReview"
    case token = "TokenRequest"

    private var apiVersion: String {
        switch self {
        case .access, .rules: "authorization.k8s.io/v1"
        case .identity, .token: "authentication.k8s.io/v1"
        }
    }

    private var schema: Schema? { ProtobufShapes.reviews[rawValue] }

    /// The question, read and held to its rules; what it is it may leave to the path.
    func read(_ body: Tree) throws(AdmissionError) -> Tree {
        guard case .object = body else {
            throw AdmissionError(
                .badRequest,
                "the object provided is unrecognized (must be of type \(rawValue)): it is \(body.typeName)")
        }
        let (version, word) = (body["apiVersion"]?.string ?? "", body["kind"]?.string ?? "")
        guard version.isEmpty || version == apiVersion, word.isEmpty || word == rawValue else {
            throw AdmissionError(
                .badRequest,
                "no kind \"\(word)\" is registered for version \"\(version)\" here: expected \(rawValue) of "
                    + apiVersion)
        }
        guard let schema else { return body }
        var tree = try TypedDecoding.decode(body, schema, rawValue)
        (tree["apiVersion"], tree["kind"]) = (.string(apiVersion), .string(rawValue))
        if tree["spec"] == nil { tree["spec"] = .emptyObject }
        try check(tree["spec"] ?? .emptyObject)
        return tree
    }

    private func check(_ spec: Tree) throws(AdmissionError) {
        switch self {
        case .access: try checkAttributes(spec)
        case .rules:
            guard (spec["namespace"]?.string ?? "").isEmpty else { return }
            throw AdmissionError(.badRequest, "no namespace on request")
        case .identity, .token: break
        }
    }

    private func checkAttributes(_ spec: Tree) throws(AdmissionError) {
        let (resource, path) = (spec["resourceAttributes"], spec["nonResourceAttributes"])
        let error: FieldError
        switch (resource, path) {
        case (nil, nil):
            error = FieldError(
                .invalid, ["spec", "resourceAttributes"], value: .null,
                "exactly one of nonResourceAttributes or resourceAttributes must be specified")
        case (_?, let path?):
            error = FieldError(
                .invalid, ["spec", "nonResourceAttributes"], value: path,
                "cannot be specified in combination with resourceAttributes")
        default: return
        }
        throw .review("authorization.k8s.io", [error])
    }

    /// Who asked, as everything that is written says.
    func record(_ tree: inout Tree, _ context: WriteContext) {
        guard let manager = context.manager, var schema else { return }
        // Being there says nothing of a question: it always is.
        schema.properties = schema.properties.map {
            guard $0.name == "spec" else { return $0 }
            var spec = $0.schema
            spec.properties = spec.properties.map { property in
                guard property.name == "boundObjectRef" else { return property }
                return Schema.Property(
                    name: property.name, schema: property.schema, required: property.required, presence: .always(.null))
            }
            return Schema.Property(name: $0.name, schema: spec, required: $0.required, presence: .always(.emptyObject))
        }
        var owners = ManagedFields()
        owners.update(
            old: nil, new: tree, schema: schema, manager: manager, apiVersion: apiVersion,
            subresource: self == .token ? "token" : "", now: context.now)
        owners.write(to: &tree)
    }
}
