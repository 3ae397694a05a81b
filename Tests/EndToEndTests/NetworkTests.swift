import Kernel
import ProcessKit
import Testing
import Tree

/// The commands over HTTPS, as another machine would run them: with nothing but a kubeconfig.
@Suite(.crowd)
struct NetworkTests {
    @Test("Every verb works over the network as it does over the socket")
    func verbs() async throws {
        let site = try Site()
        try await site.serve()
        let manifests = try site.write(
            "plan.yaml",
            [
                Manifest.region(), Manifest.pool(workers: 1),
                Manifest.plan(
                    "shop",
                    spec: "synchronization: {points: [{name: agreed, regions: [here], after: [cart]}]}",
                    [
                        Manifest.task("cart", Manifest.shell("echo a line of the cart")),
                        Manifest.task("pay", Manifest.shell("echo paid"), "waitFor: [agreed]"),
                    ]),
            ].joined(separator: "---\n"))
        let rows: [(words: [String], code: Int, output: String)] = [
            (["diff", "-f", manifests], 1, "shop"),
            (["plan", "-f", manifests], 0, "to add"),
            (["apply", "-f", manifests], 0, "executionplan.reconcile.dev/shop created"),
            (["apply", "-f", manifests], 0, "executionplan.reconcile.dev/shop unchanged"),
            (["wait", "xplan/shop", "--for=condition=Succeeded", "--timeout=40s"], 0, "shop"),
            (["get", "xplan"], 0, "shop"), (["get", "xtask", "-o", "name"], 0, "task.reconcile.dev/shop-cart"),
            (["describe", "xplan/shop"], 0, "Succeeded"), (["tree", "xplan/shop"], 0, "cart"),
            (["logs", "xtask/shop-cart"], 0, "a line of the cart"), (["logs", "xplan/shop", "-f"], 0, "paid"),
            (["events"], 0, "shop"), (["top"], 0, "hands"), (["report", "xplan/shop"], 0, "cart"),
            (["scale", "wpool/hands", "--replicas", "2"], 0, "hands"), (["suspend", "xplan/shop"], 0, "shop"),
            (["resume", "xplan/shop"], 0, "shop"), (["cancel", "xplan/shop"], 0, "shop"),
            (["arrive", "syncp/shop-agreed", "--as", "release-manager"], 1, ""),
            (["doctor"], 0, "answers and knows the kinds"), (["config", "view"], 0, "kubeconfig"),
            (["--once", "-f", manifests, "--wait", "--timeout", "40s"], 0, ""),
            (["validate", "-f", manifests], 0, ""), (["version"], 0, "reconcile"),
            (["delete", "-f", manifests], 0, "deleted"),
        ]
        for row in rows {
            let outcome = try await site.remotely(row.words)
            #expect(outcome.code == row.code, "\(outcome)")
            #expect((outcome.output + outcome.errors).contains(row.output), "\(outcome)")
        }
        #expect(try site.litter() == [], "no state of its own was made")
    }

    @Test("What does not work over the network says what to do")
    func errors() async throws {
        let site = try Site()
        let served = try await site.serve()
        let kubeconfig = try text("\(site.state)/kubeconfig")
        let other = try Site()
        try await other.serve()
        let foreign = try text("\(other.state)/kubeconfig")
        func line(_ text: String, _ key: String) -> String {
            text.split(separator: "\n").first { $0.contains(key) }.map(String.init) ?? ""
        }
        let server = "server: "
        let rows: [(name: String, text: String, says: [String])] = [
            (
                "context", kubeconfig.replacing("current-context: reconcile", with: "current-context: moon"),
                ["\"moon\"", "contexts: reconcile"]
            ),
            (
                "authority", foreign.replacing(line(foreign, server), with: line(kubeconfig, server)),
                ["does not answer", "trusts"]
            ),
            (
                "user",
                kubeconfig.replacing(line(kubeconfig, "client-cert"), with: "    token: nobodys")
                    .replacing(line(kubeconfig, "client-key"), with: ""),
                ["does not know who asks", "serve"]
            ),
        ]
        for row in rows {
            let path = try site.write("\(row.name).kubeconfig", row.text)
            let outcome = try await site.remotely(["get", "wpool"], kubeconfig: path)
            #expect(outcome.code == 1, "\(row.name): \(outcome)")
            for word in row.says + [path] { #expect(outcome.errors.contains(word), "\(row.name): \(outcome)") }
        }
        for words in [["serve"], ["serve", "--stop"], ["sweep"]] {
            let outcome = try await site.remotely(words)
            #expect(outcome.code == 1 && outcome.errors.contains("leave --kubeconfig and --context out"), "\(outcome)")
        }
        let both = try await site.run("get", "wpool", "--kubeconfig", "\(site.state)/kubeconfig")
        #expect(both.code == 1 && both.errors.contains("leave one of them out"), "\(both)")
        let absent = try await site.remotely(["get", "wpool"], kubeconfig: "/nowhere/kubeconfig")
        #expect(
            absent.code == 1 && absent.errors.contains("there is no kubeconfig at /nowhere/kubeconfig"), "\(absent)")
        try await site.kill9(served)
        let silent = try await site.remotely(["get", "wpool"])
        #expect(silent.code == 1 && silent.errors.contains("is `reconcile serve` running"), "\(silent)")
    }

    @Test("The kubeconfig's namespace is the one that names are looked for in")
    func namespaces() async throws {
        let site = try Site()
        try await site.serve()
        try await site.apply("space.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")
        let kubeconfig = try text("\(site.state)/kubeconfig")
            .replacing("    cluster: reconcile\n", with: "    cluster: reconcile\n    namespace: shop\n")
        let path = try site.write("shop.kubeconfig", kubeconfig)
        let pool = try site.write("pool.yaml", Manifest.pool())
        #expect(try await site.remotely(["apply", "-f", pool], kubeconfig: path).code == 0)
        let here = try await site.remotely(["get", "wpool", "hands", "-o", "json"], kubeconfig: path)
        #expect(try here.tree["metadata"]?["namespace"] == "shop", "\(here)")
        let named = try await site.remotely(["get", "wpool", "hands", "-n", "default"], kubeconfig: path)
        #expect(named.code == 1 && named.errors.contains("-n shop"), "\(named)")
        let byVariable = try await site.remotely(
            ["get", "wpool", "--context", "reconcile"], kubeconfig: path, extra: ["KUBECONFIG=/nowhere"])
        #expect(byVariable.code == 0, "\(byVariable)")
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try Files.read(path, limit: 1 << 20) ?? [], as: UTF8.self)
    }
}
