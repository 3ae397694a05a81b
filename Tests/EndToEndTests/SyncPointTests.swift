import ProcessKit
import Testing
import Tree

@Suite(.crowd)
struct SyncPointTests {
    private static func point(_ name: String, _ spec: String) -> String {
        "apiVersion: reconcile.dev/v1alpha1\nkind: SyncPoint\nmetadata: {name: \(name)}\nspec: {\(spec)}\n"
    }

    @Test("A point opens when the outside party arrives, not before, and only for a party that it knows")
    func arrive() async throws {
        let site = try Site()
        try await site.serve()
        try await site.apply(
            "plan.yaml", Manifest.region(), Manifest.pool(),
            Self.point("gate", "plan: work, participants: [{region: here}, {external: manager}], after: [build]"),
            Manifest.plan(
                "work",
                [
                    Manifest.task("build", site.witness.command(0.2)),
                    Manifest.task("ship", site.witness.command(0.2), "waitFor: [gate]"),
                ]))
        try await site.await("syncp/gate", "has one arrival") { $0["status"]?["summary"]?["arrived"]?.string == "1/2" }
        try await site.await("xtask/work-ship", "waits") { $0["status"]?["reason"]?.string == "WaitingForSyncPoint" }
        let stranger = try await site.run("arrive", "syncp/gate", "--as", "manger")
        #expect(stranger.code == 1 && stranger.errors.contains("manager"), "\(stranger)")
        #expect(site.witness.starts("ship").isEmpty)
        try await site.succeed("arrive", "syncp/gate", "--as", "manager")
        try await site.awaitPlan("work")
        #expect(try await site.object("syncp/gate")["status"]?["state"]?.string == "Released")
        try await site.succeed("arrive", "syncp/gate", "--as", "manager")
        #expect(site.witness.starts("ship").count == 1, "saying it twice changes nothing")
    }

    @Test("A point that not all reach in time fails, lets pass, or holds, as it says")
    func timeouts() async throws {
        let site = try Site()
        try await site.serve()
        var manifests = [Manifest.region(), Manifest.pool(slots: 8)]
        for (plan, onTimeout) in [("fails", "Fail"), ("passes", "Continue"), ("holds", "Hold")] {
            let participants = "participants: [{region: here}, {external: nobody}], after: [build]"
            manifests.append(
                Self.point("\(plan)-gate", "plan: \(plan), \(participants), timeout: 1s, onTimeout: \(onTimeout)"))
            manifests.append(
                Manifest.plan(
                    plan,
                    [
                        Manifest.task("build", "[\"true\"]"),
                        Manifest.task(plan, site.witness.command(0.1), "waitFor: [\(plan)-gate]"),
                    ]))
        }
        try await site.apply("plan.yaml", manifests.joined(separator: "---\n"))
        try await site.awaitPlan("fails", "Failed")
        try await site.awaitPlan("passes")
        try await site.await("syncp/holds-gate", "is held") { $0["status"]?["state"]?.string == "Held" }
        #expect(site.witness.started == ["passes"])
        let failed = try #require(try await site.task("fails", "fails")["status"])
        #expect(failed["reason"]?.string == "SyncPointFailed", "\(failed)")
        #expect(try await site.object("syncp/fails-gate")["status"]?["state"]?.string == "Failed")
        #expect(try await site.object("xplan/holds")["status"]?["phase"]?.string != "Failed")
    }
}
