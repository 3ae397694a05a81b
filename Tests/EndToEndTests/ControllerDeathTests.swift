import Kernel
import ProcessKit
import Testing
import Tree

@Suite(.crowd)
struct ControllerDeathTests {
    @Test(
        "The controller dies six times in a run: it goes on with the same workers, starts nothing twice, and leaves nothing"
    )
    func killedAgainAndAgain() async throws {
        let site = try Site()
        var serving = try await site.serve()
        let names = (0..<10).map { "t\($0)" }
        let tasks = names.enumerated().map { index, name in
            Manifest.task(name, site.witness.command(1), index < 2 ? "" : "dependsOn: [t\(index - 2)]")
        }
        let manifests = try await site.apply(
            "plan.yaml", Manifest.region(), Manifest.pool(workers: 2, slots: 1), Manifest.plan("work", tasks))
        _ = try await site.witness.awaitStart("t0")
        let workers = try await site.workerProcesses()
        #expect(workers.count == 2)
        var dice = Dice(seed: 20_260_101)
        for _ in 0..<6 {
            try await Task.sleep(for: .milliseconds(dice.next(upTo: 900)))
            try await site.kill9(serving)
            #expect(workers.values.count(where: { $0.isAlive }) == 2, "workers outlive their controller")
            serving = try await site.serve()
        }
        try await site.awaitPlan("work", within: .seconds(60))
        #expect(try await site.workerProcesses() == workers, "the same processes: adopted, not replaced")
        #expect(site.witness.overlaps.isEmpty)
        for name in names {
            #expect(site.witness.starts(name).map(\.attempt) == [1], "\(name)")
            #expect(try await site.task("work", name)["status"]?["phase"]?.string == "Succeeded")
        }
        try await site.succeed("delete", "-f", manifests)
        #expect(site.residents().map(\.pid) == [serving.pid], "only the controller is left")
        try await site.kill9(serving)
        #expect(try site.litter().isEmpty)
    }

    @Test("What happens while no controller runs is seen by the next")
    func workWithoutController() async throws {
        let site = try Site()
        let first = try await site.serve()
        try await site.apply(
            "plan.yaml", Manifest.region(), Manifest.pool(workers: 2, slots: 1),
            Manifest.plan(
                "work",
                [
                    Manifest.task("ends", site.witness.command(1, #"echo X=1 >> "$RECONCILE_OUTPUT""#), "outputs: [X]"),
                    Manifest.task("dies", site.witness.command(3)),
                ]))
        _ = try await site.witness.awaitStart("ends")
        _ = try await site.witness.awaitStart("dies")
        let dies = try await site.task("work", "dies")
        let process = try await site.process(ofWorker: try #require(dies["status"]?["assignment"]?["worker"]?.string))
        try await site.kill9(first)
        process.signal(9)
        try await eventually("the task ends by itself", within: .seconds(20)) {
            site.witness.entries.contains { $0.word == "end" && $0.task == "ends" }
        }
        try await site.serve()
        try await site.awaitPlan("work")
        #expect(try await site.task("work", "ends")["status"]?["outputs"]?["X"]?.string == "1")
        #expect(site.witness.starts("ends").count == 1 && site.witness.starts("dies").map(\.attempt) == [1, 2])
        #expect(site.witness.overlaps.isEmpty)
    }

    @Test("One controller at a time: a second says who holds the state, and other invocations go through the first")
    func second() async throws {
        let site = try Site()
        let serving = try await site.serve()
        let refused = try await site.run("serve", "--local")
        #expect(refused.code == 1 && refused.errors.contains("\(serving.pid)"), "\(refused)")
        #expect(refused.errors.split(separator: "\n").count <= 3, "one clear error: \(refused)")
        #expect(try await site.run("get", "ns").code == 0)
        let stopped = try await site.run("serve", "--stop")
        #expect(stopped.code == 0, "\(stopped)")
        #expect(try await site.end(of: serving) == 143, "\(serving.errors)")
        #expect(try await site.run("get", "ns").code == 0, "also with none running")
    }
}

/// Numbers that look random and are the same each time (xorshift64).
struct Dice {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next(upTo limit: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(limit))
    }
}
