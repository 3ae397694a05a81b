import Kernel
import ProcessKit
import Testing
import Tree

@Suite(.crowd)
struct TaskEndTests {
    @Test("A task past its timeout is stopped, by force where it must be, and its slot is free again")
    func timeout() async throws {
        let site = try Site()
        try await site.serve()
        let deaf = Manifest.shell(#"trap "" TERM; while :; do sleep 0.1; done"#)
        try await site.apply(
            "plan.yaml", Manifest.region(), Manifest.pool(slots: 1), Manifest.pool("other", slots: 1),
            Manifest.plan(
                "slow", spec: "faultTolerance: {killGrace: 1s, retry: {limit: 0}}",
                [
                    Manifest.task("sleeps", "[sleep, \"77\"]", "timeout: 1s, priority: 10"),
                    Manifest.task("next", "[\"true\"]"),
                ]),
            Manifest.plan(
                "deaf", pool: "other", spec: "faultTolerance: {killGrace: 1s, retry: {limit: 0}}",
                [Manifest.task("deaf", deaf, "timeout: 1s")]))
        try await site.awaitPlan("slow", "Failed")
        try await site.awaitPlan("deaf", "Failed")
        let sleeps = try #require(try await site.task("slow", "sleeps")["status"])
        #expect(sleeps["phase"]?.string == "TimedOut" && sleeps["reason"]?.string == "TimedOut", "\(sleeps)")
        #expect(try await site.task("slow", "next")["status"]?["phase"]?.string == "Succeeded")
        #expect(try await site.task("deaf", "deaf")["status"]?["phase"]?.string == "TimedOut")
        #expect(Processes.living(commandHolds: "sleep 77").isEmpty)
        let left = site.residents().filter { entry in
            String(decoding: (try? Files.read("/proc/\(entry.pid)/cmdline", limit: 4096)) ?? [], as: UTF8.self)
                .contains("trap")
        }
        #expect(left.isEmpty, "the deaf one is killed with all that it started")
    }

    @Test("A failing task is tried again after a pause that grows, and what can't start says why")
    func retry() async throws {
        let site = try Site()
        try await site.serve()
        try await site.apply(
            "plan.yaml", Manifest.region(), Manifest.pool(),
            Manifest.plan(
                "again", spec: "faultTolerance: {retry: {limit: 3, backoff: {initial: 1s, factor: 2, max: 10s}}}",
                [Manifest.task("third", site.witness.command(0, "test $RECONCILE_ATTEMPT -ge 3"))]),
            Manifest.plan(
                "nothing", spec: "faultTolerance: {retry: {limit: 1, backoff: {initial: 1s, factor: 1, max: 1s}}}",
                [Manifest.task("absent", "[no-such-program-here]")]))
        try await site.awaitPlan("again")
        let starts = site.witness.starts("third")
        #expect(starts.map(\.attempt) == [1, 2, 3])
        if starts.count == 3 {
            #expect(starts[1].time - starts[0].time >= 0.5 && starts[2].time - starts[1].time >= 1, "\(starts)")
        }
        try await site.awaitPlan("nothing", "Failed")
        let absent = try #require(try await site.task("nothing", "absent")["status"])
        #expect(absent["reason"]?.string == "CouldNotStart", "\(absent)")
        let page = try await site.succeed("describe", "xtask/nothing-absent").output
        #expect(page.contains("no-such-program-here"), "\(page)")
        #expect(absent["phase"]?.string == "Failed" && absent["attempts"]?.array?.count == 2)
    }

    @Test("Suspended plans start nothing new, resumed ones go on, cancelled ones end with what runs")
    func switches() async throws {
        let site = try Site()
        try await site.serve()
        try await site.apply(
            "plan.yaml", Manifest.region(), Manifest.pool(slots: 2),
            Manifest.plan(
                "paused",
                [
                    Manifest.task("first", site.witness.command(2)),
                    Manifest.task("then", site.witness.command(0.1), "dependsOn: [first]"),
                ]),
            Manifest.plan(
                "ended", spec: "faultTolerance: {killGrace: 1s}",
                [
                    Manifest.task("long", site.witness.command(55)),
                    Manifest.task("never", site.witness.command(1), "dependsOn: [long]"),
                ]))
        _ = try await site.witness.awaitStart("first")
        _ = try await site.witness.awaitStart("long")
        try await site.succeed("suspend", "xplan/paused")
        try await site.await("xtask/paused-first", "runs on to its end") {
            $0["status"]?["phase"]?.string == "Succeeded"
        }
        try await site.await("xtask/paused-then", "says why it waits") {
            $0["status"]?["reason"]?.string == "Suspended"
        }
        try await steadily("nothing new starts", for: .seconds(1)) { site.witness.starts("then").isEmpty }
        try await site.succeed("resume", "xplan/paused")
        try await site.awaitPlan("paused")

        try await site.succeed("cancel", "xplan/ended")
        try await site.awaitPlan("ended", "Cancelled")
        for name in ["long", "never"] {
            #expect(try await site.task("ended", name)["status"]?["phase"]?.string == "Cancelled", "\(name)")
        }
        #expect(site.witness.starts("never").isEmpty)
        try await eventually("the running one is stopped", within: .seconds(10)) {
            Processes.living(commandHolds: "witness.sh 55").filter { site.owns($0) }.isEmpty
        }
    }
}
