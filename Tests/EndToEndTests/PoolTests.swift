import ProcessKit
import Testing
import Tree

@Suite(.crowd)
struct PoolTests {
    @Test("A pool is scaled up and down; what is idle goes")
    func scale() async throws {
        let site = try Site()
        try await site.serve()
        try await site.apply(
            "pool.yaml", Manifest.region(), Manifest.pool().replacing("maxWorkers: 1", with: "maxWorkers: 4"))
        for count in [3, 1] {
            try await site.succeed("scale", "wpool/hands", "--replicas", "\(count)")
            try await site.await("wpool/hands", "has \(count)") { $0["status"]?["readyReplicas"]?.int == Int64(count) }
            try await eventually("\(count) processes", within: .seconds(20)) {
                try await site.workerProcesses().count == count
            }
        }
    }

    @Test("A worker in maintenance takes nothing new, ends what it has, and is back when asked")
    func maintenance() async throws {
        let site = try Site()
        try await site.serve()
        try await site.apply(
            "plan.yaml", Manifest.region(), Manifest.pool(workers: 2, slots: 2),
            Manifest.plan(
                "work",
                [
                    Manifest.task("runs", site.witness.command(3)),
                    Manifest.task("later", site.witness.command(0.1), "dependsOn: [runs]"),
                ]))
        _ = try await site.witness.awaitStart("runs")
        let worker = try #require(try await site.task("work", "runs")["status"]?["assignment"]?["worker"]?.string)
        try await site.succeed("maintenance", "wkr/\(worker)")
        try await site.await("wkr/\(worker)", "is out of service") {
            ["Draining", "Maintenance"].contains($0["status"]?["state"]?.string)
        }
        try await site.awaitPlan("work")
        #expect(site.witness.starts("runs").count == 1, "what it has is let end")
        #expect(try await site.task("work", "later")["status"]?["assignment"]?["worker"]?.string != worker)
        try await site.succeed("maintenance", "wkr/\(worker)", "--off")
        try await site.await("wkr/\(worker)", "is back") { $0["status"]?["state"]?.string == "Online" }
    }

    @Test("A pool is not made larger than its budget allows, and says what is missing")
    func budget() async throws {
        let site = try Site()
        try await site.serve()
        try await site.apply(
            "pool.yaml", Manifest.region(),
            Manifest.pool("hands", worker: "costPerHour: \"1.00\"", "replicas: 4, budget: {perHour: \"2.50\"}")
                .replacing("maxWorkers: 1", with: "maxWorkers: 6"))
        let pool = try await site.await("wpool/hands", "has what it can pay") {
            $0["status"]?["readyReplicas"]?.int == 2
        }
        let text = try await site.succeed("describe", "wpool/hands").output
        #expect(text.contains("BudgetExceeded"), "\(text)")
        #expect(text.contains("short by $0.5"), "how much is missing: \(text)")
        try await steadily("no third", for: .seconds(2)) { try await site.workerProcesses().count == 2 }
        #expect(pool["status"]?["desiredReplicas"]?.int == 2, "\(pool["status"] ?? .null)")
    }
}
