/// One thing that is measured, and the lines of the table that come of it.
struct Benchmark: Sendable {
    let name: String
    let run: @Sendable (Workshop) async throws -> [Row]

    /// What is quick and quiet first: the machine is as it was when the latencies are taken.
    static let all: [Benchmark] = [
        Benchmark(name: "latency", run: RunningController.measure),
        Benchmark(name: "once", run: ConvergedOnce.measure),
        Benchmark(name: "writes", run: DurableWrites.measure),
        Benchmark(name: "placement", run: PlacementRounds.measure),
        Benchmark(name: "reconciles", run: IdleReconciles.measure),
        Benchmark(name: "yaml", run: Manifests.measure),
        Benchmark(name: "documents", run: HostileDocuments.measure),
        Benchmark(name: "simulator", run: SimulatorSpeed.measure),
        Benchmark(name: "binary", run: BinarySize.measure),
    ]
}

/// Why a measurement could not run.
struct Unmeasurable: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
