package import Model
package import WorkerProtocol

// The engine's word: which workers there are, what they should hold, what is durable.
extension GatewayCore {
    /// A worker is being made; its agent may join with that token until then. Repeating it changes nothing.
    package mutating func expect(
        _ workerUID: String, _ key: ObjectKey, lease: LeaseSpec, token: SecretHash, expiresAt: Instant
    ) {
        guard workers[workerUID] == nil else { return }
        workers[workerUID] = KnownWorker(
            key: key, lease: lease, door: .expected(token: token, expiresAt: expiresAt), renewal: nil)
    }

    /// A worker that joined under an earlier leader, or before a restart, with what it said of its container engine.
    /// Its lease runs from now. Repeating it changes nothing.
    package mutating func restore(
        _ workerUID: String, _ key: ObjectKey, lease: LeaseSpec, credential: SecretHash, containerEngine: String? = nil,
        now: Moment
    ) {
        guard workers[workerUID] == nil else { return }
        var worker = KnownWorker(key: key, lease: lease, door: .proven(credential), renewal: now)
        worker.containerEngine = containerEngine
        workers[workerUID] = worker
    }

    /// The worker is given up or released: its agent is told to end what it runs and to exit.
    package mutating func forget(_ workerUID: String) -> [GatewayEffect] {
        guard let worker = workers.removeValue(forKey: workerUID), let parked = worker.parked else { return [] }
        return [.reply(parked.call, .refused(Refusal(.gone, "worker \(worker.key.name) has been given up")))]
    }

    package var knownWorkers: [String] { workers.keys.sorted() }

    /// All attempts that the worker should hold. Must come from a state no older than any told before, for each worker
    /// once after a start (empty too), and then whenever it changes.
    package mutating func setAssignments(
        _ workerUID: String, _ assignments: [AssignmentMessage], now: Instant
    ) -> [GatewayEffect] {
        guard var worker = workers[workerUID] else { return [] }
        let tasks = WorkerTasks(assignments, after: worker.tasks)
        worker.tasks = tasks
        worker.intake.prune(to: tasks)
        workers[workerUID] = worker
        return takeReports(workerUID) + settle(workerUID, now: now)
    }

    /// Those reports of the worker are durable, or refused for good.
    package mutating func committed(_ workerUID: String, _ sequences: [Int], now: Instant) -> [GatewayEffect] {
        workers[workerUID]?.intake.commit(sequences)
        return settle(workerUID, now: now)
    }

    // MARK: Leases

    /// The number of the last renewal that counted; 0 before any.
    package func renewals(of workerUID: String) -> Int { workers[workerUID]?.renewalNumber ?? 0 }

    package func lease(of workerUID: String) -> WorkerLease? {
        workers[workerUID]?.renewal.map { WorkerLease(workerUID: workerUID, lastRenewal: $0) }
    }

    /// The leases of all workers that have joined, by uid.
    package var leases: [WorkerLease] {
        workers.keys.sorted().compactMap { uid in
            workers[uid]?.renewal.map { WorkerLease(workerUID: uid, lastRenewal: $0) }
        }
    }

    /// A new leader, or one that was itself stalled for more than two seconds, counts every lease from now (L3).
    package mutating func restartLeases(now: Moment) {
        for uid in workers.keys.sorted() {
            guard let renewal = workers[uid]?.renewal, renewal.instant < now.instant else { continue }
            workers[uid]?.renewal = now
        }
    }
}
