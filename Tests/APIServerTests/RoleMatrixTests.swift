import APIServer
import Documents
import Glibc
import Model
import Ports
import Testing
import Tree

/// Who may what: every role at every path with every method, over a real store. What a cell says is whether the request
/// got past the gate: `·` refused (401, 403), a letter let through, whatever became of it then.
@Suite("Role matrix") struct RoleMatrixTests {
    private static let callers: [(String, Caller)] = [
        ("anonymous", .anonymous),
        ("nobody", Caller(user: "nobody", groups: ["system:authenticated"])),
        (
            "worker",
            Caller(
                user: "system:worker:shop:own", uid: "uid-worker-own",
                groups: ["system:workers", "system:authenticated"],
                grants: [.init(.worker, namespace: "shop")], worker: .init(namespace: "shop", name: "own"))
        ),
        ("view", granted(.view)), ("edit", granted(.edit)), ("coordinator", granted(.coordinator)),
        ("admin", granted(.admin)),
        ("view*", everywhere(.view)), ("edit*", everywhere(.edit)), ("owner", .local),
    ]

    private static func granted(_ role: Role) -> Caller {
        Caller(user: "u", groups: ["system:authenticated"], grants: [.init(role, namespace: "shop")])
    }
    private static func everywhere(_ role: Role) -> Caller {
        Caller(user: "u", groups: ["system:authenticated"], grants: [.init(role)])
    }

    /// get, list, watch, create, update, patch, delete, delete of a collection.
    private static let verbs: [(Character, APIRequest.Method, Bool, [String: String])] = [
        ("g", .get, true, [:]), ("l", .get, false, [:]), ("w", .get, false, ["watch": "true", "timeoutSeconds": "1"]),
        ("c", .post, false, [:]), ("u", .put, true, [:]), ("p", .patch, true, [:]), ("d", .delete, true, [:]),
        ("D", .delete, false, [:]),
    ]

    /// What each role may at a kind's paths in its own namespace. Rows not named: nothing.
    private static let expected: [String: [String: String]] = [
        "view": [
            "regions": "glw", "workerpools": "glw", "workers": "glw", "executionplans": "glw", "tasks": "glw",
            "syncpoints": "glw", "namespaces": "g", "configmaps": "glw", "events": "glw", "serviceaccounts": "glw",
            "leases": "glw",
        ],
        "edit": [
            "regions": "glw", "workerpools": "glwcupdD", "workers": "glwupdD", "executionplans": "glwcupdD",
            "tasks": "glwupdD", "syncpoints": "glwcupdD", "namespaces": "g", "configmaps": "glwcupdD",
            "events": "glwcupdD", "serviceaccounts": "glw", "leases": "glwcupdD", "secrets": "glwcupdD",
        ],
        "coordinator": [
            "regions": "glw", "workerpools": "glwcupdD", "workers": "glwcupdD", "executionplans": "glwcupdD",
            "tasks": "glwcupdD", "syncpoints": "glwcupdD", "namespaces": "g", "configmaps": "glw",
            "events": "glwcupdD", "serviceaccounts": "glw", "leases": "glwcupdD", "secrets": "glw",
        ],
        "worker": ["workers": "g", "tasks": "g"],
    ]

    private func letters(_ desk: AccessDesk, _ caller: Caller, _ kind: Kind, in namespace: String) async -> String {
        var text = ""
        let space = kind.namespaced ? namespace : ""
        for (letter, method, isNamed, query) in Self.verbs {
            let path =
                isNamed
                ? APIPath.object(ObjectKey(kind, space, kind == .namespace ? namespace : "own"))
                : APIPath.collection(kind, namespace: kind.namespaced ? namespace : nil)
            var query = query
            if method != .get { query["dryRun"] = "All" }
            let request = APIRequest(
                method, path, query: query,
                contentType: method == .patch ? "application/merge-patch+json" : "application/json",
                body: method == .get || method == .delete ? [] : Array("{}".utf8), caller: caller)
            let status = await desk.status(request)
            text.append(status == 401 || status == 403 ? "·" : letter)
        }
        return text
    }

    @Test("every role, method and path") func matrix() async throws {
        let desk = try AccessDesk()
        var lines: [String] = []
        var cells = 0
        for kind in Kind.allCases {
            for (name, caller) in Self.callers {
                let own = await letters(desk, caller, kind, in: "shop")
                let foreign = await letters(desk, caller, kind, in: "other")
                cells += 2 * Self.verbs.count
                lines.append("\(kind.plural) \(name): \(own) elsewhere \(foreign)")
                let allowed = own.filter { $0 != "·" }
                switch name {
                case "anonymous", "nobody": #expect(allowed.isEmpty, "\(kind.plural) \(name)")
                case "owner": #expect(!own.contains("·"), "\(kind.plural) \(name)")
                case "view", "edit", "coordinator", "worker":
                    #expect(allowed == Self.expected[name]?[kind.plural] ?? "", "\(kind.plural) \(name)")
                default: break
                }
                guard !name.hasSuffix("*"), name != "owner", kind != .region else { continue }
                #expect(!foreign.contains { $0 != "·" }, "\(kind.plural) \(name): nothing in another namespace")
            }
        }
        for path in ["/metrics", "/debug", "/", "/apis/x/v1/y", "/api/v1/nodes", "/logs"] {
            for (name, caller) in Self.callers where name != "owner" {
                for method in [APIRequest.Method.get, .post, .put, .patch, .delete] {
                    cells += 1
                    let status = await desk.status(APIRequest(method, path, caller: caller))
                    #expect(status >= 400, "\(method.rawValue) \(path) \(name)")
                    if name == "anonymous" { #expect(status == 401) }
                }
            }
        }
        #expect(cells > 2000)
        if getenv("RECONCILE_MATRIX") != nil { for line in lines { print(line) } }
    }
}
