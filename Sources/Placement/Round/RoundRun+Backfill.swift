import Model

/// Room on a worker that is kept for a task which needs more than is free there now (Lifka's EASY backfilling, 1995).
struct KeptRoom {
    /// From now, when what runs there leaves the room.
    let at: Duration
    /// What is free then beside the task: whoever takes no more than this does not put it off.
    var spare: Amounts
}

// A task that finds no room is not starved by smaller ones that keep coming: the worker that will have room for it
// first is kept for it, and others get only what ends before or fits beside it.
extension RoundRun {
    /// Workers kept in one round: the first tasks in order that find no room have one each.
    private static let mostKept = 16

    /// Keeps the worker that has room for the task first; nil where what runs there doesn't say when, or all are kept.
    mutating func keepRoom(_ id: Int) -> Int? {
        guard keptRoom.count < RoundRun.mostKept else { return nil }
        let fit = fits[classes[id].fit]
        var best: (at: Duration, worker: Int, spare: Amounts)?
        for (candidate, _) in fit.feasible {
            for worker in facts.candidates[candidate].members where keptRoom[Int(worker)] == nil {
                guard let (at, spare) = opening(Int(worker), fit.request) else { continue }
                if let best, (best.at, best.worker) <= (at, Int(worker)) { continue }
                best = (at, Int(worker), spare)
            }
        }
        guard let best else { return nil }
        keptRoom[best.worker] = KeptRoom(at: best.at, spare: best.spare)
        return best.worker
    }

    /// When the worker has room for the request, and what is free then beside it.
    private func opening(_ worker: Int, _ request: Amounts) -> (at: Duration, spare: Amounts)? {
        let releases = facts.workers[worker].releases
        guard !releases.isEmpty else { return nil }
        var room = free[worker]
        let isAlone = facts.workers[worker].holdsIsolated
        for release in releases.sorted(by: { $0.at < $1.at }) {
            room.take(Amounts(release.requires, isIsolated: isAlone), times: -1)
            guard room.holds(request) else { continue }
            room -= request
            return (max(.zero, release.at - now), room)
        }
        return nil
    }

    /// Whether a task may take room on a worker without putting off the one that it is kept for.
    func mayFill(_ worker: Int, _ task: Int, _ request: Amounts) -> Bool {
        guard !keptRoom.isEmpty, let kept = keptRoom[worker] else { return true }
        return tasks[task].duration.p90 <= kept.at || kept.spare.holds(request)
    }

    /// Takes note of a task that got room on a kept worker.
    mutating func filled(_ worker: Int, _ task: Int, _ request: Amounts) {
        guard !keptRoom.isEmpty, let kept = keptRoom[worker], tasks[task].duration.p90 > kept.at else { return }
        keptRoom[worker]?.spare -= request
    }
}
