package import Model

/// The door a scale-up passes: how many workers of a price every budget over them lets in.
///
/// A worker takes its price from each `perHour`, and its price over the time it is reserved for from each
/// `perDay` and `total`.
package enum BudgetGate {
    /// One budget over the worker: its pool's, its region's, its plan's.
    package struct Scope: Sendable {
        package let name: String
        package let headroom: Headroom
        package init(_ name: String, _ headroom: Headroom) {
            self.name = name
            self.headroom = headroom
        }
    }

    package struct Answer: Sendable, Hashable {
        /// Nil: as many as wanted.
        package let workers: Int?
        /// Which cap stops the next one, and by how much it is short.
        package let refusal: String?
        package init(workers: Int?, refusal: String?) {
            self.workers = workers
            self.refusal = refusal
        }
    }

    /// `reserved`: to the p90 end of the tasks they are for, at least the provider's billing quantum.
    package static func affordable(price: Money, reserved: Duration, under scopes: [Scope]) -> Answer {
        guard price.micros > 0 else { return Answer(workers: nil, refusal: nil) }
        let spend = price.perHour(over: reserved)
        var tightest: (workers: Int64, refusal: String)?
        func consider(_ scope: Scope, _ cap: String, _ left: Money?, _ each: Money, _ unit: String) {
            guard let left = left.map({ max(.zero, $0) }), each.micros > 0 else { return }
            let workers = left.micros / each.micros
            if let tightest, tightest.workers <= workers { return }
            let short = Money(micros: (workers + 1) * each.micros) - left
            let refusal =
                "\(scope.name) has $\(left.decimal)\(unit) of its \(cap) budget left, which pays for \(workers) of "
                + "$\(each.decimal)\(unit): the next is short by $\(short.decimal)\(unit)"
            tightest = (workers, refusal)
        }
        for scope in scopes {
            consider(scope, "perHour", scope.headroom.perHour, price, "/h")
            consider(scope, "perDay", scope.headroom.perDay, spend, "")
            consider(scope, "total", scope.headroom.total, spend, "")
        }
        return Answer(workers: tightest.map { Int($0.workers) }, refusal: tightest?.refusal)
    }

    /// When spending at `rate` uses up what is left; nil where it never does.
    package static func exceeded(left: Money, rate: Money, now: Timestamp) -> Timestamp? {
        if left.micros <= 0 { return now }
        guard rate.micros > 0 else { return nil }
        let milliseconds = Int128(left.micros) * 3_600_000 / Int128(rate.micros)
        // Further off than a century is never.
        return milliseconds > 3_155_760_000_000
            ? nil : Timestamp(milliseconds: now.milliseconds + Int64(milliseconds))
    }
}
