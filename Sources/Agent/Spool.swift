import Model
import WorkerProtocol

/// Reports that are not yet acknowledged, in order. Sequences rise across restarts of the agent, because each start has
/// its own range.
struct Spool: Sendable {
    private(set) var reports: [AttemptReport] = []
    private(set) var dropped = 0
    private var last: Int
    private let limit: Int

    /// Room for so many reports of one incarnation.
    private static let range = 32

    init(incarnation: Int, limit: Int = 10_000) {
        last = incarnation << Self.range
        self.limit = limit
    }

    var isEmpty: Bool { reports.isEmpty }

    /// Beyond the limit the oldest word that something runs goes first, and only then the oldest end.
    mutating func append(_ report: AttemptReport) {
        if reports.count >= limit {
            reports.remove(at: reports.firstIndex { $0.phase == .running } ?? 0)
            dropped += 1
        }
        last += 1
        var report = report
        report.sequence = last
        reports.append(report)
    }

    /// Whether anything was acknowledged that was not before.
    mutating func acknowledge(upTo sequence: Int) -> Bool {
        let count = reports.prefix { $0.sequence <= sequence }.count
        reports.removeFirst(count)
        return count > 0
    }

    /// The oldest reports, as many as one exchange takes.
    var batch: [AttemptReport] {
        var bytes = 0
        return Array(
            reports.prefix(WireLimits.reports).prefix { report in
                bytes += report.outputBytes
                return bytes <= WireLimits.outputBytes
            })
    }
}
