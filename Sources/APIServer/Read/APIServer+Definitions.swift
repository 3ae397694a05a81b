import Documents
import Model
import Ports
import Tree

/// The CustomResourceDefinitions of our kinds, to be read only: clients and tools look for them, and here nothing
/// has to be installed.
extension APIServer {
    private static let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

    private static let definitions: [Tree] = Kind.own.sorted { $0.plural < $1.plural }.map { kind in
        var tree = CustomResourceDefinition.tree(for: kind)
        let name = "\(kind.plural).\(kind.group)"
        tree["metadata"] = [
            // The definitions are the program's own and change with it alone.
            "name": .string(name), "uid": .string("definition-\(kind.plural)"), "resourceVersion": "1", "generation": 1,
            "creationTimestamp": "1970-01-01T00:00:00Z",
        ]
        func condition(_ type: Tree, _ reason: Tree) -> Tree {
            ["type": type, "status": "True", "reason": reason, "lastTransitionTime": "1970-01-01T00:00:00Z"]
        }
        tree["status"] = [
            "acceptedNames": tree["spec"]?["names"] ?? .emptyObject, "storedVersions": [.string(kind.version)],
            "conditions": [
                condition("NamesAccepted", "NoConflicts"), condition("Established", "InitialNamesAccepted"),
            ],
        ]
        return tree
    }

    /// Nil where the path is not theirs.
    func definitions(_ request: APIRequest, _ form: AnswerForm) -> APIResponse? {
        guard request.path == Self.path || request.path.hasPrefix(Self.path + "/") else { return nil }
        guard request.method == .get else {
            return .failure(
                405, "MethodNotAllowed", "CustomResourceDefinitions are the server's own and can't be changed here")
        }
        let view = View(form: form, table: .definitions(inclusion(request), now: clock.now.wall))
        let name = request.path.dropFirst(Self.path.count + 1)
        guard name.isEmpty else {
            guard let found = Self.definitions.first(where: { $0["metadata"]?["name"]?.string ?? "" == name }) else {
                return .failure(
                    404, "NotFound", "customresourcedefinitions.apiextensions.k8s.io \"\(name)\" not found",
                    details: [
                        "name": .string(String(name)), "group": "apiextensions.k8s.io",
                        "kind": "customresourcedefinitions",
                    ])
            }
            return present(found, view)
        }
        return present(
            Self.definitions, kind: "CustomResourceDefinition", apiVersion: "apiextensions.k8s.io/v1",
            metadata: ["resourceVersion": "1"], view)
    }

    func inclusion(_ request: APIRequest) -> TableView.Inclusion {
        request.query["includeObject"].flatMap(TableView.Inclusion.init(rawValue:)) ?? .metadata
    }
}
