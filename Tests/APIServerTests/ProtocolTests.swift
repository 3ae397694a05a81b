import APIServer
import Documents
import Model
import Testing
import Tree

/// What clients ask before and around the objects themselves.
@Suite struct ProtocolTests {
    private static let aggregated =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
        + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
    private static let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"

    @Test func discoverySaysWhatIsServed() async throws {
        let desk = try Desk()
        #expect(await desk.send(.get, "/api").tree["versions"] == ["v1"])
        let groups = await desk.send(.get, "/apis").tree["groups"]?.array ?? []
        #expect(groups.first?["preferredVersion"]?["groupVersion"] == "reconcile.dev/v1alpha1")
        #expect(await desk.send(.get, "/apis/reconcile.dev").tree["kind"] == "APIGroup")
        let list = await desk.send(.get, "/apis/reconcile.dev/v1alpha1").tree
        let resources = list["resources"]?.array ?? []
        let pools = resources.first { $0["name"] == "workerpools" }
        #expect(pools?["shortNames"] == ["wpool"])
        #expect(pools?["categories"] == ["reconcile"])
        #expect(pools?["verbs"]?.array?.contains("deletecollection") == true)
        #expect(resources.first { $0["name"] == "workerpools/scale" }?["group"] == "autoscaling")
        #expect(resources.first { $0["name"] == "regions" }?["namespaced"] == false)
        for path in ["/apis/nosuch.dev", "/apis/nosuch.dev/v1", "/apis/reconcile.dev/v9", "/api/v2"] {
            #expect(await desk.send(.get, path).status == 404, "\(path)")
        }
    }

    @Test func discoveryComesInOneDocumentToo() async throws {
        let desk = try Desk()
        let text = await desk.send(.get, "/apis", accept: Self.aggregated).tree.string ?? ""
        let tree = try JSON.parse(Array(text.utf8))
        #expect(tree["apiVersion"] == "apidiscovery.k8s.io/v2")
        let group = tree["items"]?.array?.first { $0["metadata"]?["name"] == "reconcile.dev" }
        let resources = group?["versions"]?[0]?["resources"]?.array ?? []
        let pools = resources.first { $0["resource"] == "workerpools" }
        #expect(pools?["scope"] == "Namespaced")
        #expect(pools?["subresources"]?.array?.map { $0["subresource"] } == ["status", "scale"])
        let older = "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"
        let former = await desk.send(.get, "/api", accept: older).tree.string ?? ""
        #expect(former.contains("apidiscovery.k8s.io/v2beta1"), "kubectl before 1.30 knows no other")
    }

    @Test func openAPIDescribesEveryKind() async throws {
        let desk = try Desk()
        let index = try JSON.parse(Array((await desk.send(.get, "/openapi/v3").tree.string ?? "").utf8))
        for kind in Kind.allCases {
            let name = kind.group.isEmpty ? "api/v1" : "apis/\(kind.apiVersion)"
            let address = index["paths"]?[name]?["serverRelativeURL"]?.string ?? ""
            #expect(address.hasPrefix("/openapi/v3/\(name)?hash="), "\(kind)")
            let document = try JSON.parse(Array((await desk.send(.get, "/openapi/v3/\(name)").tree.string ?? "").utf8))
            let named: Tree = [
                "group": .string(kind.group), "version": .string(kind.version), "kind": .string(kind.rawValue),
            ]
            let creating = (document["paths"]?.object).map { Array($0) } ?? []
            let posts = creating.compactMap { $0.value["post"] }
                .filter { $0["x-kubernetes-group-version-kind"] == named }
            #expect(posts.count == 1, "\(kind)")
            #expect(posts.first?["parameters"]?.array?.contains { $0["name"] == "fieldValidation" } == true, "\(kind)")
            let schemas = (document["components"]?["schemas"]?.object).map { Array($0) } ?? []
            #expect(schemas.contains { $0.value["x-kubernetes-group-version-kind"] == [named] }, "\(kind)")
        }
    }

    @Test func tablesShowThePrinterColumns() async throws {
        let desk = try Desk()
        _ = await desk.send(.post, pools, pool("web"))
        for path in [pools, pools + "/web"] {
            let answer = await desk.send(.get, path, accept: Self.table).tree
            #expect(answer["kind"] == "Table")
            let names = answer["columnDefinitions"]?.array?.compactMap { $0["name"]?.string } ?? []
            #expect(names == ["Name"] + Kind.workerPool.columns.map(\.name), "\(path)")
            let row = answer["rows"]?[0]
            #expect(row?["cells"]?[0] == "web")
            #expect(row?["cells"]?[names.firstIndex(of: "Age") ?? -1] == "0s", "an age, not a date")
            #expect(row?["object"]?["kind"] == "PartialObjectMetadata")
        }
        let whole = await desk.send(.get, pools, query: ["includeObject": "Object"], accept: Self.table).tree
        #expect(whole["rows"]?[0]?["object"]?["kind"] == "WorkerPool")
        let partial = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
        let list = await desk.send(.get, pools, accept: partial).tree
        #expect(list["kind"] == "PartialObjectMetadataList")
        #expect(list["items"]?[0]?["spec"] == nil)
        #expect(await desk.send(.get, pools + "/web", accept: "application/xml").tree["reason"] == "NotAcceptable")
        let yaml = await desk.send(.get, pools + "/web", accept: "application/yaml").tree.string ?? ""
        #expect(yaml.contains("kind: WorkerPool\n"))
    }

    @Test func aListComesInPartsOfOneMoment() async throws {
        let desk = try Desk()
        for name in ["a", "b", "c", "d", "e"] { _ = await desk.send(.post, pools, pool(name)) }
        func names(_ tree: Tree) -> [Tree] { tree["items"]?.array?.compactMap { $0["metadata"]?["name"] } ?? [] }
        let first = await desk.send(.get, pools, query: ["limit": "2"]).tree
        #expect(names(first) == ["a", "b"])
        #expect(first["metadata"]?["remainingItemCount"] == 3)
        let token = first["metadata"]?["continue"]?.string ?? ""
        _ = await desk.send(.delete, pools + "/c")
        _ = await desk.send(.post, pools, pool("bb"))
        let second = await desk.send(.get, pools, query: ["limit": "2", "continue": token]).tree
        #expect(names(second) == ["c", "d"], "as it was when the list began")
        #expect(second["metadata"]?["resourceVersion"] == first["metadata"]?["resourceVersion"])
        let next = second["metadata"]?["continue"]?.string ?? ""
        let third = await desk.send(.get, pools, query: ["limit": "2", "continue": next]).tree
        #expect(names(third) == ["e"])
        #expect(third["metadata"]?["continue"] == nil, "nothing is left")
        let filtered = await desk.send(.get, pools, query: ["limit": "1", "fieldSelector": "metadata.name=e"]).tree
        #expect(names(filtered) == ["e"])
        #expect(filtered["metadata"]?["continue"] == nil)
        let gone = await desk.send(.get, pools, query: ["continue": "1~shop~a"])
        #expect(gone.status == 200, "a moment that the history still knows")
        let later = await desk.send(.get, pools, query: ["continue": "999999~shop~a"])
        #expect(later.status == 410, "a moment that nobody knows")
    }

    @Test func versionsOfAListMeanWhatKubernetesSays() async throws {
        let desk = try Desk()
        _ = await desk.send(.post, pools, pool("web"))
        let now = await desk.send(.get, pools).tree["metadata"]?["resourceVersion"]?.string ?? ""
        let rows: [([String: String], Int, String)] = [
            (["resourceVersion": "0"], 200, "any state"), (["resourceVersion": now], 200, "not older than now"),
            (["resourceVersion": now, "resourceVersionMatch": "Exact"], 200, "now is at hand"),
            (["resourceVersion": "1", "resourceVersionMatch": "Exact"], 200, "the past as long as it is known"),
            (["resourceVersion": "99999999"], 504, "the future"), (["resourceVersion": "abc"], 400, "no version"),
            (["resourceVersionMatch": "Exact"], 422, "a match with nothing"),
            (["continue": "garbage"], 400, "a token of somebody else"), (["limit": "-1"], 200, "all there are"),
        ]
        for (query, status, because) in rows {
            #expect(await desk.send(.get, pools, query: query).status == status, "\(because)")
        }
    }

    @Test func aWatchEndsWhenItsTimeIsUp() async throws {
        let desk = try Desk()
        _ = await desk.send(.post, pools, pool("web"))
        let query = [
            "watch": "true", "sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan",
            "allowWatchBookmarks": "true",
        ]
        let lines = await desk.lines(pools, query, count: 2)
        #expect(lines.map { $0["type"] } == ["ADDED", "BOOKMARK"])
        #expect(lines.last?["object"]?["metadata"]?["annotations"]?["k8s.io/initial-events-end"] == "true")
        let all = await desk.lines(pools, ["watch": "true", "timeoutSeconds": "1"], count: 100)
        #expect(all.count <= 1, "it ended by itself")
        #expect(await desk.send(.get, pools, query: ["watch": "true", "timeoutSeconds": "soon"]).status == 400)
    }

    @Test func definitionsAreReadOnly() async throws {
        let desk = try Desk()
        let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        #expect(await desk.send(.get, path).tree["items"]?.array?.count == Kind.own.count)
        let one = await desk.send(.get, path + "/workerpools.reconcile.dev").tree
        #expect(one["spec"]?["names"]?["kind"] == "WorkerPool")
        #expect(await desk.send(.get, path + "/nothings.reconcile.dev").status == 404)
        #expect(await desk.send(.delete, path + "/workerpools.reconcile.dev").status == 405)
        let query = ["watch": "true", "allowWatchBookmarks": "true"]
        let lines = await desk.lines(path, query, count: Kind.own.count + 1)
        #expect(lines.map { $0["type"] } == Array(repeating: "ADDED", count: Kind.own.count) + ["BOOKMARK"])
        let later = await desk.lines(path, ["watch": "true", "resourceVersion": "1"], count: 1)
        #expect(later.isEmpty, "nothing changes, and the watch ends when its time is up")
    }

    @Test func aBodyOfAnotherTypeIsRefused() async throws {
        let desk = try Desk()
        for type in ["text/plain", "application/vnd.kubernetes.protobuf"] {
            let answer = await desk.send(.post, pools, pool("web"), type: type)
            #expect(answer.tree["reason"] == "UnsupportedMediaType", "\(type)")
        }
    }
}
