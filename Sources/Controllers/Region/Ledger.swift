package import Model

/// Spend that follows from rates: exact, and written only when a rate changes.
package enum Ledger {
    /// What is committed: the sum of its workers' rates.
    package static func rate(of workers: [Worker]) -> Money { workers.reduce(.zero) { $0 + $1.committedRate } }

    /// Adds what `old` cost since the accrual's time, when the rate becomes `new`; nil stays nil while nothing
    /// costs anything.
    package static func advance(_ accrual: Accrual?, from old: Money, to new: Money, now: Moment) -> Accrual? {
        guard old != new else { return accrual }
        guard var current = accrual else {
            var first = Accrual()
            first.day = day(now.wall)
            first.asOf = now.wall
            return first
        }
        (current.today, current.total) = spent(current, rate: old, now: now)
        current.day = day(now.wall)
        current.asOf = now.wall
        return current
    }

    /// Today's and all spend up to now at a rate that has held since the accrual was written.
    package static func spent(_ accrual: Accrual, rate: Money, now: Moment) -> (today: Money, total: Money) {
        guard let since = accrual.asOf, now.wall > since else { return (accrual.today, accrual.total) }
        let total = accrual.total + rate.perHour(over: now.wall - since)
        let today = day(now.wall)
        if accrual.day == today { return (accrual.today + rate.perHour(over: now.wall - since), total) }
        let midnight = now.wall - .milliseconds(now.wall.milliseconds % 86_400_000)
        return (rate.perHour(over: now.wall - midnight), total)
    }

    /// The UTC day, `2026-11-23`.
    static func day(_ time: Timestamp) -> String { String(time.description.prefix(10)) }
}
