import Model

/// One resource of the API as discovery and OpenAPI name it: the stored kinds, and those that are computed.
struct ServedResource: Sendable {
    struct Part: Sendable {
        let name: String
        let group: String
        let version: String
        let kind: String
        let verbs: [String]
    }

    let group: String
    let version: String
    let plural: String
    let singular: String
    let kind: String
    let namespaced: Bool
    let verbs: [String]
    var shortNames: [String] = []
    var categories: [String] = []
    var parts: [Part] = []

    var groupVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    static let all: [ServedResource] = Kind.allCases.map(stored) + computed

    /// Groups with their one version each: Kubernetes' core first, then ours, then by name.
    static let groups: [(name: String, version: String)] = {
        var versions: [String: String] = [:]
        for resource in all { versions[resource.group] = resource.version }
        let first = ["", Kind.group]
        let names = first + versions.keys.filter { !first.contains($0) }.sorted()
        return names.map { ($0, versions[$0] ?? "v1") }
    }()

    static func of(group: String) -> [ServedResource] { all.filter { $0.group == group } }

    private static func stored(_ kind: Kind) -> ServedResource {
        var resource = ServedResource(
            group: kind.group, version: kind.version, plural: kind.plural, singular: kind.singular,
            kind: kind.rawValue, namespaced: kind.namespaced,
            verbs: ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"].filter {
                // Namespaces go one by one.
                kind != .namespace || $0 != "deletecollection"
            })
        resource.shortNames = kind.shortNames
        if kind.isOwn { resource.categories = ["reconcile"] }
        let verbs = ["get", "patch", "update"]
        if kind.hasStatus {
            resource.parts.append(
                Part(name: "status", group: kind.group, version: kind.version, kind: kind.rawValue, verbs: verbs))
        }
        if kind.scale != nil {
            resource.parts.append(
                Part(name: "scale", group: "autoscaling", version: "v1", kind: "Scale", verbs: verbs))
        }
        if kind == .namespace {
            for (part, verbs) in [("finalize", ["update"]), ("status", verbs)] {
                resource.parts.append(
                    Part(name: part, group: "", version: kind.version, kind: kind.rawValue, verbs: verbs))
            }
        }
        if kind == .serviceAccount {
            resource.parts.append(
                Part(
                    name: "token", group: "authentication.k8s.io", version: "v1", kind: "TokenRequest",
                    verbs: ["create"]))
        }
        return resource
    }

    private static let computed: [ServedResource] = [
        ServedResource(
            group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions",
            singular: "customresourcedefinition", kind: "CustomResourceDefinition", namespaced: false,
            verbs: ["get", "list", "watch"], shortNames: ["crd", "crds"], categories: ["api-extensions"]),
        ServedResource(
            group: EventGroup.group, version: "v1", plural: "events", singular: "event", kind: "Event",
            namespaced: true,
            verbs: stored(.event).verbs, shortNames: ["ev"]),
        review("SelfSubjectAccessReview"), review("SelfSubjectRulesReview"),
        review("SelfSubjectReview", "authentication.k8s.io"),
    ]

    private static func review(_ kind: String, _ group: String = "authorization.k8s.io") -> ServedResource {
        ServedResource(
            group: group, version: "v1", plural: kind.lowercased() + "s",
            singular: kind.lowercased(), kind: kind, namespaced: false, verbs: ["create"])
    }
}
