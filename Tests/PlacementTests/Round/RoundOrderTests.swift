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

    @Test func theLongestChainOfAPlanGoesFirst() {
        let tasks: [PlacementTask] = [
            .sample("short", order: 1), .sample("long", order: 2) { $0.path = .hours(2) },
            .sample("urgent", order: 3) { $0.priority = 1 },
        ]
        #expect(order(tasks, [.sample()]) == ["urgent", "long", "short"])
    }

    /// One slot, one round after the other, each plan with more to do than there is time.
    @Test(arguments: [
        (minutes: [10, 10], expected: "ababababab", because: "equal ones alternate"),
        (minutes: [30, 10], expected: "abbbabbbab", because: "in time, not in number"),
    ])
    func turnsGoByWhatWasServed(_ row: (minutes: [Int64], expected: String, because: String)) {
        var (served, turn, given): ([ObjectKey: Duration], Duration, String) = ([:], .zero, "")
        for _ in 0..<10 {
            let plans = ["a", "b"].map { name in
                PlacementPlan.sample(name, order: name == "a" ? 0 : 1) { $0.served = served[planKey(name)] }
            }
            let tasks = zip(["a", "b"], row.minutes).map { name, minutes in
                PlacementTask.sample(name, plan: name) { $0.duration = DurationEstimate(declared: .minutes(minutes)) }
            }
            var input = RoundInput.sample(tasks: tasks, workers: [.sample("w", slots: 1)], plans: plans)
            input.turn = turn
            let result = Round.decide(input)
            given += result.bindings.map(\.task.name).joined()
            served.merge(result.served) { $1 }
            turn = result.turn
        }
        #expect(given == row.expected, "\(row.because)")
    }

    @Test func aPlanThatComesBackIsNotOwedThePast() {
        let plans: [PlacementPlan] = [
            .sample("busy") { $0.served = .hours(10) }, .sample("back", order: 1) { $0.served = .minutes(10) },
        ]
        let tasks =
            (1...3).map { PlacementTask.sample("busy\($0)", plan: "busy", order: $0) }
            + (1...3).map { PlacementTask.sample("back\($0)", plan: "back", order: $0) }
        var input = RoundInput.sample(
            tasks: tasks, workers: [.sample("w", slots: 100) { $0.capacity = .sample(cpu: 100) }], plans: plans)
        input.turn = .hours(10) - .minutes(10)
        #expect(
            Round.decide(input).bindings.map(\.task.name) == ["back1", "busy1", "back2", "busy2", "back3", "busy3"])
    }
}
