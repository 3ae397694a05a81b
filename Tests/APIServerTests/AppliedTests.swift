import APIServer
import Documents
import Testing
import Tree

/// Server-side apply and strategic patches through the API, to the letter of a real server.
@Suite struct AppliedTests {
    private func apply(
        _ desk: Desk, _ path: String, _ body: String, _ manager: String, force: Bool = false
    ) async -> (status: Int, tree: Tree) {
        var query = ["fieldManager": manager]
        if force { query["force"] = "True" }
        return await desk.say(.patch, path, body, query: query, type: "application/apply-patch+yaml")
    }

    private func map(_ rest: String = "", metadata: String = "") -> String {
        let meta = metadata.isEmpty ? "" : ",\(metadata)"
        return "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"\(meta)}\(rest)}"
    }

    @Test(arguments: [
        (#""labels":{"team":"a"}"#, "labels"), (#""annotations":{"example.com/a":"b"}"#, "annotations"),
        (#""finalizers":["example.com/a"]"#, "finalizers"),
    ])
    func allOfAMemberCanBeGivenUp(_ member: String, _ name: String) async throws {
        let desk = try Desk()
        #expect(await apply(desk, maps + "/a", map(metadata: member), "m").status == 201)
        let after = await apply(desk, maps + "/a", map(), "m")
        #expect(after.status == 200, "\(after.tree)")
        #expect(after.tree["metadata"]?[name] == nil)
        #expect(after.tree["metadata"]?["name"] == "a" && after.tree["metadata"]?["uid"] != nil)
        let plan = #"{"apiVersion":"reconcile.dev/v1alpha1","kind":"SyncPoint","metadata":{"name":"s""#
        let spec = #"},"spec":{"participants":[{"external":"p"}]}}"#
        let points = "/apis/reconcile.dev/v1alpha1/namespaces/shop/syncpoints/s"
        #expect(await apply(desk, points, plan + "," + member + spec, "m").status == 201)
        #expect(await apply(desk, points, plan + spec, "m").status == 200)
    }

    @Test func theObjectMustBeTheOneThatIsMeant() async throws {
        let desk = try Desk()
        #expect(await apply(desk, maps + "/a", map(metadata: #""uid":"gone""#), "m").status == 409)
        #expect(await desk.send(.get, maps + "/a").status == 404)
        _ = await apply(desk, maps + "/a", map(), "m")
        #expect(await apply(desk, maps + "/a", map(metadata: #""uid":"gone""#), "m").status == 422)
    }

    @Test func ownersAreTakenWhole() async throws {
        let desk = try Desk()
        let owner = #"{"apiVersion":"v1","kind":"ConfigMap","name":"o","uid":"u1""#
        let all = "\"ownerReferences\":[\(owner),\"controller\":true}]"
        let bare = "\"ownerReferences\":[\(owner)}]"
        let first = await apply(desk, maps + "/a", map(metadata: all), "m1").tree
        let fields = first["metadata"]?["managedFields"]?[0]?["fieldsV1"]?["f:metadata"]?["f:ownerReferences"]
        #expect(fields == ["k:{\"uid\":\"u1\"}": .emptyObject])
        #expect(await apply(desk, maps + "/a", map(metadata: bare), "m2").status == 409)
        let taken = await apply(desk, maps + "/a", map(metadata: bare), "m2", force: true).tree
        #expect(taken["metadata"]?["ownerReferences"]?[0]?["controller"] == nil)
    }

    @Test func kubectlsAnnotationStaysTrue() async throws {
        let desk = try Desk()
        let annotation = "kubectl.kubernetes.io/last-applied-configuration"
        var made: Tree = ["apiVersion": "v1", "kind": "ConfigMap", "data": ["a": "1", "b": "1"]]
        made["metadata"] = ["name": "a", "annotations": [annotation: #"{"data":{"a":"1","b":"1"}}"#]]
        _ = await desk.send(.post, maps, made, query: ["fieldManager": "kubectl-client-side-apply"])
        let after = await apply(desk, maps + "/a", map(#","data":{"a":"1","c":"1"}"#), "kubectl").tree
        let text = after["metadata"]?["annotations"]?[annotation]?.string ?? ""
        #expect(text == map(#","data":{"a":"1","c":"1"}"#).sortedJSON + "\n")
    }

    @Test func ourCommandLineGoesOnWhereKubectlStopped() async throws {
        let desk = try Desk()
        var made: Tree = ["apiVersion": "v1", "kind": "ConfigMap", "data": ["a": "1", "b": "1"]]
        made["metadata"] = ["name": "a"]
        _ = await desk.send(.post, maps, made, query: ["fieldManager": "kubectl-client-side-apply"])
        let after = await apply(desk, maps + "/a", map(#","data":{"a":"1"}"#), "reconcile-cli").tree
        #expect(after["data"] == ["a": "1"], "what is taken out of the manifest goes")
        let other = await apply(desk, maps + "/a", map(#","data":{"c":"1"}"#), "somebody").tree
        #expect(other["data"] == ["a": "1", "c": "1"])
    }

    @Test(arguments: [
        #""creationTimestamp":null"#, #""labels":null"#, #""annotations":null"#, #""ownerReferences":null"#,
        #""finalizers":null"#,
    ])
    func nullsSayNothing(_ member: String) async throws {
        let desk = try Desk()
        #expect(await apply(desk, maps + "/a", map(metadata: member), "m").status == 201)
        let pool = #"{"apiVersion":"reconcile.dev/v1alpha1","kind":"WorkerPool","metadata":{"name":"web",\#(member)},"#
        let spec = #""spec":{"region":"east","minWorkers":null,"worker":null},"status":{}}"#
        let answer = await apply(desk, pools + "/web", pool + spec, "m")
        #expect(answer.status == 201, "\(answer.tree)")
        #expect(answer.tree["spec"]?["minWorkers"] == 0)
    }

    @Test func numbersWithoutAFractionAreWhole() async throws {
        let desk = try Desk()
        let body = #"{"apiVersion":"reconcile.dev/v1alpha1","kind":"WorkerPool","metadata":{"name":"web"},"#
        let made = await desk.say(.post, pools, body + #""spec":{"region":"east","maxWorkers":1e+01}}"#)
        #expect(made.status == 201 && made.tree["spec"]?["maxWorkers"] == 10)
        let version = made.tree["metadata"]?["resourceVersion"]
        let again = await desk.say(
            .patch, pools + "/web", #"{"spec":{"maxWorkers":10.0}}"#, type: "application/merge-patch+json")
        #expect(again.tree["metadata"]?["resourceVersion"] == version)
    }

    private static let strategic: [(String, Tree?, Int)] = [
        (#"{"data":{"$patch":"replace","only":"1"}}"#, ["only": "1"], 200),
        (#"{"data":{"$retainKeys":["a"],"a":"2"}}"#, ["a": "2"], 200), (#"{"data":{"$patch":"delete"}}"#, nil, 200),
        (#"{"data":{"b":null,"c":"3"}}"#, ["a": "1", "c": "3"], 200), (#"{"kind":"Foo"}"#, ["a": "1", "b": "1"], 200),
        (#"{"$patch":"replace","metadata":{"name":"a"},"data":{"z":"1"}}"#, ["z": "1"], 200),
        (#"{"data":"x"}"#, ["a": "1", "b": "1"], 422), (#"{"data":{"$patch":"foo"}}"#, ["a": "1", "b": "1"], 400),
    ]

    @Test(arguments: strategic) func directivesOfStrategicPatchesHold(
        _ patch: String, _ data: Tree?, _ status: Int
    ) async throws {
        let desk = try Desk()
        _ = await desk.say(.post, maps, map(#","data":{"a":"1","b":"1"}"#))
        let answer = await desk.say(.patch, maps + "/a", patch, type: "application/strategic-merge-patch+json")
        #expect(answer.status == status, "\(answer.tree)")
        #expect(await desk.send(.get, maps + "/a").tree["data"] == data)
    }

    @Test func aRefusedPatchOfASecretTellsNothingOfIt() async throws {
        let desk = try Desk()
        let secrets = "/api/v1/namespaces/shop/secrets"
        let body = #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":"aHVzaA=="}}"#
        #expect(await desk.say(.post, secrets, body).status == 201)
        for type in ["merge-patch+json", "strategic-merge-patch+json"] {
            let answer = await desk.say(
                .patch, secrets + "/s", #"{"data":{"b":5}}"#, type: "application/\(type)")
            let message = answer.tree["message"]?.string ?? ""
            #expect(answer.status == 422 && message.contains("cannot unmarshal number"), "\(message)")
            #expect(!message.contains("aHVzaA"), "\(message)")
        }
    }

    @Test func listsOfStrategicPatchesKeepTheirOrder() async throws {
        let desk = try Desk()
        let owners = ["u1", "u2"].map {
            "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"name\":\"o\",\"uid\":\"\($0)\"}"
        }
        _ = await desk.say(.post, maps, map(metadata: "\"ownerReferences\":[\(owners[0])]"))
        func patch(_ metadata: String) async -> [String] {
            let answer = await desk.say(
                .patch, maps + "/a", "{\"metadata\":{\(metadata)}}", type: "application/strategic-merge-patch+json")
            return answer.tree["metadata"]?["ownerReferences"]?.array?.compactMap { $0["uid"]?.string } ?? []
        }
        #expect(await patch("\"ownerReferences\":[\(owners[1])]") == ["u2", "u1"], "what is new goes first")
        let order = "\"$setElementOrder/ownerReferences\":[{\"uid\":\"u1\"},{\"uid\":\"u2\"}]"
        #expect(await patch(order) == ["u1", "u2"])
        #expect(await patch("\"ownerReferences\":[{\"$patch\":\"delete\",\"uid\":\"u1\"}]") == ["u2"])
        #expect(await patch("\"ownerReferences\":[{\"$patch\":\"replace\"},\(owners[0])]") == ["u1"])
    }

    @Test func aNamespaceSaysWhatHoldsIt() async throws {
        let desk = try Desk()
        _ = await apply(desk, maps + "/a", map(metadata: #""finalizers":["example.com/hold"]"#), "m")
        let answer = await desk.send(.delete, "/api/v1/namespaces/shop").tree
        #expect(answer["status"]?["phase"] == "Terminating")
        let held = await desk.send(.get, "/api/v1/namespaces/shop").tree["status"]?["conditions"]?.array ?? []
        let messages = held.filter { $0["status"] == "True" }.compactMap { $0["message"]?.string }
        #expect(messages.contains("Some resources are remaining: configmaps. has 1 resource instances"))
        #expect(messages.contains { $0.contains("example.com/hold in 1 resource instances") })
    }

    @Test func orphansOutliveTheirOwnerByTheOldWordToo() async throws {
        let desk = try Desk()
        let owner = await desk.say(.post, maps, map()).tree["metadata"]?["uid"]?.string ?? ""
        let child =
            #"{"metadata":{"name":"c","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"a","uid":"#
        _ = await desk.say(.post, maps, child + "\"\(owner)\"}]}}")
        let answer = await desk.say(.delete, maps + "/a", #"{"orphanDependents":true}"#)
        #expect(answer.tree["metadata"]?["finalizers"] == ["orphan"], "as it stood until its dependents were let go")
        #expect(await desk.send(.get, maps + "/a").status == 404)
        #expect(await desk.send(.get, maps + "/c").tree["metadata"]?["ownerReferences"] == nil)
    }
}

extension String {
    /// The same JSON with its members in order.
    fileprivate var sortedJSON: String { (try? JSON.parse(self)).map { JSON.text($0) } ?? self }
}
