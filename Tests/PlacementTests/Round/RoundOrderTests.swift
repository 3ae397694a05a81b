import Model
import Placement
import Testing

struct RoundOrderTests {
    private func order(_ tasks: [PlacementTask], _ plans: [PlacementPlan]) -> [String] {
        let workers = [PlacementWorker.sample("w", slots: 100) { $0.capacity = .sample(cpu: 100) }]
        return Round.decide(.sample(tasks: tasks, workers: workers, plans: plans)).bindings.map(\.task.name)
    }

    @Test func higherPriorityGoesFirstWhateverThePlan() {
        let tasks: [PlacementTask] = [
            .sample("low", order: 1), .sample("high", plan: "other", order: 9) { $0.priority = 5 },
            .sample("middle", order: 0) { $0.priority = 1 },
        ]
        #expect(order(tasks, [.sample("plan"), .sample("other", order: 1)]) == ["high", "middle", "low"])
    }

    @Test func plansOfEqualPriorityTakeTurns() {
        let tasks =
            (1...4).map { PlacementTask.sample("a\($0)", plan: "a", order: $0) }
            + (1...2).map { PlacementTask.sample("b\($0)", plan: "b", order: 10 + $0) }
        #expect(
            order(tasks, [.sample("a", order: 1), .sample("b", order: 2)]) == [
                "a1", "b1", "a2", "b2", "a3", "a4",
            ])
    }

    @Test func thePlanWithLessRunningCatchesUp() {
        let tasks =
            (1...3).map { PlacementTask.sample("a\($0)", plan: "a", order: $0) }
            + (1...3).map { PlacementTask.sample("b\($0)", plan: "b", order: 10 + $0) }
        let plans: [PlacementPlan] = [.sample("a", order: 1) { $0.running = 2 }, .sample("b", order: 2)]
        #expect(order(tasks, plans) == ["b1", "b2", "a1", "b3", "a2", "a3"])
    }

    @Test func theLastSlotGoesToTheFirstInOrder() {
        let tasks: [PlacementTask] = [.sample("late", order: 2), .sample("early", order: 1)]
        let result = Round.decide(.sample(tasks: tasks, workers: [.sample("w", slots: 1)]))
        #expect(result.placed == ["early": "w"])
        #expect(result.pending("late")?.reason == .concurrencyLimit)
    }
}
