import Model

/// How many rejected candidates a record names; the rest is counted.
private let shown = 5

extension RoundRun {
    /// Why this worker: the chosen one, the runners-up with their scores, and the nearest of those that don't fit.
    mutating func bindingRecord(_ id: Int, _ choice: Choice) -> PlacementRecord {
        let algorithm = classes[id].key.algorithm
        var record = PlacementRecord()
        record.strategy = algorithm
        record.considered = facts.workers.count
        record.rejections = classes[id].rejections
        var chosen = CandidateRecord()
        chosen.worker = facts.workers[choice.worker].key.name
        if algorithm != .roundRobin { chosen.score = scoreText(choice.score) }
        chosen.reason = algorithm.chosenBecause
        record.chosen = chosen

        var rejected: [CandidateRecord] = []
        rejected.reserveCapacity(shown)
        for (worker, score) in runnersUp(id, choice) {
            var other = CandidateRecord()
            other.worker = facts.workers[worker].key.name
            if let score { other.score = scoreText(score) }
            other.reason = algorithm.notChosenBecause
            rejected.append(other)
        }
        for other in classes[id].rejected.prefix(shown - rejected.count) { rejected.append(other) }
        record.rejected = rejected
        return record
    }

    /// The next ones the algorithm would have taken, best first. Exact among up to eight kinds of worker; beyond that the
    /// best of the first few kinds looked at.
    private mutating func runnersUp(_ id: Int, _ choice: Choice) -> [(worker: Int, score: Double?)] {
        classes[id].key.algorithm == .leastLoaded ? runnersUpByLoad(id, choice) : runnersUpByRank(id, choice)
    }

    private func runnersUpByRank(_ id: Int, _ choice: Choice) -> [(worker: Int, score: Double?)] {
        guard let order = orders[classes[id].key.algorithm] else { return [] }
        let cyclic = classes[id].key.algorithm == .roundRobin
        let own = Int(order.rankOf[choice.worker])
        var found: [(worker: Int, score: Double?)] = []
        found.reserveCapacity(shown)
        for tier in choice.place..<classes[id].tiers.count {
            let ranks = classes[id].tiers[tier].ranks
            var wrapped = false
            var from = tier == choice.place || cyclic ? own + 1 : 0
            let stop = from
            // A bounded look ahead: full workers may still be in the set.
            var looked = 0
            while found.count < shown, looked < 32 {
                looked += 1
                guard let rank = ranks.first(from: from), !wrapped || rank < stop else {
                    if !cyclic || wrapped { break }
                    (wrapped, from) = (true, 0)
                    continue
                }
                from = rank + 1
                let worker = Int(order.workerAt[rank])
                guard worker != choice.worker, free[worker].holds(classes[id].request) else { continue }
                found.append((worker, cyclic ? nil : order.scores[worker]))
            }
            if found.count == shown { break }
        }
        return found
    }

    private mutating func runnersUpByLoad(_ id: Int, _ choice: Choice) -> [(worker: Int, score: Double?)] {
        let tierBits: UInt64 = 0xFF << 56
        var entries: [UInt64] = []
        entries.reserveCapacity(16)
        var tier: UInt64 = 0
        for index in 0..<min(classes[id].loads.elements.count, 9) {
            let other = classes[id].loads.elements[index]
            if Int(other.queue) == choice.place {
                tier = other.key & tierBits
            } else if let best = loadQueues.best(other.queue, facts, free) {
                entries.append(other.key & tierBits | best)
            }
        }
        let start = entries.count
        loadQueues.others(Int32(choice.place), facts, free, into: &entries)
        for index in start..<entries.count { entries[index] |= tier }
        entries.sort()
        return entries.prefix(shown).map { (LoadQueues.worker($0), 1 - LoadQueues.load($0)) }
    }

    /// What the class can say of every worker that does not fit, however the round goes on.
    func recordRejections(_ made: inout TaskClass) {
        var failing: [(fields: Int, worker: Int32, candidate: Int)] = []
        for index in 0..<facts.workerCandidates {
            guard let field = made.masks[index].first, !made.masks[index].isEmpty else { continue }
            let members = facts.candidates[index].members
            made.rejections[field.name, default: 0] += members.count
            failing.append((made.masks[index].count, members[0], index))
        }
        failing.sort { ($0.fields, $0.worker) < ($1.fields, $1.worker) }
        for (_, _, candidate) in failing {
            for worker in facts.candidates[candidate].members where made.rejected.count < shown {
                var record = CandidateRecord()
                record.worker = facts.workers[Int(worker)].key.name
                record.reason = made.masks[candidate].first.map {
                    rejection($0, made, facts.candidates[candidate]).text
                }
                made.rejected.append(record)
            }
            if made.rejected.count == shown { break }
        }
    }
}

extension SchedulingAlgorithm {
    fileprivate var chosenBecause: String {
        switch self {
        case .roundRobin: "next in turn"
        case .leastLoaded: "least loaded"
        case .priority: "best performance"
        case .costOptimized: "best performance / (cost + 1)"
        }
    }

    fileprivate var notChosenBecause: String {
        switch self {
        case .roundRobin: "fits, later in turn"
        case .leastLoaded: "fits, more loaded"
        case .priority: "fits, lower performance"
        case .costOptimized: "fits, lower performance / (cost + 1)"
        }
    }
}
