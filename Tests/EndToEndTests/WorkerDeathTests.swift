import Glibc
import Kernel
import ProcessKit
import Testing
import Tree

@Suite(.crowd)
struct WorkerDeathTests {
    @Test(
        "A worker killed with its tasks: they run elsewhere, never twice at once; it is replaced, and the downtime is told"
    )
    func killed() async throws {
        let site = try Site()
        try await site.serve()
        let names = (1...6).map { "t\($0)" }
        try await site.apply(
            "plan.yaml", Manifest.region(), Manifest.pool(workers: 3),
            Manifest.plan("work", names.map { Manifest.task($0, site.witness.command(3)) }))
        try await eventually("all have started", within: .seconds(30)) { site.witness.started.count == names.count }
        let tasks = try await site.objects("xtask")
        let victim = try #require(tasks.first?["status"]?["assignment"]?["worker"]?.string)
        let hit = Set(
            tasks.filter { $0["status"]?["assignment"]?["worker"]?.string == victim }.compactMap {
                $0["spec"]?["task"]?.string
            })
        let process = try await site.process(ofWorker: victim)
        let killed = Witness.now
        process.signal(SIGKILL)
        var last = killed
        for name in hit.sorted() { last = max(last, try await site.witness.awaitStart(name, attempt: 2).time) }
        #expect(last - killed <= 15, "started within 15 s")
        try await site.awaitPlan("work")
        #expect(site.witness.overlaps.isEmpty)

        for name in names {
            let task = try await site.task("work", name)
            #expect(task["status"]?["phase"]?.string == "Succeeded")
            #expect(task["status"]?["attempt"]?.int == (hit.contains(name) ? 2 : 1), "\(name)")
            #expect(site.witness.starts(name).count == (hit.contains(name) ? 2 : 1))
            if hit.contains(name) { #expect(task["status"]?["assignment"]?["worker"]?.string != victim) }
        }
        let plan = try await site.object("xplan/work")
        let recovery = try #require(plan["status"]?["recoveries"]?.array?.last)
        let downtime = try #require(Self.seconds(recovery["downtimeSeconds"]))
        #expect(abs(downtime - (last - killed)) <= 2, "told \(downtime), by the stopwatch \(last - killed)")
        let page = try await site.succeed("describe", "xplan/work").output
        #expect(page.contains("ecover"), "\(page)")
        let table = try await site.succeed("get", "xtask").lines
        #expect(table.count { $0.contains("  2  ") } == hit.count, "the attempt is shown: \(table)")
        try await eventually("the worker is replaced", within: .seconds(20)) {
            let living = try await site.workerProcesses()
            return living.count == 3 && living[victim] == nil
        }
    }

    @Test(
        "A worker whose directory is taken away ends by itself, with what it runs; that runs elsewhere, it is replaced")
    func directoryTaken() async throws {
        let site = try Site()
        try await site.serve()
        try await site.apply(
            "plan.yaml", Manifest.region(), Manifest.pool(workers: 1),
            Manifest.plan("work", [Manifest.task("t", site.witness.command(8))]))
        _ = try await site.witness.awaitStart("t")
        let (name, process) = try #require(try await site.workerProcesses().first)
        let workers = site.state + "/workers"
        for directory in try Files.names(in: workers) { try Files.remove("\(workers)/\(directory)") }
        try await eventually("it has ended", within: .seconds(60)) { !process.isAlive }
        try await site.awaitPlan("work", within: .seconds(90))
        #expect(site.witness.starts("t").map(\.attempt) == [1, 2] && site.witness.overlaps.isEmpty)
        let living = try await site.workerProcesses()
        #expect(living.count == 1 && living[name] == nil, "\(living)")
    }

    @Test("An agent that is stopped for 8 s moves nothing")
    func stalled() async throws {
        let site = try Site()
        try await site.serve()
        try await site.apply(
            "plan.yaml", Manifest.region(), Manifest.pool(workers: 2),
            Manifest.plan("work", ["a", "b"].map { Manifest.task($0, site.witness.command(11)) }))
        let first = try await site.witness.awaitStart("a")
        _ = try await site.witness.awaitStart("b")
        let task = try await site.task("work", "a")
        let worker = try #require(task["status"]?["assignment"]?["worker"]?.string)
        let process = try await site.process(ofWorker: worker)
        process.signal(SIGSTOP)
        try await steadily("nothing starts again", for: .seconds(8)) { site.witness.starts("a") == [first] }
        process.signal(SIGCONT)
        try await site.awaitPlan("work")
        for name in ["a", "b"] {
            #expect(try await site.task("work", name)["status"]?["attempt"]?.int == 1, "\(name)")
            #expect(site.witness.starts(name).count == 1)
        }
        #expect(process.isAlive)
        #expect(try await site.object("xplan/work")["status"]?["recoveries"]?.array ?? [] == [])
    }

    @Test("An agent that is silent for longer is lost: its tasks start elsewhere in time, exclusive ones never overlap")
    func silent() async throws {
        let site = try Site()
        try await site.serve()
        let result = #"echo BY=$RECONCILE_ATTEMPT >> "$RECONCILE_OUTPUT""#
        try await site.apply(
            "plan.yaml", Manifest.region(), Manifest.pool("first"), Manifest.pool("second"),
            Manifest.plan(
                "work", pool: "first", spec: "faultTolerance: {killGrace: 1s}",
                [
                    Manifest.task("plain", site.witness.command(18, result), "outputs: [BY]"),
                    Manifest.task("sole", site.witness.command(18, result), "outputs: [BY], exclusive: true"),
                ]))
        _ = try await site.witness.awaitStart("plain")
        _ = try await site.witness.awaitStart("sole")
        let task = try await site.task("work", "plain")
        let worker = try #require(task["status"]?["assignment"]?["worker"]?.string)
        let process = try await site.process(ofWorker: worker)
        let stopped = Witness.now
        process.signal(SIGSTOP)
        let again = try await site.witness.awaitStart("plain", attempt: 2, within: .seconds(40))
        #expect(again.time - stopped <= 15, "it had renewed at most 2 s before")
        #expect(again.time - stopped >= 9, "and was not given up before its time")
        _ = try await site.witness.awaitStart("sole", attempt: 2, within: .seconds(40))
        process.signal(SIGCONT)
        try await site.awaitPlan("work", within: .seconds(60))
        #expect(!site.witness.overlaps.contains { $0.task == "sole" })
        for name in ["plain", "sole"] {
            let status = try #require(try await site.task("work", name)["status"])
            #expect(status["phase"]?.string == "Succeeded")
            let results = (status["attempts"]?.array ?? []).filter { $0["phase"]?.string == "Succeeded" }
            #expect(results.count == 1, "one accepted result: \(status)")
            #expect(status["outputs"]?["BY"]?.string == "2", "of the attempt that had the fence")
        }
    }

    /// A number or a decimal string.
    private static func seconds(_ value: Tree?) -> Double? {
        value?.int.map(Double.init) ?? value?.string.flatMap(Double.init)
    }
}
