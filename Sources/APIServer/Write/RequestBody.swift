import Apply
import Documents
import Model
import Tree

/// Bodies, by their content types.
extension APIServer {
    /// Bytes of a request's body, as a real API server takes them.
    private static let bodyLimit = 3 << 20

    /// What a body is written in.
    private enum BodyForm {
        case json, yaml, protobuf

        init?(_ contentType: String) {
            switch contentType.prefix(while: { $0 != ";" }).filter({ $0 != " " }).lowercased() {
            case "application/json", "": self = .json
            case "application/yaml": self = .yaml
            case "application/vnd.kubernetes.protobuf": self = .protobuf
            default: return nil
            }
        }
    }

    private static func unknownFormat(_ isOwn: Bool) -> RequestProblem {
        RequestProblem(
            response: .failure(
                415, "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: "
                    + "application/json, application/yaml"
                    + (isOwn ? "" : ", application/vnd.kubernetes.protobuf")))
    }

    /// One value. JSON is read as JSON and nothing else: what only YAML can read is a mistake of its writer.
    func body(_ request: APIRequest, isOwn: Bool = false) throws -> Tree {
        guard let form = BodyForm(request.contentType), !(isOwn && form == .protobuf) else {
            throw Self.unknownFormat(isOwn)
        }
        try checkSize(request)
        switch form {
        case .json: return try json(request)
        case .yaml: return try yaml(request)
        case .protobuf:
            guard let tree = ProtobufBody.tree(request.body) else {
                throw AdmissionError(
                    .badRequest, "the body can't be read: it is no protobuf of a kind that is served here")
            }
            return tree
        }
    }

    /// What server-side apply sends: YAML, of which JSON is a part.
    func yaml(_ request: APIRequest) throws -> Tree {
        try checkSize(request)
        let documents = try Documents.parse(request.body)
        guard documents.count == 1 else {
            throw AdmissionError(.badRequest, "the body must hold one object, it holds \(documents.count)")
        }
        return Numbers.integral(documents[0].tree)
    }

    func json(_ request: APIRequest) throws -> Tree {
        try checkSize(request)
        guard !request.body.starts(with: [0xEF, 0xBB, 0xBF]) else {
            throw AdmissionError(.badRequest, "the body can't be read: JSON has no byte order mark at its beginning")
        }
        return try JSON.parse(request.body)
    }

    private func checkSize(_ request: APIRequest) throws(AdmissionError) {
        guard request.body.count <= Self.bodyLimit else {
            throw AdmissionError(.tooLarge, "Request entity too large: limit is \(Self.bodyLimit)")
        }
    }

    /// A whole object. Kubernetes' own kinds may leave out what they are: the path says it.
    func object(_ request: APIRequest, _ route: Route) throws -> Tree {
        var tree = try body(request, isOwn: route.kind.isOwn)
        guard !route.kind.isOwn, case .object = tree else { return tree }
        for name in ["kind", "apiVersion"] {
            guard let value = tree[name], value.string == nil, !value.isNull else { continue }
            throw AdmissionError(
                .badRequest,
                "couldn't get version/kind; json parse error: json: cannot unmarshal \(value.typeName) into Go struct field "
                    + ".\(name) of type string")
        }
        if (tree["kind"]?.string ?? "").isEmpty { tree["kind"] = .string(route.kind.rawValue) }
        if (tree["apiVersion"]?.string ?? "").isEmpty { tree["apiVersion"] = .string(admission(route).apiVersion) }
        return tree
    }
}
