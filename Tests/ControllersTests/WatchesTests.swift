import Controllers
import Engine
import Model
import Testing

/// Whom the end of a task concerns.
@Suite struct WatchesTests {
    private func join(after names: [String], _ runWhen: RunWhen = .succeeded) -> WorkTask {
        .sample("join") { task in
            task.spec.dependsOn = names
            task.spec.runWhen = runWhen
            task.status.reason = Reason.waitingForDependencies.rawValue
        }
    }

    private func wakes(_ before: WorkTask, after: WorkTask, beside others: [WorkTask], _ waiting: WorkTask) -> [Wake] {
        var cache = Cache.holding(ExecutionPlan.sample(), waiting, after)
        for (index, other) in others.enumerated() { cache.add(other, version: UInt64(100 + index)) }
        return Watches.affected(Change(key: after.key, before: before), cache)
    }

    @Test func whatIsReadySinceIsTheRoundsBeforeItSaysAnything() throws {
        let waiting = join(after: ["a"])
        let told = wakes(.running(), after: .ended("a", .succeeded), beside: [], waiting)
        let round = try #require(told.firstIndex { $0.key == .round })
        let step = try #require(told.firstIndex { $0.key == .object(waiting.key) })
        #expect(round < step)
        // One that never ran frees no slot, and what waits for it may be ready all the same.
        let skipped = wakes(.sample("a"), after: .ended("a", .skipped), beside: [], waiting)
        #expect(skipped.contains { $0.key == .round })
        let alone = wakes(.sample("a"), after: .ended("a", .skipped), beside: [], .sample("other"))
        #expect(!alone.contains { $0.key == .round })
    }

    @Test func oneThatWaitsForManyIsNotWrittenForEach() throws {
        let names = (0..<40).map { "t\($0)" }
        let waiting = join(after: ["a"] + names)
        func pace(_ phase: TaskPhase, open: Int) throws -> Duration {
            let others = (0..<40).map { $0 < open ? WorkTask.running("t\($0)") : .ended("t\($0)", .succeeded) }
            let told = wakes(.running(), after: .ended("a", phase), beside: others, waiting)
            return try #require(told.first { $0.key == .object(waiting.key) }).pace
        }
        #expect(try pace(.succeeded, open: 40) > .seconds(1), "forty ends in a moment are told in a few writes")
        #expect(try pace(.succeeded, open: 0) == .zero, "it is ready")
        #expect(try pace(.failed, open: 40) == .zero, "it never runs")
    }
}
