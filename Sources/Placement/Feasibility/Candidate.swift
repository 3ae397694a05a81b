import Model

/// Workers that are alike in everything a requirement can ask about, or a kind of worker that a pool can make.
/// Feasibility is settled once for all of them; what they have free is kept per worker.
struct Candidate {
    /// Index into `Facts.regions`; -1 where the region does not exist.
    var region: Int
    var regionName: String
    var pool: ObjectKey
    /// Index into `Facts.pools`; -1 where the pool is not in the input.
    var poolIndex: Int
    /// Of the capabilities any task asks for, those it has.
    var capabilities: Bitmap
    var capacity: Amounts
    var gpuModel: String?
    var hasEngine: Bool
    var price: Money
    /// Micros an hour for one slot.
    var share: Int64
    /// Why none of its workers takes tasks; nil where they do.
    var refusal: String?
    /// Whether `refusal` will pass without anybody's help.
    var isProvisioning = false
    /// Its workers have failed and are only waited for until nothing is left of them.
    var hasFailed = false
    /// Its workers will take tasks when they are there.
    var isComing = false
    /// Indices of its workers in key order; empty for one that a pool can make.
    var members: [Int32] = []

    static func share(of price: Money, slots: Int) -> Int64 {
        let slots = Int64(max(1, slots))
        return (price.micros + slots - 1) / slots
    }
}

/// What makes two workers one candidate.
struct CandidateKey: Hashable {
    let region: String
    let pool: ObjectKey
    let capabilities: [String]
    let capacity: Resources
    let slots: Int
    let hasEngine: Bool
    let price: Money
    let state: WorkerState
    let refusal: String?

    init(_ worker: PlacementWorker) {
        region = worker.region
        pool = worker.pool
        capabilities = worker.capabilities
        capacity = worker.capacity
        slots = worker.slots
        hasEngine = worker.hasEngine
        price = worker.costPerHour
        // Online and Busy differ in what is free only, which is kept per worker.
        state = worker.state.takesTasks ? .online : worker.state
        refusal = worker.refusal
    }
}
