package import Model
import Placement

/// Spend that follows from rates: exact, and written only when a rate changes.
package enum Ledger {
    /// What is committed: the sum of its workers' rates.
    package static func rate(of workers: [Worker]) -> Money { workers.reduce(.zero) { $0 + $1.committedRate } }

    /// Adds what `old` cost since the accrual's time, when the rate becomes `new`; nil stays nil while nothing
    /// costs anything.
    package static func advance(_ accrual: Accrual?, from old: Money, to new: Money, now: Moment) -> Accrual? {
        guard old != new else { return accrual }
        return brought(accrual, rate: old, now: now)
    }

    /// The accrual with what has been spent at `rate` since it was written.
    static func brought(_ accrual: Accrual?, rate: Money, now: Moment) -> Accrual? {
        guard var current = accrual else {
            var first = Accrual()
            first.day = day(now.wall)
            first.asOf = now.wall
            return first
        }
        (current.today, current.total) = spent(current, rate: rate, now: now)
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

    /// What caps leave beside what is committed, which is taken to run for an hour at the least: whatever a provider
    /// bills by, that is its quantum.
    static func headroom(
        _ budget: Budget?, rate: Money, accrual: Accrual?, since: Money, now: Moment, reserved: Money? = nil
    ) -> Headroom {
        guard let budget else { return Headroom() }
        let spent = accrual.map { Self.spent($0, rate: since, now: now) } ?? (.zero, .zero)
        func left(_ cap: Money?, _ used: Money) -> Money? { cap.map { $0 - used } }
        return Headroom(
            perHour: left(budget.perHour, rate), perDay: left(budget.perDay, spent.today + (reserved ?? rate)),
            total: left(budget.total, spent.total + (reserved ?? rate)))
    }

    /// The UTC day, `2026-11-23`.
    static func day(_ time: Timestamp) -> String { String(time.description.prefix(10)) }
}
