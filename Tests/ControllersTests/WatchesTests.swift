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

    /// Two plans that use one pool, of which one has a task on its first worker.
    private func shared(_ task: WorkTask, _ pool: WorkerPool = .sample()) -> (cache: Cache, beside: WorkKey) {
        let other = ExecutionPlan.sample([.sample("z")]) { plan in plan.metadata = .sample("beside") }
        let cache = Cache.holding(
            pool, Worker.sample(), Worker.sample("web-1-1"), ExecutionPlan.sample(), other, task)
        return (cache, .object(other.key))
    }

    @Test func whoeverPaysForIdleWorkersHearsOfTheFirstTaskAndTheLast() {
        let (bound, beside) = shared(.running())
        let binding = Watches.affected(Change(key: WorkTask.running().key, before: WorkTask.sample()), bound)
        #expect(binding.contains { $0.key == beside }, "less is idle")
        let (ended, _) = shared(.ended("a", .succeeded))
        let end = Watches.affected(Change(key: WorkTask.running().key, before: WorkTask.running()), ended)
        #expect(end.contains { $0.key == beside }, "more is idle")
        let start = WorkTask.running { $0.status.phase = .assigned }
        let running = Watches.affected(Change(key: start.key, before: start), bound)
        #expect(!running.contains { $0.key == beside }, "nothing else is rented")
    }

    /// Its pool makes another one when the last task is off it.
    @Test func aFailedWorkerHearsAtOnceOfATaskThatLeavesIt() throws {
        func pace(_ state: WorkerState) throws -> Duration {
            let worker = Worker.sample { $0.status.state = state }
            let cache = Cache.holding(WorkerPool.sample(), worker, ExecutionPlan.sample(), WorkTask.sample())
            let told = Watches.affected(Change(key: WorkTask.sample().key, before: WorkTask.running()), cache)
            return try #require(told.first { $0.key == .object(worker.key) }).pace
        }
        #expect(try pace(.failed) == .zero)
        #expect(try pace(.busy) > .zero)
    }

    @Test func whoeverPaysForIdleWorkersHearsOfWhatThePoolKeepsAndWhatGoes() {
        let (cache, beside) = shared(.sample(), .sample { $0.spec.minWorkers = 1 })
        let pool = Watches.affected(Change(key: WorkerPool.sample().key, before: WorkerPool.sample()), cache)
        #expect(pool.contains { $0.key == beside }, "one more is paid for by plans")
        let leaving = Worker.sample { $0.metadata.deletionTimestamp = start.wall }
        let worker = Watches.affected(Change(key: leaving.key, before: leaving), cache)
        #expect(worker.contains { $0.key == beside }, "one that goes is nobody's minimum")
    }
}
