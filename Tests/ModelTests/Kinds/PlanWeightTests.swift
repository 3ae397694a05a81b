import Model
import Testing

@Suite struct PlanWeightTests {
    private func weights(_ tasks: [(name: String, minutes: Int64, priority: Int, after: [String])]) -> [String: String]
    {
        var spec = ExecutionPlanSpec()
        spec.tasks = tasks.map { row in
            var task = PlanTask()
            task.name = row.name
            task.priority = row.priority
            task.estimatedDuration = row.minutes > 0 ? .minutes(row.minutes) : nil
            task.dependsOn = row.after
            return task
        }
        let weights = PlanGraph(spec).weights(spec, unknown: .minutes(10))
        return Dictionary(uniqueKeysWithValues: zip(tasks, weights).map { ($0.name, "\($1.priority) \($1.path.text)") })
    }

    @Test func aTaskWeighsWhatHangsOnIt() {
        #expect(
            weights([("a", 1, 0, []), ("b", 2, 9, ["a"]), ("c", 30, 1, ["a"]), ("d", 0, 0, [])]) == [
                "a": "9 31m", "b": "9 2m", "c": "1 30m", "d": "0 10m",
            ])
        #expect(
            weights([("a", 1, 5, []), ("b", 1, -3, ["a"]), ("c", 1, 0, ["a", "b"])]) == [
                "a": "5 3m", "b": "0 2m", "c": "0 1m",
            ], "what depends twice counts once, and nobody becomes less urgent")
    }

    @Test func whatWaitsForAPointWaitsForTheTasksBehindIt() {
        var spec = ExecutionPlanSpec()
        func entry(_ region: String, _ name: String, _ wait: [String], _ priority: Int) -> PlanRegion {
            var task = PlanTask()
            task.name = name
            task.waitFor = wait
            task.priority = priority
            task.estimatedDuration = .minutes(1)
            var entry = PlanRegion()
            entry.region = region
            entry.tasks = [task]
            return entry
        }
        spec.regions = [entry("here", "api", [], 0), entry("there", "use", ["contract"], 7)]
        var point = PlanPoint()
        point.name = "contract"
        point.regions = ["here"]
        spec.synchronization = Synchronization()
        spec.synchronization?.points = [point]
        let weights = PlanGraph(spec).weights(spec, unknown: .minutes(10))
        #expect(weights.map(\.priority) == [7, 7])
        #expect(weights.map(\.path) == [.minutes(2), .minutes(1)])
    }
}
