/// A point on the boot-time monotonic clock of one machine. Leases, timers and measured spans use it; it is never
/// stored.
package struct Instant: Sendable, Hashable, Comparable {
    /// Since an arbitrary origin: boot, or the start of a simulation.
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static let origin = Instant(nanoseconds: 0)
    package static let distantFuture = Instant(nanoseconds: .max)
    package static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }
    package static func + (a: Instant, b: Duration) -> Instant {
        let (sum, overflow) = a.nanoseconds.addingReportingOverflow(b.nanoseconds)
        return overflow ? .distantFuture : Instant(nanoseconds: sum)
    }
    package static func - (a: Instant, b: Duration) -> Instant { Instant(nanoseconds: a.nanoseconds &- b.nanoseconds) }
    package static func - (a: Instant, b: Instant) -> Duration { .nanoseconds(a.nanoseconds &- b.nanoseconds) }
}

/// One reading of both clocks. Decisions take it as `now`: the instant to measure with, the wall time to write down.
package struct Moment: Sendable, Hashable {
    package var instant: Instant
    package var wall: Timestamp

    package init(instant: Instant, wall: Timestamp) {
        self.instant = instant
        self.wall = wall
    }

    package func advanced(by duration: Duration) -> Moment {
        Moment(instant: instant + duration, wall: wall + duration)
    }
}
