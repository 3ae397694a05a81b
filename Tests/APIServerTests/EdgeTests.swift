import APIServer
import Documents
import Model
import Testing
import Tree

/// What random requests found to differ from a real API server, each in its shortest form.
@Suite struct EdgeTests {
    private static let owned = "/apis/reconcile.dev/v1alpha1/namespaces/shop/workerpools"
    private static let reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    private static let pool = #"{"apiVersion":"reconcile.dev/v1alpha1","kind":"WorkerPool","metadata":{"name":"p""#

    private struct Row: Sendable, CustomTestStringConvertible {
        let method: APIRequest.Method
        let path: String
        let body: String
        let status: Int
        var testDescription: String { "\(method.rawValue) \(path) \(body)" }

        init(_ method: APIRequest.Method, _ path: String, _ body: String, _ status: Int) {
            (self.method, self.path, self.body, self.status) = (method, path, body, status)
        }
    }

    private static let rows: [Row] = [
        Row(.post, maps, #"{"metadata":{"name":"a","generateName":"G"}}"#, 422),
        Row(.post, maps, #"{"metadata":{"generateName":"a."}}"#, 422),
        Row(.post, maps, #"{"metadata":{"generateName":"a-"}}"#, 201),
        Row(.post, maps, #"{"metadata":{"name":"a","resourceVersion":"abc"}}"#, 201),
        Row(.post, maps, #"{"metadata":{"name":"a","resourceVersion":"1"}}"#, 400),
        Row(.post, maps, #"{"apiVersion":1,"metadata":{"name":"a"}}"#, 400),
        Row(.post, maps, #"{"kind":1,"metadata":{"name":"a"}}"#, 400),
        Row(.post, maps, "\u{FEFF}" + #"{"metadata":{"name":"a"}}"#, 400),
        Row(.post, maps, #"{"metadata":{"name":"a","finalizers":["b"]}}"#, 422),
        Row(.post, leases, #"{"metadata":{"name":"a","finalizers":["b"]}}"#, 201),
        Row(.post, leases, #"{"metadata":{"name":"a"},"spec":{"strategy":"x"}}"#, 201),
        Row(.post, owned + "/any", pool + #"},"spec":{"region":"east"}}"#, 201),
        Row(.put, owned, pool + #"},"spec":{"region":"east"}}"#, 400),
        Row(.get, owned + "/p/status/more", "", 404),
        Row(.post, reviews, #"{"spec":{}}"#, 422),
        Row(.post, reviews, #"{"spec":{"resourceAttributes":"x"}}"#, 400),
        Row(.post, reviews, #"{"kind":"Pond","spec":{"resourceAttributes":{}}}"#, 400),
        Row(.post, reviews, #"{"spec":{"resourceAttributes":{"verb":"get"}}}"#, 201),
    ]

    @Test(arguments: rows) private func answersAsARealServer(_ row: Row) async throws {
        let desk = try Desk()
        let answer = await desk.say(row.method, row.path, row.body)
        #expect(answer.status == row.status, "\(answer.tree)")
        if case .string = answer.tree { Issue.record("a page where a Status is right") }
    }

    @Test func queriesThatCantBeReadAreRefused() async throws {
        let desk = try Desk()
        #expect(await desk.send(.post, maps, ["metadata": ["name": "a"]]).status == 201)
        #expect(await desk.send(.get, maps + "/a", query: ["timeout": "x"]).status == 400)
        #expect(await desk.send(.get, maps + "/a", query: ["timeout": "-1s"]).status == 400)
        #expect(await desk.send(.get, maps + "/a", query: ["timeout": "1m30.5s"]).status == 200)
        #expect(await desk.send(.get, maps + "/a", query: ["export": "true"]).status == 400)
        #expect(await desk.send(.delete, maps + "/a", accept: "application/*").status == 406)
        let table = "application/json;as=Table;v=v1;g=meta.k8s.io"
        #expect(await desk.send(.delete, maps + "/a", query: ["includeObject": "x"], accept: table).status == 400)
        #expect(await desk.send(.get, maps + "/a").status == 200)
    }

    @Test func aPartOfAListAtAVersionIsOfThatVersion() async throws {
        let desk = try Desk()
        let first = await desk.send(.post, maps, ["metadata": ["name": "a"]])
        let version = first.tree["metadata"]?["resourceVersion"]?.string ?? ""
        #expect(await desk.send(.post, maps, ["metadata": ["name": "b"]]).status == 201)
        let part = await desk.send(.get, maps, query: ["limit": "5", "resourceVersion": version])
        #expect(part.tree["items"]?.array?.count == 1)
        #expect(part.tree["metadata"]?["resourceVersion"]?.string == version)
    }

    @Test func whatWaitsForDependentsIsAccepted() async throws {
        let desk = try Desk()
        let held: Tree = ["metadata": ["name": "a", "finalizers": ["example.com/hold"]]]
        #expect(await desk.send(.post, accounts, held).status == 201)
        #expect(await desk.send(.delete, accounts + "/a", ["orphanDependents": false]).status == 202)
    }

    @Test func nullsThatStandForNothingAreRefusedUnderApply() async throws {
        let desk = try Desk()
        for (spec, status) in [
            (#"{"region":"east","minWorkers":null,"worker":null}"#, 201), (#"{"region":"east","replicas":null}"#, 422),
            (#"{"region":"east","worker":{"env":null}}"#, 422),
        ] {
            let answer = await desk.say(
                .patch, Self.owned + "/p", Self.pool + #"},"spec":"# + spec + "}", query: ["fieldManager": "m"],
                type: "application/apply-patch+yaml")
            #expect(answer.status == status, "\(spec): \(answer.tree)")
            _ = await desk.send(.delete, Self.owned + "/p")
        }
    }

    @Test func elementsOfOneKeyAreOnePlace() async throws {
        let desk = try Desk()
        let owner: Tree = ["apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "u"]
        let other: Tree = ["apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "u", "controller": true]
        let answer = await desk.send(
            .post, maps, ["metadata": ["name": "a", "ownerReferences": [owner, other]]], query: ["fieldManager": "m"])
        let owned = answer.tree["metadata"]?["managedFields"]?.array?.first?["fieldsV1"]?["f:metadata"]
        #expect(owned?["f:ownerReferences"] == [".": .emptyObject, #"k:{"uid":"u"}"#: .emptyObject])
    }

    @Test func theOlderOpenAPIIsThereInBothForms() async throws {
        let desk = try Desk()
        let json = await desk.send(.get, "/openapi/v2")
        let document = try JSON.parse(Array((json.tree.string ?? "").utf8), limits: .answer)
        #expect(document["definitions"]?["io.k8s.api.core.v1.ConfigMap"]?["properties"]?["data"] != nil)
        let type = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
        let answer = await desk.server.handle(APIRequest(.get, "/openapi/v2", accept: type))
        guard case .document(200, let given, let bytes) = answer else {
            Issue.record("no document")
            return
        }
        #expect(given == "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")
        // `swagger`, the first member, is "2.0".
        #expect(Array(bytes.prefix(5)) == [0x0A, 3] + Array("2.0".utf8))
    }
}
