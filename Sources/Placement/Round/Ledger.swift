import Model

/// What is left of every budget while a round decides: plans, a plan's own caps for regions, regions and pools, each
/// with a rate and a spend.
///
/// What counts is what is rented, whole: the first task of a plan on a worker takes the worker's price from the plan,
/// further ones nothing. A worker that is yet to be rented is taken from its region and pool too, once; those that
/// stand are taken there already.
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

    /// A task on a worker, and who pays.
    struct Charge {
        var plan: Int
        /// -1: none.
        var region: Int
        /// -1: none.
        var pool: Int
        /// Index of the worker, or beyond those of all workers a number for one that is yet to be rented; -1: any.
        var worker: Int
        /// Micros an hour of the whole worker.
        var price: Int64
        var p90: Duration
        /// It is not rented yet.
        var isNew: Bool
    }

    private struct Part: Hashable {
        let payer: Int
        let worker: Int
    }

    private struct Paid {
        var rate: Int64
        var reserved: Duration
        var isIdle = false
    }

    private var accounts: [Account] = []
    private let regionBase: Int
    private let poolBase: Int
    /// The account of a plan's cap for a region.
    private var ownCaps: [Part: Int] = [:]
    /// What plans pay for workers already.
    private var paid: [Part: Paid] = [:]
    /// New workers that their region and pool have paid.
    private var rented: [Int: Duration] = [:]
    private let caps: [Bool]
    /// Whether no account has a cap, so that nothing needs checking.
    let isOpen: Bool
    let capsSpend: Bool

    init(plans: [PlacementPlan], regions: [PlacementRegion], pools: [PlacementPool], workers: [PlacementWorker]) {
        accounts = plans.map { Account($0.headroom, "plan \($0.key.name)") }
        regionBase = accounts.count
        accounts += regions.map { Account($0.headroom, "region \($0.name)") }
        poolBase = accounts.count
        accounts += pools.map { Account($0.headroom, "pool \($0.key.name)") }
        caps = plans.map { $0.isCapped }
        var all = plans.map(\.headroom) + regions.map(\.headroom) + pools.map(\.headroom)
        for (index, plan) in plans.enumerated() where !plan.headroomOfRegion.isEmpty {
            for (number, region) in regions.enumerated() {
                guard let own = plan.headroomOfRegion[region.name], own.isCapped else { continue }
                ownCaps[Part(payer: index, worker: number)] = accounts.count
                accounts.append(Account(own, "plan \(plan.key.name)'s cap for region \(region.name)"))
                all.append(own)
            }
        }
        isOpen = !all.contains { $0.isCapped }
        capsSpend = all.contains { $0.capsSpend }
        guard plans.contains(where: { !$0.rents.isEmpty }) else { return }
        for (number, worker) in workers.enumerated() {
            for index in plans.indices where caps[index] {
                guard let rent = plans[index].rents[worker.key] else { continue }
                paid[Part(payer: index, worker: number)] = Paid(
                    rate: rent.perHour.micros, reserved: rent.reserved, isIdle: rent.isIdle)
            }
        }
    }

    /// Whether a plan has a cap of its own.
    func isCapped(_ plan: Int) -> Bool { caps[plan] }

    func admits(_ charge: Charge) -> Bool { isOpen || refusing(charge) == nil }

    mutating func reserve(_ charge: Charge) {
        if isOpen { return }
        for index in payers(charge) {
            let (rate, spend) = amounts(charge, index)
            if accounts[index].rate != .max { accounts[index].rate -= rate }
            if accounts[index].spend != .max { accounts[index].spend -= spend }
        }
        if charge.worker >= 0, caps[charge.plan] {
            let part = Part(payer: charge.plan, worker: charge.worker)
            let before = paid[part]?.reserved ?? .zero
            paid[part] = Paid(rate: charge.price, reserved: max(before, charge.p90))
        }
        if charge.isNew { rented[charge.worker] = max(rented[charge.worker] ?? .zero, charge.p90) }
    }

    /// In a sentence, the first cap that the charge would pass; nil where it passes none.
    func refusal(_ charge: Charge) -> String? {
        guard let index = refusing(charge) else { return nil }
        let account = accounts[index]
        let (rate, spend) = amounts(charge, index)
        if rate > account.rate {
            let (needs, left) = (Money(micros: rate), Money(micros: max(0, account.rate)))
            return "needs \(rateText(needs)), \(account.owner) has \(rateText(left)) of its perHour budget left: "
                + "short by \(rateText(needs - left))"
        }
        let (needs, left) = (Money(micros: spend), Money(micros: max(0, account.spend)))
        return "reserves \(needs) up to its p90 end, \(account.owner) has \(left) of its "
            + "\(account.spendName) budget left: short by \(needs - left)"
    }

    private func payers(_ charge: Charge) -> [Int] {
        var indices = [charge.plan]
        if charge.region >= 0, let own = ownCaps[Part(payer: charge.plan, worker: charge.region)] {
            indices.append(own)
        }
        guard charge.isNew else { return indices }
        if charge.region >= 0 { indices.append(regionBase + charge.region) }
        if charge.pool >= 0 { indices.append(poolBase + charge.pool) }
        return indices
    }

    /// What costs nothing passes no cap, even one already overrun. A worker that waits for its release at the plan's
    /// cost is no gift: taking it keeps it, so it must fit below the cap like any other.
    private func refusing(_ charge: Charge) -> Int? {
        let keeps = paid[Part(payer: charge.plan, worker: charge.worker)]?.isIdle ?? false
        return payers(charge).first { index in
            let (rate, spend) = amounts(charge, index)
            return ((rate > 0 || keeps) && rate > accounts[index].rate) || (spend > 0 && spend > accounts[index].spend)
        }
    }

    /// What the charge takes beyond what is paid for the same worker already.
    private func amounts(_ charge: Charge, _ account: Int) -> (rate: Int64, spend: Int64) {
        let isShared = account >= regionBase && account < sharedEnd
        var (rate, reserved) = (Int64(0), Duration.zero)
        if isShared {
            if let until = rented[charge.worker] { (rate, reserved) = (charge.price, until) }
        } else if charge.worker >= 0, let known = paid[Part(payer: charge.plan, worker: charge.worker)] {
            (rate, reserved) = (known.rate, known.reserved)
        }
        guard capsSpend else { return (max(0, charge.price - rate), 0) }
        let price = Money(micros: charge.price)
        let more = price.perHour(over: charge.p90) - price.perHour(over: min(reserved, charge.p90))
        return (max(0, charge.price - rate), max(0, more.micros))
    }

    /// Behind the accounts of regions and pools stand the plans' caps for single regions.
    private var sharedEnd: Int { accounts.count - ownCaps.count }
}

extension PlacementPlan {
    /// Whether a cap of its own counts, for all regions or for one.
    package var isCapped: Bool { headroom.isCapped || headroomOfRegion.values.contains { $0.isCapped } }
}
