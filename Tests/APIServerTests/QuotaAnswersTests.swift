import APIServer
import Documents
import Model
import Ports
import Storage
import Testing
import Tree

/// What users of the API see of a namespace's quota: a refusal as a ResourceQuota's, and a warning before it.
@Suite struct QuotaAnswersTests {
    private static let maps = "/api/v1/namespaces/shop/configmaps"

    private static func desk(objects: Int, tasks: Int = 10) throws -> Desk {
        var limits = StoreLimits()
        (limits.quota[.objects], limits.quota[.tasks]) = (objects, tasks)
        return try Desk(StoreCore(limits: limits))
    }

    private static func map(_ name: String) -> Tree {
        ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)]]
    }

    private static func warnings(_ desk: Desk, _ path: String, _ body: Tree) async -> [String] {
        guard
            case .value(201, _, let warnings) = await desk.server.handle(
                APIRequest(.post, path, body: JSON.encode(body)))
        else { return ["not created"] }
        return warnings
    }

    @Test func whatIsFullIsNamedBeforeItIs() async throws {
        let desk = try Self.desk(objects: 10)
        for number in 1...7 { #expect(await Self.warnings(desk, Self.maps, Self.map("m\(number)")) == []) }
        let warned = await Self.warnings(desk, Self.maps, Self.map("m8"))
        #expect(warned.first?.hasPrefix("namespace shop uses 80 % of its quota: objects used: 8, limited: 10.") == true)
        for number in 9...10 { _ = await desk.send(.post, Self.maps, Self.map("m\(number)")) }
        let refused = await desk.send(.post, Self.maps, Self.map("m11"))
        #expect(refused.status == 403 && refused.tree["reason"] == "Forbidden")
        let message = refused.tree["message"]?.string ?? ""
        #expect(
            message.hasPrefix(
                "configmaps \"m11\" is forbidden: exceeded quota: namespace shop, requested: objects=1, used: objects=10, limited: objects=10"
            ), "\(message)")
        let applied = await desk.send(
            .patch, "\(Self.maps)/m12", Self.map("m12"), query: ["fieldManager": "me"],
            type: "application/apply-patch+yaml")
        #expect(applied.status == 403, "by every door")
        let event: Tree = [
            "apiVersion": "v1", "kind": "Event", "metadata": ["name": "e", "namespace": "shop"],
            "involvedObject": ["kind": "ConfigMap", "name": "m1", "namespace": "shop"], "reason": "Told",
        ]
        #expect(await desk.send(.post, "/api/v1/namespaces/shop/events", event).status == 201)
        #expect(await desk.send(.delete, "\(Self.maps)/m1").status == 200)
        #expect(await desk.send(.post, Self.maps, Self.map("m11")).status == 201, "what was deleted makes room")
    }

    @Test func aPlanOfMoreTasksThanThereIsRoomForIsWarnedOf() async throws {
        let desk = try Self.desk(objects: 100, tasks: 2)
        let tasks = Tree.array((1...3).map { ["name": .string("t\($0)"), "run": ["command": ["true"]]] })
        let plan: Tree = [
            "apiVersion": "reconcile.dev/v1alpha1", "kind": "ExecutionPlan", "metadata": ["name": "site"],
            "spec": ["regions": [["region": "east", "pool": "web", "tasks": tasks]]],
        ]
        let path = "/apis/reconcile.dev/v1alpha1/namespaces/shop/executionplans"
        let warned = await Self.warnings(desk, path, plan)
        #expect(
            warned.contains {
                $0.hasPrefix("the plan's 3 tasks will exceed the quota of namespace shop: tasks used: 0, limited: 2.")
            }, "\(warned)")
    }

    @Test(arguments: ["many", "-1", "1.5", ""])
    func aLimitThatIsNoneIsRefused(_ text: String) async throws {
        let desk = try Self.desk(objects: 10)
        let namespace: Tree = [
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": ["name": "team", "annotations": ["reconcile.dev/quota-tasks": .string(text)]],
        ]
        let answer = await desk.send(.post, "/api/v1/namespaces", namespace)
        #expect(answer.status == 422)
        #expect(answer.tree["message"]?.string?.contains("must be a whole number") == true)
    }

    /// A quota is the operator's: whoever it holds may not raise it.
    @Test func whoIsHeldByAQuotaDoesNotSetIt() async throws {
        let desk = try Self.desk(objects: 10)
        let patch: Tree = ["metadata": ["annotations": ["reconcile.dev/quota-tasks": "1000000"]]]
        for role in Role.allCases where role != .admin {
            let caller = Caller(user: "u", groups: ["system:authenticated"], grants: [.init(role)])
            let request = APIRequest(
                .patch, "/api/v1/namespaces/shop", contentType: "application/merge-patch+json",
                body: JSON.encode(patch), caller: caller)
            #expect(await desk.answer(request).status == 403, "\(role)")
        }
    }
}
