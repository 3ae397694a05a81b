import APIServer
import Documents
import Model
import Testing
import Tree

/// events.k8s.io/v1 and the core group: the same Events under two sets of names.
@Suite struct EventGroupTests {
    private static let path = "/apis/events.k8s.io/v1/namespaces/shop/events"
    private static let core = "/api/v1/namespaces/shop/events"

    private static let event: Tree = [
        "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": ["name": "web.1"],
        "eventTime": "2026-01-01T00:00:00.000000Z", "reportingController": "reconcile.dev/test",
        "reportingInstance": "one",
        "action": "Testing", "reason": "Tried", "note": "said by a test", "type": "Normal",
        "regarding": [
            "apiVersion": "reconcile.dev/v1alpha1", "kind": "WorkerPool", "name": "web", "namespace": "shop",
        ],
        "series": ["count": 2, "lastObservedTime": "2026-01-01T00:00:01.000000Z"],
    ]

    @Test func whatIsWrittenByOneNameIsReadByTheOther() async throws {
        let desk = try Desk()
        let made = await desk.send(.post, Self.path, Self.event)
        #expect(made.status == 201, "\(made.tree)")
        #expect(made.tree["apiVersion"] == "events.k8s.io/v1")
        #expect(made.tree["note"] == "said by a test")
        #expect(made.tree["message"] == nil)
        let other = await desk.send(.get, Self.core + "/web.1").tree
        #expect(other["apiVersion"] == "v1")
        #expect(other["message"] == "said by a test")
        #expect(other["involvedObject"]?["name"] == "web")
        #expect(other["reportingComponent"] == "reconcile.dev/test")
        #expect(other["series"]?["count"] == 2)
        let patched = await desk.send(
            .patch, Self.path + "/web.1", ["metadata": ["labels": ["again": "yes"]], "series": ["count": 3]],
            type: "application/merge-patch+json")
        #expect(patched.tree["series"]?["count"] == 3, "\(patched.tree)")
        #expect(await desk.send(.get, Self.core + "/web.1").tree["series"]?["count"] == 3)
    }

    @Test func listsAndWatchesAreNamedAlike() async throws {
        let desk = try Desk()
        _ = await desk.send(.post, Self.path, Self.event)
        let list = await desk.send(.get, Self.path, query: ["fieldSelector": "regarding.name=web"]).tree
        #expect(list["apiVersion"] == "events.k8s.io/v1")
        #expect(list["items"]?[0]?["note"] == "said by a test")
        #expect(await desk.send(.get, Self.path, query: ["fieldSelector": "regarding.name=api"]).tree["items"] == [])
        let lines = await desk.lines(Self.path, ["watch": "true"], count: 1)
        #expect(lines.first?["object"]?["note"] == "said by a test")
        #expect(lines.first?["object"]?["apiVersion"] == "events.k8s.io/v1")
        let everywhere = await desk.send(.get, "/apis/events.k8s.io/v1/events").tree
        #expect(everywhere["items"]?.array?.count == 1)
    }

    @Test func itIsDiscoveredAndLeadsNowhereElse() async throws {
        let desk = try Desk()
        let found = await desk.send(.get, "/apis/events.k8s.io/v1").tree
        #expect(found["resources"]?[0]?["name"] == "events")
        #expect(await desk.send(.get, "/apis/events.k8s.io/v1/namespaces/shop/secrets").status == 404)
        #expect(await desk.send(.get, "/apis/events.k8s.io/v1/namespaces").status == 404)
        let refused = await desk.send(.get, Self.path + "/nobody")
        #expect(refused.status == 404 && refused.tree["kind"] == "Status")
        let caller = Caller(user: "nobody", groups: ["system:authenticated"], grants: [])
        let denied = await desk.answer(APIRequest(.get, Self.path, caller: caller))
        #expect(denied.status == 403, "the rights are those of the core group's Events")
    }
}
