import APIServer
import Documents
import Model
import Ports
import Testing
import Tree

/// Deletions that reach further than one object, and the bodies of Kubernetes' own kinds.
@Suite struct DeletionTests {
    private static let maps = "/api/v1/namespaces/shop/configmaps"

    private func map(_ name: String, owner: (name: String, uid: Tree)? = nil) -> Tree {
        var metadata: Tree = ["name": .string(name)]
        if let owner {
            metadata["ownerReferences"] = [
                ["apiVersion": "v1", "kind": "ConfigMap", "name": .string(owner.name), "uid": owner.uid]
            ]
        }
        return ["apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": ["a": "b"]]
    }

    private func names(_ desk: Desk) async -> [Tree] {
        await desk.send(.get, Self.maps).tree["items"]?.array?.compactMap { $0["metadata"]?["name"] } ?? []
    }

    /// Runs the collector until what is asked for holds; the test's time limit ends what never does.
    private func collecting(_ desk: Desk, until holds: @escaping @Sendable () async -> Bool) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await desk.server.collectGarbage() }
            group.addTask { while await !holds() { await Task.yield() } }
            await group.next()
            group.cancelAll()
        }
    }

    @Test func aCollectionIsDeletedAsFarAsItMatches() async throws {
        let desk = try Desk()
        for (name, tier) in [("a", "x"), ("b", "y"), ("c", "x")] as [(String, Tree)] {
            _ = await desk.send(.post, pools, pool(name, labels: ["tier": tier]))
        }
        let dry = await desk.send(.delete, pools, query: ["labelSelector": "tier=x", "dryRun": "All"])
        #expect(dry.tree["items"]?.array?.count == 2)
        #expect(await desk.send(.get, pools).tree["items"]?.array?.count == 3)
        let gone = await desk.send(.delete, pools, query: ["labelSelector": "tier=x"]).tree
        #expect(gone["kind"] == "WorkerPoolList")
        #expect(await desk.send(.get, pools).tree["items"]?.array?.compactMap { $0["metadata"]?["name"] } == ["b"])
    }

    @Test(.timeLimit(.minutes(1))) func aNamespaceTakesItsContentsAlong() async throws {
        let desk = try Desk()
        _ = await desk.send(.post, Self.maps, map("a"))
        var held = pool("web")
        held["metadata"]?["finalizers"] = ["reconcile.dev/cleanup"]
        _ = await desk.send(.post, pools, held)
        let answer = await desk.send(.delete, "/api/v1/namespaces/shop").tree
        #expect(answer["status"]?["phase"] == "Terminating")
        #expect(await names(desk).isEmpty)
        #expect(await desk.send(.post, Self.maps, map("late")).status == 403, "nothing new")
        _ = await desk.send(
            .patch, pools + "/web", ["metadata": ["finalizers": .null]], type: "application/merge-patch+json")
        await collecting(desk) { await desk.send(.get, "/api/v1/namespaces/shop").status == 404 }
        #expect(await desk.send(.get, "/api/v1/namespaces/shop").status == 404, "the last of it is gone")
    }

    @Test(.timeLimit(.minutes(1))) func dependentsGoWithTheirOwnerOrOutliveIt() async throws {
        let desk = try Desk()
        for (policy, left) in [("Background", []), ("Orphan", ["child"])] as [(Tree, [Tree])] {
            let owner = await desk.send(.post, Self.maps, map("owner")).tree
            let uid = owner["metadata"]?["uid"] ?? ""
            _ = await desk.send(.post, Self.maps, map("child", owner: ("owner", uid)))
            _ = await desk.send(.post, Self.maps, map("last"))
            await collecting(desk) {
                if await desk.send(.get, Self.maps + "/last").status == 200 {
                    _ = await desk.send(.delete, Self.maps + "/owner", ["propagationPolicy": policy])
                    _ = await desk.send(.delete, Self.maps + "/last")
                }
                return await self.names(desk) == left
            }
            #expect(await names(desk) == left, "\(policy)")
        }
        let child = await desk.send(.get, Self.maps + "/child").tree
        #expect(child["metadata"]?["ownerReferences"] == nil, "it has no owner any more")
    }

    @Test(.timeLimit(.minutes(1))) func whatLostItsOwnerWhileNobodyCollectedGoesWithTheNextStart() async throws {
        let desk = try Desk()
        let owner = await desk.send(.post, Self.maps, map("owner")).tree
        _ = await desk.send(.post, Self.maps, map("child", owner: ("owner", owner["metadata"]?["uid"] ?? "")))
        _ = await desk.send(.post, Self.maps, map("other"))
        _ = await desk.send(.delete, Self.maps + "/owner")
        // One of the same name is another.
        _ = await desk.send(.post, Self.maps, map("owner"))
        await collecting(desk) { await names(desk) == ["other", "owner"] }
        #expect(await names(desk) == ["other", "owner"])
    }

    @Test(.timeLimit(.minutes(1))) func whoHasAnotherOwnerStays() async throws {
        let desk = try Desk()
        var references: [Tree] = []
        for name in ["first", "second"] {
            let owner = await desk.send(.post, Self.maps, map(name)).tree
            references.append([
                "apiVersion": "v1", "kind": "ConfigMap", "name": .string(name), "uid": owner["metadata"]?["uid"] ?? "",
            ])
        }
        var child = map("child")
        child["metadata"]?["ownerReferences"] = .array(references)
        _ = await desk.send(.post, Self.maps, child)
        _ = await desk.send(.post, Self.maps, map("single", owner: ("first", references[0]["uid"] ?? "")))
        _ = await desk.send(.delete, Self.maps + "/first")
        await collecting(desk) { await !names(desk).contains("single") }
        #expect(await names(desk) == ["child", "second"])
        _ = await desk.send(.delete, Self.maps + "/second")
        await collecting(desk) { await names(desk).isEmpty }
    }

    @Test func kubernetesOwnKindsTakeItsOwnPatch() async throws {
        let desk = try Desk()
        _ = await desk.send(.post, Self.maps, map("a"))
        let type = "application/strategic-merge-patch+json"
        let patch: Tree = [
            "data": ["a": .null, "c": "d"],
            "metadata": ["finalizers": ["x.dev/y"], "$setElementOrder/finalizers": ["x.dev/y"]],
        ]
        let patched = await desk.send(.patch, Self.maps + "/a", patch, type: type)
        #expect(patched.tree["data"] == ["c": "d"])
        let more: Tree = ["metadata": ["finalizers": ["x.dev/z"]]]
        let both = await desk.send(.patch, Self.maps + "/a", more, type: type)
        #expect(both.tree["metadata"]?["finalizers"] == ["x.dev/z", "x.dev/y"], "a set is added to, in front")
        let less: Tree = ["metadata": ["$deleteFromPrimitiveList/finalizers": ["x.dev/y"]]]
        let one = await desk.send(.patch, Self.maps + "/a", less, type: type)
        #expect(one.tree["metadata"]?["finalizers"] == ["x.dev/z"])
        _ = await desk.send(.post, pools, pool("web"))
        #expect(await desk.send(.patch, pools + "/web", patch, type: type).status == 415, "ours have no such patch")
    }

    @Test func smallKindsAreReadFromProtobuf() async throws {
        let desk = try Desk()
        func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }
        func text(_ number: UInt8, _ value: String) -> [UInt8] { field(number, Array(value.utf8)) }
        let metadata = text(1, "s") + text(2, "") + field(8, [])
        let secret = field(1, metadata) + field(2, text(1, "key") + field(2, [0xFF, 0x00])) + text(3, "Opaque")
        let body =
            [0x6B, 0x38, 0x73, 0x00] + field(1, text(1, "v1") + text(2, "Secret")) + field(2, secret) + text(3, "")
        let path = "/api/v1/namespaces/shop/secrets"
        let type = "application/vnd.kubernetes.protobuf"
        func send(_ body: [UInt8]) async -> (Int, Tree) {
            guard
                case .value(let status, let tree, _) = await desk.server.handle(
                    APIRequest(.post, path, contentType: type, body: body))
            else { return (0, .null) }
            return (status, tree)
        }
        let (status, made) = await send(body)
        #expect(status == 201, "\(made)")
        #expect(made["data"] == ["key": "/wA="])
        for cut in 0..<body.count {
            let (status, answer) = await send(Array(body.prefix(cut)))
            #expect(status >= 400, "cut at \(cut): \(answer)")
        }
    }
}
