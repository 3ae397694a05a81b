import Model

/// Which workers a kind of task fits, and those of them that still have room, best first.
///
/// It is shared by all tasks of equal requirements, scope, algorithm and workers to avoid. Within a round
/// room only shrinks, so a worker found too full for one of them is too full for all later ones and is
/// forgotten for good.
struct Fit {
    struct Key: Hashable {
        var profile: Int32
        var scope: Int32
        /// Of the algorithm.
        var ordinal: Int
        /// Index into the regions chosen for a plan; -1: all.
        var regions: Int32
        /// Index into the sets of workers to avoid; 0: none.
        var avoid: Int32
    }

    let key: Key
    let algorithm: SchedulingAlgorithm
    let request: Amounts
    /// The same for `LoadTable`.
    let shares: LoadTable.Shares
    let scope: Scope
    /// The plan's regions, where its limit leaves out some.
    let allowed: RegionChoice.Allowed?
    /// Per candidate, what fails; empty is feasible.
    var masks: [FieldMask] = []
    /// Indices of candidates that fit, with their tiers.
    var feasible: [(candidate: Int, tier: Int)] = []
    /// Indices into `Facts.offers` that fit, cheapest of the lowest tier first.
    var offers: [Int] = []
    /// Candidates that fit and are on their way.
    var coming: [Int] = []
    var left = Left()
    /// Micros an hour of the dearest candidate's slot.
    var baseline: Int64 = 0
    /// For the record of every task: the nearest workers that don't fit, and how many each field rules out.
    var rejected: [CandidateRecord] = []
    /// Workers of the task's namespace.
    var considered = 0
    var rejections: [String: Int] = [:]

    /// Workers not yet known to be full.
    struct Left {
        /// By tier, the ranks left in the algorithm's `WorkerOrder`.
        var tiers: [Tier] = []
        /// Under LeastLoaded: tier (8 bits), load after binding in millionths (24), worker (32), so that less
        /// is better. Loads only rise within a round, so entries are corrected when they come first.
        var loads = MinHeap<UInt64>([])
    }

    struct Tier {
        var ranks: Bitmap
        /// No rank below is left.
        var low = 0
    }

    static func worker(_ entry: UInt64) -> Int { Int(entry & 0xFFFF_FFFF) }
    static func load(_ entry: UInt64) -> Double { Double(entry >> 32 & 0xFF_FFFF) / 1_000_000 }
    static let tierBits: UInt64 = 0xFF << 56
}

/// Tasks that a budget treats alike: one fit and, where budgets are capped, one plan and one duration. What
/// is too dear for one of them is too dear for all later ones, since within a round money only shrinks too.
struct TaskClass {
    struct Key: Hashable {
        var fit: Int32
        /// -1 where the plan has no cap.
        var plan: Int32 = -1
        /// Zero where no budget caps spend.
        var p90: Duration = .zero
        /// Its plan leaves scaling to a person.
        var isManual = false
    }

    let key: Key
    let fit: Int
    /// The class's own, once a budget has ruled out workers that others may still have.
    var left: Fit.Left?
    /// Nothing is left, for good.
    var isExhausted = false
    /// The cheapest candidate that a budget refused.
    var refusedByBudget: Int?
    /// What a task that nothing is left for is told, unless a pool can grow for it.
    var verdict: Verdict?

    struct Verdict {
        var reason: Reason
        var message: String
    }

    mutating func noteRefused(_ candidate: Int, _ facts: Facts) {
        if let refusedByBudget, facts.candidates[refusedByBudget].price <= facts.candidates[candidate].price {
            return
        }
        refusedByBudget = candidate
    }
}
