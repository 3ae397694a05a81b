package import Engine
package import Model

extension WorkerReconciler {
    package func gather(_ key: ObjectKey, from snapshot: Snapshot) -> World? {
        guard let worker = snapshot.cache.workers[key]?.object else { return nil }
        let uid = worker.metadata.uid
        let lease = snapshot.live.leases[uid]
        let pool = snapshot.cache.pools[ObjectKey(.workerPool, key.namespace, worker.spec.pool)]?.object
        return World(
            worker: worker,
            keepsSupplies: keepsSupplies(worker, pool, snapshot),
            poolExists: pool.map { $0.metadata.uid == worker.metadata.controllerOwner?.uid } ?? false,
            drainDeadline: worker.spec.drainDeadline,
            lease: lease,
            observation: snapshot.live.observations[uid],
            call: snapshot.live.calls[uid] ?? CallState(),
            boundTasks: snapshot.cache.taskKeys(on: key).count,
            containerEngine: snapshot.live.containerEngines[uid],
            isLeaving: snapshot.live.leaving.contains(uid),
            exhaustedAt: snapshot.live.exhausted[uid],
            exhaustions: exhaustions(worker, snapshot),
            objection: worker.status.createdAt == nil ? objection(to: worker, pool, snapshot) : nil,
            misbehaviour: snapshot.live.misbehaving[uid],
            silence: isSilent(worker, lease, snapshot)
                ? RegionSilence(region: worker.spec.region, snapshot: snapshot) : RegionSilence(),
            leadingSince: snapshot.live.leadingSince,
            settings: snapshot.settings)
    }
}

extension WorkerReconciler {
    /// Whether its region may be asked for more workers, by its own pool or by another.
    private func keepsSupplies(_ worker: Worker, _ pool: WorkerPool?, _ snapshot: Snapshot) -> Bool {
        guard !snapshot.settings.onDemand, let region = snapshot.cache.region(worker.spec.region),
            !region.metadata.isDeleting
        else { return false }
        if let pool, !pool.metadata.isDeleting { return true }
        return snapshot.cache.pools(in: worker.spec.region).contains { !$0.metadata.isDeleting }
    }

    /// How many attempts in a row it could not start; 0 where it has started one since. Tasks are looked through only
    /// for a worker that lately could not, or that takes none any more: each look at it would walk all of them, for as
    /// long as it lives.
    private func exhaustions(_ worker: Worker, _ snapshot: Snapshot) -> Int {
        guard let last = snapshot.live.exhausted[worker.metadata.uid] else { return 0 }
        if let now = snapshot.takenAt, now - last > WorkerStep.exhaustionCounts, worker.status.state.takesTasks {
            return 0
        }
        var ends: [(at: Timestamp, isWorkers: Bool)] = []
        for task in snapshot.cache.tasks.values.map(\.object) where task.key.namespace == worker.key.namespace {
            let status = task.status
            for attempt in status.attempts where attempt.worker == worker.metadata.name {
                guard let at = attempt.finishedAt else { continue }
                ends.append((at, Reason(rawValue: attempt.reason)?.harmsWorker ?? false))
            }
            guard status.phase == .running, status.assignment?.workerUID == worker.metadata.uid else { continue }
            if let at = status.startedAt { ends.append((at, false)) }
        }
        return ends.sorted { $0.at != $1.at ? $0.at > $1.at : $0.isWorkers && !$1.isWorkers }
            .prefix { $0.isWorkers }.count
    }

    private func objection(
        to worker: Worker, _ pool: WorkerPool?, _ snapshot: Snapshot
    ) -> WorkerAdmission.Objection? {
        let region = snapshot.cache.region(worker.spec.region)
        if let objection = WorkerAdmission.objection(to: worker, pool: pool, region: region) { return objection }
        // What costs nothing passes no cap, even one already overrun.
        guard worker.spec.price.perHour > .zero, let pool, let region,
            pool.spec.budget?.perHour != nil || region.spec.budget?.perHour != nil
        else { return nil }
        return WorkerAdmission.objection(
            poolRate: Ledger.rate(of: snapshot.cache.workers(of: pool.key)), pool: pool,
            regionRate: snapshot.cache.rate(ofRegion: region.metadata.name), region: region)
    }

    /// Only then does it matter who else is.
    private func isSilent(_ worker: Worker, _ lease: Lease?, _ snapshot: Snapshot) -> Bool {
        guard worker.status.state.isLive else { return false }
        guard let now = snapshot.takenAt else { return true }
        return now - snapshot.live.heard(lease) > worker.spec.lease.lostAfter
    }
}

extension WorkerState {
    /// Expected to renew its lease.
    var isLive: Bool {
        switch self {
        case .online, .busy, .maintenance, .draining, .offline: true
        case .provisioning, .failed: false
        }
    }
}
