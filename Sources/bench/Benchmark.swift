/// One thing that is measured, and the lines of the table that come of it.
struct Benchmark: Sendable {
    let name: String
    let run: @Sendable (Workshop) async throws -> [Row]

    /// What is quick and quiet first: the machine is as it was when the latencies are taken.
    static let all: [Benchmark] = [
        Benchmark(name: "latency", run: { try await RunningController.measure($0) }),
        Benchmark(name: "once", run: { try ConvergedOnce.measure($0) }),
        Benchmark(name: "writes", run: { try await DurableWrites.measure($0) }),
        Benchmark(name: "api", run: { try await APISpeed.measure($0) }),
        Benchmark(name: "placement", run: { try PlacementRounds.measure($0) }),
        Benchmark(name: "plan", run: { try PlanPreviews.measure($0) }),
        Benchmark(name: "rented", run: { try PlanPreviews.instances($0) }),
        Benchmark(name: "tasks", run: { try TaskCosts.measure($0) }),
        Benchmark(name: "confinement", run: { try ConfinementPrice.measure($0) }),
        Benchmark(name: "growth", run: { try Growth.measure($0) }),
        Benchmark(name: "reconciles", run: { try IdleReconciles.measure($0) }),
        Benchmark(name: "yaml", run: { try Manifests.measure($0) }),
        Benchmark(name: "documents", run: { try HostileDocuments.measure($0) }),
        Benchmark(name: "simulator", run: { try SimulatorSpeed.measure($0) }),
        Benchmark(name: "docker", run: { try await DockerWorkers.measure($0) }),
        Benchmark(name: "binary", run: { try BinarySize.measure($0) }),
    ]
}

/// Why a measurement could not run.
struct Unmeasurable: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
