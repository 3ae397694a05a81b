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
            $0.releases = [Int64(5), 20, 60].map { minutes in
                .init(at: Timestamp(milliseconds: minutes * 60_000), requires: requires(1))
            }
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
        let tasks = [task("big", cpu: 4, minutes: 30, priority: 1000), task("long", cpu: 1, minutes: 600)]
        for (freed, bound) in [(Int64(2), []), (3, ["long"])] {
            let wide = PlacementWorker.sample("w", slots: 10) {
                $0.capacity.cpu = Quantity(freed + 2)
                $0.used.cpu = Quantity(freed + 1)
                $0.slotsUsed = 2
                $0.releases = [
                    .init(at: Timestamp(milliseconds: 300_000), requires: requires(1)),
                    .init(at: Timestamp(milliseconds: 1_200_000), requires: requires(freed)),
                ]
            }
            let result = Round.decide(.sample(tasks: tasks, workers: [wide]))
            #expect(result.bindings.map(\.task.name) == bound, "after twenty minutes \(freed + 2) are free")
        }
    }

    @Test func itKeepsOneWorkerAndSaysWhich() throws {
        var sooner = worker("sooner")
        sooner.releases[2].at = Timestamp(milliseconds: 30 * 60_000)
        let tasks = [task("big", cpu: 4, minutes: 30, order: 1), task("small", cpu: 1, minutes: 300)]
        let result = Round.decide(.sample(tasks: tasks, workers: [worker("later"), sooner]))
        #expect(result.placed == ["small": "later"])
        let message = try #require(result.pending("big")).message
        #expect(message.hasSuffix("sooner is kept for it until what runs there leaves room"), "\(message)")
    }
}
