import Engine
import Model

/// Who is silent in a region and elsewhere: what tells one dead worker from a dead network, ours or theirs (S17).
package struct RegionSilence: Sendable, Hashable {
    /// Live workers of the region, and those of them past their lease, by uid in key order.
    var total = 0
    var silent: [Suspect] = []
    /// When workers of the region were lately given up for silence alone.
    var evicted: [Instant] = []
    /// The last renewal of workers of the region that have left since.
    var leftHeard: Instant?
    /// Whether any other region has workers.
    var othersExist = false
    /// Our own probe of the region's provider works.
    var providerAnswers = true
    /// The last sign of life of any worker of another region.
    var othersHeardAt = Instant.origin

    struct Suspect: Sendable, Hashable {
        let uid: String
        let silentSince: Instant
        let lostAfter: Duration
    }

    init() {}

    init(region: String, snapshot: Snapshot) {
        for held in snapshot.cache.heldWorkers(in: region) where held.object.status.state.isLive {
            total += 1
            let uid = held.object.metadata.uid
            silent.append(
                Suspect(
                    uid: uid, silentSince: snapshot.live.lastHeard(uid), lostAfter: held.object.spec.lease.lostAfter))
        }
        evicted = snapshot.live.evictions[region] ?? []
        leftHeard = snapshot.live.heard[region]
        providerAnswers = snapshot.live.providers[region]?.lastError == nil
        // Only where the whole region is past its leases does it matter who else is heard.
        guard snapshot.cache.regions.count > 1, snapshot.takenAt.map(isSilent) ?? true else { return }
        for key in snapshot.cache.regions.keys.sorted() where key.name != region {
            for held in snapshot.cache.heldWorkers(in: key.name) where held.object.status.state.isLive {
                othersExist = true
                let uid = held.object.metadata.uid
                if snapshot.live.leases[uid] != nil { othersHeardAt = max(othersHeardAt, snapshot.live.lastHeard(uid)) }
            }
        }
    }

    /// Whether the silence of this worker may be taken for its death now.
    func mayEvict(_ uid: String, now: Moment) -> Bool {
        let lost = silent.filter { now.instant - $0.silentSince > $0.lostAfter }
        guard let place = lost.firstIndex(where: { $0.uid == uid }) else { return false }
        if lost.count == total { return isConfirmed(now: now) }
        let recent = evicted.filter { now.instant - $0 < .minutes(1) }
        let allowance = max(2, total / 10)
        if recent.count + place < allowance { return true }
        // Past the allowance one in ten seconds.
        guard place == 0, let last = recent.max() else { return false }
        return now.instant - last >= .seconds(10)
    }

    /// Every worker of the region is past its lease, or was given up for that in the last minute and none is left.
    func isSilent(now: Instant) -> Bool {
        total == 0
            ? evicted.contains { at in now - at < .minutes(1) && leftHeard.map { $0 < at } ?? true }
            : silent.allSatisfy { now - $0.silentSince > $0.lostAfter }
    }

    /// When it becomes silent if nobody is heard any more; nil where it has no worker or is silent already.
    func becomesSilent(after now: Instant) -> Instant? {
        guard total > 0, !isSilent(now: now) else { return nil }
        return silent.map { $0.silentSince + $0.lostAfter + .milliseconds(1) }.max()
    }

    /// The whole region is silent, and it is not us: another region is heard, or, where there is none, the provider
    /// answers.
    func isConfirmed(now: Moment) -> Bool {
        othersExist ? now.instant - othersHeardAt < .seconds(12) : providerAnswers
    }
}

extension LiveState {
    /// The last renewal; for one not heard since this controller leads, the start of its lead.
    func lastHeard(_ uid: String) -> Instant { heard(leases[uid]) }
    func heard(_ lease: Lease?) -> Instant { max(lease?.lastRenewal ?? .origin, leadingSince) }
}
