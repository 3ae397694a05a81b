import ProcessKit
import Testing
import Tree

/// What the other commands print, from a second process while the controllers run.
@Suite(.crowd)
struct ShapeTests {
    @Test("Tables fit 100 columns, pipes hold no escapes, and each verb answers from a second process")
    func shapes() async throws {
        let site = try Site()
        try await site.serve()
        try await site.apply(
            "plan.yaml", Manifest.region(), Manifest.pool(workers: 2),
            Manifest.plan(
                "shop",
                spec: "synchronization: {points: [{name: agreed, regions: [here], after: [cart]}]}",
                [
                    Manifest.task("cart", site.witness.command(0.3, "echo a line of the cart")),
                    Manifest.task("pay", Manifest.shell("echo paid; sleep 4"), "waitFor: [agreed]"),
                ]))
        try await site.await("xtask/shop-pay", "runs") { $0["status"]?["phase"]?.string == "Running" }
        let follow = try site.start("logs", "xplan/shop", "-f")
        try await eventually("the log of what has ended is there", within: .seconds(10)) {
            try await site.run("logs", "xtask/shop-cart").output.contains("a line of the cart")
        }
        let views: [[String]] = [
            ["get", "rgn"], ["get", "wpool"], ["get", "xplan"], ["get", "syncp"], ["get", "wkr"], ["get", "xtask"],
            ["get", "ns"],
            ["top"], ["tree", "xplan/shop"], ["events"], ["describe", "xplan/shop"], ["describe", "xtask/shop-pay"],
            ["describe", "wpool/hands"], ["describe", "rgn/here"], ["describe", "syncp/shop-agreed"],
            ["get", "xtask", "-o", "name"],
            ["report", "xplan/shop"], ["logs", "xtask/shop-cart"],
        ]
        for words in views {
            for extra in [[], ["NO_COLOR=1"]] {
                let outcome = try await site.run(words, extra: extra)
                #expect(outcome.code == 0 && !outcome.output.isEmpty, "\(outcome)")
                let widest = outcome.lines.map(\.count).max() ?? 0
                #expect(widest <= 100, "\(widest) columns: \(outcome)")
                #expect(!outcome.output.contains("\u{1B}") && !outcome.errors.contains("\u{1B}"), "\(outcome)")
                if words[0] == "get", words.count == 2 {
                    let header = try #require(outcome.lines.first)
                    #expect(header == header.uppercased() && header.contains("   "), "\(header)")
                }
            }
        }
        let painted = try await site.run(["get", "xtask"], extra: ["FORCE_COLOR=1"])
        #expect(painted.output.contains("\u{1B}["), "colour where it is forced: \(painted)")
        #expect(try await site.end(of: follow, within: .seconds(20)) == 0, "logs -f ends with the attempts")
        #expect(follow.output.contains("cart | a line of the cart"), "\(follow.output)")
        #expect(
            follow.output.split(separator: "\n").contains { $0.hasPrefix("pay ") && $0.hasSuffix("paid") },
            "\(follow.output)")
    }

    @Test("Exit codes of wait, get, and wrong usage")
    func codes() async throws {
        let site = try Site()
        try await site.serve()
        try await site.apply(
            "plan.yaml", Manifest.region(), Manifest.pool(),
            Manifest.plan("good", [Manifest.task("a", Manifest.shell("exit 0"))]),
            Manifest.plan("bad", [Manifest.task("a", Manifest.shell("exit 3"), "retry: {limit: 0}")]),
            Manifest.plan("slow", spec: "faultTolerance: {killGrace: 1s}", [Manifest.task("a", "[sleep, \"50\"]")]))
        let rows: [(words: [String], code: Int)] = [
            (["wait", "xplan/good", "--for=condition=Succeeded", "--timeout=30s"], 0),
            (["wait", "xplan/bad", "--for=condition=Succeeded", "--timeout=30s"], 2),
            (["wait", "xplan/slow", "--for=condition=Succeeded", "--timeout=1s"], 3),
            (["wait", "xplan/absent", "--for=condition=Succeeded"], 1), (["get", "xplan/absent"], 1),
            (["get", "xplans"], 1),
            (["get"], 1), (["nonsense"], 1), (["get", "xplan/good"], 0), (["validate", "-f", "/dev/null"], 4),
            (["describe", "xplan/absent"], 1), (["logs", "xtask/absent"], 1),
            (["scale", "wpool/hands", "--replicas", "many"], 1),
        ]
        for row in rows {
            let outcome = try await site.run(row.words)
            #expect(outcome.code == row.code, "\(outcome)")
            if row.code != 0 { #expect(!outcome.errors.isEmpty && outcome.errors.count < 1200, "\(outcome)") }
        }
        let typo = try await site.run("get", "xplan/goood")
        #expect(typo.errors.contains("good"), "the nearest name: \(typo)")
        try await site.succeed("delete", "xplan/slow")
        #expect(
            Processes.living(commandHolds: "sleep 50").filter { site.owns($0) }.isEmpty, "deleting it ended its task")
    }
}
