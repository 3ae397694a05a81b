import Model
import PlacementInstances
import Preview
import Testing
import Tree

/// What `plan` rents for tasks that all run at once, where there is a pool for each offer, beside what is known to be
/// the least. The larger instances are measured by hack/bench.
@Suite struct InstanceTests {
    @Test(arguments: ["unique-small-20-s1", "shapes-full-40-s1"], [SchedulingAlgorithm.costOptimized, .leastLoaded])
    func whatIsRentedCostsLittleMoreThanTheLeast(_ name: String, _ algorithm: SchedulingAlgorithm) throws {
        let instance = try PlacementInstance(name)
        var request = try Inputs.request("")
        request.documents =
            instance.regions.map { ($0.key, $0.tree) } + instance.pools.map { ($0.key, $0.tree) }
            + [instance.plan(algorithm)].map { ($0.key, $0.tree) }
        let report = Preview.run(request)
        #expect(report.plans.map(\.phase) == [.succeeded], "\(report.pending.prefix(3))")
        let ratio = Double(report.rateAfter.micros) / Double(instance.bound.micros)
        #expect(ratio >= 1 && ratio <= 1.10, "\(name) \(algorithm): \(ratio) of the bound")
        let end = try #require(report.end)
        #expect(end < .minutes(65), "all at once: \(end.text)")
    }
}
