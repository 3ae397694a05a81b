import Model

/// Tasks between which the round need not distinguish: same requirements, same scope, same algorithm, and, where budgets
/// are capped, same plan and duration. So what one of them can't take, because it is full or too dear, none of the later
/// ones can either, and is forgotten for good: within a round, room and money only shrink.
struct TaskClass {
    struct Key: Hashable {
        var profile: Int32
        var scope: Int32
        var algorithm: SchedulingAlgorithm
        /// -1 where no budget is capped.
        var plan: Int32 = -1
        var p90: Duration = .zero
        /// Index into the sets of workers to avoid; 0: none.
        var avoid: Int32 = 0
    }

    /// A group of candidates that come one after the other, and each of them with its tier.
    struct Tier {
        var ranks: Bitmap
        /// No rank below is left.
        var low = 0
    }

    /// One queue of alike workers within a LeastLoaded class: tier, load and worker packed so that less is better.
    struct QueueEntry: Comparable {
        var key: UInt64
        var queue: Int32
        static func < (a: QueueEntry, b: QueueEntry) -> Bool { a.key < b.key }
    }

    let key: Key
    let profile: Int
    let request: Amounts
    let scope: Scope
    /// Candidates that fit, with their tiers; not settled is only which have room.
    var feasible: [(candidate: Int, tier: Int)] = []
    /// Indices into `Facts.pools` whose next worker fits, cheapest of the lowest tier first.
    var pools: [Int] = []
    /// Per candidate, what fails; empty is feasible.
    var masks: [FieldMask] = []
    var avoided: [Int32] = []

    // What is left to choose from.
    var tiers: [Tier] = []
    var loads = MinHeap<QueueEntry>([])
    /// Nothing is left, for good.
    var isExhausted = false
    /// The cheapest candidate that a budget refused.
    var refusedByBudget: Int?

    /// Micros an hour of the dearest candidate's slot.
    var baseline: Int64 = 0
    var rejected: [CandidateRecord] = []
    var rejections: [String: Int] = [:]
    /// What a task that nothing is left for is told, unless a pool can grow for it.
    var verdict: Verdict?

    struct Verdict {
        var reason: Reason
        var message: String
    }
}
