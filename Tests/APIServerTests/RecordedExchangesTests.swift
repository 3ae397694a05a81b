import APIServer
import Documents
import Foundation
import Testing
import Tree

/// The exchanges recorded from a real API server, in their order, against ours: status, reason, message, causes, and
/// the whole object where one is answered.
@Suite struct RecordedExchangesTests {
    private static let file: String? = {
        let folder = ProcessInfo.processInfo.environment["RECONCILE_RECORDINGS"] ?? "../shared/kubernetes"
        let path = folder + "/transcripts.jsonl"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    /// Where ours answers otherwise on purpose.
    private static let others: [String: (status: Int, because: String)] = [
        "anonymous-list": (401, "nobody anonymous is let in, as with --anonymous-auth=false"),
        "ssa-unknown-field": (400, "an oddity of the real server: 500"),
        "watch-bad-rv": (400, "an oddity of the real server: 500"),
        "list-rv0": (200, "a limit holds whatever the version; the real server's cache ignores it"),
    ]
    /// Whose message says the same in other words: where in the body it stopped, or what of a patch did not fit.
    private static let rephrased: Set<String> = [
        "accept-unsupported", "create-duplicate-key-strict", "create-empty-body", "create-invalid-json",
        "create-invalid-many", "create-invalid-range-enum-pattern", "create-wrong-content-type",
        "delete-precondition-rv", "json-patch-bad-op", "json-patch-bad-path", "json-patch-test-fails",
        "list-bad-selector", "list-continue-garbage", "list-rv-future",
        "merge-patch-unknown-strict", "method-not-allowed",
    ]
    /// The recorded server lacked what this asks for.
    private static let lacking: Set<String> = ["watch-send-initial-events"]

    @Test(.enabled(if: file != nil, "no recordings: set RECONCILE_RECORDINGS to their folder"))
    func everyExchangeIsAnsweredAsRecorded() async throws {
        let replay = try Replay()
        let text = try String(contentsOfFile: Self.file ?? "", encoding: .utf8)
        let path = "/apis/reconcile.dev/v1alpha1/namespaces/ecommerce/workerpools"
        _ = await replay.desk.send(
            .post, "/api/v1/namespaces", ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "ecommerce"]],
            query: ["fieldManager": "kubectl-create"])
        _ = await replay.desk.send(.post, path, recordedPool("g-bl4vf", ["region": "r"]))
        var count = 0
        for line in text.split(separator: "\n") {
            let exchange = try JSON.parse(Array(line.utf8))
            let name = exchange["name"]?.string ?? ""
            guard !Self.lacking.contains(name) else { continue }
            count += 1
            if name == "watch-from-rv" { await unrecordedWrites(replay.desk, path) }
            let recorded = exchange["response"] ?? .null
            replay.setClock(by: recorded["json"] ?? .null)
            var request = replay.request(exchange["request"] ?? .null, body: Self.large(name))
            if name == "bad-token" { request.caller = .anonymous }
            if let other = Self.others[name] {
                let answer = await replay.desk.answer(request)
                #expect(answer.status == other.status, "\(name): \(other.because)")
                continue
            }
            if request.query["watch"] == "true" {
                await compareLines(name, recorded, request, replay)
            } else {
                compare(name, recorded, await replay.desk.answer(request), replay)
            }
        }
        #expect(count == 119)
    }

    private func recordedPool(_ name: Tree, _ spec: Tree) -> Tree {
        ["apiVersion": "reconcile.dev/v1alpha1", "kind": "WorkerPool", "metadata": ["name": name], "spec": spec]
    }

    /// What happened on the real server while it was watched.
    private func unrecordedWrites(_ desk: Desk, _ path: String) async {
        _ = await desk.send(
            .patch, path + "/a", ["spec": ["replicas": 1]], type: "application/merge-patch+json")
        _ = await desk.send(.post, path, recordedPool("e", ["region": "us-east-1"]))
        _ = await desk.send(.delete, path + "/e")
    }

    /// Bodies that the recording only describes.
    private static func large(_ name: String) -> [UInt8]? {
        switch name {
        case "big-body": return Array(repeating: UInt8(ascii: " "), count: 3_500_000)
        case "annotation-too-large":
            let text = String(repeating: "x", count: 300_000)
            return JSON.encode([
                "apiVersion": "reconcile.dev/v1alpha1", "kind": "WorkerPool",
                "metadata": ["name": "ann", "annotations": ["a": .string(text)]], "spec": ["region": "r"],
            ])
        default: return nil
        }
    }

    private func compare(_ name: String, _ recorded: Tree, _ answer: (status: Int, tree: Tree), _ replay: Replay) {
        #expect(Int64(answer.status) == recorded["status"]?.int, "\(name): \(answer.tree)")
        guard let there = recorded["json"] else { return }
        var ours = answer.tree
        if let text = ours.string, let parsed = try? JSON.parse(Array(text.utf8)) { ours = parsed }
        replay.learn(there, ours, name)
        let expected = replay.translated(there)
        for member in ["kind", "apiVersion", "reason", "code"] where ours[member] != expected[member] {
            Issue.record("\(name): \(Self.text(ours[member])) where \(Self.text(expected[member])) is recorded")
        }
        switch expected["kind"]?.string {
        case "Status": compareStatus(name, ours, expected)
        case "APIGroupDiscoveryList": break
        case let kind? where kind.hasSuffix("List"):
            let names = [ours, expected].map {
                $0["items"]?.array?.compactMap { $0["metadata"]?["name"]?.string }.sorted()
            }
            #expect(names[0] == names[1], "\(name): items")
        case "Table":
            let rows = [ours, expected].map { $0["rows"]?.array?.compactMap { $0["cells"]?[0]?.string }.sorted() }
            #expect(rows[0] == rows[1], "\(name): rows")
            let kinds = [ours, expected].map { $0["rows"]?[0]?["object"]?["kind"] }
            #expect(kinds[0] == kinds[1], "\(name): what travels with a row")
        case "WorkerPool", "Scale":
            for member in ["metadata", "spec", "status"] where ours[member] != expected[member] {
                Issue.record("\(name): \(member)\n\(Self.text(ours[member]))\n\(Self.text(expected[member]))")
            }
        // Kubernetes' own kinds are typed there and open here, which managers' records show.
        case "Lease": #expect(ours["spec"] == expected["spec"], "\(name)")
        default: break
        }
    }

    private static func text(_ tree: Tree?) -> String { tree.map { JSON.text($0) } ?? "nothing" }

    private func compareStatus(_ name: String, _ ours: Tree, _ expected: Tree) {
        let isSame = !Self.rephrased.contains(name)
        if isSame { #expect(ours["message"] == expected["message"], "\(name)") }
        for member in ["name", "kind", "group", "uid", "retryAfterSeconds"] {
            #expect(ours["details"]?[member] == expected["details"]?[member], "\(name): details.\(member)")
        }
        // The real server walks maps, whose order is chance.
        func causes(_ status: Tree) -> [String]? {
            status["details"]?["causes"]?.array?.map { cause in
                let words = [cause["reason"], cause["field"], isSame ? cause["message"] : nil]
                return words.map { $0?.string ?? "" }.joined(separator: " ")
            }.sorted()
        }
        #expect(causes(ours) == causes(expected), "\(name): causes")
    }

    private func compareLines(_ name: String, _ recorded: Tree, _ request: APIRequest, _ replay: Replay) async {
        let text = recorded["text"]?.string ?? recorded["json"].map { JSON.text($0) } ?? ""
        var expected: [Tree] = []
        for line in text.split(separator: "\n") {
            guard let event = try? JSON.parse(Array(line.utf8)),
                event["type"] != expected.last?["type"] || event["type"] != "BOOKMARK"
            else { continue }
            expected.append(event)
        }
        let lines = await replay.desk.lines(request, count: expected.filter { $0["type"] != "BOOKMARK" }.count)
        func outline(_ events: [Tree]) -> [String] {
            events.filter { $0["type"] != "BOOKMARK" }.map { event in
                let object = event["object"] ?? .null
                let row = object["rows"]?[0]?["object"] ?? object
                return [event["type"], object["kind"], object["reason"], row["metadata"]?["name"], row["spec"]]
                    .map { $0.map { JSON.text($0) } ?? "-" }.joined(separator: " ")
            }.sorted()
        }
        #expect(outline(lines) == outline(expected.map(replay.translated)), "\(name)")
    }
}
