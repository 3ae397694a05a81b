import Documents
import Model
import Ports
import Synchronization
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
        if name.isEmpty, Parameters(request.query).flag("watch") ?? false {
            return watchDefinitions(request, view)
        }
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

    /// They change with the program alone: a watch shows them all, or what it has not seen, and waits for its end.
    private func watchDefinitions(_ request: APIRequest, _ view: View) -> APIResponse {
        let seen = request.query["resourceVersion"].flatMap { UInt64($0) } ?? 0
        var lines = seen > 0 ? [] : Self.definitions.map { line("ADDED", $0, view) }
        if Parameters(request.query).flag("allowWatchBookmarks") ?? false {
            var metadata: Tree = ["resourceVersion": "1"]
            if Parameters(request.query).flag("sendInitialEvents") ?? false {
                metadata["annotations"] = ["k8s.io/initial-events-end": "true"]
            }
            lines.append(
                line(
                    "BOOKMARK",
                    [
                        "kind": "CustomResourceDefinition", "apiVersion": "apiextensions.k8s.io/v1",
                        "metadata": metadata,
                    ], view))
        }
        let seconds = request.query["timeoutSeconds"].flatMap { Int64($0) } ?? Self.longestWatch
        let end = clock.now.instant + .seconds(min(max(seconds, 1), Self.longestWatch))
        var bytes: [UInt8] = []
        for line in lines {
            JSON.encode(line, into: &bytes)
            bytes.append(0x0A)
        }
        let text = Mutex(bytes)
        let clock = clock
        return .stream(
            contentType: "application/json",
            APIStream(
                next: {
                    let unread = text.withLock { text in
                        defer { text = [] }
                        return text
                    }
                    if !unread.isEmpty { return unread }
                    await clock.sleep(until: end)
                    return nil
                }, close: {}))
    }

    private static let longestWatch: Int64 = 1800

    private func line(_ type: Tree, _ object: Tree, _ view: View) -> Tree {
        let shown: Tree =
            switch view.form {
            case .object, .yaml, .discovery, .misfit: object
            case .metadata: view.partial(object)
            case .table: view.table.table([object], metadata: ["resourceVersion": "1"])
            }
        return ["type": type, "object": shown]
    }

    func inclusion(_ request: APIRequest) -> TableView.Inclusion {
        request.query["includeObject"].flatMap(TableView.Inclusion.init(rawValue:)) ?? .metadata
    }
}
