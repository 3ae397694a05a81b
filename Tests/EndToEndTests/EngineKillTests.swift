import Glibc
import Kernel
import Model
import ProcessKit
import Testing
import Tree

/// How soon the death of a busy worker is known, with its reason, and its task runs elsewhere.
///
/// The figures are printed. What is asked for here holds on a slow machine as well: far less than a lease, which is
/// what would tell of a death that nobody saw.
@Suite(.crowd, .enabled(if: TestEngine.isThere, TestEngine.hint), .timeLimit(.minutes(5)))
struct EngineKillTests {
    /// `RECONCILE_KILLS=10` kills so often.
    private static let rounds = Int(Surroundings["RECONCILE_KILLS"] ?? "") ?? 2

    private static var wall: Timestamp {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Timestamp(milliseconds: Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000)
    }

    @Test("docker kill of a busy worker, again and again: it is seen at once with its reason, its task runs elsewhere")
    func killed() async throws {
        try await onEngine { site, engine in
            try await site.serve("--cluster-id", engine.clusterID)
            let command = try site.witness.command(600, mountedAt: "/witness")
            let manifests = try await site.apply(
                "pool.yaml",
                engine.region("here", "volumes: [{source: \"\(site.directory)\", target: /witness, readOnly: false}]"),
                Manifest.pool(
                    workers: 2, slots: 2, worker: "resources: {cpu: 500m, memory: 256Mi}",
                    "lease: {renew: 10s, lostAfter: 60s}"))
            for round in 1...Self.rounds {
                try await eventually("two workers are there", within: .seconds(60)) {
                    let online = try await site.objects("wkr").count { $0["status"]?["state"]?.string == "Online" }
                    let running = try await engine.containers("status=running").count
                    return online == 2 && running == 2
                }
                try await site.apply("plan.yaml", Manifest.plan("work-\(round)", [Manifest.task("t\(round)", command)]))
                _ = try await site.witness.awaitStart("t\(round)")
                let task = try await site.task("work-\(round)", "t\(round)")
                let worker = try #require(task["status"]?["assignment"]?["worker"]?.string)
                let id = try #require(try await site.object("wkr/\(worker)")["status"]?["providerID"]?.string)
                let killed = (uptime: Witness.now, wall: Self.wall)
                try await engine.docker("kill", String(id.dropFirst("docker:".count)))
                let again = try await site.witness.awaitStart("t\(round)", attempt: 2).time - killed.uptime
                let lost = try await site.task("work-\(round)", "t\(round)")["status"]?["attempts"]?.array?.first
                let seen = try #require(lost?["detectedAt"]?.string.flatMap(Timestamp.init)) - killed.wall
                let reason = lost?["message"]?.string ?? ""
                print(
                    "docker kill \(round): seen after \(seen.milliseconds) ms,",
                    "runs elsewhere after \(Int(again * 1000)) ms: \(lost?["reason"]?.string ?? ""): \(reason)")
                #expect(seen < .seconds(10) && again < 15, "no lease told it: \(seen), \(again)")
                #expect(lost?["proven"]?.bool == true && reason.contains("signal 9"), "\(reason)")
                try await site.succeed("delete", "xplan/work-\(round)")
            }
            try await site.succeed("delete", "-f", manifests)
            try await eventually("the engine is as it was", within: .seconds(30)) { try await engine.isClean() }
        }
    }
}
