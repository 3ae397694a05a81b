import Model

/// How many rejected candidates a record names; the rest is counted.
private let shown = 5

extension RoundRun {
    /// Why this worker: the chosen one, the runners-up with their scores, and the nearest of those that don't
    /// fit.
    mutating func bindingRecord(_ id: Int, _ choice: Choice) -> PlacementRecord {
        let fit = classes[id].fit
        let algorithm = fits[fit].algorithm
        var record = PlacementRecord()
        record.strategy = algorithm
        record.considered = fits[fit].considered
        record.rejections = fits[fit].rejections
        var chosen = CandidateRecord()
        chosen.worker = facts.workers[choice.worker].key.name
        if algorithm != .roundRobin { chosen.score = scoreText(choice.score) }
        chosen.reason = algorithm.chosenBecause
        record.chosen = chosen

        var rejected: [CandidateRecord] = []
        rejected.reserveCapacity(shown)
        let left = classes[id].left ?? fits[fit].left
        let others = left.runnersUp(
            choice, fits[fit], workerOrder(algorithm), free, loadTable, upTo: shown)
        for (worker, score) in others {
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

    /// What can be said of the workers that don't fit, however the round goes on.
    func recordRejections(_ made: inout Fit) {
        var failing: [(fields: Int, worker: Int32, candidate: Int)] = []
        for index in own(made, in: 0..<facts.workerCandidates) {
            let members = facts.candidates[index].members
            made.considered += members.count
            guard let field = made.masks[index].first, !made.masks[index].isEmpty else { continue }
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
