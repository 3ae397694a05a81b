import Apply
import Model
import Ports
import Tree

/// TokenRequests of service accounts (k8s.io/kubernetes, pkg/registry/core/serviceaccount/storage/token.go).
extension APIServer {
    /// Who may take a token, where nobody says.
    private static let audience = "https://kubernetes.default.svc"

    func answerTokenRequest(
        _ asked: Tree, _ wanted: AccessAttributes, _ context: WriteContext
    ) async throws -> Tree {
        guard let tokenKey, let key = wanted.key else {
            throw RequestProblem(
                response: .failure(404, "NotFound", "the server could not find the requested resource"))
        }
        guard let account = try await store.get(key) else { throw RequestProblem(response: notFound(key)) }
        var tree = asked
        var spec = tree["spec"] ?? .emptyObject
        let seconds = spec["expirationSeconds"]?.int ?? 3600
        spec["expirationSeconds"] = .int(seconds)
        spec["boundObjectRef"] = spec["boundObjectRef"] ?? .null
        tree["spec"] = spec
        try check(tree["metadata"] ?? .emptyObject, seconds, key)
        try await checkBinding(spec["boundObjectRef"] ?? .null, key.namespace)
        tree["metadata"] = [
            "name": .string(key.name), "namespace": .string(key.namespace), "uid": .string(account.uid),
            "creationTimestamp": .string(context.now.wholeSeconds.description),
        ]
        ReviewKind.token.record(&tree, context)
        if (spec["audiences"]?.array ?? []).isEmpty { tree["spec"]?["audiences"] = [.string(Self.audience)] }
        let now = context.now.milliseconds / 1000
        let token = ServiceToken(
            namespace: key.namespace, name: key.name, uid: account.uid, issued: now, expires: now + seconds)
        tree["status"] = [
            "token": .string(token.signed(tokenKey)),
            "expirationTimestamp": .string(Timestamp(milliseconds: (now + seconds) * 1000).description),
        ]
        return tree
    }

    private func check(_ metadata: Tree, _ seconds: Int64, _ key: ObjectKey) throws(AdmissionError) {
        var errors: [FieldError] = []
        for (name, wanted) in [("name", key.name), ("namespace", key.namespace)] {
            guard let given = metadata[name]?.string, !given.isEmpty, given != wanted else { continue }
            errors.append(
                FieldError(
                    .invalid, ["metadata", name], value: .string(given),
                    "must match the service account \(name) if specified"))
        }
        if seconds < ServiceToken.shortest {
            errors.append(
                FieldError(
                    .invalid, ["spec", "expirationSeconds"], value: .int(seconds),
                    "may not specify a duration less than 10 minutes"))
        }
        if seconds > ServiceToken.longest {
            errors.append(
                FieldError(
                    .invalid, ["spec", "expirationSeconds"], value: .int(seconds),
                    "may not specify a duration larger than \(ServiceToken.longest) seconds"))
        }
        if !errors.isEmpty {
            throw .review(
                "authentication.k8s.io", kind: "TokenRequest", name: metadata["name"]?.string == nil ? "" : key.name,
                errors)
        }
    }

    /// What a token is bound to must be there. Tokens of here end with their account and their time alone.
    private func checkBinding(_ reference: Tree, _ namespace: String) async throws {
        guard case .object = reference else { return }
        let (version, word) = (reference["apiVersion"]?.string ?? "", reference["kind"]?.string ?? "")
        guard version == "v1", word == "Secret" else {
            let group = version == "v1" ? "/v1" : version
            throw AdmissionError(.badRequest, "cannot bind token to object of type \(group), Kind=\(word)")
        }
        let key = ObjectKey(.secret, namespace, reference["name"]?.string ?? "")
        guard let object = try await store.get(key) else { throw RequestProblem(response: notFound(key)) }
        let uid = reference["uid"]?.string ?? ""
        guard uid.isEmpty || uid == object.uid else {
            throw RequestProblem(
                response: .failure(
                    409, "Conflict",
                    "Operation cannot be fulfilled on Secret \"\(key.name)\": the UID in the bound object reference "
                        + "(\(uid)) does not match the UID in record. The object might have been deleted and then recreated",
                    details: ["name": .string(key.name), "kind": "Secret"]))
        }
    }
}
