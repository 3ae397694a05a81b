import Model
import Placement
import Testing

/// The same twelve tasks on the same three workers, by each algorithm.
struct AlgorithmTests {
    /// `big` is dear and dependable, `mid` is in between, `tiny` is cheap, small and less dependable.
    static let workers: [PlacementWorker] = [
        .sample("big", slots: 8, price: "0.8") { $0.capacity = .sample(cpu: 16, memory: 64) },
        .sample("mid", slots: 6, price: "0.2") { $0.reliability = 0.99 },
        .sample("tiny", slots: 4, price: "0.05") {
            $0.capacity = .sample(cpu: 2, memory: 4)
            $0.reliability = 0.97
        },
    ]

    static let tasks: [PlacementTask] = (1...12).map { number in
        PlacementTask.sample("t\(number < 10 ? "0" : "")\(number)", order: number) {
            $0.requires.cpu = Quantity(milli: 500)
            $0.requires.memory = .mebibytes(512)
            $0.priority = number % 3
        }
    }

    static func assignment(_ algorithm: SchedulingAlgorithm) -> String {
        let result = Round.decide(
            .sample(tasks: tasks, workers: workers, plans: [.sample("plan", algorithm)]))
        return result.placed.sorted { $0.key < $1.key }.map { String($0.value.prefix(1)) }.joined()
    }

    @Test(arguments: [
        // by priority: t02 t05 t08 t11, t01 t04 t07 t10, t03 t06 t09 t12
        (SchedulingAlgorithm.roundRobin, "mbttmbbtmmbt"),
        (.leastLoaded, "mbtbmbbbmmtb"),
        (.priority, "bbmbbmbbmbbm"),
        (.costOptimized, "mtmmtmmtbmtb"),
    ])
    func golden(_ algorithm: SchedulingAlgorithm, _ expected: String) {
        #expect(Self.assignment(algorithm) == expected)
    }

    @Test func allFourDiffer() {
        #expect(Set(SchedulingAlgorithm.allCases.map(Self.assignment)).count == 4)
    }

    @Test func roundRobinGoesOnBehindTheCursor() {
        var input = RoundInput.sample(
            tasks: Array(Self.tasks.prefix(2)), workers: Self.workers, plans: [.sample("plan", .roundRobin)])
        let first = Round.decide(input)
        #expect(first.bindings.map(\.worker.name) == ["big", "mid"])
        #expect(first.cursor == workerKey("mid"))
        input.cursor = first.cursor
        let second = Round.decide(input)
        #expect(second.bindings.map(\.worker.name) == ["tiny", "big"])
        input.cursor = workerKey("longgone")
        #expect(
            Round.decide(input).bindings.map(\.worker.name) == ["mid", "tiny"], "behind where it would stand")
    }

    @Test func recordShowsChosenAndRunnersUpWithScores() throws {
        let result = Round.decide(
            .sample(tasks: [Self.tasks[0]], workers: Self.workers, plans: [.sample("plan", .costOptimized)]))
        let record = try #require(result.bindings.first).record
        #expect(record.strategy == .costOptimized)
        #expect(record.considered == 3)
        #expect(record.chosen?.worker == "tiny")
        #expect(record.chosen?.score == "1.0000", "a slot of it is the cheapest: 0.05 / 4 / 0.97")
        #expect(record.rejected.map(\.worker) == ["mid", "big"])
        #expect(record.rejected.map(\.score) == ["0.3827", "0.1289"], "0.2 / 6 / 0.99 and 0.8 / 8")
        #expect(record.rejections == [:])
    }

    @Test func leastLoadedCountsTheFullestResourceAfterBinding() throws {
        let workers: [PlacementWorker] = [
            .sample("a", slots: 10) { $0.used.memory = .gibibytes(8) },
            .sample("b", slots: 10) { $0.slotsUsed = 3 },
        ]
        let result = Round.decide(.sample(tasks: [.sample("t")], workers: workers))
        let binding = try #require(result.bindings.first)
        #expect(binding.worker.name == "b", "4 of 10 slots is less than half of the memory")
        #expect(binding.record.chosen?.score == "0.6000")
        #expect(binding.record.rejected.first?.score == "0.5000")
    }

    @Test func priorityTakesHealthIntoAccount() {
        let workers: [PlacementWorker] = [
            .sample("ill") { $0.health = 50 }, .sample("well") { $0.reliability = 0.9 },
        ]
        let input = RoundInput.sample(
            tasks: [.sample("t")], workers: workers, plans: [.sample("plan", .priority)])
        #expect(Round.decide(input).placed == ["t": "well"])
    }

    @Test func bindingTellsRateAndBaseline() throws {
        let result = Round.decide(
            .sample(tasks: [Self.tasks[0]], workers: Self.workers, plans: [.sample("plan", .costOptimized)]))
        let binding = try #require(result.bindings.first)
        #expect(binding.ratePerHour == Money(micros: 12_500), "a quarter of 0.05")
        #expect(binding.baselinePerHour == Money(micros: 100_000), "an eighth of 0.8")
    }
}
