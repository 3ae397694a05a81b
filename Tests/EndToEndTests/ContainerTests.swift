import Documents
import Kernel
import ProcessKit
import Testing
import Tree

/// Workers as containers of a real engine, in images that know nothing of Reconcile.
@Suite(.crowd, .enabled(if: TestEngine.isThere, TestEngine.hint), .timeLimit(.minutes(5)))
struct ContainerTests {
    @Test("The e-commerce plan runs with every region on Docker, and leaves the engine as it was")
    func shop() async throws {
        try await onEngine { site, engine in
            let stranger = try await engine.docker("run", "--detach", TestEngine.busybox, "sleep", "3600")
                .filter { !$0.isWhitespace }
            try Shop.write(to: site, engine)
            let run = try await site.run(
                "--once", "--wait", "-f", "\(site.directory)/manifests/shop", "--cluster-id", engine.clusterID,
                within: .seconds(180))
            #expect(run.code == 0, "\(run)")
            #expect(run.output.contains("9 of 9 tasks succeeded"), "\(run)")
            #expect(try await engine.isClean(), "no container and no volume is left")
            #expect(try await engine.docker("inspect", "--format", "{{.State.Status}}", stranger).contains("running"))
            try await engine.docker("rm", "--force", stranger)
        }
    }

    @Test("A worker has the limits that its pool asks for, and a task runs in an image that holds nothing at all")
    func empty() async throws {
        try await onEngine { site, engine in
            try await site.serve("--cluster-id", engine.clusterID)
            let program = "/reconcile/program"
            let command = "[\(program)/loader, --library-path, \(program)/lib, \(program)/reconcile, version]"
            let manifests = try await site.apply(
                "plan.yaml", engine.region(image: TestEngine.empty),
                Manifest.pool(workers: 1, worker: "resources: {cpu: 250m, memory: 128Mi}"),
                Manifest.plan("work", [Manifest.task("t", command)]))
            try await site.awaitPlan("work")
            let id = try #require(try await engine.containers("status=running").first)
            let limits = try await engine.docker(
                "inspect", "--format", "{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}", id)
            #expect(limits.hasPrefix("250000000 134217728 1024"), "\(limits)")
            let log = try await site.succeed("logs", "xtask/work-t").output
            #expect(log.contains("reconcile"), "\(log)")
            let shown = try await engine.docker("inspect", id)
            #expect(!shown.contains("joinToken") && !shown.contains("BEGIN CERTIFICATE"), "inspect shows no launch")
            let launch = try? await engine.docker("cp", "\(id):/reconcile/data/worker/launch.json", "-")
            #expect(launch == nil, "the launch is taken away once it is read")
            try await site.succeed("delete", "-f", manifests)
            try await eventually("the engine is as it was", within: .seconds(30)) { try await engine.isClean() }
        }
    }

    private static let tries = #"""
        worker=/reconcile/data/worker
        attempt=${RECONCILE_OUTPUT%/task/output}
        parent() { read -r line < /proc/$1/stat; set -- ${line##*) }; echo $2; }
        guard=$PPID
        agent=$(parent $guard)
        try() { what=$1; shift; if "$@" > /dev/null 2>&1; then echo "REACHED $what"; else echo "refused $what"; fi; }
        may() { what=$1; shift; if "$@" > /dev/null 2>&1; then echo "works $what"; else echo "BROKEN $what"; fi; }
        put() { echo x > "$1"; }
        try "credential of its worker" cat $worker/agent.json
        try "log of its attempt" cat "$attempt/log"
        try "status of its attempt" put "$attempt/status"
        for who in guard agent; do
            eval pid=\$$who
            try "environment of its $who" cat /proc/$pid/environ
            try "memory of its $who" dd if=/proc/$pid/mem bs=1 count=1
            try "descriptors of its $who" cat /proc/$pid/fd/3
            try "credential through the root of its $who" cat /proc/$pid/root$worker/agent.json
            try "end of its $who" kill -9 $pid
            try "stop of its $who" kill -STOP $pid
        done
        try "socket of the engine" ls /var/run/docker.sock
        try "loopback of the machine" wget -T 2 -q -O - http://127.0.0.1:$1/healthz
        try "file in the root" put /made
        try "program of its worker" put /reconcile/program/made
        try "mount" mount -t tmpfs none /mnt
        may "its directory" put file
        may "temporary files" put "$TMPDIR/file"
        may "shared memory" put /dev/shm/file
        may "its output" put "$RECONCILE_OUTPUT"
        may "names in the root" ls /
        may "a process of its own" sh -c 'sleep 100 & kill -9 $!'
        may "standard output by its name" sh -c 'echo x > /dev/stdout'
        echo a=1 > "$RECONCILE_OUTPUT"
        """#

    @Test(
        "A task that tries to be its worker, or the machine, is refused each time",
        .enabled(if: Confinement.Support.here.abi >= 6, "this kernel lacks Landlock ABI 6: agents share their user"))
    func confined() async throws {
        try await onEngine { site, engine in
            try await site.serve("--cluster-id", engine.clusterID, "--bind-address", "127.0.0.1:0")
            let port = String(
                decoding: try #require(try Files.read(site.state + "/api.port", limit: 16)), as: UTF8.self)
            let script = String(decoding: JSON.encode(.string(Self.tries)), as: UTF8.self)
            let manifests = try await site.apply(
                "plan.yaml", engine.region(image: TestEngine.busybox), Manifest.pool(),
                Manifest.plan("tries", [Manifest.task("all", "[sh, -c, \(script), sh, \"\(port)\"]")]))
            try await site.awaitPlan("tries")
            let log = try await site.succeed("logs", "xtask/tries-all").output
            let lines = log.split(separator: "\n").map(String.init)
            #expect(lines.filter { $0.hasPrefix("REACHED") || $0.hasPrefix("BROKEN") } == [], "\(log)")
            #expect(lines.count { $0.hasPrefix("refused") } == 20, "\(log)")
            #expect(lines.count { $0.hasPrefix("works") } == 7, "\(log)")
            let worker = try #require(try await site.objects("wkr").first)
            #expect(worker["status"]?["isolation"]?.string?.contains("kept apart by Landlock") == true)
            try await site.succeed("delete", "-f", manifests)
        }
    }

    private static func volume(_ site: Site) -> String {
        "volumes: [{source: \"\(site.directory)\", target: /witness, readOnly: false}]"
    }

    private func apply(_ site: Site, _ engine: TestEngine, workers: Int, tasks: [String], seconds: Double) async throws
        -> String
    {
        let command = try site.witness.command(seconds, mountedAt: "/witness")
        return try await site.apply(
            "plan.yaml", engine.region("here", image: TestEngine.busybox, Self.volume(site)),
            Manifest.pool(workers: workers, slots: 2, worker: "resources: {cpu: 500m, memory: 128Mi}"),
            Manifest.plan("work", tasks.map { Manifest.task($0, command) }))
    }

    @Test("A container killed with its tasks: they run elsewhere, never twice at once, and it is replaced")
    func killed() async throws {
        try await onEngine { site, engine in
            try await site.serve("--cluster-id", engine.clusterID)
            let names = (1...4).map { "t\($0)" }
            let manifests = try await apply(site, engine, workers: 3, tasks: names, seconds: 4)
            try await eventually("all have started", within: .seconds(60)) { site.witness.started.count == names.count }
            let tasks = try await site.objects("xtask")
            let victim = try #require(tasks.first?["status"]?["assignment"]?["worker"]?.string)
            let hit = Set(
                tasks.filter { $0["status"]?["assignment"]?["worker"]?.string == victim }.compactMap {
                    $0["spec"]?["task"]?.string
                })
            let worker = try await site.object("wkr/\(victim)")
            let id = try #require(worker["status"]?["providerID"]?.string).dropFirst("docker:".count)
            let killed = Witness.now
            try await engine.docker("kill", String(id))
            for name in hit.sorted() {
                let again = try await site.witness.awaitStart(name, attempt: 2).time - killed
                #expect((0...15).contains(again), "started within 15 s, and not before the first had ended: \(again)")
            }
            try await site.awaitPlan("work")
            for name in names where site.witness.starts(name).count != (hit.contains(name) ? 2 : 1) {
                let told = YAML.emit(try await site.task("work", name)["status"] ?? .null)
                Issue.record("\(name) of \(names) started \(site.witness.starts(name)), hit were \(hit):\n\(told)")
            }
            try await eventually("the worker is replaced", within: .seconds(30)) {
                try await engine.containers("status=running").count == 3
            }
            try await site.succeed("delete", "-f", manifests)
            try await eventually("the engine is as it was", within: .seconds(30)) { try await engine.isClean() }
        }
    }

    @Test("The controller dies again and again: it goes on with the same containers, and starts nothing twice")
    func controllerDies() async throws {
        try await onEngine { site, engine in
            var serving = try await site.serve("--cluster-id", engine.clusterID)
            let names = (0..<6).map { "t\($0)" }
            let manifests = try await apply(site, engine, workers: 2, tasks: names, seconds: 2)
            for pause in [200, 700, 1500] {
                try await Task.sleep(for: .milliseconds(pause))
                try await site.kill9(serving)
                serving = try await site.serve("--cluster-id", engine.clusterID)
            }
            try await site.awaitPlan("work", within: .seconds(90))
            for name in names { #expect(site.witness.starts(name).map(\.attempt) == [1], "\(name)") }
            #expect(try await engine.containers().count == 2, "two workers, made once")
            try await site.succeed("delete", "-f", manifests)
            try await eventually("the engine is as it was", within: .seconds(30)) { try await engine.isClean() }
        }
    }

    @Test(
        "An engine that is not there, and a bundle's lack, are conditions that say what to do; both heal by themselves")
    func away() async throws {
        try await onEngine { site, engine in
            try await site.serve("--cluster-id", engine.clusterID)
            let text =
                "apiVersion: reconcile.dev/v1alpha1\nkind: Region\nmetadata: {name: far}\n"
                + "spec: {provider: {docker: {host: \"unix://\(site.directory)/no.sock\"}}}\n"
            try await site.apply("region.yaml", text)
            let region = try await site.await("rgn/far", "says why") { region in
                region["status"]?["conditions"]?.array?.contains {
                    $0["type"]?.string == "Ready" && $0["reason"]?.string == "ProviderUnavailable"
                } ?? false
            }
            let message = region["status"]?["conditions"]?.array?.first { $0["type"]?.string == "Ready" }?["message"]?
                .string
            #expect(message?.contains("no Docker engine answers at unix://") == true, "\(message ?? "")")
            #expect(message?.contains("spec.provider.docker.host") == true)
            try await site.apply("region.yaml", text.replacing("\(site.directory)/no.sock", with: engine.socket))
            try await site.await("rgn/far", "is Ready", within: .seconds(60)) { region in
                region["status"]?["conditions"]?.array?.contains {
                    $0["type"]?.string == "Ready" && $0["status"]?.string == "True"
                } ?? false
            }
        }
    }
}

/// Alone: it takes the engine away from everybody.
@Suite(.serialized, .enabled(if: TestEngine.isThere, TestEngine.hint), .timeLimit(.minutes(5)))
struct EngineDeathTests {
    @Test(
        "dockerd killed in the middle of a run and started again: the plan ends well, nothing is doubled, nothing left")
    func killed() async throws {
        try await onEngine { site, engine in
            try await site.serve("--cluster-id", engine.clusterID)
            let command = try site.witness.command(3, mountedAt: "/witness")
            let manifests = try await site.apply(
                "plan.yaml",
                engine.region(
                    "here", image: TestEngine.busybox,
                    "volumes: [{source: \"\(site.directory)\", target: /witness, readOnly: false}]"),
                Manifest.pool(workers: 2, slots: 2, worker: "resources: {cpu: 500m, memory: 128Mi}"),
                Manifest.plan("work", (1...6).map { Manifest.task("t\($0)", command) }))
            try await eventually("some have started", within: .seconds(60)) { site.witness.started.count >= 2 }
            try await engine.killAndRestart()
            try await site.awaitPlan("work", within: .seconds(120))
            for number in 1...6 {
                let attempts = site.witness.starts("t\(number)").map(\.attempt)
                #expect(Set(attempts).count == attempts.count, "no attempt ran twice: \(attempts)")
            }
            try await site.succeed("delete", "-f", manifests, within: .seconds(90))
            try await eventually("the engine is as it was", within: .seconds(90)) { try await engine.isClean() }
        }
    }
}
