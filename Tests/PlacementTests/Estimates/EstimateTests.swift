import Model
import Placement
import Testing

struct EstimateTests {
    typealias Work = CompletionForecast.Work

    static func work(_ name: String, _ minutes: Int64, after: [String] = [], lane: String? = nil) -> Work {
        Work(
            name, DurationEstimate(p50: .minutes(minutes), p90: .minutes(minutes * 2)), dependsOn: after,
            lane: lane)
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let because: String
        let work: [Work]
        let slots: Int
        var lanes: [String: Int] = [:]
        let p50: Int64
        var testDescription: String { because }
    }

    @Test(arguments: [
        Row(because: "nothing to do", work: [], slots: 1, p50: 0),
        Row(
            because: "one after the other on one slot", work: [work("a", 10), work("b", 20)], slots: 1,
            p50: 30),
        Row(because: "side by side on two", work: [work("a", 10), work("b", 20)], slots: 2, p50: 20),
        Row(
            because: "a chain is no faster on many", work: [work("a", 10), work("b", 20, after: ["a"])],
            slots: 9, p50: 30),
        Row(
            because: "the long path starts first",
            work: [work("a", 10), work("b", 10), work("c", 10), work("d", 30, after: ["c"])], slots: 2,
            p50: 40),
        Row(
            because: "a finished dependency is not waited for", work: [work("b", 20, after: ["done"])],
            slots: 1, p50: 20),
        Row(
            because: "a lane has its own slots",
            work: [work("a", 10, lane: "x"), work("b", 10, lane: "x"), work("c", 10)],
            slots: 9, lanes: ["x": 1], p50: 20),
        Row(
            because: "a diamond",
            work: [
                work("a", 5), work("b", 10, after: ["a"]), work("c", 15, after: ["a"]),
                work("d", 5, after: ["b", "c"]),
            ],
            slots: 2, p50: 25),
    ])
    func completion(_ row: Row) {
        let forecast = CompletionForecast.estimate(row.work, slots: row.slots, lanes: row.lanes)
        #expect(forecast?.p50 == .minutes(row.p50))
        #expect(forecast?.p90 == .minutes(row.p50 * 2))
        let backwards = CompletionForecast.estimate(row.work.reversed(), slots: row.slots, lanes: row.lanes)
        #expect(backwards == forecast, "whatever the order")
    }

    @Test func neverEnding() {
        #expect(
            CompletionForecast.estimate(
                [Self.work("a", 1, after: ["b"]), Self.work("b", 1, after: ["a"])], slots: 4) == nil)
        #expect(CompletionForecast.estimate([Self.work("a", 1)], slots: 0) == nil)
        #expect(CompletionForecast.estimate([Self.work("a", 1, lane: "x")], slots: 4, lanes: ["x": 0]) == nil)
    }

    @Test func runningTasksHoldTheirSlotForWhatIsLeft() {
        var running = Self.work("a", 10)
        running.running = .minutes(6)
        #expect(CompletionForecast.estimate([running, Self.work("b", 10)], slots: 1)?.p50 == .minutes(14))
        running.running = .minutes(60)
        #expect(CompletionForecast.estimate([running], slots: 1)?.p50 == .zero, "overdue is due now")
    }

    @Test func measuredAndDeclaredDurations() {
        let measured = DurationEstimate(measured: (1...10).map { .minutes($0) })
        #expect(measured == DurationEstimate(p50: .minutes(5), p90: .minutes(9)))
        #expect(DurationEstimate(measured: []) == nil)
        #expect(
            DurationEstimate(declared: .minutes(20)) == DurationEstimate(p50: .minutes(20), p90: .minutes(30))
        )
    }

    @Test func costAndSavings() {
        let hour = DurationEstimate(p50: .hours(1), p90: .hours(2))
        let cost = CostForecast.estimate([
            .init(hour, ratePerHour: Money(dollars: 1), baselinePerHour: Money(dollars: 3)),
            .init(hour, ratePerHour: Money(dollars: 2), baselinePerHour: Money(dollars: 2)),
        ])
        #expect(cost.total == Money(dollars: 3))
        #expect(cost.highest == Money(dollars: 6))
        #expect(cost.baseline == Money(dollars: 5))
        #expect(cost.savingsPercent == 40)
        #expect(CostForecast.estimate([]).savingsPercent == nil)
    }
}
