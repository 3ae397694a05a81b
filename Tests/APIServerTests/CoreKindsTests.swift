import APIServer
import Documents
import Ports
import Storage
import Testing
import Tree

let maps = "/api/v1/namespaces/shop/configmaps"
let secrets = "/api/v1/namespaces/shop/secrets"
let leases = "/apis/coordination.k8s.io/v1/namespaces/shop/leases"
let accounts = "/api/v1/namespaces/shop/serviceaccounts"
let coreEvents = "/api/v1/namespaces/shop/events"
let newEvents = "/apis/events.k8s.io/v1/namespaces/shop/events"

extension Desk {
    /// Sends a body word for word.
    func say(
        _ method: APIRequest.Method, _ path: String, _ body: String, query: [String: String] = [:],
        type: String = "application/json"
    ) async -> (status: Int, tree: Tree) {
        await answer(APIRequest(method, path, query: query, contentType: type, body: Array(body.utf8)))
    }

    /// Everything that is stored: a request that is refused leaves it as it was.
    func dump() async throws -> [Tree] { try store.list(.init()).objects.map(\.tree) }
}

/// Kubernetes' own kinds are read, checked and kept as a real API server does it.
@Suite struct CoreKindsTests {
    private static let wrong: [(path: String, rest: String, status: Int, because: String)] = [
        (maps, #""data":{"a":1}"#, 400, "values are text"), (maps, #""data":{"a":true}"#, 400, "values are text"),
        (maps, #""data":["a"]"#, 400, "data is a map"), (maps, #""data":"x""#, 400, "data is a map"),
        (maps, #""immutable":-1"#, 400, "a flag is no number"), (maps, #""binaryData":{"z":"!!"}"#, 400, "no base64"),
        (maps, #""data":{"../a b":"1"}"#, 422, "no key"), (maps, #""data":{"":"1"}"#, 422, "no key"),
        (maps, #""data":{"..":"1"}"#, 422, "no key"),
        (maps, #""data":{"a":"1"},"binaryData":{"a":""}"#, 422, "one key twice"),
        (secrets, #""data":{"a":"!"}"#, 400, "no base64"),
        (secrets, #""stringData":{"on":true,"pin":1234}"#, 400, "no text"),
        (secrets, #""type":"kubernetes.io/tls""#, 422, "no keys"),
        (secrets, #""type":"kubernetes.io/basic-auth""#, 422, "no keys"),
        (secrets, #""type":"kubernetes.io/ssh-auth","data":{"ssh-privatekey":""}"#, 422, "an empty key"),
        (secrets, #""type":"kubernetes.io/dockercfg","stringData":{".dockercfg":"{"}"#, 422, "no JSON"),
        (secrets, #""type":"kubernetes.io/dockerconfigjson""#, 422, "no keys"),
        (secrets, #""type":"kubernetes.io/service-account-token""#, 422, "whose token it is"),
        (leases, #""spec":{"renewTime":"x"}"#, 400, "no time"),
        (leases, #""spec":{"renewTime":"2026-01-01T00:00:00Z"}"#, 400, "no microseconds"),
        (leases, #""spec":{"leaseDurationSeconds":"15"}"#, 400, "no number"),
        (leases, #""spec":{"leaseDurationSeconds":2.0}"#, 400, "no whole number in JSON for Go"),
        (leases, #""spec":{"leaseDurationSeconds":99999999999}"#, 400, "more than 32 bits"),
        (leases, #""spec":{"leaseDurationSeconds":0}"#, 422, "must be above zero"),
        (leases, #""spec":{"leaseTransitions":-1}"#, 422, "must not be below zero"),
        (leases, #""spec":{"preferredHolder":1}"#, 400, "no text"), (leases, #""spec":5"#, 400, "no object"),
        (accounts, #""automountServiceAccountToken":"""#, 400, "no flag"),
        (accounts, #""secrets":[{"name":1}]"#, 400, "no name"),
        (coreEvents, #""involvedObject":{"namespace":"other"}"#, 422, "of another namespace"),
        (coreEvents, #""count":"1""#, 400, "no number"),
        (
            coreEvents,
            #""involvedObject":{"namespace":"shop"},"eventTime":"2026-01-01T00:00:00.000000Z""#, 422,
            "who reports it, what was done and why"
        ),
        (newEvents, #""regarding":{"namespace":"shop"},"type":"Normal""#, 422, "no eventTime"),
        (newEvents, #""note":1"#, 400, "no text"),
    ]

    @Test(arguments: wrong) func whatIsWrongIsRefused(
        _ row: (path: String, rest: String, status: Int, because: String)
    ) async throws {
        let desk = try Desk()
        let before = try await desk.dump()
        let answer = await desk.say(.post, row.path, "{\"metadata\":{\"name\":\"a\"},\(row.rest)}")
        #expect(answer.status == row.status, "\(row.because): \(answer.tree)")
        #expect(try await desk.dump() == before)
    }

    private static let wrongMetadata: [(String, Int)] = [
        (#""creationTimestamp":"x""#, 400), (#""uid":1"#, 400), (#""generation":"x""#, 400), (#""namespace":1"#, 400),
        (#""resourceVersion":1"#, 400), (#""labels":[]"#, 400), (#""finalizers":{}"#, 400),
        (#""managedFields":"x""#, 400),
        (#""labels":{"a":1}"#, 400), (#""ownerReferences":[{"uid":1}]"#, 400),
        (
            #""ownerReferences":[{"apiVersion":"v1","kind":"Event","name":"e","uid":"u"}]"#, 422
        ), (#""ownerReferences":[{}]"#, 422),
    ]

    @Test(arguments: wrongMetadata) func metadataIsReadOfEveryKind(_ member: String, _ status: Int) async throws {
        let desk = try Desk()
        let spec = #""apiVersion":"reconcile.dev/v1alpha1","kind":"WorkerPool","spec":{"region":"east"},"#
        for (path, rest) in [(maps, ""), (leases, ""), (pools, spec)] {
            let body = "{\(rest)\"metadata\":{\"name\":\"a\",\(member)}}"
            #expect(await desk.say(.post, path, body).status == status, "\(path)")
            #expect(await desk.say(.get, path + "/a", "").status == 404)
        }
    }

    @Test func whatIsUnknownIsFoundAtEveryDepth() async throws {
        let desk = try Desk()
        let strict = ["fieldValidation": "Strict"]
        for (path, rest) in [
            (leases, #""spec":{"holder":"x"}"#), (accounts, #""secrets":[{"nam":"x"}]"#), (maps, #""dat":{}"#),
            (newEvents, #""message":"core's word""#),
        ] {
            let answer = await desk.say(.post, path, "{\"metadata\":{\"name\":\"a\"},\(rest)}", query: strict)
            #expect(answer.status == 400, "\(path)")
            #expect(answer.tree["message"]?.string?.contains("unknown field") == true)
        }
        let dropped = await desk.say(.post, leases, #"{"metadata":{"name":"a"},"spec":{"holder":"x"}}"#).tree
        #expect(dropped["spec"] == .emptyObject)
    }

    @Test func whatIsRightIsWrittenAsGoWritesIt() async throws {
        let desk = try Desk()
        let map = await desk.say(.post, maps, #"{"metadata":{"name":"a"},"data":{"k":null},"binaryData":{}}"#).tree
        #expect(map["data"] == ["k": ""])
        #expect(map["binaryData"] == nil)
        let lease = await desk.say(
            .post, leases, #"{"metadata":{"name":"a"},"spec":{"renewTime":"2026-01-02T05:04:05.100000+02:00"}}"#
        ).tree
        #expect(lease["spec"]?["renewTime"] == "2026-01-02T03:04:05.100000Z")
        let bare = await desk.say(.post, leases, #"{"metadata":{"name":"b"}}"#).tree
        #expect(bare["spec"] == .emptyObject)
        #expect(bare["metadata"]?["managedFields"] == nil, "a struct that is always there was written by nobody")
        let event = await desk.say(
            .post, coreEvents, #"{"metadata":{"name":"a_B:c"},"involvedObject":{"namespace":"shop"}}"#)
        #expect(event.status == 201, "names of events are free")
        #expect(event.tree["eventTime"] == .null && event.tree["source"] == .emptyObject)
        let space = await desk.send(
            .post, "/api/v1/namespaces", ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "x"]]
        ).tree
        #expect(space["spec"] == ["finalizers": ["kubernetes"]])
        #expect(space["status"] == ["phase": "Active"])
    }

    @Test func whatIsImmutableStays() async throws {
        let desk = try Desk()
        _ = await desk.say(.post, maps, #"{"metadata":{"name":"a"},"data":{"k":"1"},"immutable":true}"#)
        _ = await desk.say(.post, secrets, #"{"metadata":{"name":"a"},"data":{"k":"MQ=="},"immutable":true}"#)
        let merge = "application/merge-patch+json"
        for path in [maps, secrets] {
            for patch in [#"{"data":{"k":"Mg=="}}"#, #"{"immutable":false}"#, #"{"immutable":null}"#] {
                #expect(await desk.say(.patch, path + "/a", patch, type: merge).status == 422, "\(path) \(patch)")
            }
            #expect(
                await desk.say(.patch, path + "/a", #"{"metadata":{"labels":{"a":"b"}}}"#, type: merge).status == 200)
        }
        let kind = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"2"}}"#
        let applied = await desk.say(
            .patch, maps + "/a", kind, query: ["fieldManager": "m", "force": "true"],
            type: "application/apply-patch+yaml")
        #expect(applied.status == 422)
        #expect(await desk.say(.patch, secrets + "/a", #"{"type":"other"}"#, type: merge).status == 422)
    }

    @Test func eventsOfTheNewGroupAreRecordedInItsWords() async throws {
        let desk = try Desk()
        let body =
            #"{"metadata":{"name":"e"},"regarding":{"namespace":"shop","name":"x"},"note":"n","reason":"r","action":"a","#
            + #""type":"Normal","eventTime":"2026-01-01T00:00:00.000001Z","reportingController":"a/b","#
            + #""reportingInstance":"i"}"#
        let made = await desk.say(.post, newEvents, body)
        #expect(made.status == 201, "\(made.tree)")
        let entry = made.tree["metadata"]?["managedFields"]?[0]
        #expect(entry?["apiVersion"] == "events.k8s.io/v1")
        #expect(entry?["fieldsV1"]?["f:note"] == .emptyObject)
        #expect(await desk.send(.get, coreEvents + "/e").tree["message"] == "n")
        let merge = "application/merge-patch+json"
        #expect(await desk.say(.patch, newEvents + "/e", #"{"note":"other"}"#, type: merge).status == 422)
        let series = #"{"series":{"count":2,"lastObservedTime":"2026-01-01T00:00:01.000001Z"}}"#
        #expect(await desk.say(.patch, newEvents + "/e", series, type: merge).status == 200)
    }
}
