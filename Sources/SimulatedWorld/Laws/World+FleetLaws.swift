import Model
import Ports
import Storage
import Tree

// Which workers go, how many at once, and how soon a slot is tried again; and where a plan lets its tasks go.
extension World {
    /// Nobody froze, cut off or killed anything yet: what a controller knows is what stands.
    var isBeforeFaults: Bool { scenario.faults.first.map { now - .origin <= $0.at } ?? true }

    // MARK: Workers that go

    /// Of a pool that is made smaller the idle workers go first.
    mutating func judgeShrinkOrder(_ change: StoredChange) {
        guard isBeforeFaults, let worker = change.after, let held = witness.bound[worker.uid], !held.isEmpty,
            let seen = witness.workers[worker.uid], let pool = standing(seen.pool), isLeftToSize(change, pool),
            pool.tree["spec"]?["autoscaling"] == nil, pool.tree["spec"]?["disruption"]?["expireAfter"] == nil,
            standing(ObjectKey(.region, "", seen.region)) != nil
        else { return }
        let idle = store.list(StoreQuery(kinds: [.worker])).objects.first { other in
            guard witness.workers[other.uid]?.pool == seen.pool, other.uid != worker.uid,
                other.tree["metadata"]?["deletionTimestamp"] == nil, other.tree["status"]?["state"] == "Online",
                other.tree["spec"]?["maintenance"] != true, witness.bound[other.uid]?.isEmpty ?? true,
                !witness.forged.contains(other.uid), let since = witness.idleSince[other.uid]
            else { return false }
            return now - since > .seconds(3)
        }
        guard let idle else { return }
        fail(.meeting, "\(seen.pool) gives up \(change.key) with \(held.count) tasks, and \(idle.key) is idle")
    }

    /// What lives and is not on its way out.
    private func standing(_ key: ObjectKey) -> StoredObject? {
        guard let object = store.get(key), object.tree["metadata"]?["deletionTimestamp"] == nil else { return nil }
        return object
    }

    /// Whether nothing but the size of its pool, or its age, sends a worker away.
    private func isLeftToSize(_ change: StoredChange, _ pool: StoredObject) -> Bool {
        change.by != nil && change.status?["state"] != "Failed" && change.status?["onlineAt"] != nil
            && change.spec?["maintenance"] != true && pool.tree["metadata"]?["ownerReferences"] == nil
            && !witness.forged.contains(change.after?.uid ?? "")
    }

    /// Of those that are past their age no more go in one commit than may be missing.
    mutating func judgeAgeing(_ changes: [StoredChange]) {
        var going: [ObjectKey: Int] = [:]
        for change in changes where change.key.kind == .worker && change.startsDeleting {
            guard let worker = change.after, let seen = witness.workers[worker.uid], let pool = standing(seen.pool),
                isLeftToSize(change, pool), standing(ObjectKey(.region, "", seen.region)) != nil,
                let text = pool.tree["spec"]?["disruption"]?["expireAfter"]?.string, let limit = Duration(text: text),
                let created = witness.createdAt[worker.uid], now - created + .seconds(3) > limit
            else { continue }
            going[seen.pool, default: 0] += 1
        }
        for key in going.keys.sorted() {
            guard let pool = store.get(key), now - (witness.editedAt[key] ?? .origin) > .seconds(12) else { continue }
            let most = Int(pool.tree["spec"]?["disruption"]?["maxUnavailable"]?.int ?? 1)
            let left = store.list(StoreQuery(kinds: [.worker])).objects.count { isActive($0, in: key) }
            // A pool that is made smaller at the same time wants no others for them.
            guard let count = going[key], count > most, left < pool.tree["status"]?["desiredReplicas"]?.int ?? 0 else {
                continue
            }
            fail(.limit, "\(key) renews \(count) workers at once, and \(most) may be missing")
        }
    }

    // MARK: Slots

    /// A slot whose worker never joined is tried again after two seconds, then four, and so on.
    mutating func noteUnborn(_ change: StoredChange) {
        guard let worker = change.after, let seen = witness.workers[worker.uid], let pool = store.get(seen.pool),
            let slot = change.spec?["slot"]?.int
        else { return }
        let place = "\(pool.uid)/\(slot)"
        if change.status?["onlineAt"] != nil {
            witness.unborn[place] = nil
        } else if change.startsDeleting, change.by != nil, change.status?["state"] == "Failed" {
            witness.unborn[place] = (now, (witness.unborn[place]?.times ?? 0) + 1)
        }
    }

    mutating func judgeNextTry(_ change: StoredChange, of pool: StoredObject) {
        guard let slot = change.spec?["slot"]?.int, let last = witness.unborn["\(pool.uid)/\(slot)"],
            last.since > witness.editedAt[pool.key] ?? .origin
        else { return }
        let wait = Duration.seconds(1 << Int64(min(last.times, 8)))
        guard now - last.since + waitingSlack < wait else { return }
        fail(
            .limit,
            "\(change.key) was made \((now - last.since).text) after the last in its slot failed, the \(last.times). in "
                + "turn: \(wait.text) must pass")
    }

    // MARK: Regions

    /// A region goes when nothing stands in it.
    mutating func judgeRegionRemoval(_ change: StoredChange) {
        guard change.after == nil, change.by != nil else { return }
        let left = store.list(StoreQuery(kinds: [.worker])).objects.first {
            $0.tree["spec"]?["region"]?.string == change.key.name && !witness.forged.contains($0.uid)
        }
        if let left { fail(.deletion, "\(change.key) is gone, and \(left.key) stands in it") }
    }

    // MARK: Where a plan lets its tasks go

    /// Elsewhere than in its own region a task runs by one of its plan's failover rules.
    mutating func judgeFailover(_ change: StoredChange, _ worker: StoredObject, _ plan: StoredObject) {
        guard let home = change.spec?["region"]?.string, let place = worker.tree["spec"]?["region"]?.string,
            place != home, !wasEdited(plan), let spec = (try? ExecutionPlan(tree: plan.tree))?.spec,
            let own = provider(of: home), let other = provider(of: place)
        else { return }
        judgeRuleOrder(change, place, home, spec)
        let neverRan = change.status?["attempts"]?.array?.isEmpty ?? true
        let isAllowed = spec.faultTolerance.failover.contains { rule in
            // What has not run was not lost with its worker.
            guard rule.when.isEmpty || !neverRan || rule.when != [.workerLost] else { return false }
            switch rule.strategy {
            case .sameRegion: return false
            case .otherRegion: return own == other
            case .otherProvider: return own != other
            }
        }
        guard !isAllowed || !spec.faultTolerance.autoFailover || !spec.regions.contains(where: { $0.region == place })
        else { return }
        fail(.placement, "\(change.key) of \(home) was bound in \(place), and no failover rule leads there")
    }

    private func wasEdited(_ plan: StoredObject) -> Bool { witness.plans[plan.uid]?.editedAt ?? .origin >= .origin }

    /// Of a region that nobody changed lately, what it names as its provider.
    private func provider(of region: String) -> ProviderKind? {
        let key = ObjectKey(.region, "", region)
        guard let object = store.get(key) else { return nil }
        // As it was made, or as it has been for some time.
        let isAsMade = object.tree["metadata"]?["generation"] ?? 1 == 1
        guard isAsMade || now - (witness.editedAt[key] ?? .origin) > .seconds(12) else { return nil }
        return (try? Region(tree: object.tree))?.spec.provider.kind
    }

    /// A first attempt starts when every outside party of its region has answered.
    mutating func judgeParties(_ task: WorkTask, _ plan: StoredObject?) {
        guard task.status.attempt == 1, !scenario.assumesExternals, let plan, !wasEdited(plan),
            let home = task.spec.region,
            let spec = (try? ExecutionPlan(tree: plan.tree))?.spec
        else { return }
        for external in spec.regions.first(where: { $0.region == home })?.externals ?? [] {
            guard let endpoint = external.endpoint, !witness.answered.contains(endpoint) else { continue }
            fail(.order, "\(task.key) started, and \(external.name) of \(home) has never answered")
        }
    }
}
