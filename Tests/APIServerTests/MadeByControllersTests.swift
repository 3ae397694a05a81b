import APIServer
import Documents
import Model
import Ports
import Storage
import Testing
import Tree

/// Workers and Tasks are the controllers' to make: by no way in, and for nobody else.
@Suite("Made by controllers") struct MadeByControllersTests {
    static let controllers = Caller(
        user: "controllers", groups: ["system:authenticated"], grants: [.init(.coordinator, namespace: "shop")])
    static let editor = Caller(user: "eve", groups: ["system:authenticated"], grants: [.init(.edit, namespace: "shop")])
    static let viewer = Caller(user: "vic", groups: ["system:authenticated"], grants: [.init(.view, namespace: "shop")])

    private static let worker: Tree = [
        "apiVersion": "reconcile.dev/v1alpha1", "kind": "Worker", "metadata": ["name": "w", "namespace": "shop"],
        "spec": [
            "pool": "web", "region": "east", "slot": 0, "maxConcurrentTasks": 1000, "price": ["perHour": "0"],
            "capabilities": ["gpu"],
        ],
    ]
    private static let task: Tree = [
        "apiVersion": "reconcile.dev/v1alpha1", "kind": "Task", "metadata": ["name": "t", "namespace": "shop"],
        "spec": ["plan": "p", "task": "t", "run": ["command": ["true"]]],
    ]

    private static func object(_ kind: Kind) -> Tree { kind == .worker ? worker : task }
    private static func key(_ kind: Kind) -> ObjectKey { ObjectKey(kind, "shop", kind == .worker ? "w" : "t") }

    private func place() throws -> AccessDesk {
        let desk = try AccessDesk()
        let namespace: Tree = [
            "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "shop", "uid": "uid-shop"],
        ]
        _ = try desk.store.commit(Batch([.create(ObjectKey(.namespace, "", "shop"), namespace)]))
        return desk
    }

    private func desk() async throws -> AccessDesk {
        let desk = try place()
        for kind in [Kind.worker, .task] {
            let made = APIRequest(
                .post, APIPath.collection(kind, namespace: "shop"), body: JSON.encode(Self.object(kind)),
                caller: Self.controllers)
            #expect(await desk.status(made) == 201, "controllers make \(kind.plural)")
        }
        return desk
    }

    @Test("nobody else makes one, whatever the way", arguments: [Kind.worker, .task], [editor, .local])
    func makes(kind: Kind, caller: Caller) async throws {
        let desk = try place()
        let body = JSON.encode(Self.object(kind))
        for query in [[:], ["dryRun": "All"]] {
            let post = APIRequest(
                .post, APIPath.collection(kind, namespace: "shop"), query: query, body: body, caller: caller)
            #expect(await desk.status(post) == 403)
            let apply = APIRequest(
                .patch, APIPath.object(Self.key(kind)),
                query: query.merging(["fieldManager": "kubectl"]) { $1 }, contentType: "application/apply-patch+yaml",
                body: body, caller: caller)
            #expect(await desk.status(apply) == 403)
        }
        let refused = await desk.answer(
            APIRequest(.post, APIPath.collection(kind, namespace: "shop"), body: body, caller: .local))
        #expect(refused["message"]?.string?.contains("controllers make it; change the ") == true)
        #expect(await desk.status(APIRequest(.get, APIPath.object(Self.key(kind)))) == 404, "nothing was made")
    }

    @Test(
        "of a standing one a user changes what is a user's",
        arguments: [
            (Kind.worker, #"{"spec":{"maintenance":true}}"#, 200, "an operator drains a worker"),
            (.worker, #"{"metadata":{"annotations":{"note":"x"}}}"#, 200, "notes are free"),
            (.worker, #"{"metadata":{"labels":{"team":"a"}}}"#, 200, "labels too"),
            (.worker, #"{"metadata":{"labels":{"reconcile.dev/pool":"other"}}}"#, 403, "but not ours"),
            (.worker, #"{"spec":{"price":{"perHour":"0.01"}}}"#, 403, "budgets count it"),
            (.worker, #"{"spec":{"maxConcurrentTasks":999}}"#, 403, "the round binds by it"),
            (.worker, #"{"spec":{"capabilities":["tpu"]}}"#, 403, "the round binds by it"),
            (.worker, #"{"spec":{"region":"closed"}}"#, 422, "the region may be closed to the namespace"),
            (.worker, #"{"spec":{"env":[{"name":"LD_PRELOAD","value":"x"}]}}"#, 403, "tasks get it"),
            (.worker, #"{"metadata":{"ownerReferences":[]}}"#, 200, "as it is"),
            (.worker, #"{"metadata":{"finalizers":["x/y"]}}"#, 403, "it would never go"),
            (.task, #"{"spec":{"run":{"command":["id"]}}}"#, 422, "the plan says what runs"),
            (.task, #"{"spec":{"pool":"other"}}"#, 422, "the plan says where"),
            (.task, #"{"metadata":{"annotations":{"note":"x"}}}"#, 200, "notes are free"),
        ]) func changes(kind: Kind, patch: String, expected: Int, because: String) async throws
    {
        let desk = try await desk()
        let request = APIRequest(
            .patch, APIPath.object(Self.key(kind)), contentType: "application/merge-patch+json",
            body: Array(patch.utf8), caller: Self.editor)
        #expect(await desk.status(request) == expected, "\(because)")
    }

    @Test("deleting stays an editor's, so that a pool makes a new one") func deletion() async throws {
        let desk = try await desk()
        #expect(await desk.status(APIRequest(.delete, APIPath.object(Self.key(.task)), caller: Self.editor)) == 200)
        #expect(await desk.status(APIRequest(.delete, APIPath.object(Self.key(.worker)), caller: Self.viewer)) == 403)
    }
}
