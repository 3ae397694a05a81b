import APIServer
import Apply
import Documents
import Model
import Ports
import Storage
import Testing
import Tree

/// What writes are answered with, in the words of a Kubernetes API server: the ground that the recorded exchanges
/// cover, with kinds and values of our own.
@Suite struct GoldenTests {
    private struct Row {
        let method: APIRequest.Method
        let path: String
        let body: String
        var type = "application/json"
        var query: [String: String] = [:]
        let status: Int
        let message: String
        /// `REASON FIELD`, as the causes say.
        var causes: [String] = []
        let because: String
    }

    private static let web = pools + "/web"
    private static let merge = "application/merge-patch+json"
    private static let json = "application/json-patch+json"
    private static let apply = "application/apply-patch+yaml"

    private func refuse(_ rows: [Row]) async throws {
        let desk = try Desk()
        _ = await desk.send(.post, pools, pool("web"), query: ["fieldManager": "alice"])
        let before = try desk.store.list(.init())
        for row in rows {
            let answer = await desk.answer(
                APIRequest(row.method, row.path, query: row.query, contentType: row.type, body: Array(row.body.utf8)))
            #expect(answer.status == row.status, "\(row.because): \(answer.tree)")
            #expect(answer.tree["message"]?.string == row.message, "\(row.because)")
            let causes = answer.tree["details"]?["causes"]?.array?.map {
                "\($0["reason"]?.string ?? "") \($0["field"]?.string ?? "")"
            }
            #expect(causes ?? [] == row.causes, "\(row.because)")
        }
        let after = try desk.store.list(.init())
        #expect(after.version == before.version, "the store is unchanged")
        #expect(after.objects == before.objects)
    }

    private static func document(_ name: String, _ spec: String = #""region":"east""#, kind: String = "WorkerPool")
        -> String
    {
        #"{"apiVersion":"reconcile.dev/v1alpha1","kind":"\#(kind)","metadata":{"name":"\#(name)"},"spec":{\#(spec)}}"#
    }
    private static let unchecked =
        "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the "
        + "existing errors to complete validation"

    @Test func refusedCreates() async throws {
        let invalid = #"WorkerPool.reconcile.dev "c" is invalid: "#
        try await refuse([
            Row(
                method: .post, path: pools, body: Self.document("web"), status: 409,
                message: #"workerpools.reconcile.dev "web" already exists"#, because: "the name is taken"),
            Row(
                method: .post, path: pools, body: Self.document("c", #""region":"east","maxWorkerz":3"#),
                query: ["fieldValidation": "Strict"], status: 400,
                message:
                    #"WorkerPool in version "v1alpha1" cannot be handled as a WorkerPool: strict decoding error: unknown field "spec.maxWorkerz""#,
                because: "an unknown field, asked to be strict"),
            Row(
                method: .post, path: pools, body: Self.document("c", #""region":"east","replicas":-1"#), status: 422,
                message: invalid
                    + "[spec.replicas: Invalid value: -1: spec.replicas in body should be greater than or equal to 0, "
                    + ".spec.replicas: Invalid value: -1: should be a non-negative integer]",
                causes: ["FieldValueInvalid spec.replicas", "FieldValueInvalid .spec.replicas"],
                because: "a size below nothing is wrong for the schema and for scale"),
            Row(
                method: .post, path: pools, body: Self.document("c", #""region":"east","minWorkers":7,"maxWorkers":2"#),
                status: 422, message: invalid + "spec: Invalid value: minWorkers must not exceed maxWorkers",
                causes: ["FieldValueInvalid spec"], because: "a rule"),
            Row(
                method: .post, path: pools, body: Self.document("c", ""), status: 422,
                message: invalid + "[spec.region: Required value, \(Self.unchecked)]",
                causes: ["FieldValueRequired spec.region", "FieldValueInvalid <nil>"],
                because: "what is missing leaves rules unchecked"),
            Row(
                method: .post, path: pools, body: Self.document("c", kind: "Pond"), status: 422,
                message: #"Pond.reconcile.dev "c" is invalid: [kind: Invalid value: "Pond": must be WorkerPool, "#
                    + #"spec: Invalid value: "object": no such key: minWorkers evaluating rule: minWorkers must not exceed maxWorkers]"#,
                causes: ["FieldValueInvalid kind", "FieldValueInvalid spec"],
                because: "another kind is not defaulted, so rules find nothing to read"),
            Row(
                method: .post, path: Self.web, body: "{}", status: 400,
                message: "Object 'Kind' is missing: write kind: WorkerPool",
                because: "what is sent to an object is read before the method is looked at"),
        ])
    }

    @Test func refusedUpdates() async throws {
        let modified =
            #"Operation cannot be fulfilled on workerpools.reconcile.dev "web": the object has been modified; please apply your changes to the latest version and try again"#
        let immutable =
            #"WorkerPool.reconcile.dev "web" is invalid: metadata.uid: Invalid value: "x": field is immutable"#
        let generic = "the server rejected our request due to an error in our request: "
        try await refuse([
            Row(
                method: .put, path: Self.web, body: Self.document("web"), status: 422,
                message:
                    #"workerpools.reconcile.dev "web" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update"#,
                causes: ["FieldValueInvalid metadata.resourceVersion"], because: "an update says what it read"),
            Row(
                method: .patch, path: Self.web, body: #"{"metadata":{"resourceVersion":"1"},"spec":{"maxWorkers":4}}"#,
                type: Self.merge, status: 409, message: modified, because: "a stale patch"),
            Row(
                method: .patch, path: Self.web + "/scale",
                body: #"{"metadata":{"resourceVersion":"1"},"spec":{"replicas":4}}"#,
                type: Self.merge, status: 409, message: modified, because: "a stale scale"),
            Row(
                method: .patch, path: Self.web + "/scale", body: #"{"spec":{"replicas":5000}}"#, type: Self.merge,
                status: 422,
                message:
                    #"WorkerPool.reconcile.dev "web" is invalid: spec.replicas: Invalid value: 5000: spec.replicas in body should be less than or equal to 1000"#,
                causes: ["FieldValueInvalid spec.replicas"], because: "scale has the schema's bounds"),
            Row(
                method: .patch, path: Self.web, body: #"{"metadata":{"uid":"x"}}"#, type: Self.merge, status: 422,
                message: immutable, causes: Array(repeating: "FieldValueInvalid metadata.uid", count: 2),
                because: "uids never change; the real server says so twice"),
            Row(
                method: .patch, path: Self.web, body: #"{"metadata":{"name":"x"}}"#, type: Self.merge, status: 400,
                message: "the name of the object (x) does not match the name on the URL (web)", because: "nor do names"),
            Row(
                method: .patch, path: Self.web, body: #"[{"op":"test","path":"/spec/region","value":"west"}]"#,
                type: Self.json,
                status: 422, message: generic + "testing value /spec/region failed: test failed",
                because: "a test that fails"),
            Row(
                method: .patch, path: Self.web, body: #"[{"op":"frob","path":"/spec"}]"#, type: Self.json, status: 422,
                message: generic + "Unexpected kind: frob", because: "no such operation"),
            Row(
                method: .patch, path: Self.web, body: #"{"spec":{}}"#, type: "application/strategic-merge-patch+json",
                status: 415,
                message:
                    "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
                because: "custom kinds have no such patch"),
        ])
    }

    @Test func refusedApplies() async throws {
        try await refuse([
            Row(
                method: .patch, path: Self.web, body: Self.document("web"), type: Self.apply, status: 422,
                message:
                    #"PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch"#,
                causes: ["FieldValueRequired fieldManager"], because: "who applies must be known"),
            Row(
                method: .patch, path: Self.web, body: Self.document("web", #""region":"east","maxWorkers":9"#),
                type: Self.apply,
                query: ["fieldManager": "bob"], status: 409,
                message:
                    #"Apply failed with 1 conflict: conflict with "alice" using reconcile.dev/v1alpha1: .spec.maxWorkers"#,
                causes: ["FieldManagerConflict .spec.maxWorkers"], because: "somebody else's field"),
            Row(
                method: .patch, path: Self.web,
                body:
                    #"{"apiVersion":"reconcile.dev/v1alpha1","kind":"WorkerPool","metadata":{"name":"web","managedFields":[{"manager":"x"}]}}"#,
                type: Self.apply, query: ["fieldManager": "bob"], status: 400,
                message: "metadata.managedFields must be nil",
                because: "the record is the server's"),
            Row(
                method: .patch, path: Self.web, body: Self.document("web", #""region":"east","nope":1"#),
                type: Self.apply,
                query: ["fieldManager": "bob"], status: 400,
                message:
                    "failed to create typed patch object (shop/web; reconcile.dev/v1alpha1, Kind=WorkerPool): .spec.nope: field not declared in schema",
                because: "nobody could own it"),
        ])
    }

    @Test func anUpdateOfAnObjectThatWasMadeAgain() async throws {
        let desk = try Desk()
        var tree = await desk.send(.post, pools, pool("web")).tree
        let uid = tree["metadata"]?["uid"]?.string ?? ""
        var metadata = tree["metadata"] ?? .emptyObject
        metadata["uid"] = "other"
        tree["metadata"] = metadata
        let answer = await desk.send(.put, Self.web, tree)
        #expect(answer.status == 409)
        #expect(
            answer.tree["message"]?.string
                == #"Operation cannot be fulfilled on workerpools.reconcile.dev "web": StorageError: invalid object, Code: 4, "#
                + "Key: /registry/reconcile.dev/workerpools/shop/web, ResourceVersion: 0, AdditionalErrorMsg: Precondition "
                + "failed: UID in precondition: other, UID in object meta: \(uid)")
    }

    @Test func kubernetesOwnKindsAreCompleted() async throws {
        let desk = try Desk()
        let secret: Tree = [
            "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "s"], "stringData": ["user": "maya"],
        ]
        let made = await desk.send(.post, "/api/v1/namespaces/shop/secrets", secret).tree
        #expect(made["type"] == "Opaque")
        #expect(made["data"] == ["user": "bWF5YQ=="])
        #expect(made["stringData"] == nil)
        let space = await desk.send(.post, "/api/v1/namespaces", ["metadata": ["name": "moon"]]).tree
        #expect(space["kind"] == "Namespace", "what its path says it is, it need not say")
        #expect(space["metadata"]?["labels"] == ["kubernetes.io/metadata.name": "moon"])
        #expect(space["status"] == ["phase": "Active"])
    }

    @Test func aWatchFromBeforeTheHistorySaysSoInTheStream() async throws {
        let desk = try Desk(StoreCore(restoring: [], version: 500, epoch: 0))
        let lines = await desk.lines(pools, ["watch": "true", "resourceVersion": "3"], count: 1)
        #expect(lines.first?["type"] == "ERROR")
        #expect(lines.first?["object"]?["code"] == 410)
        #expect(lines.first?["object"]?["message"] == "too old resource version: 3 (500)")
    }

    @Test func aVersionFromTheFutureIsWorthAskingAgain() async throws {
        let desk = try Desk()
        let answer = await desk.server.handle(APIRequest(.get, pools, query: ["resourceVersion": "999"]))
        #expect(answer.retryAfter == 1)
    }

    @Test func aManagerIsTheProgramThatAsks() async throws {
        let desk = try Desk()
        let request = APIRequest(.post, pools, body: JSON.encode(pool("web")), agent: "helm")
        let made = await desk.answer(request).tree
        #expect(made["metadata"]?["managedFields"]?[0]?["manager"] == "helm")
    }
}
