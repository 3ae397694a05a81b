import APIServer
import Documents
import Model
import Ports
import Storage
import Testing
import Tree

private let verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]

@Suite("Access") struct AccessTests {
    private let worker = Caller(
        user: "system:worker:shop:w1", uid: "u1", groups: ["system:workers", "system:authenticated"],
        grants: [.init(.worker, namespace: "shop")], worker: .init(namespace: "shop", name: "w1"))

    @Test("a worker reads its own Worker and its own tasks, and nothing else: every cell") func workerMatrix() {
        var admitted: Set<String> = []
        var cells = 0
        for verb in verbs {
            for kind in Kind.allCases {
                for part in ["", "status", "scale", "log", "token"] {
                    for ownership in AccessPolicy.Ownership.allCases {
                        let wanted = AccessAttributes(
                            verb: verb, group: kind.group, resource: kind.plural, subresource: part,
                            namespace: kind.namespaced ? "shop" : nil, name: "x")
                        cells += 1
                        let isAdmitted = AccessPolicy.admits(worker, wanted, ownership: ownership)
                        if isAdmitted { admitted.insert("\(verb) \(kind.plural)/\(part) \(ownership)") }
                    }
                }
            }
        }
        #expect(cells == verbs.count * Kind.allCases.count * 5 * 3)
        #expect(admitted == ["get workers/ own", "get tasks/ own"])
    }

    @Test("the same over a store: own, another's, and what is not there") func workerOverStore() async throws {
        let desk = try AccessDesk()
        var admitted: Set<String> = []
        for kind in Kind.allCases {
            for name in ["own", "other", "none"] {
                let path = APIPath.object(ObjectKey(kind, "shop", name))
                let collection = APIPath.collection(kind, namespace: "shop")
                for (verb, method, at, query) in [
                    ("get", APIRequest.Method.get, path, [:]), ("update", .put, path, [:]),
                    ("patch", .patch, path, [:]),
                    ("delete", .delete, path, [:]), ("list", .get, collection, [:]),
                    ("watch", .get, collection, ["watch": "true"]), ("create", .post, collection, [:]),
                    ("deletecollection", .delete, collection, [:]),
                ] {
                    let status = await desk.status(APIRequest(method, at, query: query, caller: desk.worker))
                    if status != 403 { admitted.insert("\(verb) \(kind.plural) \(name) \(status)") }
                }
            }
        }
        #expect(admitted == ["get workers own 200", "get tasks own 200"])
        for path in ["/api", "/apis", "/openapi/v3", "/metrics"] {
            #expect(await desk.status(APIRequest(.get, path, caller: desk.worker)) == 403, "\(path)")
        }
    }

    @Test(
        "roles",
        arguments: [
            (Role.view, "get", "workerpools", "", true, "views read"),
            (.view, "get", "secrets", "", false, "secrets are not for viewers"),
            (.view, "patch", "workerpools", "", false, "views do not write"),
            (.edit, "patch", "workerpools", "", true, "editors write"),
            (.edit, "update", "workerpools", "status", false, "status has one writer"),
            (.edit, "create", "serviceaccounts", "", false, "else an editor could make an admin"),
            (.edit, "create", "serviceaccounts", "token", false, "else an editor could be another account"),
            (.admin, "create", "serviceaccounts", "token", true, "admins make identities"),
            (.coordinator, "update", "tasks", "status", true, "controllers write status"),
            (.coordinator, "create", "serviceaccounts", "token", false, "controllers make no identities"),
            (.worker, "get", "workerpools", "", false, "the word alone makes no worker"),
        ]) func roles(role: Role, verb: String, resource: String, part: String, expected: Bool, because: String)
    {
        let kind = Kind.allCases.first { $0.plural == resource }
        var caller = Caller(user: "u", groups: ["system:authenticated"], grants: [.init(role, namespace: "shop")])
        var wanted = AccessAttributes(
            verb: verb, group: kind?.group ?? "", resource: resource, subresource: part, namespace: "shop")
        #expect(AccessPolicy.admits(caller, wanted) == expected, "\(because)")
        wanted.namespace = "other"
        #expect(!AccessPolicy.admits(caller, wanted), "a grant ends at its namespace")
        caller.grants = [.init(role)]
        #expect(AccessPolicy.admits(caller, wanted) == expected, "\(because), everywhere")
    }

    @Test("refusals are worded as Kubernetes words them") func wording() async throws {
        let desk = try AccessDesk()
        let pools = "/apis/reconcile.dev/v1alpha1/namespaces/shop/workerpools"
        let nobody = await desk.answer(APIRequest(.get, pools, caller: .anonymous))
        #expect(nobody["message"]?.string == "Unauthorized")
        #expect(nobody["code"] == 401)
        for path in ["/healthz", "/readyz", "/livez", "/version"] {
            #expect(await desk.status(APIRequest(.get, path, caller: .anonymous)) == 200, "\(path)")
        }
        let viewer = Caller(user: "eve", groups: [], grants: [.init(.view)])
        let refused = await desk.answer(APIRequest(.delete, pools + "/web", caller: viewer))
        #expect(
            refused["message"]?.string
                == "workerpools.reconcile.dev \"web\" is forbidden: User \"eve\" cannot delete resource \"workerpools\" "
                + "in API group \"reconcile.dev\" in the namespace \"shop\"")
        #expect(refused["details"] == ["name": "web", "group": "reconcile.dev", "kind": "workerpools"])
    }

    @Test("tokens of service accounts: issued, used, expired, changed, orphaned") func tokens() async throws {
        let desk = try AccessDesk()
        let account = APIPath.object(ObjectKey(.serviceAccount, "shop", "own"))
        let answer = await desk.answer(
            APIRequest(.post, account + "/token", body: Array(#"{"spec":{"expirationSeconds":600}}"#.utf8)))
        let token = try #require(answer["status"]?["token"]?.string)
        let caller = try #require(try await desk.authenticator(at: 0).caller(bearer: token))
        #expect(caller.user == "system:serviceaccount:shop:own")
        #expect(caller.grants == [.init(.edit, namespace: "shop")])
        #expect(try await desk.authenticator(at: 599).caller(bearer: token) != nil)
        #expect(try await desk.authenticator(at: 600).caller(bearer: token) == nil, "it has expired")
        #expect(try await desk.authenticator(at: 0).caller(bearer: token + "A") == nil, "it was changed")
        #expect(try await desk.authenticator(at: 0).caller(bearer: "worker.uid-own.wrong") == nil)
        let worker = try await desk.authenticator(at: 0).caller(bearer: "worker.uid-worker-own.right")
        #expect(worker == desk.worker)
        _ = await desk.status(APIRequest(.delete, account))
        #expect(try await desk.authenticator(at: 0).caller(bearer: token) == nil, "its account is gone")
        let short = APIRequest(
            .post, APIPath.object(ObjectKey(.serviceAccount, "shop", "other")) + "/token",
            body: Array(#"{"spec":{"expirationSeconds":1}}"#.utf8))
        #expect(await desk.status(short) == 422)
    }

    @Test("reviews say what the caller may do and who it is") func reviews() async throws {
        let desk = try AccessDesk()
        let viewer = Caller(user: "eve", groups: [], grants: [.init(.view, namespace: "shop")])
        func ask(_ verb: String, _ caller: Caller) async -> Tree? {
            let spec =
                #"{"spec":{"resourceAttributes":{"verb":""# + verb
                + #"","group":"reconcile.dev","resource":"tasks","namespace":"shop"}}}"#
            let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
            return await desk.answer(APIRequest(.post, path, body: Array(spec.utf8), caller: caller))["status"]
        }
        #expect(await ask("list", viewer) == ["allowed": true])
        #expect(await ask("delete", viewer) == ["allowed": false])
        #expect(await ask("delete", .local) == ["allowed": true])
        let who = await desk.answer(
            APIRequest(.post, "/apis/authentication.k8s.io/v1/selfsubjectreviews", body: Array("{}".utf8)))
        #expect(who["status"]?["userInfo"]?["username"] == "admin")
        let rules = await desk.answer(
            APIRequest(
                .post, "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
                body: Array(#"{"spec":{"namespace":"shop"}}"#.utf8), caller: viewer))
        #expect(rules["status"]?["resourceRules"]?.array?.count == 4)
    }
}

private struct StoppedClock: Ports.Clock {
    var seconds: Int64
    var now: Moment { Moment(instant: .origin, wall: Timestamp(milliseconds: seconds * 1000)) }
    func sleep(until instant: Instant) async { await Task.yield() }
}

private struct Dice: RandomSource {
    func next() -> UInt64 { .random(in: .min ... .max) }
}

/// No cipher: what the core does with a key is tested, not the key.
private struct PlainKey: TokenKey {
    func mac(_ bytes: [UInt8]) -> [UInt8] { Array(bytes.suffix(32).reversed()) }
    func isCredential(_ text: String, ofWorker uid: String) -> Bool { text == "right" }
}

/// One object `own` and one `other` of each kind in the namespace `shop`; the worker is `own`.
struct AccessDesk {
    let store = MemoryStore()
    let server: APIServer
    let worker = Caller(
        user: "system:worker:shop:own", uid: "uid-worker-own", groups: ["system:workers", "system:authenticated"],
        grants: [.init(.worker, namespace: "shop")], worker: .init(namespace: "shop", name: "own"))

    init() throws {
        server = APIServer(
            store: store, blobs: MemoryBlobStore(), clock: StoppedClock(seconds: 0), random: Dice(), version: "1",
            tokenKey: PlainKey())
        for kind in Kind.allCases {
            for name in ["own", "other"] {
                var tree: Tree = [
                    "apiVersion": .string(kind.apiVersion), "kind": .string(kind.rawValue),
                    "metadata": [
                        "name": .string(name), "namespace": "shop", "uid": .string("uid-\(kind.singular)-\(name)"),
                        "annotations": ["reconcile.dev/role": "edit"],
                    ],
                ]
                if kind == .task {
                    tree["status"] = ["assignment": ["workerUID": .string("uid-worker-\(name)")]]
                }
                _ = try store.commit(Batch([.create(ObjectKey(kind, "shop", name), tree)]))
            }
        }
    }

    func authenticator(at seconds: Int64) -> Authenticator {
        Authenticator(store: store, key: PlainKey(), clock: StoppedClock(seconds: seconds))
    }

    func answer(_ request: APIRequest) async -> Tree {
        switch await server.handle(request) {
        case .value(_, let tree, _): return tree
        case .json(let bytes): return (try? JSON.parse(bytes, limits: .answer)) ?? .emptyObject
        case .text, .document, .stream, .pieces: return .emptyObject
        }
    }

    func status(_ request: APIRequest) async -> Int {
        switch await server.handle(request) {
        case .value(let status, _, _), .text(let status, _), .document(let status, _, _): return status
        case .json, .pieces: return 200
        case .stream(_, let stream):
            stream.close()
            return 200
        }
    }
}
