import APIServer
import Documents
import Model
import Ports
import Testing
import Tree

/// What the program that makes a server has to say of pools and plans reaches whoever writes them, by every door.
@Suite struct AdviceTests {
    private static let pools = "/apis/reconcile.dev/v1alpha1/namespaces/shop/workerpools"

    private static func pool(_ name: String) -> Tree {
        [
            "apiVersion": "reconcile.dev/v1alpha1", "kind": "WorkerPool", "metadata": ["name": .string(name)],
            "spec": ["region": "here", "maxWorkers": 1, "worker": ["type": "Local"]],
        ]
    }

    private static func desk() async throws -> Desk {
        let desk = try Desk(advice: { kind, object, regions in
            ["\(kind.rawValue) \(object["metadata"]?["name"]?.string ?? "") in \(regions.keys.sorted())"]
        })
        let region: Tree = [
            "apiVersion": "reconcile.dev/v1alpha1", "kind": "Region", "metadata": ["name": "here"],
            "spec": ["provider": ["local": [:]]],
        ]
        #expect(await desk.send(.post, "/apis/reconcile.dev/v1alpha1/regions", region).status == 201)
        return desk
    }

    private static func warnings(_ desk: Desk, _ request: APIRequest) async -> [String] {
        if case .value(_, _, let warnings) = await desk.server.handle(request) { warnings } else { ["no value"] }
    }

    @Test func everyDoorTellsIt() async throws {
        let desk = try await Self.desk()
        let said = ["WorkerPool p in [\"here\"]"]
        let post = APIRequest(.post, Self.pools, body: JSON.encode(Self.pool("p")))
        #expect(await Self.warnings(desk, post) == said)
        let dry = APIRequest(
            .patch, "\(Self.pools)/p", query: ["dryRun": "All"], contentType: "application/merge-patch+json",
            body: Array(#"{"spec":{"maxWorkers":2}}"#.utf8))
        #expect(await Self.warnings(desk, dry) == said)
        let merged = APIRequest(
            .patch, "\(Self.pools)/p", contentType: "application/merge-patch+json",
            body: Array(#"{"spec":{"maxWorkers":3}}"#.utf8))
        #expect(await Self.warnings(desk, merged) == said)
        let applied = APIRequest(
            .patch, "\(Self.pools)/q", query: ["fieldManager": "me"], contentType: "application/apply-patch+yaml",
            body: JSON.encode(Self.pool("q")))
        #expect(await Self.warnings(desk, applied) == ["WorkerPool q in [\"here\"]"])
    }

    @Test func aStatusIsNoReasonForIt() async throws {
        let desk = try await Self.desk()
        #expect(await desk.send(.post, Self.pools, Self.pool("p")).status == 201)
        let status = APIRequest(
            .patch, "\(Self.pools)/p/status", contentType: "application/merge-patch+json",
            body: Array(#"{"status":{"observedGeneration":1}}"#.utf8))
        #expect(await Self.warnings(desk, status) == [])
    }
}
