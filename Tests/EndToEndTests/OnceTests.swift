import Kernel
import Testing
import Tree

@Suite(.crowd)
struct OnceTests {
    @Test("A plan runs in one command, its outputs flow, nothing is left, and a second time nothing changes")
    func twice() async throws {
        let site = try Site()
        let manifests = try site.write(
            "plan.yaml",
            [
                Manifest.region(), Manifest.pool(),
                Manifest.plan(
                    "hello",
                    [
                        Manifest.task(
                            "say", site.witness.command(0.2, #"echo WORD=here >> "$RECONCILE_OUTPUT""#),
                            "outputs: [WORD]"),
                        #"name: hear, dependsOn: [say], outputs: [HEARD], run: {env: [{name: W, value: "${tasks.say.outputs.WORD}"}],"#
                            + #" command: [sh, -c, 'echo HEARD=$W-$0 >> "$RECONCILE_OUTPUT"', "${tasks.say.outputs.WORD}"]}"#,
                    ]),
            ].joined(separator: "---\n"))
        let first = try await site.run("--once", "-f", manifests, "--local", "--wait")
        #expect(first.code == 0, "\(first)")
        #expect(first.output.contains("2 of 2 tasks succeeded") && first.output.contains("3 changed"), "\(first)")
        #expect(site.residents().isEmpty, "no process is left")
        #expect(try site.litter().isEmpty)
        let hear = try await site.task("hello", "hear")
        #expect(hear["status"]?["outputs"]?["HEARD"]?.string == "here-here")

        let before = try await site.run("get", "reconcile", "-o", "yaml")
        let began = ContinuousClock.now
        let second = try await site.run("--once", "-f", manifests, "--local", "--wait")
        #expect(second.code == 0 && second.output.contains("0 changed"), "\(second)")
        #expect(ContinuousClock.now - began < .seconds(10), "a debug build beside other tests; the bench measures it")
        #expect(site.witness.entries.count == 2, "no task ran again")
        #expect(try await site.run("get", "reconcile", "-o", "yaml").output == before.output)
    }

    @Test("What fails, what can't proceed, what takes too long and what is invalid have codes of their own")
    func codes() async throws {
        struct Row {
            let task: String
            let flags: [String]
            let code: Int
            let says: String
        }
        let rows = [
            Row(
                task: Manifest.task("t", Manifest.shell("exit 7"), "retry: {limit: 0}"), flags: [], code: 2,
                says: "Failed"),
            Row(
                task: Manifest.task("t", "[\"true\"]", "requires: {capabilities: [gpu]}"), flags: ["--timeout", "30s"],
                code: 2,
                says: "NoFeasibleWorker"),
            Row(task: Manifest.task("t", "[sleep, \"60\"]"), flags: ["--timeout", "3s"], code: 3, says: "timed out"),
            Row(task: Manifest.task("t", "[\"true\"]", "tiemout: 3s"), flags: [], code: 4, says: "timeout"),
            Row(task: Manifest.task("t", "[\"true\"]"), flags: ["--no-such-flag"], code: 1, says: "no-such-flag"),
        ]
        for row in rows {
            let site = try Site()
            let manifests = try site.write(
                "plan.yaml",
                [Manifest.region(), Manifest.pool(), Manifest.plan("p", [row.task])].joined(separator: "---\n"))
            let outcome = try await site.run(["--once", "-f", manifests, "--local", "--wait"] + row.flags)
            #expect(outcome.code == row.code, "\(outcome)")
            #expect((outcome.output + outcome.errors).contains(row.says), "\(row.says)? \(outcome)")
            #expect(site.residents().isEmpty, "nothing is left running: \(outcome)")
        }
    }

    @Test("A signal ends it with the shell's code, and nothing is left running", arguments: [(2, 130), (15, 143)])
    func interrupted(signal: Int32, code: Int) async throws {
        let site = try Site()
        let manifests = try site.write(
            "plan.yaml",
            [
                Manifest.region(), Manifest.pool(),
                Manifest.plan(
                    "p", spec: "faultTolerance: {killGrace: 1s}", [Manifest.task("t", site.witness.command(60))]),
            ].joined(separator: "---\n"))
        let started = try site.start("--once", "-f", manifests, "--local", "--wait")
        _ = try await site.witness.awaitStart("t")
        ProcessIdentity(pid: started.pid)?.signal(signal)
        #expect(try await site.end(of: started) == code, "\(started.errors)")
        #expect(site.residents().isEmpty)
    }
}
