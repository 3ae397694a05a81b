import Glibc
import Model

/// How what a controller computes grows with what there is to do, and with who does it: the exponent of the total, in
/// tasks and in workers. 1 is what each task costs the same.
enum Growth {
    private static let tasks = [1_000, 5_000, 20_000]
    private static let workers = [10, 50, 200]
    private static let slots: Int64 = 4
    /// Tasks of one plan.
    private static let planTasks = 1_000

    static func measure(_ workshop: Workshop) throws -> [Row] {
        var rows: [Row] = []
        var byTasks: [(Double, Double)] = []
        for count in tasks {
            let seconds = try total(tasks: count, workers: 50)
            byTasks.append((Double(count), seconds))
            rows.append(row("\(grouped(Double(count))) tasks on 50 workers, each", seconds, count))
        }
        rows.append(exponent("growth in tasks, exponent", byTasks, gate: 1.1))
        var byWorkers: [(Double, Double)] = []
        for count in workers {
            let seconds = try total(tasks: 5_000, workers: count)
            byWorkers.append((Double(count), seconds))
            rows.append(row("5,000 tasks on \(count) workers, each", seconds, 5_000))
        }
        rows.append(exponent("growth in workers, exponent", byWorkers, gate: 0.2))
        return rows
    }

    private static func row(_ name: String, _ seconds: Double, _ count: Int) -> Row {
        Row(name: name, value: seconds * 1000 / Double(count), unit: .milliseconds, wish: .less)
    }

    private static func exponent(_ name: String, _ points: [(Double, Double)], gate: Double) -> Row {
        Row(
            name: name, value: max(0, slope(points)), unit: .plain, gate: gate, wish: .less,
            beside: points.map { "\(grouped($0.0)): \(short($0.1)) s" }.joined(separator: ", "))
    }

    /// Of the straight line through the points' logarithms, by least squares.
    static func slope(_ points: [(Double, Double)]) -> Double {
        let (x, y) = (points.map { log($0.0) }, points.map { log($0.1) })
        let (meanX, meanY) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
        let products = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
        return products / x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    }

    /// Seconds of CPU until all of them have succeeded.
    private static func total(tasks count: Int, workers: Int) throws -> Double {
        var world = try TaskCosts.world(workers: Int64(workers), slots: slots)
        let plans = count / planTasks
        let seconds = try Stopwatch.cpu {
            for index in 0..<plans { try world.make(TaskCosts.plan("grow-\(index)", count: planTasks)) }
            try world.run { world in (0..<plans).allSatisfy { world.isOver("grow-\($0)") } }
        }.seconds
        guard world.count(.succeeded) == count else { throw Unmeasurable("not every task of the bench succeeded") }
        return seconds
    }
}
