import Engine
import Model

/// Who is silent in a region and elsewhere: what tells one dead worker from a dead network, ours or theirs (S17).
package struct RegionSilence: Sendable, Hashable {
    /// Live workers of the region, and those of them past their lease, by uid in key order.
    var total = 0
    var silent: [Suspect] = []
    /// When workers of the region were lately given up for silence alone.
    var evicted: [Timestamp] = []
    /// Whether any worker of another region is heard, and whether there are any.
    var othersHeard = false
    var othersExist = false
    /// Our own probe of the region's provider works.
    var providerAnswers = true

    struct Suspect: Sendable, Hashable {
        let uid: String
        let silentSince: Instant
        let lostAfter: Duration
    }

    init() {}

    init(region: String, snapshot: Snapshot) {
        for worker in snapshot.cache.workers(in: region) {
            if worker.status.state.isLive {
                total += 1
                let heard = snapshot.live.lastHeard(worker)
                silent.append(Suspect(uid: worker.metadata.uid, silentSince: heard, lostAfter: worker.spec.lease.lostAfter))
            } else if let failure = worker.status.failure, !failure.proven, let at = failure.at {
                evicted.append(at)
            }
        }
        providerAnswers = snapshot.live.providers[region]?.lastError == nil
        guard snapshot.cache.regions.count > 1 else { return }
        for key in snapshot.cache.regions.keys.sorted() where key.name != region {
            for worker in snapshot.cache.workers(in: key.name) where worker.status.state.isLive {
                othersExist = true
                // Heard: renewed after half of its lease would have run out unheard.
                if snapshot.live.leases[worker.metadata.uid] != nil {
                    othersHeardAt = max(othersHeardAt, snapshot.live.lastHeard(worker))
                }
            }
        }
    }

    var othersHeardAt = Instant.origin

    /// Whether the silence of this worker may be taken for its death now.
    func mayEvict(_ uid: String, now: Moment) -> Bool {
        let lost = silent.filter { now.instant - $0.silentSince > $0.lostAfter }
        guard let place = lost.firstIndex(where: { $0.uid == uid }) else { return false }
        if lost.count == total {
            // The whole region is silent. If every other one is too, the fault is ours.
            if othersExist { return now.instant - othersHeardAt < .seconds(12) }
            return providerAnswers
        }
        let recent = evicted.filter { now.wall - $0 < .minutes(1) }
        let allowance = max(2, total / 10)
        if recent.count + place < allowance { return true }
        // Past the allowance one in ten seconds.
        guard place == 0, let last = recent.max() else { return false }
        return now.wall - last >= .seconds(10)
    }
}

extension LiveState {
    /// The last renewal; for one not heard since this controller leads, the start of its lead.
    func lastHeard(_ worker: Worker) -> Instant {
        max(leases[worker.metadata.uid]?.lastRenewal ?? .origin, leadingSince)
    }
}
