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

    func get(_ key: ObjectKey) async throws(ClientError) -> Tree? {
        do throws(ClientError) {
            return try await client.send(APIRequest(.get, APIPath.object(key))).tree
        } catch  where error.status == 404 {
            return nil
        }
    }

    /// In key order. A nil namespace means all of them.
    func list(_ kind: Kind, namespace: String? = nil, selector: String? = nil, fields: String? = nil)
        async throws(ClientError) -> Listing
    {
        var query: [String: String] = [:]
        query["labelSelector"] = selector
        query["fieldSelector"] = fields
        let answer = try await client.send(
            APIRequest(.get, APIPath.collection(kind, namespace: namespace), query: query))
        let version = answer.tree["metadata"]?["resourceVersion"]?.string ?? ""
        // Items of a list may leave out what the list says once.
        let items = (answer.tree["items"]?.array ?? []).map { item in
            var item = item
            if item["kind"] == nil { item["kind"] = .string(kind.rawValue) }
            if item["apiVersion"] == nil { item["apiVersion"] = .string(kind.apiVersion) }
            return item
        }
        return Listing(items: items, version: version)
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
        return WatchLines(try await client.stream(APIRequest(.get, path, query: query)))
    }

    func mergePatch(_ key: ObjectKey, _ patch: Tree) async throws(ClientError) -> Tree {
        try await client.send(
            APIRequest(
                .patch, APIPath.object(key), query: ["fieldManager": Self.manager],
                contentType: "application/merge-patch+json", body: JSON.encode(patch))
        ).tree
    }

    /// False where there was no such object.
    func delete(_ key: ObjectKey, dryRun: Bool = false) async throws(ClientError) -> Bool {
        do throws(ClientError) {
            let query = dryRun ? ["dryRun": "All"] : [:]
            _ = try await client.send(APIRequest(.delete, APIPath.object(key), query: query))
            return true
        } catch  where error.status == 404 {
            return false
        }
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
