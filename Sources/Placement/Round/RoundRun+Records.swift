import Model

/// How many rejected candidates a record names; the rest is counted.
private let shown = 5

extension RoundRun {
    /// Why this worker: the chosen one, the runners-up with their scores, and the nearest of those that don't fit.
    mutating func bindingRecord(_ id: Int, _ choice: Choice) -> PlacementRecord {
        let fit = classes[id].fit
        let algorithm = fits[fit].algorithm
        var record = PlacementRecord()
        record.strategy = algorithm
        record.considered = facts.workers.count
        record.rejections = fits[fit].rejections
        var chosen = CandidateRecord()
        chosen.worker = facts.workers[choice.worker].key.name
        if algorithm != .roundRobin { chosen.score = scoreText(choice.score) }
        chosen.reason = algorithm.chosenBecause
        record.chosen = chosen

        var rejected: [CandidateRecord] = []
        rejected.reserveCapacity(shown)
        for (worker, score) in runnersUp(fit, classes[id].left ?? fits[fit].left, choice) {
            var other = CandidateRecord()
            other.worker = facts.workers[worker].key.name
            if let score { other.score = scoreText(score) }
            other.reason = algorithm.notChosenBecause
            rejected.append(other)
        }
        for other in fits[fit].rejected.prefix(shown - rejected.count) { rejected.append(other) }
        record.rejected = rejected
        return record
    }

    /// The next ones the algorithm would have taken, best first: exact up to sixteen workers with room, and of more than
    /// those the best of the first sixteen looked at.
    private func runnersUp(_ fit: Int, _ left: Fit.Left, _ choice: Choice) -> [(worker: Int, score: Double?)] {
        if fits[fit].algorithm == .leastLoaded { return runnersUpByLoad(fit, left) }
        guard let order = orders[fits[fit].algorithm.ordinal] else { return [] }
        let isCyclic = fits[fit].algorithm == .roundRobin
        let own = Int(order.rankOf[choice.worker])
        var found: [(worker: Int, score: Double?)] = []
        found.reserveCapacity(shown)
        var looked = 0
        for tier in choice.tier..<left.tiers.count {
            let start = tier == choice.tier || isCyclic ? own + 1 : 0
            // Once round: from the one behind the chosen to the end, and under RoundRobin from the first up to it.
            for range in [start..<Int.max, 0..<(isCyclic ? start : 0)] {
                var from = range.lowerBound
                while found.count < shown, looked < 16, let rank = left.tiers[tier].ranks.first(from: from),
                    range.contains(rank)
                {
                    looked += 1
                    from = rank + 1
                    let worker = Int(order.workerAt[rank])
                    guard worker != choice.worker, free[worker].holds(fits[fit].request) else { continue }
                    found.append((worker, isCyclic ? nil : order.scores[worker]))
                }
            }
        }
        return found
    }

    private func runnersUpByLoad(_ fit: Int, _ left: Fit.Left) -> [(worker: Int, score: Double?)] {
        var entries: [UInt64] = []
        entries.reserveCapacity(16)
        let request = fits[fit].request
        for entry in left.loads.elements.dropFirst().prefix(16) {
            let worker = Fit.worker(entry)
            guard free[worker].holds(request) else { continue }
            entries.append(Fit.entry(entry, request, free[worker], facts.capacityOf[worker]))
        }
        entries.sort()
        return entries.prefix(shown).map { (Fit.worker($0), 1 - Fit.load($0)) }
    }

    /// What can be said of the workers that don't fit, however the round goes on.
    func recordRejections(_ made: inout Fit) {
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
