import APIServer
import Client
import Documents
import Model
import Tree

/// What became of one applied object.
struct Applied: Sendable {
    enum Outcome: String, Sendable { case created, configured, unchanged }
    let key: ObjectKey
    let outcome: Outcome
    let tree: Tree
    let warnings: [String]
    /// What the sentence says besides.
    var remark = ""

    /// `executionplan.reconcile.dev/hello created`
    var sentence: String { "\(key.resourceName) \(outcome.rawValue)\(remark)" }

    func remarked(_ remark: String) -> Applied {
        var copy = self
        copy.remark = remark
        return copy
    }
}

extension ObjectClient {
    /// Server-side apply by the command line's field manager.
    func apply(_ object: Tree, key: ObjectKey, force: Bool = false, dryRun: Bool = false) async throws(ClientError)
        -> Applied
    {
        let before = try await get(key)
        var query = ["fieldManager": Self.manager, "fieldValidation": "Strict"]
        query["force"] = force ? "true" : nil
        query["dryRun"] = dryRun ? "All" : nil
        let request = APIRequest(
            .patch, APIPath.object(key), query: query, contentType: "application/apply-patch+yaml",
            body: JSON.encode(object))
        let answer = try await client.change(request, of: key)
        let outcome: Applied.Outcome
        if let before {
            outcome = Self.content(before) == Self.content(answer.tree) ? .unchanged : .configured
        } else {
            outcome = .created
        }
        return Applied(key: key, outcome: outcome, tree: answer.tree, warnings: answer.warnings)
    }

    /// What people mean by an object: without the record of writers, and what controllers say.
    private static func content(_ object: Tree) -> Tree {
        var content = object
        content["status"] = nil
        for name in ["managedFields", "generation", "resourceVersion"] { content["metadata"]?[name] = nil }
        return content
    }
}

extension ObjectKey {
    /// As kubectl prints it: `workerpool.reconcile.dev/frontend`, `namespace/ecommerce`.
    var resourceName: String {
        kind.group.isEmpty ? "\(kind.singular)/\(name)" : "\(kind.singular).\(kind.group)/\(name)"
    }

    /// Of an object that says its kind; nil where it says none we know, or has no name.
    init?(object: Tree) {
        guard let kind = Kind(apiVersion: object["apiVersion"]?.string ?? "", kind: object["kind"]?.string ?? ""),
            let name = object["metadata"]?["name"]?.string
        else { return nil }
        self.init(kind, object["metadata"]?["namespace"]?.string ?? "", name)
    }
}
