import APIServer
import Documents
import Model
import Testing
import Tree

/// What a real API server records, pages, scales and signs, where sequences of requests found ours to do otherwise.
@Suite struct TwinTests {
    private static let pools = "/apis/reconcile.dev/v1alpha1/namespaces/shop/workerpools"
    private static let pool = #"{"apiVersion":"reconcile.dev/v1alpha1","kind":"WorkerPool","metadata":{"name":"p"}"#
    private static let merge = "application/merge-patch+json"
    private static let apply = "application/apply-patch+yaml"

    private static func fields(_ tree: Tree, _ manager: String) -> Tree? {
        tree["metadata"]?["managedFields"]?.array?.first { $0["manager"]?.string == manager }?["fieldsV1"]
    }

    @Test func aSizeOfNothingIsLeftOutAndIsNobodys() async throws {
        let desk = try Desk()
        let named = Self.pool + #","spec":{"region":"east","replicas":3}}"#
        #expect(
            await desk.say(.patch, Self.pools + "/p", named, query: ["fieldManager": "m"], type: Self.apply).status
                == 201)
        let scale = #"{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"p"}"#
        let none = await desk.say(.put, Self.pools + "/p/scale", scale + "}")
        #expect(none.status == 200)
        #expect(none.tree["spec"] == .emptyObject)
        let left = await desk.send(.get, Self.pools + "/p").tree
        #expect(left["spec"]?["replicas"] == 0)
        #expect(Self.fields(left, "m")?["f:spec"]?["f:replicas"] == nil, "it was taken away")
        for (body, status) in [
            (#","spec":{"replicas":"1"}}"#, 400), (#","spec":{"replicas":-1}}"#, 422),
            (#","uid":"foreign","spec":{"replicas":1}}"#, 200),
        ] {
            #expect(await desk.say(.put, Self.pools + "/p/scale", scale + body).status == status, "\(body)")
        }
        let foreign = #"{"metadata":{"name":"p","uid":"foreign"},"spec":{"replicas":1}}"#
        #expect(await desk.say(.put, Self.pools + "/p/scale", foreign).status == 409)
        #expect(
            await desk.say(.put, Self.pools + "/p/scale", #"{"metadata":{"name":"p"},"spec":{"replicas":2}}"#).status
                == 200)
    }

    @Test func whatIsWrittenIsRecordedAsItWasWritten() async throws {
        let desk = try Desk()
        let lease: Tree = ["metadata": ["name": "a"], "spec": ["holderIdentity": "x"]]
        #expect(await desk.send(.post, leases, lease).status == 201)
        let patched = await desk.send(
            .patch, leases + "/a", ["spec": ["strategy": "s"]], query: ["fieldManager": "m"], type: Self.merge)
        #expect(patched.tree["spec"]?["strategy"] == nil, "it is dropped")
        #expect(Self.fields(patched.tree, "m") == ["f:spec": ["f:strategy": .emptyObject]])
        let event: Tree = [
            "metadata": ["name": "e"], "involvedObject": ["namespace": "shop"], "series": .emptyObject,
        ]
        let made = await desk.send(
            .post, "/api/v1/namespaces/shop/events", event, query: ["fieldManager": "m"])
        #expect(
            Self.fields(made.tree, "m")?["f:series"] == [".": .emptyObject, "f:lastObservedTime": .emptyObject],
            "\(made.tree)")
    }

    @Test func versionsThatNoneCanBeAreRefused() async throws {
        let desk = try Desk()
        let map = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","resourceVersion":"abc"}}"#
        let query = ["fieldManager": "m"]
        #expect(await desk.say(.patch, maps + "/a", map, query: query, type: Self.apply).status == 400)
        #expect(await desk.send(.post, maps, ["metadata": ["name": "a"]]).status == 201)
        #expect(await desk.say(.put, maps + "/a", map).status == 400)
        #expect(
            await desk.say(.put, leases + "/l", #"{"metadata":{"name":"l","resourceVersion":"abc"}}"#).status == 400)
        let owned = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","managedFields":[]}}"#
        #expect(await desk.say(.patch, maps + "/a", owned, query: query, type: Self.apply).status == 400)
    }

    @Test func aPartEndsAtItsLimitWhateverFollows() async throws {
        let desk = try Desk()
        for (name, label) in [("a", "x"), ("b", "y")] {
            #expect(
                await desk.send(.post, maps, ["metadata": ["name": .string(name), "labels": ["app": .string(label)]]])
                    .status == 201)
        }
        let part = await desk.send(.get, maps, query: ["labelSelector": "app=x", "limit": "1"]).tree
        let token = try #require(part["metadata"]?["continue"]?.string)
        #expect(part["metadata"]?["remainingItemCount"] == nil)
        let rest = await desk.send(.get, maps, query: ["labelSelector": "app=x", "limit": "1", "continue": token]).tree
        #expect(rest["items"] == [] && rest["metadata"]?["continue"] == nil)
        #expect(await desk.send(.get, maps, query: ["fieldSelector": "="]).tree["items"]?.array?.count == 2)
    }

    @Test func formsAreWeighed() async throws {
        let desk = try Desk()
        #expect(await desk.send(.post, maps, ["metadata": ["name": "a"]]).status == 201)
        for (accept, status) in [
            ("*", 406), ("application/json;v=v1", 406), ("application/yaml;q=0.2, application/json", 200),
            ("text/html", 406),
        ] {
            #expect(await desk.send(.get, maps + "/a", accept: accept).status == status, "\(accept)")
        }
        let weighed = await desk.send(.get, maps + "/a", accept: "application/json;q=0.1, application/yaml;q=0.9")
        #expect(weighed.tree.string?.hasPrefix("apiVersion:") == true, "\(weighed.tree)")
        let table = "application/json;as=Table;v=v1;g=meta.k8s.io"
        let rows = await desk.send(.get, maps, query: ["includeObject": "None"], accept: table).tree["rows"]
        #expect(rows?.array?.first?["object"] == .null)
    }

    @Test func namespacesAndEventsHaveRulesOfTheirOwn() async throws {
        let desk = try Desk()
        let status: Tree = ["metadata": ["name": "shop"], "status": ["phase": "x"]]
        #expect(await desk.send(.put, "/api/v1/namespaces/shop/status", status).status == 422)
        let precondition = await desk.send(
            .delete, "/api/v1/namespaces/shop", ["preconditions": ["uid": "foreign"]])
        #expect(precondition.tree["details"]?["kind"] == "namespaces")
        let event =
            #"{"metadata":{"name":"e","finalizers":["a"]},"regarding":{"namespace":"shop"},"type":"Normal","#
            + #""eventTime":"2026-01-02T03:04:05.000006Z","reportingController":"c","reportingInstance":"i","#
            + #""action":"a","reason":"r"}"#
        let refused = await desk.say(.post, "/apis/events.k8s.io/v1/namespaces/shop/events", event)
        #expect(refused.status == 422)
        #expect(refused.tree["details"]?["causes"]?.array?.first?["field"] == "metadata.finalizers[0]")
    }

    @Test func pathsLeadWhereTheyLeadInACluster() async throws {
        let desk = try Desk()
        #expect(await desk.say(.post, Self.pools, Self.pool + #","spec":{"region":"east"}}"#).status == 201)
        #expect(await desk.send(.get, Self.pools + "/p/status/more").status == 200)
        #expect(await desk.send(.get, "/api/v1//namespaces").status == 404)
        #expect(await desk.send(.get, "/apis/authentication.k8s.io/v1/selfsubjectreviews").status == 405)
        let groups = await desk.send(.get, "/apis").tree["groups"]?.array?.compactMap { $0["name"]?.string } ?? []
        #expect(groups.contains("authentication.k8s.io"))
        // Watches as they were asked for before `watch=true`.
        for path in ["/api/v1/watch/namespaces/shop/configmaps", "/api/v1/watch/namespaces/shop/configmaps/a"] {
            let request = APIRequest(.get, path, query: ["timeoutSeconds": "1"])
            guard case .stream(_, let stream) = await desk.server.handle(request) else {
                Issue.record("\(path) is no watch")
                continue
            }
            stream.close()
        }
    }

    @Test func whatAPlainValueHidesIsReadAllTheSame() async throws {
        let secret =
            #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":1},"stringData":{"a":"1"}}"#
        #expect(await (try Desk()).say(.post, "/api/v1/namespaces/shop/secrets", secret).status == 400)
    }

    @Test func aPrefixIsCheckedWhereverTheWholeIs() async throws {
        let desk = try Desk()
        let map = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a""#
        #expect(await desk.say(.post, maps, map + "}}").status == 201)
        let put = await desk.say(.put, maps + "/a", map + #","generateName":"G"}}"#)
        #expect(put.status == 422)
        #expect(put.tree["details"]?["causes"]?[0]?["field"] == "metadata.generateName")
        // A Lease's update looks at its spec alone.
        let leases = "/apis/coordination.k8s.io/v1/namespaces/shop/leases"
        let lease = #"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l""#
        #expect(await desk.say(.post, leases, lease + "}}").status == 201)
        let version = await desk.send(.get, leases + "/l").tree["metadata"]?["resourceVersion"]?.string ?? ""
        let later = lease + ",\"generateName\":\"G\",\"resourceVersion\":\"\(version)\"}}"
        #expect(await desk.say(.put, leases + "/l", later).status == 200)
    }

    @Test func directivesBelongToObjects() async throws {
        let desk = try Desk()
        let map = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","finalizers":["example.com/a"]}}"#
        #expect(await desk.say(.post, maps, map).status == 201)
        let patch = #"{"metadata":{"finalizers":[{"$patch":"delete"}]}}"#
        let answer = await desk.say(.patch, maps + "/a", patch, type: "application/strategic-merge-patch+json")
        #expect(answer.status == 400, "of plain values none is told apart by a member")
    }

    @Test func whoOwnsAFieldIsSaidBeforeWhichVersionIsMeant() async throws {
        let desk = try Desk()
        func map(_ value: String, _ more: String = "") -> String {
            #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"\#(more)},"data":{"k":"\#(value)"}}"#
        }
        func apply(_ body: String, _ manager: String) async -> Tree {
            await desk.say(.patch, maps + "/a", body, query: ["fieldManager": manager], type: Self.apply).tree
        }
        _ = await apply(map("1"), "m1")
        let stale = #","resourceVersion":"1""#
        #expect(await apply(map("2", stale), "m2")["details"]?["causes"]?[0]?["reason"] == "FieldManagerConflict")
        let own = await apply(map("2", stale), "m1")
        #expect(own["reason"] == "Conflict")
        #expect(own["details"]?["causes"] == nil)
    }

    @Test(arguments: [(.post, ""), (.patch, " after mutating admission happens")] as [(APIRequest.Method, String)])
    func repeatedOwnersAreSaidInTheWordsOfTheVerb(_ method: APIRequest.Method, _ place: String) async throws {
        let desk = try Desk()
        let owner = #"{"apiVersion":"v1","kind":"ConfigMap","name":"o","uid":"u1"}"#
        let owners = "\"ownerReferences\":[\(owner),\(owner)]"
        let kind = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a""#
        if method == .patch { _ = await desk.say(.post, maps, kind + "}}") }
        let request =
            method == .patch
            ? APIRequest(
                .patch, maps + "/a", contentType: Self.merge, body: Array("{\"metadata\":{\(owners)}}".utf8))
            : APIRequest(
                .post, maps, contentType: "application/json", body: Array((kind + "," + owners + "}}").utf8))
        guard case .value(_, _, let warnings) = await desk.server.handle(request) else {
            Issue.record("no answer with warnings")
            return
        }
        #expect(warnings.contains { $0.contains("contains duplicate entries\(place); API server dedups") })
    }

    @Test func theRecordHasWhatWasKept() async throws {
        let desk = try Desk()
        let namespace = #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n"},"spec":{"a":1}}"#
        let made = await desk.say(.post, "/api/v1/namespaces", namespace, query: ["fieldManager": "m"])
        #expect(made.status == 201)
        #expect(Self.fields(made.tree, "m")?["f:spec"] == nil)
        let account = #"{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"a"},"secrets":[]}"#
        let accounts = "/api/v1/namespaces/shop/serviceaccounts"
        let other = await desk.say(.post, accounts, account, query: ["fieldManager": "m"])
        #expect(Self.fields(other.tree, "m")?["f:secrets"] == nil)
    }

    @Test func aGenerationThatIsThereRisesWithTheMarkOfDeletion() async throws {
        let desk = try Desk()
        let meta = #""metadata":{"name":"a","generation":7,"finalizers":["example.com/a"]}"#
        _ = await desk.say(.post, maps, "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\(meta)}")
        #expect(await desk.send(.delete, maps + "/a").tree["metadata"]?["generation"] == 8)
    }

    @Test func formerWatchesReadTheirParametersAsLists() async throws {
        let query = ["resourceVersionMatch": "NotOlderThan", "resourceVersion": "1", "sendInitialEvents": "true"]
        let answer = await (try Desk()).send(.get, "/api/v1/watch/namespaces/shop/configmaps", query: query)
        #expect(answer.status == 422)
    }
}
