import Model

/// What is left of every budget while a round decides: plans, regions and pools, each with a rate and a
/// spend.
struct Ledger {
    private struct Account {
        var rate: Int64
        var spend: Int64
        /// Which of `perDay` and `total` is the tighter one.
        let spendName: String
        let owner: String

        init(_ headroom: Headroom, _ owner: String) {
            let (day, total) = (headroom.perDay?.micros ?? .max, headroom.total?.micros ?? .max)
            rate = headroom.perHour?.micros ?? .max
            spend = min(day, total)
            spendName = day <= total ? "perDay" : "total"
            self.owner = owner
        }
    }

    /// What one binding takes, and from whom.
    struct Charge {
        var plan: Int
        /// -1: none.
        var region: Int
        /// -1: none.
        var pool: Int
        /// Micros an hour.
        var rate: Int64
        var p90: Duration
    }

    private var accounts: [Account] = []
    private let regionBase: Int
    private let poolBase: Int
    /// Whether no account has a cap, so that nothing needs checking.
    let isOpen: Bool
    let capsSpend: Bool

    init(plans: [PlacementPlan], regions: [PlacementRegion], pools: [PlacementPool]) {
        accounts = plans.map { Account($0.headroom, "plan \($0.key.name)") }
        regionBase = accounts.count
        accounts += regions.map { Account($0.headroom, "region \($0.name)") }
        poolBase = accounts.count
        accounts += pools.map { Account($0.headroom, "pool \($0.key.name)") }
        let all = plans.map(\.headroom) + regions.map(\.headroom) + pools.map(\.headroom)
        isOpen = !all.contains { $0.isCapped }
        capsSpend = all.contains { $0.capsSpend }
    }

    func admits(_ charge: Charge) -> Bool {
        if isOpen { return true }
        let spend = spend(charge)
        return fits(charge.plan, charge.rate, spend)
            && (charge.region < 0 || fits(regionBase + charge.region, charge.rate, spend))
            && (charge.pool < 0 || fits(poolBase + charge.pool, charge.rate, spend))
    }

    mutating func reserve(_ charge: Charge) {
        if isOpen { return }
        let spend = spend(charge)
        take(charge.plan, charge.rate, spend)
        if charge.region >= 0 { take(regionBase + charge.region, charge.rate, spend) }
        if charge.pool >= 0 { take(poolBase + charge.pool, charge.rate, spend) }
    }

    /// In a sentence, the first cap that the charge would pass; nil where it passes none.
    func refusal(_ charge: Charge) -> String? {
        let spend = spend(charge)
        var indices = [charge.plan]
        if charge.region >= 0 { indices.append(regionBase + charge.region) }
        if charge.pool >= 0 { indices.append(poolBase + charge.pool) }
        for index in indices {
            let account = accounts[index]
            if charge.rate > account.rate {
                let (needs, left) = (Money(micros: charge.rate), Money(micros: account.rate))
                return
                    "needs \(rateText(needs)), \(account.owner) has \(rateText(left)) of its perHour budget left: "
                    + "short by \(rateText(needs - left))"
            }
            if spend > account.spend {
                let (needs, left) = (Money(micros: spend), Money(micros: account.spend))
                return "reserves \(needs) up to its p90 end, \(account.owner) has \(left) of its "
                    + "\(account.spendName) budget left: short by \(needs - left)"
            }
        }
        return nil
    }

    private func spend(_ charge: Charge) -> Int64 {
        capsSpend ? Money(micros: charge.rate).perHour(over: charge.p90).micros : 0
    }

    /// What costs nothing passes no cap, even one already overrun.
    private func fits(_ index: Int, _ rate: Int64, _ spend: Int64) -> Bool {
        (rate == 0 || rate <= accounts[index].rate) && (spend == 0 || spend <= accounts[index].spend)
    }

    private mutating func take(_ index: Int, _ rate: Int64, _ spend: Int64) {
        if accounts[index].rate != .max { accounts[index].rate -= rate }
        if accounts[index].spend != .max { accounts[index].spend -= spend }
    }
}
