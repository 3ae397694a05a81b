import Model
import Placement
import Testing

/// A task that took worker after worker along is placed where nothing else is, and nothing else is placed beside it.
struct IsolationTests {
    private func task(_ name: String, isIsolated: Bool = false, priority: Int = 0) -> PlacementTask {
        .sample(name, order: 1) {
            $0.isIsolated = isIsolated
            $0.priority = priority
        }
    }

    private func worker(_ name: String, used: Int = 0, holdsIsolated: Bool = false) -> PlacementWorker {
        .sample(name, slots: 4) {
            $0.slotsUsed = used
            $0.holdsIsolated = holdsIsolated
        }
    }

    @Test(arguments: [
        (used: [0], holds: [false], bound: ["suspect"], because: "first come, and then the worker is full"),
        (used: [1], holds: [false], bound: ["other"], because: "somebody is there already"),
        (used: [1, 0], holds: [false, false], bound: ["other", "suspect"], because: "each where it may"),
        (used: [1], holds: [true], bound: [], because: "nobody joins one that has to be alone"),
        (used: [1, 0], holds: [true, false], bound: ["suspect"], because: "nor a second one of its kind"),
    ])
    func eachGoesWhereItMay(_ row: (used: [Int], holds: [Bool], bound: [String], because: String)) {
        let workers = row.used.indices.map { worker("w\($0)", used: row.used[$0], holdsIsolated: row.holds[$0]) }
        for algorithm in SchedulingAlgorithm.allCases {
            var plan = PlacementPlan.sample()
            plan.algorithm = algorithm
            let tasks = [task("suspect", isIsolated: true, priority: 1), task("other")]
            let result = Round.decide(.sample(tasks: tasks, workers: workers, plans: [plan]))
            #expect(result.bindings.map(\.task.name).sorted() == row.bound, "\(row.because), with \(algorithm)")
            let places = result.bindings.map(\.worker)
            #expect(Set(places).count == places.count, "never side by side")
        }
    }

    @Test func whyItWaitsIsSaid() {
        let result = Round.decide(
            .sample(tasks: [task("suspect", isIsolated: true)], workers: [worker("w", used: 1)]))
        let told = result.pending.first { $0.task.name == "suspect" }
        #expect(told?.message.contains("it is to run alone") == true, "\(told?.message ?? "nothing")")
    }
}
