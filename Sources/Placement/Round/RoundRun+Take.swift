import Model

/// The worker a task gets, and how it was found.
struct Choice {
    let worker: Int
    let score: Double
    /// Where in the class it was: the tier, or the queue.
    let place: Int
}

extension RoundRun {
    /// The best worker left for the task; nil, for good, once there is none. Nothing is reserved yet.
    mutating func take(_ task: Int, _ plan: Int, _ id: Int) -> Choice? {
        if classes[id].isExhausted { return nil }
        let choice = classes[id].key.algorithm == .leastLoaded ? takeByLoad(task, plan, id) : takeByRank(task, plan, id)
        if choice == nil { classes[id].isExhausted = true }
        return choice
    }

    private mutating func takeByRank(_ task: Int, _ plan: Int, _ id: Int) -> Choice? {
        let algorithm = classes[id].key.algorithm
        guard let order = orders[algorithm] else { return nil }
        let cyclic = algorithm == .roundRobin
        for tier in classes[id].tiers.indices {
            var from = cyclic ? turn : classes[id].tiers[tier].low
            while let rank = nextRank(in: classes[id].tiers[tier].ranks, from: from, cyclic: cyclic) {
                let worker = Int(order.workerAt[rank])
                if hasRoom(worker, task, plan, id) {
                    classes[id].tiers[tier].low = cyclic ? 0 : rank
                    return Choice(worker: worker, score: cyclic ? 0 : order.scores[worker], place: tier)
                }
                classes[id].tiers[tier].ranks.remove(rank)
                from = rank
            }
        }
        return nil
    }

    func nextRank(in ranks: Bitmap, from: Int, cyclic: Bool) -> Int? {
        ranks.first(from: from) ?? (cyclic ? ranks.first(from: 0) : nil)
    }

    private mutating func takeByLoad(_ task: Int, _ plan: Int, _ id: Int) -> Choice? {
        let tierBits: UInt64 = 0xFF << 56
        while let first = classes[id].loads.first {
            guard let best = loadQueues.best(first.queue, facts, free) else {
                classes[id].loads.removeFirst()
                continue
            }
            let now = TaskClass.QueueEntry(key: first.key & tierBits | best, queue: first.queue)
            if now.key != first.key {
                classes[id].loads.replaceFirst(with: now)
                continue
            }
            // All workers of a queue have one price: what one can't be paid for, none can.
            let worker = LoadQueues.worker(best)
            guard isPaid(worker, task, plan, id) else {
                classes[id].loads.removeFirst()
                continue
            }
            return Choice(worker: worker, score: 1 - LoadQueues.load(best), place: Int(first.queue))
        }
        return nil
    }

    private mutating func hasRoom(_ worker: Int, _ task: Int, _ plan: Int, _ id: Int) -> Bool {
        free[worker].holds(classes[id].request) && isPaid(worker, task, plan, id)
    }

    private mutating func isPaid(_ worker: Int, _ task: Int, _ plan: Int, _ id: Int) -> Bool {
        if ledger.isOpen { return true }
        let candidate = Int(facts.candidateOf[worker])
        if ledger.admits(charge(task, plan, candidate: candidate)) { return true }
        classes[id].noteRefused(candidate, facts)
        return false
    }
}
