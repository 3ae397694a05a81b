import Model
import Placement

/// What a plan's status shows of the brains' estimates.
enum RoundInputs {
    /// Each region's score under the plan's weights, by the price of the cheapest worker there is now.
    static func scores(of regions: [Region], prices: [String: Money], weights: Weights) -> [String: (
        score: String, terms: String
    )] {
        let placed = regions.map { region in
            var placed = PlacementRegion(region.metadata.name)
            placed.latency = region.spec.latency ?? region.status.latency
            placed.availability = region.spec.availability?.double
            return placed
        }
        let ranked = RegionScore.rank(placed, prices: placed.map { prices[$0.name] ?? .zero }, weights: weights)
        return Dictionary(uniqueKeysWithValues: ranked.map { ($0.region, (Self.text($0.score), $0.terms)) })
    }

    private static func text(_ score: Double) -> String {
        Money(micros: Int64((score * 100).rounded()) * 10_000).decimal
    }

    static func completion(_ open: [WorkTask], slots: Int, now: Moment) -> (p50: Duration, p90: Duration)? {
        let names = Set(open.map(\.spec.task))
        let work = open.map { task in
            CompletionForecast.Work(
                task.spec.task, duration(of: task), dependsOn: task.spec.dependsOn.filter(names.contains),
                running: task.status.phase == .running ? task.status.startedAt.map { max(.zero, now.wall - $0) } : nil)
        }
        return CompletionForecast.estimate(work, slots: slots).map { ($0.p50, $0.p90) }
    }

    static func duration(of task: WorkTask) -> DurationEstimate {
        if let started = task.status.startedAt, let finished = task.status.finishedAt, task.status.phase == .succeeded {
            return DurationEstimate(p50: finished - started, p90: finished - started)
        }
        return task.spec.estimatedDuration.map { DurationEstimate(declared: $0) } ?? .unknown
    }

    static func costEstimate(tasks: [WorkTask], workers: [Worker]) -> CostForecast {
        func share(_ worker: Worker) -> Money {
            worker.spec.price.perHour.scaled(by: 1, over: Int64(max(1, worker.spec.maxConcurrentTasks)))
        }
        let rates = Dictionary(workers.map { ($0.metadata.name, share($0)) }) { first, _ in first }
        let highest = workers.map(share).max() ?? .zero
        let items = tasks.map { task in
            let here = workers.filter { $0.spec.pool == task.spec.pool }.map(share)
            let rate = task.status.assignment.flatMap { rates[$0.worker] } ?? here.min() ?? rates.values.min() ?? .zero
            return CostForecast.Item(duration(of: task), ratePerHour: rate, baselinePerHour: here.max() ?? highest)
        }
        return CostForecast.estimate(items)
    }
}
