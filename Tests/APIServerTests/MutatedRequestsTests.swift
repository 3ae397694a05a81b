import APIServer
import Documents
import Engine
import Model
import Ports
import Storage
import Testing
import Tree

/// Requests that are nearly right: whatever is changed about them, the answer is one that a client can read, never a
/// server's error, and what is refused has changed nothing.
@Suite struct MutatedRequestsTests {
    private static let requests: [APIRequest] = {
        let object = JSON.encode(pool("web", labels: ["tier": "front"], max: 7))
        let plan = Array(
            #"""
            {"apiVersion":"reconcile.dev/v1alpha1","kind":"ExecutionPlan","metadata":{"name":"p","annotations":{"a":"b"}},
            "spec":{"scheduling":{"algorithm":"CostOptimized","timeout":"4h"},"regions":[{"region":"east","pool":"web","tasks":
            [{"name":"a","run":{"command":["sh","-c","true"]},"requires":{"cpu":"500m"}},{"name":"b","run":{"command":["x"]},
            "dependsOn":["a"]}]}],"budget":{"perHour":50}}}
            """#.utf8)
        let plans = "/apis/reconcile.dev/v1alpha1/namespaces/shop/executionplans"
        let secret = Array(#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"stringData":{"k":"v"}}"#.utf8)
        let yaml = Array(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, labels: {a: b}}\ndata:\n  k: |\n    v\n".utf8)
        let patch = Array(
            #"{"metadata":{"labels":{"x":"y"}},"spec":{"maxWorkers":9,"worker":{"env":[{"name":"A","value":"1"}]}}}"#
                .utf8)
        let steps = Array(
            #"[{"op":"test","path":"/spec/maxWorkers","value":5},{"op":"move","from":"/spec/region","path":"/metadata/labels/r"}]"#
                .utf8)
        let options = Array(
            #"{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":"x"},"propagationPolicy":"Foreground"}"#
                .utf8)
        let review = Array(
            #"{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"get"}}}"#
                .utf8)
        return [
            APIRequest(.post, pools, query: ["fieldValidation": "Strict", "fieldManager": "f"], body: object),
            APIRequest(.post, pools, query: ["dryRun": "All"], body: object),
            APIRequest(.put, pools + "/web", body: object),
            APIRequest(.post, plans, body: plan),
            APIRequest(.post, "/api/v1/namespaces/shop/secrets", body: secret),
            APIRequest(.post, "/api/v1/namespaces/shop/configmaps", contentType: "application/yaml", body: yaml),
            APIRequest(.patch, pools + "/held", contentType: "application/merge-patch+json", body: patch),
            APIRequest(.patch, pools + "/held", contentType: "application/json-patch+json", body: steps),
            APIRequest(
                .patch, pools + "/held", query: ["fieldManager": "f", "force": "true"],
                contentType: "application/apply-patch+yaml", body: JSON.encode(pool("held", max: 8))),
            APIRequest(
                .patch, pools + "/held/scale", contentType: "application/merge-patch+json",
                body: Array(#"{"spec":{"replicas":3}}"#.utf8)),
            APIRequest(.delete, pools + "/web", body: options),
            APIRequest(.delete, pools, query: ["labelSelector": "tier in (front,back)"]),
            APIRequest(.get, pools, query: ["limit": "2", "continue": "1~shop~a", "resourceVersionMatch": "Exact"]),
            APIRequest(
                .get, pools, query: ["labelSelector": "a=b,!c,d notin (e)", "fieldSelector": "metadata.name!=x"]),
            APIRequest(.get, pools + "/held", accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"),
            APIRequest(.get, pools, query: ["watch": "true", "timeoutSeconds": "1", "resourceVersion": "1"]),
            APIRequest(.post, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body: review),
            APIRequest(
                .post, "/api/v1/namespaces/shop/serviceaccounts/x/token",
                body: Array(#"{"spec":{"expirationSeconds":600}}"#.utf8)),
        ]
    }()

    @Test(arguments: 1...8 as ClosedRange<UInt64>) func noneBreaksTheServer(_ seed: UInt64) async throws {
        let desk = try Desk()
        _ = await desk.send(.post, pools, pool("held", labels: ["tier": "back"]))
        var chance = Mutation(random: Randomness(seed: seed))
        for number in 0..<1500 {
            let request = chance.mutated(Self.requests[chance.random.below(Self.requests.count)])
            let before = try desk.store.list(StoreQuery())
            let answer = await desk.server.handle(request)
            let said = "seed \(seed), request \(number): \(request.method) \(request.path) \(request.query)"
            if let problem = await Self.problem(of: answer) {
                Issue.record("\(said): \(problem)\n\(String(decoding: request.body, as: UTF8.self))")
            }
            let status = Self.status(of: answer)
            if status >= 400 {
                let after = try desk.store.list(StoreQuery())
                // What one request of several did stands: a collection, or a namespace that goes.
                if request.method != .delete { #expect(after.version == before.version, "\(said): \(status)") }
            }
        }
    }

    private static func status(of answer: APIResponse) -> Int {
        switch answer {
        case .value(let status, _, _), .text(let status, _), .document(let status, _, _): status
        case .json, .stream, .pieces: 200
        }
    }

    private static func problem(of answer: APIResponse) async -> String? {
        switch answer {
        case .value(let status, let tree, _):
            guard (200..<500).contains(status) || status == 504 else { return "status \(status): \(tree)" }
            let parsed = try? JSON.parse(JSON.encode(tree), limits: .answer)
            guard parsed == tree else { return "an answer that does not read as it was meant" }
            guard status >= 400 else { return nil }
            guard tree["kind"] == "Status", tree["code"] == .int(Int64(status)),
                tree["reason"]?.string?.isEmpty == false,
                tree["message"]?.string?.isEmpty == false
            else { return "no Status: \(tree)" }
            return nil
        case .json(let bytes):
            let tree = try? JSON.parse(bytes, limits: .answer)
            return tree.map(JSON.encode) == bytes ? nil : "an answer that is not canonical JSON"
        case .text(let status, _): return [200, 404].contains(status) ? nil : "text with status \(status)"
        case .document(let status, _, _): return status == 200 ? nil : "a document with status \(status)"
        case .pieces(_, let pieces):
            pieces.close()
            return nil
        case .stream(_, let stream):
            let first = await stream.next()
            stream.close()
            return first.map { $0.last == 0x0A } ?? true ? nil : "a line without an end"
        }
    }
}

/// Changes of one request: bits, bytes, runs, words, and whole parts.
private struct Mutation {
    var random: Randomness

    private static let words = [
        "", "null", "{}", "[]", "-1", "1e99", "\u{FEFF}", "\u{0}", "\u{1F600}", "\"", "\\", "/", "//", "..", "%2F", "~",
        "~1", "&",
        "---", "|", "*", "&a", "<<", "true", "9223372036854775808", "metadata", "spec", "kind", "name", "namespaces",
        "status",
    ]
    private static let types = [
        "application/json", "application/yaml", "application/merge-patch+json", "application/json-patch+json",
        "application/apply-patch+yaml", "application/strategic-merge-patch+json", "application/vnd.kubernetes.protobuf",
        "text/plain", "",
        "application/json; charset=utf-8",
    ]

    mutating func mutated(_ request: APIRequest) -> APIRequest {
        var request = request
        for _ in 0...random.below(3) {
            switch random.below(12) {
            case 0: request.path = text(request.path)
            case 1:
                let names = request.query.keys.sorted()
                guard !names.isEmpty else { continue }
                let name = names[random.below(names.count)]
                request.query[name] = text(request.query[name] ?? "")
            case 2: request.contentType = Self.types[random.below(Self.types.count)]
            case 3: request.accept = text(request.accept)
            case 4: request.method = [.get, .post, .put, .patch, .delete][random.below(5)]
            default: request.body = bytes(request.body)
            }
        }
        return request
    }

    private mutating func text(_ text: String) -> String { String(decoding: bytes(Array(text.utf8)), as: UTF8.self) }

    private mutating func bytes(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let place = random.below(bytes.count + 1)
        switch random.below(7) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(random.below(8))
        case 1 where place < bytes.count: bytes[place] = UInt8(random.below(256))
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + random.below(20)))
        case 3: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + random.below(40))], at: place)
        case 4: bytes = Array(bytes.prefix(place))
        case 5:
            let long = [UInt8](repeating: [0x5B, 0x7B, 0x22, 0x20, 0xFF][random.below(5)], count: random.below(300))
            bytes.insert(contentsOf: long, at: place)
        default: bytes.insert(contentsOf: Array(Self.words[random.below(Self.words.count)].utf8), at: place)
        }
        return bytes
    }
}
