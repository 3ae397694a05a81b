import Model
import Placement
import Testing

struct PoolDemandTests {
    private func spec(_ edit: (inout WorkerPoolSpec) -> Void = { _ in }) -> WorkerPoolSpec {
        var spec = WorkerPoolSpec()
        spec.minWorkers = 1
        spec.maxWorkers = 10
        spec.autoscaling = Autoscaling()
        edit(&spec)
        return spec
    }

    private func input(_ edit: (inout PoolDemand.Input) -> Void) -> PoolDemand.Input {
        var input = PoolDemand.Input()
        input.live = 5
        input.idle = 5
        input.slotsPerWorker = 4
        input.pricePerWorker = Money(micros: 100_000)
        edit(&input)
        return input
    }

    /// Target 60 %, threshold 20 %: up strictly above 72 %, down strictly below 48 %.
    @Test(arguments: [
        (72.0, 5, PoolDemand.Action.hold, "exactly 20 % above changes nothing"),
        (72.01, 7, .up, "just above"),
        (90.0, 8, .up, "5 × 90 / 60 rounded up"),
        (61.0, 5, .hold, "within"),
        (60.0, 5, .hold, "on target"),
        (48.0, 5, .hold, "exactly 20 % below changes nothing"),
        (47.99, 4, .down, "just below"),
        (12.0, 1, .down, "5 × 12 / 60"),
        (0.0, 1, .down, "never below the minimum"),
        (600.0, 10, .up, "never above the maximum"),
    ])
    func threshold(_ forecast: Double, _ desired: Int, _ action: PoolDemand.Action, _ because: String) {
        let demand = PoolDemand.desired(spec(), input { $0.forecastPercent = forecast })
        #expect(demand.desired == desired, "\(because): \(demand.reason)")
        #expect(demand.action == action, "\(because)")
        #expect(demand.delta == desired - 5)
        #expect(demand.ratePerHour == Money(micros: Int64(desired) * 100_000))
        #expect(demand.capacity == desired * 4)
        #expect(!demand.reason.isEmpty)
    }

    @Test func theThresholdIsOfTheTarget() {
        #expect(ThresholdRule.gap(forecast: 60, target: 50, threshold: 20) == .within)
        #expect(ThresholdRule.gap(forecast: 60.001, target: 50, threshold: 20) == .above)
        #expect(ThresholdRule.gap(forecast: 40, target: 50, threshold: 20) == .within)
        #expect(ThresholdRule.gap(forecast: 39.999, target: 50, threshold: 20) == .below)
        #expect(ThresholdRule.gap(forecast: 50.001, target: 50, threshold: 0) == .above)
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let because: String
        let desired: Int
        let cause: Reason
        var autoscaling = true
        var spec: @Sendable (inout WorkerPoolSpec) -> Void = { _ in }
        let edit: @Sendable (inout PoolDemand.Input) -> Void
        var testDescription: String { because }
    }

    @Test(arguments: [
        Row(because: "waiting tasks bring workers at once", desired: 8, cause: .scalingUp) {
            $0.waitingTasks = 9
            $0.waitingWorkers = 3
            $0.sinceScale = .seconds(1)
        },
        Row(because: "those on the way count", desired: 5, cause: .atSize) {
            $0.provisioning = 3
            $0.waitingTasks = 9
            $0.waitingWorkers = 3
            $0.forecastPercent = 0
        },
        Row(because: "waiting tasks never pass the maximum", desired: 10, cause: .scalingUp) {
            $0.waitingTasks = 99
            $0.waitingWorkers = 99
        },
        Row(because: "up waits for its cooldown", desired: 5, cause: .atSize) {
            $0.forecastPercent = 90
            $0.sinceScale = .seconds(29)
        },
        Row(because: "and no longer", desired: 8, cause: .scalingUp) {
            $0.forecastPercent = 90
            $0.sinceScale = .seconds(30)
        },
        Row(because: "workers that fell idle just now stay", desired: 5, cause: .atSize) {
            $0.forecastPercent = 12
            $0.idle = 0
            $0.resting = 5
        },
        Row(
            because: "what happened to the pool lately does not keep a worker long idle", desired: 1,
            cause: .scalingDown
        ) {
            $0.forecastPercent = 12
            $0.sinceScale = .seconds(1)
        },
        Row(because: "and those that a next task will use", desired: 5, cause: .atSize, autoscaling: false) {
            $0.idle = 0
            $0.kept = 5
        },
        Row(because: "busy workers stay", desired: 3, cause: .scalingDown) {
            $0.forecastPercent = 0
            $0.idle = 2
        },
        Row(because: "nothing idle, nothing given up", desired: 5, cause: .atSize) {
            $0.forecastPercent = 0
            $0.idle = 0
        },
        Row(because: "without autoscaling idle ones go", desired: 2, cause: .scalingDown, autoscaling: false) {
            $0.idle = 3
        },
        Row(because: "but not below the minimum", desired: 1, cause: .scalingDown, autoscaling: false) {
            $0.idle = 5
        },
        Row(because: "on demand there is none", desired: 0, cause: .scalingDown, autoscaling: false) {
            $0.idle = 5
            $0.onDemand = true
        },
        Row(because: "an empty pool comes up to its minimum", desired: 1, cause: .scalingUp) {
            $0.live = 0
            $0.idle = 0
        },
        Row(
            because: "replicas fix the size without autoscaling", desired: 7, cause: .scalingUp,
            autoscaling: false,
            spec: { $0.replicas = 7 }
        ) { $0.forecastPercent = 0 },
        Row(
            because: "replicas are clamped", desired: 10, cause: .scalingUp, autoscaling: false,
            spec: { $0.replicas = 70 }
        ) {
            _ in
        },
        Row(because: "the switch is off", desired: 5, cause: .switchedOff) {
            $0.forecastPercent = 90
            $0.mayScale = false
        },
        Row(because: "the minimum holds with the switch off", desired: 1, cause: .scalingUp) {
            $0.live = 0
            $0.idle = 0
            $0.mayScale = false
        },
        Row(because: "a budget stops it", desired: 6, cause: .budgetExceeded) {
            $0.forecastPercent = 90
            $0.budget = .init(workers: 1, refusal: "too dear")
        },
        Row(because: "a budget stops it entirely", desired: 5, cause: .budgetExceeded) {
            $0.forecastPercent = 90
            $0.budget = .init(workers: 0, refusal: "too dear")
        },
        Row(because: "a budget never shrinks it", desired: 5, cause: .atSize) {
            $0.forecastPercent = 60
            $0.budget = .init(workers: 0, refusal: "too dear")
        },
    ])
    func laws(_ row: Row) {
        let demand = PoolDemand.desired(
            spec {
                if !row.autoscaling { $0.autoscaling = nil }
                row.spec(&$0)
            }, input(row.edit))
        #expect(demand.desired == row.desired, "\(demand.reason)")
        #expect(demand.cause == row.cause, "\(demand.reason)")
    }

    @Test func reasonsAreSentences() {
        #expect(
            PoolDemand.desired(spec(), input { $0.forecastPercent = 90 }).reason
                == "forecast 90% is +50% of the target 60%")
        #expect(
            PoolDemand.desired(spec(), input { $0.forecastPercent = 72 }).reason
                == "forecast 72% is +20% of the target 60%, within ±20%")
        let refused = PoolDemand.desired(
            spec(),
            input {
                $0.forecastPercent = 90
                $0.budget = .init(workers: 0, refusal: "region us has too little")
            })
        #expect(
            refused.reason == "wants 8 (forecast 90% is +50% of the target 60%), but region us has too little"
        )
    }

    @Test func budgetGate() {
        let gate = BudgetGate.affordable(
            price: Money(micros: 500_000), reserved: .hours(2),
            under: [
                .init("region us", Headroom(perHour: Money(micros: 1_700_000))),
                .init("pool main", Headroom(perDay: Money(dollars: 9))),
            ])
        #expect(gate.workers == 3)
        #expect(
            gate.refusal
                == "region us has $1.7/h of its perHour budget left, which pays for 3 of $0.5/h: the next is short "
                + "by $0.3/h")
        let spend = BudgetGate.affordable(
            price: Money(micros: 500_000), reserved: .hours(2),
            under: [.init("plan p", Headroom(total: Money(micros: 999_999)))])
        #expect(spend.workers == 0)
        #expect(BudgetGate.affordable(price: .zero, reserved: .hours(2), under: []).workers == nil)
        #expect(
            BudgetGate.affordable(price: Money(dollars: 1), reserved: .hours(2), under: []).workers == nil)
    }

    @Test func whenABudgetRunsOut() {
        let now = Timestamp("2026-11-23T15:40:00Z") ?? Timestamp(milliseconds: 0)
        let at = BudgetGate.exceeded(left: Money(dollars: 20), rate: Money(dollars: 10), now: now)
        #expect(at?.description == "2026-11-23T17:40:00Z")
        #expect(BudgetGate.exceeded(left: .zero, rate: .zero, now: now) == now)
        #expect(BudgetGate.exceeded(left: Money(dollars: 1), rate: .zero, now: now) == nil)
    }
}
