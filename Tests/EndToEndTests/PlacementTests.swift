import Testing
import Tree

@Suite(.crowd)
struct PlacementTests {
    /// Three workers that differ in what an algorithm looks at, and twelve tasks that differ in what they ask for.
    private func assignment(_ algorithm: String) async throws -> [String: String] {
        let site = try Site()
        try await site.serve()
        try await site.apply(
            "pools.yaml", Manifest.region("here", "latency: 10ms"), Manifest.region("there", "latency: 90ms"),
            Manifest.pool("small", slots: 4, worker: "costPerHour: \"0.10\", resources: {cpu: 4, memory: 8Gi}"),
            Manifest.pool("large", slots: 12, worker: "costPerHour: \"0.90\", resources: {cpu: 32, memory: 64Gi}"),
            Manifest.pool(
                "far", region: "there", slots: 8, worker: "costPerHour: \"0.30\", resources: {cpu: 8, memory: 16Gi}"))
        for pool in ["small", "large", "far"] {
            try await site.await("wpool/\(pool)", "has its worker") { $0["status"]?["readyReplicas"]?.int == 1 }
        }
        var plan = "apiVersion: reconcile.dev/v1alpha1\nkind: ExecutionPlan\nmetadata: {name: p}\n"
        plan += "spec:\n  scheduling: {algorithm: \(algorithm), maxConcurrentTasks: 12}\n  tasks:\n"
        for index in 0..<12 {
            let task = Manifest.task(
                "t\(index)", site.witness.command(2),
                "priority: \(index % 3 * 10), requires: {cpu: \(100 + index % 4 * 100)m}")
            plan += "    - {\(task)}\n"
        }
        try await site.apply("plan.yaml", plan)
        try await site.awaitPlan("p")
        var found: [String: String] = [:]
        for task in try await site.objects("xtask") {
            guard let name = task["spec"]?["task"]?.string else { continue }
            found[name] = task["status"]?["assignment"]?["worker"]?.string
            #expect(task["status"]?["placement"]?["strategy"]?.string == algorithm)
            #expect(task["status"]?["attempt"]?.int == 1)
        }
        return found
    }

    @Test("The four algorithms give four different assignments of the same tasks, each the same every time")
    func fourAlgorithms() async throws {
        var seen: [String: [String: String]] = [:]
        for algorithm in ["RoundRobin", "LeastLoaded", "Priority", "CostOptimized"] {
            let first = try await assignment(algorithm)
            #expect(first.count == 12)
            #expect(try await assignment(algorithm) == first, "\(algorithm) is reproducible")
            for (other, earlier) in seen { #expect(earlier != first, "\(algorithm) and \(other)") }
            seen[algorithm] = first
        }
    }

    @Test("A task that no worker can hold says what is missing, and where")
    func nothingFits() async throws {
        let site = try Site()
        try await site.serve()
        try await site.apply(
            "plan.yaml", Manifest.region(), Manifest.pool(workers: 2, worker: "capabilities: [shell]"),
            Manifest.plan(
                "p",
                [
                    Manifest.task("gpu", "[\"true\"]", "requires: {capabilities: [shell], gpu: {count: 1}}"),
                    Manifest.task("skill", "[\"true\"]", "requires: {capabilities: [painting]}"),
                ]))
        for (name, missing) in [("gpu", "GPU"), ("skill", "painting")] {
            let task = try await site.await("xtask/p-\(name)", "says that it fits nowhere") {
                $0["status"]?["reason"]?.string == "NoFeasibleWorker"
            }
            let message = try #require(task["status"]?["message"]?.string)
            #expect(message.lowercased().contains(missing.lowercased()), "\(message)")
            #expect(message.contains("2"), "of how many: \(message)")
            let page = try await site.succeed("describe", "xtask/p-\(name)").output
            #expect(page.lowercased().contains(missing.lowercased()), "\(page)")
        }
    }
}
