import APIServer
import Documents
import Model
import Ports
import Storage
import Testing
import Tree

@Suite struct APIServerTests {
    @Test func anObjectIsMadeReadChangedAndRemoved() async throws {
        let desk = try Desk()
        let made = await desk.send(.post, pools, pool("web"))
        #expect(made.status == 201)
        #expect(made.tree["spec"]?["minWorkers"] == 0, "defaults are visible")
        #expect(await desk.send(.post, pools, pool("web")).tree["reason"] == "AlreadyExists")
        var changed = await desk.send(.get, pools + "/web").tree
        changed["spec"] = ["region": "east", "maxWorkers": 9]
        let replaced = await desk.send(.put, pools + "/web", changed)
        #expect(replaced.tree["metadata"]?["generation"] == 2)
        #expect(await desk.send(.put, pools + "/web", changed).tree["reason"] == "Conflict", "it was read before")
        let patched = await desk.send(
            .patch, pools + "/web", ["spec": ["maxWorkers": 7]], type: "application/merge-patch+json")
        #expect(patched.tree["spec"]?["maxWorkers"] == 7)
        let json = await desk.send(
            .patch, pools + "/web", [["op": "replace", "path": "/spec/maxWorkers", "value": 8]],
            type: "application/json-patch+json")
        #expect(json.tree["spec"]?["maxWorkers"] == 8)
        #expect(await desk.send(.delete, pools + "/web").tree["status"] == "Success")
        #expect(await desk.send(.get, pools + "/web").status == 404)
    }

    @Test func whatIsWrongWithARequestIsSaid() async throws {
        let desk = try Desk()
        let rows: [(APIRequest.Method, String, Tree?, Int, String)] = [
            (.get, "/apis/reconcile.dev/v1alpha1/nothings", nil, 404, "no such kind"),
            (.get, "/apis/reconcile.dev/v2/regions", nil, 404, "no such version"),
            (.post, pools.replacing("/shop/", "/moon/"), pool("web"), 404, "no such namespace"),
            (.post, pools, pool("web", namespace: "moon"), 400, "another namespace than the path's"),
            (.post, "/api/v1/configmaps", ["metadata": ["name": "web"]], 405, "not across namespaces"),
            (.post, pools, pool("WEB"), 422, "a name that is none"),
            (.post, pools, ["kind": "WorkerPool"], 400, "no version"),
            (.put, pools + "/api", pool("web"), 400, "another name than the path's"),
            (.put, pools + "/web", pool("web"), 404, "nothing to replace"),
            (.delete, pools + "/web", nil, 404, "nothing to delete"),
        ]
        for (method, path, body, status, because) in rows {
            let answer = await desk.send(method, path, body)
            #expect(answer.status == status, "\(because): \(answer.tree["message"]?.string ?? "")")
            if !path.hasSuffix("nothings"), !path.contains("/v2/") {
                #expect(answer.tree["kind"] == "Status", "\(because)")
            }
        }
        let unknown = await desk.send(.patch, pools + "/web", pool("web"), type: "text/plain")
        #expect(unknown.status == 415)
        let other = await desk.send(
            .patch, pools + "/web", pool("api"), query: ["fieldManager": "me"], type: "application/apply-patch+yaml")
        #expect(other.status == 400, "an apply of another name than the path's")
    }

    @Test func serverSideApplyMakesMergesAndConflicts() async throws {
        let desk = try Desk()
        let type = "application/apply-patch+yaml"
        let made = await desk.send(.patch, pools + "/web", pool("web"), query: ["fieldManager": "a"], type: type)
        #expect(made.status == 201)
        let same = await desk.send(.patch, pools + "/web", pool("web"), query: ["fieldManager": "a"], type: type)
        #expect(
            same.tree["metadata"]?["resourceVersion"] == made.tree["metadata"]?["resourceVersion"],
            "no change, no write")
        let other = await desk.send(
            .patch, pools + "/web", pool("web", max: 9), query: ["fieldManager": "b"], type: type)
        #expect(other.status == 409)
        #expect(other.tree["details"]?["causes"]?.array?.first?["reason"] == "FieldManagerConflict")
        let forced = await desk.send(
            .patch, pools + "/web", pool("web", max: 9), query: ["fieldManager": "b", "force": "true"], type: type)
        #expect(forced.tree["spec"]?["maxWorkers"] == 9)
    }

    @Test func aDryRunChangesNothing() async throws {
        let desk = try Desk()
        #expect(await desk.send(.post, pools, pool("web"), query: ["dryRun": "All"]).status == 201)
        #expect(await desk.send(.get, pools + "/web").status == 404)
        _ = await desk.send(.post, pools, pool("web"))
        let patch: Tree = ["spec": ["maxWorkers": 7]]
        let dry = await desk.send(
            .patch, pools + "/web", patch, query: ["dryRun": "All"], type: "application/merge-patch+json")
        #expect(dry.tree["spec"]?["maxWorkers"] == 7)
        _ = await desk.send(.delete, pools + "/web", ["dryRun": ["All"]])
        #expect(await desk.send(.get, pools + "/web").tree["spec"]?["maxWorkers"] == 5)
    }

    @Test func statusAndScaleAreDoorsOfTheirOwn() async throws {
        let desk = try Desk()
        let made = await desk.send(.post, pools, pool("web")).tree
        var both = made
        both["status"] = ["replicas": 3]
        both["spec"] = ["region": "west"]
        let status = await desk.send(.put, pools + "/web/status", both)
        #expect(status.tree["status"]?["replicas"] == 3)
        #expect(status.tree["spec"]?["region"] == "east")
        let scale = await desk.send(.get, pools + "/web/scale")
        #expect(scale.tree["kind"] == "Scale")
        #expect(scale.tree["status"]?["replicas"] == 3)
        let scaled = await desk.send(
            .patch, pools + "/web/scale", ["spec": ["replicas": 4]], type: "application/merge-patch+json")
        #expect(scaled.tree["kind"] == "Scale")
        #expect(await desk.send(.get, pools + "/web").tree["spec"]?["replicas"] == 4)
        _ = await desk.send(.post, "/apis/reconcile.dev/v1alpha1/regions", Self.region)
        #expect(await desk.send(.get, "/apis/reconcile.dev/v1alpha1/regions/east/scale").status == 404)
    }

    private static let region: Tree = [
        "apiVersion": "reconcile.dev/v1alpha1", "kind": "Region", "metadata": ["name": "east"],
        "spec": ["provider": ["local": .emptyObject]],
    ]

    @Test func aDeletionHasPreconditionsAndAPolicy() async throws {
        let desk = try Desk()
        _ = await desk.send(.post, pools, pool("web"))
        let wrong = await desk.send(.delete, pools + "/web", ["preconditions": ["uid": "another"]])
        #expect(wrong.status == 409)
        #expect(await desk.send(.delete, pools + "/web", ["propagationPolicy": "Sideways"]).status == 422)
        #expect(
            await desk.send(.delete, pools + "/web", ["propagationPolicy": "Orphan"]).status == 400,
            "its workers would leak")
        let foreground = await desk.send(.delete, pools + "/web", ["propagationPolicy": "Foreground"])
        #expect(foreground.tree["metadata"]?["finalizers"] == ["foregroundDeletion"])
        #expect(
            await desk.send(.delete, pools + "/web").tree["metadata"]?["deletionTimestamp"] != nil, "under way already")
    }

    @Test func selectorsChoose() async throws {
        let desk = try Desk()
        _ = await desk.send(.post, pools, pool("web", labels: ["tier": "front", "size": "s"]))
        _ = await desk.send(.post, pools, pool("api", labels: ["tier": "back"]))
        _ = await desk.send(.post, pools, pool("db"))
        let rows: [(String, String, [Tree])] = [
            ("labelSelector", "tier=front", ["web"]), ("labelSelector", "tier==back", ["api"]),
            ("labelSelector", "tier", ["api", "web"]),
            ("labelSelector", "!tier", ["db"]), ("labelSelector", "tier!=front", ["api", "db"]),
            ("labelSelector", "tier in (front, back),size", ["web"]),
            ("labelSelector", "tier notin (front)", ["api", "db"]),
            ("fieldSelector", "metadata.name=db", ["db"]), ("fieldSelector", "metadata.name!=db", ["api", "web"]),
        ]
        for (key, selector, names) in rows {
            let list = await desk.send(.get, pools, query: [key: selector])
            #expect(list.tree["items"]?.array?.compactMap { $0["metadata"]?["name"] } == names, "\(selector)")
        }
        for selector in ["a=b=(", "tier in front", ",,=", "a b"] {
            #expect(await desk.send(.get, pools, query: ["labelSelector": selector]).status == 400, "\(selector)")
        }
        #expect(await desk.send(.get, pools, query: ["fieldSelector": "spec.region=east"]).status == 400)
        let everywhere = await desk.send(.get, "/apis/reconcile.dev/v1alpha1/workerpools")
        #expect(everywhere.tree["items"]?.array?.count == 3)
    }

    @Test func aWatchTellsWhatChanges() async throws {
        let desk = try Desk()
        _ = await desk.send(.post, pools, pool("web", labels: ["tier": "front"]))
        let version = await desk.send(.get, pools).tree["metadata"]?["resourceVersion"]?.string ?? ""
        let initial = await desk.lines(pools, ["watch": "true", "allowWatchBookmarks": "true"], count: 2)
        #expect(initial.map { $0["type"] } == ["ADDED", "BOOKMARK"])
        #expect(initial.last?["object"]?["kind"] == "WorkerPool")
        _ = await desk.send(.patch, pools + "/web", ["spec": ["maxWorkers": 7]], type: "application/merge-patch+json")
        _ = await desk.send(.post, pools, pool("api"))
        _ = await desk.send(.delete, pools + "/web")
        let changes = await desk.lines(pools, ["watch": "true", "resourceVersion": version], count: 3)
        #expect(changes.map { $0["type"] } == ["MODIFIED", "ADDED", "DELETED"])
        #expect(await desk.send(.get, pools, query: ["watch": "true", "resourceVersion": "soon"]).status == 400)
    }

    @Test func aFilteredWatchShowsComingAndGoing() async throws {
        let desk = try Desk()
        _ = await desk.send(.post, pools, pool("web", labels: ["tier": "front"]))
        _ = await desk.send(.post, pools, pool("api"))
        guard
            case .stream(_, let stream) = await desk.server.handle(
                APIRequest(.get, pools, query: ["watch": "true", "labelSelector": "tier=front"]))
        else {
            Issue.record("no stream")
            return
        }
        func next() async -> [Tree?] {
            guard let bytes = await stream.next() else { return [] }
            return bytes.split(separator: 0x0A).map { (try? JSON.parse(Array($0)))?["type"] }
        }
        #expect(await next() == ["ADDED"])
        func label(_ name: String, _ value: Tree) async {
            _ = await desk.send(
                .patch, pools + "/\(name)", ["metadata": ["labels": ["tier": value]]],
                type: "application/merge-patch+json")
        }
        await label("web", "back")
        #expect(await next() == ["DELETED"], "it no longer matches")
        await label("api", "front")
        #expect(await next() == ["ADDED"], "now it does")
        stream.close()
    }

    @Test func aLogIsReadToItsEnd() async throws {
        let desk = try Desk()
        var task = WorkTask(metadata: ObjectMeta(), spec: TaskSpec())
        (task.metadata.name, task.metadata.namespace, task.metadata.uid) = ("site-a", "shop", "u1")
        (task.spec.plan, task.spec.task, task.spec.run.command) = ("site", "a", ["true"])
        (task.status.phase, task.status.attempt) = (.succeeded, 1)
        _ = try desk.store.commit(Batch([.create(task.key, task.tree)]))
        try await desk.blobs.append(Array("one\ntwo\n".utf8), to: "tasks/u1/1.log")
        let path = "/apis/reconcile.dev/v1alpha1/namespaces/shop/tasks/site-a/log"
        guard case .stream(_, let stream) = await desk.server.handle(APIRequest(.get, path, query: ["follow": "true"]))
        else {
            Issue.record("no stream")
            return
        }
        #expect(await stream.next() == Array("one\ntwo\n".utf8))
        #expect(await stream.next() == nil, "the attempt is over")
        #expect(await desk.send(.get, pools + "/web/log").status == 404)
    }

    @Test func followingGoesOnWithTheNextAttempt() async throws {
        let desk = try Desk()
        var task = WorkTask(metadata: ObjectMeta(), spec: TaskSpec())
        (task.metadata.name, task.metadata.namespace, task.metadata.uid) = ("site-a", "shop", "u1")
        (task.spec.plan, task.spec.task, task.spec.run.command) = ("site", "a", ["true"])
        (task.status.phase, task.status.attempt) = (.pending, 1)
        let receipt = try desk.store.commit(Batch([.create(task.key, task.tree)]))
        try await desk.blobs.append(Array("one\n".utf8), to: "tasks/u1/1.log")
        let path = "/apis/reconcile.dev/v1alpha1/namespaces/shop/tasks/site-a/log"
        func open(_ query: [String: String]) async -> APIStream? {
            guard case .stream(_, let stream) = await desk.server.handle(APIRequest(.get, path, query: query)) else {
                return nil
            }
            return stream
        }
        let stream = try #require(await open(["follow": "true"]))
        let first = try #require(await open(["follow": "true", "attempt": "1"]))
        #expect(await stream.next() == Array("one\n".utf8))
        #expect(await first.next() == Array("one\n".utf8))
        #expect(await first.next() == nil, "only the first was asked for")
        (task.status.phase, task.status.attempt) = (.succeeded, 2)
        _ = try desk.store.commit(
            Batch([.update(task.key, task.tree, expecting: receipt.version)]))
        try await desk.blobs.append(Array("two\n".utf8), to: "tasks/u1/2.log")
        #expect(await stream.next() == Array("two\n".utf8))
        #expect(await stream.next() == nil, "the task is over")
    }

    @Test func theServerSaysWhatItIs() async throws {
        let desk = try Desk()
        #expect(await desk.send(.get, "/version").tree["major"] == "1")
        #expect(await desk.send(.get, "/healthz").tree == "ok")
    }
}

extension String {
    fileprivate func replacing(_ part: String, _ other: String) -> String {
        guard let range = firstRange(of: part) else { return self }
        return String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }
}
