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
        let (request, shares) = (fits[fit].request, fits[fit].shares)
        let order = workerOrder(algorithm)
        while true {
            let choice: Choice?
            if classes[id].left != nil {
                choice = classes[id].left?.next(
                    algorithm, request, shares, order, turn: turn, free, loadTable)
            } else {
                choice = fits[fit].left.next(algorithm, request, shares, order, turn: turn, free, loadTable)
            }
            guard let choice else {
                classes[id].isExhausted = true
                return nil
            }
            let isFree = mayFill(choice.worker, task, request)
            if ledger.isOpen, isFree { return choice }
            let candidate = Int(facts.candidateOf[choice.worker])
            let charge = charge(task, plan, candidate: candidate, worker: choice.worker, isNew: false)
            if isFree, ledger.admits(charge) { return choice }
            // Too dear for this class, and for others perhaps not: go on with a list of its own.
            if isFree { classes[id].noteRefused(candidate, facts) }
            if classes[id].left == nil { classes[id].left = fits[fit].left }
            classes[id].left?.drop(choice, algorithm, order)
        }
    }
}

extension Fit.Left {
    /// The best worker that has room, by the algorithm; those found full on the way are forgotten.
    mutating func next(
        _ algorithm: SchedulingAlgorithm, _ request: Amounts, _ shares: LoadTable.Shares,
        _ order: WorkerOrder,
        turn: Int, _ free: [Amounts], _ loadTable: LoadTable
    ) -> Choice? {
        if algorithm == .leastLoaded { return nextByLoad(request, shares, free, loadTable) }
        let isCyclic = algorithm == .roundRobin
        for tier in tiers.indices {
            var from = isCyclic ? turn : tiers[tier].low
            while let rank = tiers[tier].ranks.first(from: from)
                ?? (isCyclic ? tiers[tier].ranks.first(from: 0) : nil)
            {
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

    private mutating func nextByLoad(
        _ request: Amounts, _ shares: LoadTable.Shares, _ free: [Amounts], _ loadTable: LoadTable
    ) -> Choice? {
        while let first = loads.first {
            let worker = Fit.worker(first)
            guard free[worker].holds(request) else {
                loads.removeFirst()
                continue
            }
            let now = Fit.entry(first, load: loadTable.load(worker, shares))
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

extension Fit.Left {
    /// The next ones after a choice, best first: exact up to sixteen workers with room, and of more than
    /// those the best of the first sixteen looked at. No score under RoundRobin.
    func runnersUp(
        _ choice: Choice, _ fit: Fit, _ order: WorkerOrder, _ free: [Amounts], _ loadTable: LoadTable,
        upTo count: Int
    ) -> [(worker: Int, score: Double?)] {
        if fit.algorithm == .leastLoaded { return runnersUpByLoad(choice.worker, fit, free, loadTable, upTo: count) }
        let isCyclic = fit.algorithm == .roundRobin
        let own = Int(order.rankOf[choice.worker])
        var found: [(worker: Int, score: Double?)] = []
        found.reserveCapacity(count)
        var looked = 0
        for tier in choice.tier..<tiers.count {
            let start = tier == choice.tier || isCyclic ? own + 1 : 0
            // Once round: from the one behind the chosen to the end, and under RoundRobin from the first up
            // to it.
            for (lower, upper) in [(start, Int.max), (0, isCyclic ? start : 0)] {
                var from = lower
                while found.count < count, looked < 16, let rank = tiers[tier].ranks.first(from: from),
                    rank < upper
                {
                    looked += 1
                    from = rank + 1
                    let worker = Int(order.workerAt[rank])
                    guard worker != choice.worker, free[worker].holds(fit.request) else { continue }
                    found.append((worker, isCyclic ? nil : order.scores[worker]))
                }
            }
        }
        return found
    }

    private func runnersUpByLoad(
        _ chosen: Int, _ fit: Fit, _ free: [Amounts], _ loadTable: LoadTable, upTo count: Int
    ) -> [(worker: Int, score: Double?)] {
        var entries: [UInt64] = []
        entries.reserveCapacity(16)
        for entry in loads.elements.prefix(17) {
            let worker = Fit.worker(entry)
            guard worker != chosen, free[worker].holds(fit.request) else { continue }
            entries.append(Fit.entry(entry, load: loadTable.load(worker, fit.shares)))
        }
        entries.sort()
        return entries.prefix(count).map { (Fit.worker($0), 1 - Fit.load($0)) }
    }
}

extension Fit {
    /// An entry of `Left.loads` with another load.
    @inline(__always)
    static func entry(_ entry: UInt64, load: UInt64) -> UInt64 {
        entry & (tierBits | 0xFFFF_FFFF) | load << 32
    }
}
