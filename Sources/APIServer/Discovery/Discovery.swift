import Documents
import Tree

/// What the API says it serves: `/api`, `/apis` and below, a document a group or all in one
/// (kubernetes.io/docs/concepts/overview/kubernetes-api, "Discovery API").
enum Discovery {
    /// Nil where the path is none of discovery's, or names a group or version that is not served.
    static func answer(_ path: String, _ form: AnswerForm) -> APIResponse? {
        let steps = path.split(separator: "/").map(String.init)
        switch (steps.first, steps.count) {
        case ("api", 1):
            if case .discovery(let version) = form { return all(version) { $0.isEmpty } }
            return .ok(["kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": .array([])])
        case ("api", 2) where steps[1] == "v1": return .ok(resources("", "v1"))
        case ("apis", 1):
            if case .discovery(let version) = form { return all(version) { !$0.isEmpty } }
            let groups = ServedResource.groups.filter { !$0.name.isEmpty }.map { group($0.name, $0.version) }
            return .ok(["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groups)])
        case ("apis", 2):
            guard let found = ServedResource.groups.first(where: { $0.name == steps[1] }) else { return nil }
            var tree = group(found.name, found.version)
            (tree["kind"], tree["apiVersion"]) = ("APIGroup", "v1")
            return .ok(tree)
        case ("apis", 3):
            guard ServedResource.groups.contains(where: { $0 == (steps[1], steps[2]) }) else { return nil }
            return .ok(resources(steps[1], steps[2]))
        default: return nil
        }
    }

    /// What there is, for whoever asks at the root.
    static let paths: APIResponse = {
        let groups = ServedResource.groups.filter { !$0.name.isEmpty }.flatMap { group in
            ["/apis/\(group.name)", "/apis/\(group.name)/\(group.version)"]
        }
        let all =
            ["/api", "/api/v1", "/apis"] + groups + [
                "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version",
            ]
        return .ok(["paths": words(all.sorted())])
    }()

    private static func group(_ name: String, _ version: String) -> Tree {
        let named: Tree = ["groupVersion": .string("\(name)/\(version)"), "version": .string(version)]
        return ["name": .string(name), "versions": [named], "preferredVersion": named]
    }

    private static func words(_ list: [String]) -> Tree { .array(list.map { .string($0) }) }

    // MARK: A document a group

    private static func resources(_ group: String, _ version: String) -> Tree {
        var list: [Tree] = []
        for resource in ServedResource.of(group: group) {
            var tree: Tree = [
                "name": .string(resource.plural), "singularName": .string(resource.singular),
                "namespaced": .bool(resource.namespaced), "kind": .string(resource.kind),
                "verbs": words(resource.verbs),
            ]
            if !resource.shortNames.isEmpty { tree["shortNames"] = words(resource.shortNames) }
            if !resource.categories.isEmpty { tree["categories"] = words(resource.categories) }
            list.append(tree)
            for part in resource.parts {
                var tree: Tree = [
                    "name": .string("\(resource.plural)/\(part.name)"), "singularName": "",
                    "namespaced": .bool(resource.namespaced), "kind": .string(part.kind), "verbs": words(part.verbs),
                ]
                if part.group != group {
                    (tree["group"], tree["version"]) = (.string(part.group), .string(part.version))
                }
                list.append(tree)
            }
        }
        return [
            "kind": "APIResourceList", "apiVersion": "v1",
            "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"), "resources": .array(list),
        ]
    }

    // MARK: All in one

    private static func all(_ version: String, _ isIn: (String) -> Bool) -> APIResponse {
        let items = ServedResource.groups.filter { isIn($0.name) }.map { group -> Tree in
            let resources = ServedResource.of(group: group.name).map(aggregated)
            return [
                "metadata": ["name": .string(group.name)],
                "versions": [
                    [
                        "version": .string(group.version), "resources": .array(resources), "freshness": "Current",
                    ]
                ],
            ]
        }
        let list: Tree = [
            "kind": "APIGroupDiscoveryList", "apiVersion": .string("apidiscovery.k8s.io/\(version)"),
            "metadata": .emptyObject, "items": .array(items),
        ]
        return .document(
            status: 200,
            contentType: "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList",
            JSON.encode(list))
    }

    private static func aggregated(_ resource: ServedResource) -> Tree {
        var tree: Tree = [
            "resource": .string(resource.plural),
            "responseKind": kind(resource.group, resource.version, resource.kind),
            "scope": resource.namespaced ? "Namespaced" : "Cluster",
            "singularResource": .string(resource.singular), "verbs": words(resource.verbs),
        ]
        if !resource.shortNames.isEmpty { tree["shortNames"] = words(resource.shortNames) }
        if !resource.categories.isEmpty { tree["categories"] = words(resource.categories) }
        if !resource.parts.isEmpty {
            tree["subresources"] = .array(
                resource.parts.map {
                    [
                        "subresource": .string($0.name), "responseKind": kind($0.group, $0.version, $0.kind),
                        "verbs": words($0.verbs),
                    ]
                })
        }
        return tree
    }

    static func kind(_ group: String, _ version: String, _ kind: String) -> Tree {
        ["group": .string(group), "version": .string(version), "kind": .string(kind)]
    }
}
