import APIServer
import Documents
import Foundation
import Testing
import Tree

/// The reads and refusals of a real API server, asked of ours: status, reason, causes and shape.
@Suite struct RecordedReadsTests {
    private static let file: String? = {
        let folder = ProcessInfo.processInfo.environment["RECONCILE_RECORDINGS"] ?? "../shared/kubernetes"
        let path = folder + "/transcripts.jsonl"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    private static let names: Set<String> = [
        "api-versions", "apis-groups", "create-wrong-content-type", "accept-unsupported", "get", "get-yaml",
        "get-missing",
        "unknown-resource", "unknown-group", "list", "list-limit", "list-continue-garbage", "list-label-selector",
        "list-bad-selector", "list-field-selector", "list-bad-field-selector", "list-rv0", "list-rv-future",
        "list-rv-match-exact-old", "list-rv-invalid", "table-list", "table-get", "delete-missing", "delete-collection",
        "create-namespace-missing", "create-wrong-namespace", "create-wrong-version", "create-invalid-json",
        "create-empty-body", "scale-get", "delete-precondition-fails", "delete-precondition-rv", "delete-dry-run",
        "delete",
    ]

    @Test(.enabled(if: file != nil, "no recordings: set RECONCILE_RECORDINGS to their folder"))
    func readsAreAnsweredAsRecorded() async throws {
        let desk = try Desk()
        let namespace: Tree = ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "ecommerce"]]
        _ = await desk.send(.post, "/api/v1/namespaces", namespace)
        let path = "/apis/reconcile.dev/v1alpha1/namespaces/ecommerce/workerpools"
        for name in ["a", "b", "d", "g"] { _ = await desk.send(.post, path, pool(name)) }
        let text = try String(contentsOfFile: Self.file ?? "", encoding: .utf8)
        var seen: Set<String> = []
        for line in text.split(separator: "\n") {
            let exchange = try JSON.parse(Array(line.utf8))
            guard let name = exchange["name"]?.string, Self.names.contains(name) else { continue }
            seen.insert(name)
            let answer = await send(exchange["request"] ?? .null, to: desk)
            let recorded = exchange["response"] ?? .null
            #expect(Int64(answer.status) == recorded["status"]?.int, "\(name): \(answer.tree)")
            guard let expected = recorded["json"] else { continue }
            for member in ["kind", "apiVersion", "reason"] {
                #expect(answer.tree[member] == expected[member], "\(name): \(member)")
            }
            let causes = expected["details"]?["causes"]?.array?.compactMap { $0["reason"] }
            #expect(answer.tree["details"]?["causes"]?.array?.compactMap { $0["reason"] } == causes, "\(name): causes")
            for member in ["name", "kind", "group"] {
                #expect(answer.tree["details"]?[member] == expected["details"]?[member], "\(name): details.\(member)")
            }
        }
        #expect(seen == Self.names, "an exchange that is no longer recorded")
    }

    private func send(_ recorded: Tree, to desk: Desk) async -> (status: Int, tree: Tree) {
        let parts = (recorded["path"]?.string ?? "").split(separator: "?", maxSplits: 1)
        var query: [String: String] = [:]
        for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1).map { String($0).removingPercentEncoding ?? "" }
            query[sides[0]] = sides.count > 1 ? sides[1] : ""
        }
        let body: [UInt8] =
            switch recorded["body"] {
            case .string(let text): Array(text.utf8)
            case nil: []
            case let tree?: JSON.encode(tree)
            }
        let request = APIRequest(
            APIRequest.Method(rawValue: recorded["method"]?.string ?? "") ?? .get, String(parts[0]), query: query,
            contentType: recorded["headers"]?["Content-Type"]?.string ?? "application/json",
            accept: recorded["headers"]?["Accept"]?.string ?? "", body: body)
        switch await desk.server.handle(request) {
        case .value(let status, let tree, _): return (status, tree)
        case .text(let status, let text): return (status, .string(text))
        case .document(let status, _, let bytes): return (status, .string(String(decoding: bytes, as: UTF8.self)))
        case .stream: return (200, "stream")
        }
    }
}
