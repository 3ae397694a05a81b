import Glibc
import Kernel

/// Two ways to measure a span, in seconds.
enum Stopwatch {
    /// The time this process computed, on all its threads: the same on a busy machine.
    static func cpu<Result>(_ body: () throws -> Result) rethrows -> (seconds: Double, result: Result) {
        let start = processTime
        let result = try body()
        return (processTime - start, result)
    }

    /// The time that went by.
    static var now: Double { Double(BootClock.nanoseconds) / 1e9 }

    private static var processTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The fastest of several: what disturbs only ever makes slower.
    static func best(of rounds: Int, _ body: () throws -> Double) rethrows -> Double {
        var best = Double.infinity
        for _ in 0..<rounds { best = min(best, try body()) }
        return best
    }
}

/// Several measurements of one thing.
struct Samples {
    private var values: [Double] = []

    init() {}

    var count: Int { values.count }
    mutating func add(_ value: Double) { values.append(value) }

    /// The value that this share of the samples does not exceed.
    func quantile(_ share: Double) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}
