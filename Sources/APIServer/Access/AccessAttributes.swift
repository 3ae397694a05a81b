import Model

/// What a request asks for, in the terms access is decided in (Kubernetes' RequestInfo): taken from method and path
/// alone, so that what no route knows is still refused to whom it is none of.
package struct AccessAttributes: Sendable, Hashable {
    package var verb: String
    package var group: String
    /// Empty: not a resource but a path.
    package var resource: String
    package var subresource: String
    package var namespace: String?
    package var name: String?
    package var path: String

    package init(
        verb: String, group: String, resource: String, subresource: String = "", namespace: String? = nil,
        name: String? = nil
    ) {
        self.verb = verb
        self.group = group
        self.resource = resource
        self.subresource = subresource
        self.namespace = namespace
        self.name = name
        path = ""
    }

    package init(_ request: APIRequest) {
        self.init(verb: request.method.rawValue.lowercased(), group: "", resource: "")
        path = request.path
        var steps = request.path.split(separator: "/").map(String.init)[...]
        switch steps.first {
        case "api" where steps.count > 2: steps = steps.dropFirst(2)
        case "apis" where steps.count > 3:
            group = steps[1]
            steps = steps.dropFirst(3)
        default: return
        }
        if steps.first == "namespaces", steps.count > 1 {
            let space = steps[steps.startIndex + 1]
            // The namespace object itself is at this path, as are things inside it.
            if steps.count > 2, steps[steps.startIndex + 2] != "status", steps[steps.startIndex + 2] != "finalize" {
                namespace = space
                steps = steps.dropFirst(2)
            } else {
                namespace = space
            }
        }
        let rest = Array(steps)
        resource = rest[0]
        name = rest.count > 1 ? rest[1] : nil
        subresource = rest.dropFirst(2).joined(separator: "/")
        verb = Self.verb(request, named: name != nil)
    }

    private static func verb(_ request: APIRequest, named: Bool) -> String {
        switch request.method {
        case .get where named: "get"
        case .get: Parameters(request.query).flag("watch") ?? false ? "watch" : "list"
        case .post: "create"
        case .put: "update"
        case .patch: "patch"
        case .delete: named ? "delete" : "deletecollection"
        }
    }

    var isResource: Bool { !resource.isEmpty }
    /// `tasks/log`, as rules name it.
    var fullResource: String { subresource.isEmpty ? resource : "\(resource)/\(subresource)" }

    /// The object asked for, where it is of a kind that is kept.
    var key: ObjectKey? {
        guard let name, let kind = Kind.allCases.first(where: { $0.plural == resource && $0.group == group }) else {
            return nil
        }
        return ObjectKey(kind, namespace ?? "", name)
    }
}
