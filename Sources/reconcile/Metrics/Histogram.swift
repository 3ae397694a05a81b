/// How long things took, in buckets.
struct Histogram: Sendable {
    /// Microseconds, each bucket up to and with its bound.
    static let bounds: [Int64] = [
        10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000, 30_000_000,
    ]

    private(set) var counts = Array(repeating: 0, count: bounds.count)
    private(set) var total = 0
    private(set) var nanoseconds: Int64 = 0

    mutating func add(nanoseconds: Int64) {
        if let place = Self.bounds.firstIndex(where: { nanoseconds <= $0 * 1000 }) { counts[place] += 1 }
        total += 1
        self.nanoseconds += nanoseconds
    }
}
