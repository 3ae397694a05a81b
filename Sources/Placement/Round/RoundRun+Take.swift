import Model

/// The worker a task gets.
struct Choice {
    let worker: Int
    let score: Double
    /// The tier it was found in; 0 under LeastLoaded, which keeps all tiers in one heap.
    var tier = 0
}

extension RoundRun {
    /// The best worker left for the task; nil, for good, once there is none. Nothing is reserved yet.
    mutating func take(_ task: Int, _ plan: Int, _ id: Int) -> Choice? {
        if classes[id].isExhausted { return nil }
        let fit = classes[id].fit
        let algorithm = fits[fit].algorithm
        let request = fits[fit].request
        let order = workerOrder(algorithm)
        while true {
            let choice: Choice?
            if classes[id].left != nil {
                choice = classes[id].left?.next(algorithm, request, order, turn: turn, free, facts.capacityOf)
            } else {
                choice = fits[fit].left.next(algorithm, request, order, turn: turn, free, facts.capacityOf)
            }
            guard let choice else {
                classes[id].isExhausted = true
                return nil
            }
            if ledger.isOpen { return choice }
            let candidate = Int(facts.candidateOf[choice.worker])
            if ledger.admits(charge(task, plan, candidate: candidate)) { return choice }
            // Too dear for this class, and for others perhaps not: go on with a list of its own.
            classes[id].noteRefused(candidate, facts)
            if classes[id].left == nil { classes[id].left = fits[fit].left }
            classes[id].left?.drop(choice, algorithm, order)
        }
    }
}

extension Fit.Left {
    /// The best worker that has room, by the algorithm; those found full on the way are forgotten.
    mutating func next(
        _ algorithm: SchedulingAlgorithm, _ request: Amounts, _ order: WorkerOrder, turn: Int, _ free: [Amounts],
        _ capacityOf: [Amounts]
    ) -> Choice? {
        if algorithm == .leastLoaded { return nextByLoad(request, free, capacityOf) }
        let isCyclic = algorithm == .roundRobin
        for tier in tiers.indices {
            var from = isCyclic ? turn : tiers[tier].low
            while let rank = tiers[tier].ranks.first(from: from) ?? (isCyclic ? tiers[tier].ranks.first(from: 0) : nil) {
                let worker = Int(order.workerAt[rank])
                if free[worker].holds(request) {
                    tiers[tier].low = isCyclic ? 0 : rank
                    return Choice(worker: worker, score: isCyclic ? 0 : order.scores[worker], tier: tier)
                }
                tiers[tier].ranks.remove(rank)
                from = rank
            }
            tiers[tier].low = from
        }
        return nil
    }

    private mutating func nextByLoad(_ request: Amounts, _ free: [Amounts], _ capacityOf: [Amounts]) -> Choice? {
        while let first = loads.first {
            let worker = Fit.worker(first)
            guard free[worker].holds(request) else {
                loads.removeFirst()
                continue
            }
            let now = Fit.entry(first, request, free[worker], capacityOf[worker])
            if now == first { return Choice(worker: worker, score: 1 - Fit.load(first)) }
            loads.replaceFirst(with: now)
        }
        return nil
    }

    /// Forgets a choice that `next` just returned.
    mutating func drop(_ choice: Choice, _ algorithm: SchedulingAlgorithm, _ order: WorkerOrder) {
        if algorithm == .leastLoaded {
            loads.removeFirst()
        } else {
            tiers[choice.tier].ranks.remove(Int(order.rankOf[choice.worker]))
        }
    }
}

extension Fit {
    /// An entry of `Left.loads` as it is with what the worker has free now.
    @inline(__always)
    static func entry(_ entry: UInt64, _ request: Amounts, _ free: Amounts, _ capacity: Amounts) -> UInt64 {
        entry & (tierBits | 0xFFFF_FFFF) | capacity.load(free: free, request: request) << 32
    }
}
