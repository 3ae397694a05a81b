import Model

/// A fixed order of all workers, best first, as three of the four algorithms have one.
///
/// - RoundRobin: key order, taken cyclically from behind the worker chosen last.
/// - Priority: by performance = reliability × health / 100, highest first; then more CPU; then key. Tasks
///   come in priority order, so the most important ones get the best workers.
/// - CostOptimized: by what a unit of work costs, a slot for an hour that ends well: price / slots / performance,
///   lowest first; then the cheaper worker; then key. The score is the lowest of all over its own: 1 where nothing is
///   cheaper. Equal workers fill up one by one, which leaves whole ones idle to be released.
///
/// LeastLoaded has no fixed order: it takes the lowest load after binding (`LoadTable.load`), score = 1 − load;
/// ties by key.
struct WorkerOrder {
    /// The worker at each rank, and the rank of each worker.
    let workerAt: [Int32]
    let rankOf: [Int32]
    /// By worker; empty under RoundRobin.
    let scores: [Double]

    init(_ algorithm: SchedulingAlgorithm, _ workers: [PlacementWorker]) {
        var scores: [Double] = []
        switch algorithm {
        case .roundRobin, .leastLoaded: break
        case .priority: scores = workers.map(\.performance)
        case .costOptimized:
            let costs = workers.map {
                Double($0.costPerHour.micros) / Double(max(1, $0.slots)) / max($0.performance, 1e-6)
            }
            let least = costs.min() ?? 0
            // Among those that cost nothing performance decides; whoever costs something comes behind them.
            scores = zip(workers, costs).map { worker, cost in
                cost > 0 ? least / cost : worker.performance
            }
        }
        var workerAt = workers.indices.map { Int32($0) }
        if !scores.isEmpty {
            let second: [Int64] =
                algorithm == .priority
                ? workers.map { -($0.capacity.cpu?.milli ?? 0) } : workers.map(\.costPerHour.micros)
            workerAt.sort { a, b in
                let (a, b) = (Int(a), Int(b))
                if scores[a] != scores[b] { return scores[a] > scores[b] }
                return second[a] != second[b] ? second[a] < second[b] : a < b
            }
        }
        var rankOf = [Int32](repeating: 0, count: workers.count)
        for (rank, worker) in workerAt.enumerated() { rankOf[Int(worker)] = Int32(rank) }
        self.workerAt = workerAt
        self.rankOf = rankOf
        self.scores = scores
    }
}
