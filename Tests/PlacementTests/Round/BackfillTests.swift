import Model
import Placement
import Testing

/// A task that needs much is not starved by many that need little.
struct BackfillTests {
    private func requires(_ cpu: Int64) -> Requirements {
        var requires = Requirements()
        requires.cpu = Quantity(cpu)
        return requires
    }

    /// Four processors: three tasks of one run, the first for five more minutes, the last for an hour.
    private func worker(_ name: String = "w") -> PlacementWorker {
        .sample(name, slots: 10) {
            $0.used.cpu = Quantity(3)
            $0.slotsUsed = 3
            $0.releases = [5, 20, 60].map { .init(after: .minutes($0), requires: requires(1)) }
        }
    }

    private func task(_ name: String, cpu: Int64, minutes: Int64, priority: Int = 0, order: Int = 5) -> PlacementTask {
        .sample(name, order: order) {
            $0.requires.cpu = Quantity(cpu)
            $0.duration = DurationEstimate(p50: .minutes(minutes), p90: .minutes(minutes))
            $0.priority = priority
        }
    }

    @Test(arguments: [
        (big: Int64(4), small: Int64(59), bound: ["small"], because: "it ends before the hour is over"),
        (big: 4, small: 61, bound: [], because: "it would put the big one off"),
        (
            big: 3, small: 21, bound: [],
            because: "room for three comes after twenty minutes, and nothing is left beside"
        ),
        (big: 3, small: 20, bound: ["small"], because: "until then it may run"),
        (big: 1, small: 500, bound: ["big"], because: "there is room at once, and then none"),
    ])
    func othersFillOnlyWhatEndsBefore(_ row: (big: Int64, small: Int64, bound: [String], because: String)) {
        let tasks = [
            task("big", cpu: row.big, minutes: 30, priority: 1000), task("small", cpu: 1, minutes: row.small),
        ]
        let result = Round.decide(.sample(tasks: tasks, workers: [worker()]))
        #expect(result.bindings.map(\.task.name) == row.bound, "\(row.because)")
    }

    @Test func whatFitsBesideItMayStay() {
        var wide = worker()
        wide.capacity.cpu = Quantity(5)
        let tasks = [task("big", cpu: 4, minutes: 30, priority: 1000), task("long", cpu: 1, minutes: 600)]
        // Four are free after an hour, or five: then the long one keeps the fifth.
        let result = Round.decide(.sample(tasks: tasks, workers: [wide]))
        #expect(result.bindings.map(\.task.name) == [], "after twenty minutes four are free, and none beside")
        var wider = wide
        wider.capacity.cpu = Quantity(6)
        #expect(
            Round.decide(.sample(tasks: tasks, workers: [wider])).bindings.map(\.task.name) == ["long"],
            "five are free then")
    }

    @Test func itKeepsOneWorkerAndSaysWhich() throws {
        var sooner = worker("sooner")
        sooner.releases[2].after = .minutes(30)
        let tasks = [task("big", cpu: 4, minutes: 30, order: 1), task("small", cpu: 1, minutes: 300)]
        let result = Round.decide(.sample(tasks: tasks, workers: [worker("later"), sooner]))
        #expect(result.placed == ["small": "later"])
        let message = try #require(result.pending("big")).message
        #expect(message.hasSuffix("sooner is kept for it until what runs there leaves room"), "\(message)")
    }
}
