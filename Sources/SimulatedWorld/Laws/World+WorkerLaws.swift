import Model
import Ports
import Storage
import Tree

// What every write of a worker must keep.
extension World {
    mutating func judgeWorker(_ change: StoredChange) {
        if let state = change.status?["state"]?.string,
            state != change.before?.tree["status"]?["state"]?.string
        {
            let why = state == "Failed" ? change.status?["failure"]?["reason"]?.string : nil
            witness.mark("worker \(state)\(why.map { " \($0)" } ?? "")")
            if state == "Online", witness.idleSince[change.after?.uid ?? ""] == nil {
                witness.idleSince[change.after?.uid ?? ""] = now
            }
        }
        noteRent(change)
        noteDrain(change)
        noteUnborn(change)
        guard change.by != nil else { return }
        if change.before == nil { return judgeOrder(change) }
        if change.before?.tree["status"]?["state"] != "Failed" { judgeExpiry(change) }
        judgeAllowance(change)
        guard change.after != nil else { return judgeRemoval(change) }
        guard change.startsDeleting else { return }
        judgeShrinking(change)
        judgeShrinkOrder(change)
        judgeRetiring(change)
        judgeUnborn(change)
    }

    // MARK: What is bought

    /// S8 and S23: nothing is made by a pool that is suspended, in a region closed to it, or past a cap.
    private mutating func judgeOrder(_ change: StoredChange) {
        guard let worker = change.after, let poolName = change.spec?["pool"]?.string else { return }
        let poolKey = ObjectKey(.workerPool, change.key.namespace, poolName)
        let price = change.spec?["price"]?["perHour"].flatMap { try? Money(tree: $0) } ?? .zero
        witness.workers[worker.uid] = .init(
            pool: poolKey, region: change.spec?["region"]?.string ?? "", price: price)
        guard let pool = store.get(poolKey) else { return }
        if pool.tree["spec"]?["suspend"] == true { fail(.meeting, "\(poolKey) is suspended and made \(change.key)") }
        guard let region = store.get(ObjectKey(.region, "", change.spec?["region"]?.string ?? "")) else { return }
        judgeSlots(pool, change)
        judgeNextTry(change, of: pool)
        judgeAttempt(change, of: pool)
        let isSettled = now - (witness.editedAt[region.key] ?? .origin) > .seconds(12)
        let allowed = region.tree["spec"]?["allowedNamespaces"]?.array ?? []
        if isSettled, !allowed.isEmpty, !allowed.contains(.string(change.key.namespace)) {
            fail(.meeting, "\(change.key) was made in \(region.key), which is closed to its namespace")
        }
        judgeManual(pool, change)
        // What costs nothing passes no cap, even one that others overran before it was lowered.
        guard price > .zero else { return }
        judgeRate(pool, "pool", poolName) { $0.pool == poolKey }
        if isSettled { judgeRate(region, "region", region.key.name) { $0.region == region.key.name } }
    }

    /// What never joined and is not confirmed gone fills its slot: whatever its provider does, no more are made than
    /// the pool may have.
    private mutating func judgeSlots(_ pool: StoredObject, _ change: StoredChange) {
        let spec = pool.tree["spec"]
        let most = Int(max(spec?["maxWorkers"]?.int ?? 10, spec?["minWorkers"]?.int ?? 0))
        guard now - (witness.editedAt[pool.key] ?? .origin) > .seconds(12) else { return }
        let unborn = store.list(StoreQuery(kinds: [.worker])).objects.count { object in
            let status = object.tree["status"]
            return witness.workers[object.uid]?.pool == pool.key && status?["onlineAt"] == nil
                && status?["gone"] != true && !witness.forged.contains(object.uid)
                && (status?["state"] == "Failed" || object.tree["metadata"]?["deletionTimestamp"] == nil)
        }
        guard unborn > most else { return }
        fail(
            .limit,
            "\(pool.key) has \(unborn) workers that never joined, and may have \(most): \(change.key) is one more")
    }

    /// Where all plans leave the size to a person, no pool is larger than a person made it.
    private mutating func judgeManual(_ pool: StoredObject, _ change: StoredChange) {
        let namespace = change.key.namespace
        guard !witness.scaled.contains(namespace), let size = witness.givenSize[pool.key] else { return }
        let plans = store.list(StoreQuery(kinds: [.executionPlan])).objects.filter { $0.key.namespace == namespace }
        guard !plans.isEmpty else { return }
        let active = store.list(StoreQuery(kinds: [.worker])).objects.count { object in
            isActive(object, in: pool.key) && !witness.forged.contains(object.uid)
        }
        guard active > size else { return }
        fail(.limit, "\(pool.key) has \(active) workers, people gave it \(size), and its plans say scaling: Manual")
    }

    /// A worker of the pool that has not failed and is not to go.
    func isActive(_ worker: StoredObject, in pool: ObjectKey) -> Bool {
        witness.workers[worker.uid]?.pool == pool && worker.tree["status"]?["state"] != "Failed"
            && worker.tree["metadata"]?["deletionTimestamp"] == nil
    }

    /// The rate of all that is rented stays under `perHour` (S8, S22).
    private mutating func judgeRate(
        _ holder: StoredObject, _ word: String, _ name: String, _ isMember: (WorkerSeen) -> Bool
    ) {
        guard let tree = holder.tree["spec"]?["budget"]?["perHour"], let cap = try? Money(tree: tree) else { return }
        var rate = Money.zero
        for object in store.list(StoreQuery(kinds: [.worker])).objects where object.tree["status"]?["gone"] != true {
            guard let seen = witness.workers[object.uid], isMember(seen) else { continue }
            rate += seen.price
        }
        if rate > cap { fail(.budget, "\(word) \(name) rents for \(rate)/h under a cap of \(cap)/h") }
    }

    // MARK: What is given up

    /// S16: the object goes when what it stands for is gone.
    private mutating func judgeRemoval(_ change: StoredChange) {
        guard let uid = change.before?.uid else { return }
        for provider in providers {
            guard let resource = provider.resources[uid], resource.isAlive, !resource.isLate else { continue }
            fail(.deletion, "\(change.key) is removed, and its resource in \(provider.region) lives")
        }
    }

    /// Only what is idle is given up where demand falls: what is on its way is none of it yet.
    private mutating func judgeUnborn(_ change: StoredChange) {
        guard let worker = change.after, let seen = witness.workers[worker.uid], let pool = store.get(seen.pool),
            pool.tree["metadata"]?["deletionTimestamp"] == nil, pool.tree["metadata"]?["ownerReferences"] == nil,
            change.status?["state"] ?? "Provisioning" == "Provisioning", change.status?["onlineAt"] == nil,
            !witness.forged.contains(worker.uid), pool.tree["spec"]?["replicas"] == nil,
            pool.tree["metadata"]?["generation"] ?? 1 == 1, pool.tree["spec"]?["disruption"]?["expireAfter"] == nil,
            let region = store.get(ObjectKey(.region, "", seen.region)),
            region.tree["metadata"]?["deletionTimestamp"] == nil, region.tree["metadata"]?["generation"] ?? 1 == 1
        else { return }
        fail(.limit, "\(seen.pool) gives up \(change.key), which is on its way")
    }

    /// S23: a pool that follows demand never gives up a worker that has just been given a task, nor one that has
    /// not been idle for its cool-down.
    private mutating func judgeShrinking(_ change: StoredChange) {
        guard let worker = change.after, let seen = witness.workers[worker.uid], let pool = store.get(seen.pool),
            pool.tree["metadata"]?["deletionTimestamp"] == nil, change.status?["state"]?.string != "Failed",
            change.status?["onlineAt"] != nil, change.spec?["maintenance"] != true,
            let spec = pool.tree["spec"], spec["disruption"]?["expireAfter"] == nil,
            spec["replicas"] == nil || spec["autoscaling"] != nil,
            let region = store.get(ObjectKey(.region, "", seen.region)),
            region.tree["metadata"]?["deletionTimestamp"] == nil,
            now - max(witness.editedAt[seen.pool] ?? .origin, witness.editedAt[region.key] ?? .origin) > .seconds(12)
        else { return }
        // A pool of a plan goes with it, or with its place in it.
        if pool.tree["metadata"]?["ownerReferences"] != nil { return }
        let active = store.list(StoreQuery(kinds: [.worker])).objects.count { object in
            witness.workers[object.uid]?.pool == seen.pool && object.tree["status"]?["state"] != "Failed"
                && (object.uid == worker.uid || object.tree["metadata"]?["deletionTimestamp"] == nil)
        }
        if active > Int(spec["maxWorkers"]?.int ?? 10) { return }
        if let tasks = witness.bound[worker.uid], !tasks.isEmpty {
            return fail(.meeting, "\(seen.pool) gives up \(change.key), to which \(tasks.count) tasks are bound")
        }
        let text = spec["autoscaling"]?["cooldown"]?["down"]?.string
        let cooldown = text.flatMap { Duration(text: $0) } ?? .minutes(5)
        let idle = now - (witness.idleSince[worker.uid] ?? .origin)
        if idle + .milliseconds(3000) < cooldown {
            fail(.limit, "\(seen.pool) gives up \(change.key), idle for \(idle.text) of \(cooldown.text)")
        }
    }
}
