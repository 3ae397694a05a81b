package import Model

/// What a plan will cost, and what choosing well saves against a named baseline.
package struct CostForecast: Sendable, Hashable {
    /// Every task at its median time, at the rate of the slot it has or would get.
    package let total: Money
    /// The same at the 90th percentile.
    package let highest: Money
    /// Every task at its median time on a worker of its own, of the most expensive kind that could have taken it.
    package let baseline: Money
    /// Of the baseline, rounded down; nil where the baseline costs nothing.
    package let savingsPercent: Int?

    package static let baselineName = "every task on a worker of its own, of the dearest kind it may have"

    package struct Item: Sendable {
        package var duration: DurationEstimate
        package var ratePerHour: Money
        package var baselinePerHour: Money

        package init(_ duration: DurationEstimate, ratePerHour: Money, baselinePerHour: Money) {
            self.duration = duration
            self.ratePerHour = ratePerHour
            self.baselinePerHour = baselinePerHour
        }
    }

    package static func estimate(_ items: [Item]) -> CostForecast {
        var (total, highest, baseline) = (Money.zero, Money.zero, Money.zero)
        for item in items {
            total += item.ratePerHour.perHour(over: item.duration.p50)
            highest += item.ratePerHour.perHour(over: item.duration.p90)
            baseline += max(item.baselinePerHour, item.ratePerHour).perHour(over: item.duration.p50)
        }
        let saved = baseline - total
        let percent = baseline.micros > 0 ? Int(Int128(saved.micros) * 100 / Int128(baseline.micros)) : nil
        return CostForecast(total: total, highest: highest, baseline: baseline, savingsPercent: percent)
    }
}
