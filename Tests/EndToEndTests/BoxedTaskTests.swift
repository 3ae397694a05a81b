import Glibc
import Kernel
import ProcessKit
import Testing
import Tree

/// Tasks that name an image, on workers that are processes of this machine.
@Suite(.crowd, .enabled(if: TestEngine.isThere, TestEngine.hint), .timeLimit(.minutes(4)))
struct BoxedTaskTests {
    /// A task in a container of busybox.
    private static func boxed(_ name: String, _ line: String, _ fields: String = "") -> String {
        "name: \(name), run: {image: \"\(TestEngine.busybox)\", command: [sh, -c, '\(line)']}"
            + (fields.isEmpty ? "" : ", " + fields)
    }

    @Test("One in a container and one beside the worker, each reading what the other wrote; nothing is left")
    func flows() async throws {
        try await onEngine { site, engine in
            let manifests = try site.write(
                "plan.yaml",
                [
                    Manifest.region(), Manifest.pool(),
                    Manifest.plan(
                        "mixed",
                        [
                            Manifest.task(
                                "first", Manifest.shell(#"echo WORD=here >> "$RECONCILE_OUTPUT""#), "outputs: [WORD]"),
                            #"name: boxed, dependsOn: [first], outputs: [HEARD], requires: {memory: 64Mi}, "#
                                + #"run: {image: "\#(TestEngine.busybox)", env: [{name: W, value: "${tasks.first.outputs.WORD}"}], "#
                                + #"command: [sh, -c, 'ls /reconcile; echo HEARD=$W-$RECONCILE_ATTEMPT >> "$RECONCILE_OUTPUT"']}"#,
                            #"name: last, dependsOn: [boxed], run: {command: [sh, -c, 'echo got $0', "${tasks.boxed.outputs.HEARD}"]}"#,
                        ]),
                ].joined(separator: "---\n"))
            let run = try await site.run(
                "--once", "-f", manifests, "--local", "--wait", "--cluster-id", engine.clusterID,
                extra: [engine.variable])
            #expect(run.code == 0 && run.output.contains("3 of 3 tasks succeeded"), "\(run)")
            #expect(try await site.succeed("logs", "xtask/mixed-boxed").output.contains("door"))
            #expect(try await site.succeed("logs", "xtask/mixed-last").output == "got here-1\n")
            #expect(site.residents().isEmpty)
            #expect(try await engine.boxes().isEmpty, "no container is left")
        }
    }

    @Test("Without an engine it waits and says why, in a plan too; an engine that comes up is found")
    func waits() async throws {
        try await onEngine { site, engine in
            let link = "\(site.directory)/engine.sock"
            let address = "DOCKER_HOST=unix://\(link)"
            let says = "0 of 1 workers fit: 1 no container engine (run.image needs one)"
            try await site.serve("--local", "--cluster-id", engine.clusterID, extra: [address])
            let manifests = try await site.apply(
                "plan.yaml", Manifest.region(), Manifest.pool(), Manifest.plan("p", [Self.boxed("t", "echo up")]))
            try await site.await("xtask/p-t", "says why it waits") {
                $0["status"]?["message"]?.string?.hasPrefix(says) == true
            }
            #expect(try await site.task("p", "t")["status"]?["reason"]?.string == "NoFeasibleWorker")
            #expect(try await site.object("wkr/hands-0-1")["status"]?["containerEngine"] == nil)
            let planned = try await site.run(["plan", "-f", manifests, "--local"], extra: [address])
            #expect(planned.output.contains("no container engine"), "\(planned)")

            #expect(symlink(engine.socket, link) == 0)
            try await site.awaitPlan("p", within: .seconds(40))
            #expect(try await site.object("wkr/hands-0-1")["status"]?["containerEngine"]?.string?.isEmpty == false)
            try await eventually("its container is gone") { try await engine.boxes().isEmpty }
        }
    }

    @Test("One that takes too long is stopped as TimedOut, one that can't start says what to do, one is cancelled")
    func ends() async throws {
        try await onEngine { site, engine in
            try await site.serve("--local", "--cluster-id", engine.clusterID, extra: [engine.variable])
            try await site.apply(
                "plan.yaml", Manifest.region(), Manifest.pool(),
                Manifest.plan(
                    "p",
                    [
                        Self.boxed("late", "sleep 1000", "timeout: 2s, retry: {limit: 0}"),
                        #"name: lost, retry: {limit: 0}, run: {image: "127.0.0.1:1/no/such:1"}"#,
                        Self.boxed("cut", "sleep 1000"),
                    ]))
            try await site.await("xtask/p-late", "is timed out") { $0["status"]?["phase"]?.string == "TimedOut" }
            let lost = try await site.await("xtask/p-lost", "has failed") {
                $0["status"]?["phase"]?.string == "Failed"
            }
            #expect(lost["status"]?["reason"]?.string == "CouldNotStart")
            let message = try #require(lost["status"]?["message"]?.string)
            #expect(message.contains("127.0.0.1:1/no/such:1") && message.contains("docker load"), "\(message)")
            try await site.await("xtask/p-cut", "runs") { $0["status"]?["phase"]?.string == "Running" }
            try await site.succeed("delete", "xplan/p")
            try await eventually("no container is left", within: .seconds(20)) { try await engine.boxes().isEmpty }
        }
    }

    @Test(
        "kill -9 of its worker: the container ends with it, and the task runs again in another; of the controller: it runs on"
    )
    func kills() async throws {
        try await onEngine { site, engine in
            let options = ["--local", "--cluster-id", engine.clusterID]
            let first = try await site.serve(options[0], options[1], options[2], extra: [engine.variable])
            try await site.apply(
                "plan.yaml", Manifest.region(), Manifest.pool(workers: 2),
                Manifest.plan(
                    "p",
                    [
                        Self.boxed(
                            "t",
                            #"echo up; [ $RECONCILE_ATTEMPT = 1 ] || sleep 6; [ $RECONCILE_ATTEMPT != 1 ] || sleep 1000"#
                        )
                    ]))
            let running = try await site.await("xtask/p-t", "runs") { $0["status"]?["phase"]?.string == "Running" }
            let before = try #require(try await engine.boxes().first)
            let worker = try #require(running["status"]?["assignment"]?["worker"]?.string)
            try await site.process(ofWorker: worker).signal(SIGKILL)
            try await site.await("xtask/p-t", "runs again", within: .seconds(20)) {
                $0["status"]?["attempt"]?.int == 2 && $0["status"]?["phase"]?.string == "Running"
            }
            try await eventually("the first container is gone", within: .seconds(20)) {
                try await !engine.boxes().contains(before)
            }
            let second = try #require(try await engine.boxes().first)
            try await site.kill9(first)
            try await site.serve(options[0], options[1], options[2], extra: [engine.variable])
            #expect(try await engine.boxes() == [second], "it runs on")
            try await site.awaitPlan("p")
            #expect(try await site.task("p", "t")["status"]?["attempt"]?.int == 2)
        }
    }
}
