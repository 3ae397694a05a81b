import Model
import Tree

/// Who may do what. Pure: whether an object belongs to a worker is looked up before and handed in.
package enum AccessPolicy {
    /// Whose the object is that a worker asks for.
    package enum Ownership: Sendable, Hashable, CaseIterable { case own, other, none }

    /// What is answered to anybody.
    static let open: Set<String> = ["/healthz", "/readyz", "/livez", "/version"]

    package static func isOpen(_ request: APIRequest) -> Bool { request.method == .get && open.contains(request.path) }

    package static func admits(
        _ caller: Caller, _ wanted: AccessAttributes, ownership: Ownership = .none
    ) -> Bool {
        if caller.isAnonymous { return false }
        if caller.isMaster { return true }
        if caller.worker != nil { return admitsWorker(wanted, ownership) }
        guard wanted.isResource else { return wanted.verb == "get" && isDiscovery(wanted.path) }
        if isSelfReview(wanted) { return true }
        return caller.grants.contains { grant in
            guard grant.role != .worker else { return false }
            let covers = grant.namespace == nil || grant.namespace == wanted.namespace
            guard covers || isSharedReading(wanted) else { return false }
            return grant.role.rules.contains { $0.admits(wanted.verb, wanted.group, wanted.fullResource) }
        }
    }

    /// A worker reads its own Worker and the tasks assigned to it, each by name, and nothing else.
    private static func admitsWorker(_ wanted: AccessAttributes, _ ownership: Ownership) -> Bool {
        wanted.verb == "get" && ownership == .own && wanted.group == Kind.group && wanted.subresource.isEmpty
            && [Kind.worker.plural, Kind.task.plural].contains(wanted.resource) && wanted.name != nil
    }

    /// Regions have no namespace, and plans of every namespace name them.
    private static func isSharedReading(_ wanted: AccessAttributes) -> Bool {
        wanted.group == Kind.group && wanted.resource == Kind.region.plural
            && ["get", "list", "watch"].contains(wanted.verb)
    }

    private static func isDiscovery(_ path: String) -> Bool {
        ["/api", "/apis", "/openapi"].contains { path == $0 || path.hasPrefix($0 + "/") } || open.contains(path)
    }

    /// What everybody may ask about themselves.
    private static func isSelfReview(_ wanted: AccessAttributes) -> Bool {
        wanted.verb == "create"
            && (wanted.group == "authorization.k8s.io"
                && ["selfsubjectaccessreviews", "selfsubjectrulesreviews"].contains(wanted.resource)
                || wanted.group == "authentication.k8s.io" && wanted.resource == "selfsubjectreviews")
    }

    /// Worded as Kubernetes words it: clients show it, and people search for it.
    package static func refusal(_ caller: Caller, _ wanted: AccessAttributes) -> APIResponse {
        guard wanted.isResource else {
            return status(
                "forbidden: User \"\(caller.user)\" cannot \(wanted.verb) path \"\(wanted.path)\"", .emptyObject)
        }
        let full = wanted.group.isEmpty ? wanted.resource : "\(wanted.resource).\(wanted.group)"
        let named = wanted.name.map { " \"\($0)\"" } ?? ""
        let place = wanted.namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
        let message =
            "\(full)\(named) is forbidden: User \"\(caller.user)\" cannot \(wanted.verb) resource "
            + "\"\(wanted.fullResource)\" in API group \"\(wanted.group)\" \(place)"
        var details = Tree.emptyObject
        if let name = wanted.name { details["name"] = .string(name) }
        if !wanted.group.isEmpty { details["group"] = .string(wanted.group) }
        details["kind"] = .string(wanted.resource)
        return status(message, details)
    }

    private static func status(_ message: String, _ details: Tree) -> APIResponse {
        .value(
            status: 403,
            [
                "kind": "Status", "apiVersion": "v1", "metadata": .emptyObject, "status": "Failure",
                "message": .string(message), "reason": "Forbidden", "details": details, "code": 403,
            ], warnings: [])
    }
}
