import APIServer
import Client
import Documents
import Model
import Tree

/// The API by objects: keys and trees in, keys and trees out.
struct ObjectClient: Sendable {
    let client: any APIClient

    static let manager = "reconcile-cli"

    init(_ client: any APIClient) { self.client = client }

    func get(_ key: ObjectKey) async throws(ClientError) -> Tree? { try await client.object(key) }

    /// In key order, read in pages, of each object as much as is needed. A nil namespace means all of them.
    func list(
        _ kind: Kind, namespace: String? = nil, selector: String? = nil, fields: String? = nil,
        _ needed: (Tree) -> Tree = { $0 }
    ) async throws(ClientError) -> Listing {
        let list = try await client.list(kind, namespace: namespace, selector: selector, fields: fields, needed)
        return Listing(items: list.items, version: list.version)
    }

    struct Listing: Sendable {
        let items: [Tree]
        let version: String
    }

    func watch(
        _ kind: Kind, namespace: String?, from version: String, selector: String? = nil, fields: String? = nil
    ) async throws(ClientError) -> WatchLines {
        var query = ["watch": "true", "allowWatchBookmarks": "true"]
        query["resourceVersion"] = version.isEmpty ? nil : version
        query["labelSelector"] = selector
        query["fieldSelector"] = fields
        let path = APIPath.collection(kind, namespace: namespace)
        return WatchLines(try await client.stream(APIRequest(.get, path, query: query)), of: kind, in: namespace)
    }

    func mergePatch(_ key: ObjectKey, _ patch: Tree) async throws(ClientError) -> Tree {
        let request = APIRequest(
            .patch, APIPath.object(key), query: ["fieldManager": Self.manager],
            contentType: "application/merge-patch+json", body: JSON.encode(patch))
        return try await client.change(request, of: key).tree
    }

    /// False where there was no such object.
    func delete(_ key: ObjectKey, dryRun: Bool = false) async throws(ClientError) -> Bool {
        try await client.delete(key, dryRun: dryRun)
    }

    /// The bytes that the attempts of a task wrote.
    func log(
        _ task: ObjectKey, attempt: Int?, from offset: Int = 0, follow: Bool
    ) async throws(ClientError) -> APIByteStream {
        var query: [String: String] = [:]
        query["attempt"] = attempt.map(String.init)
        if offset > 0 { query["offset"] = String(offset) }
        if follow { query["follow"] = "true" }
        return try await client.stream(APIRequest(.get, APIPath.object(task, part: "log"), query: query))
    }
}
