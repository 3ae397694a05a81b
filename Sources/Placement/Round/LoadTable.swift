import Model

/// How full every worker is, kept as shares of its capacity so that the load after a binding is a few
/// multiplications: LeastLoaded asks for it far more often than anything is bound.
struct LoadTable {
    /// One number for each amount a worker has.
    struct Shares {
        var slots: Double
        var cpu: Double
        var memory: Double
        var storage: Double
        var network: Double
        var gpu: Double

        init(_ amounts: Amounts, _ convert: (Int64) -> Double) {
            slots = convert(amounts.slots)
            cpu = convert(amounts.cpu)
            memory = convert(amounts.memory)
            storage = convert(amounts.storage)
            network = convert(amounts.network)
            gpu = convert(amounts.gpu)
        }
    }

    private var used: [Shares] = []
    private let capacity: [Amounts]
    /// By candidate: 1 / capacity, and 0 where there is none: what asks for some of that does not get here.
    private let inverse: [Shares]
    private let candidateOf: [Int32]

    init(_ facts: Facts, free: [Amounts]) {
        candidateOf = facts.candidateOf
        capacity = facts.candidates.map(\.capacity)
        inverse = capacity.map { Shares($0) { $0 > 0 ? 1 / Double($0) : 0 } }
        used.reserveCapacity(free.count)
        for worker in free.indices { used.append(share(worker, free[worker])) }
    }

    /// Takes note of what a worker has free now. Worked out anew from whole numbers, so that the way there
    /// leaves no trace.
    mutating func update(_ worker: Int, free: Amounts) { used[worker] = share(worker, free) }

    private func share(_ worker: Int, _ free: Amounts) -> Shares {
        let candidate = Int(candidateOf[worker])
        var taken = capacity[candidate]
        taken -= free
        let inverse = inverse[candidate]
        var shares = Shares(taken) { Double($0) }
        shares.slots *= inverse.slots
        shares.cpu *= inverse.cpu
        shares.memory *= inverse.memory
        shares.storage *= inverse.storage
        shares.network *= inverse.network
        shares.gpu *= inverse.gpu
        return shares
    }

    /// The largest share of any capacity in use once `request` is taken as well, in millionths. A million is
    /// full; loads within a millionth of each other are equal.
    @inline(__always)
    func load(_ worker: Int, _ request: Shares) -> UInt64 {
        let inverse = inverse[Int(candidateOf[worker])]
        let used = used[worker]
        var top = used.slots + request.slots * inverse.slots
        top = max(top, used.cpu + request.cpu * inverse.cpu)
        top = max(top, used.memory + request.memory * inverse.memory)
        top = max(top, used.storage + request.storage * inverse.storage)
        top = max(top, used.network + request.network * inverse.network)
        top = max(top, used.gpu + request.gpu * inverse.gpu)
        return UInt64(min(max(top, 0) * 1_000_000 + 0.5, 16_777_215))
    }
}
