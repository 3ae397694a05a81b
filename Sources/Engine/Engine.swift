package import Model
package import Ports
import Tree

/// The controller loop as a value: store events, completions and time go in, effects come out. It never waits and
/// never acts; a shell (or the simulator) carries the effects out and hands their results back.
///
/// Laws. A key is decided by one decision at a time: it is locked from the moment a decision that touches it is
/// made until its commit is answered. A call to a provider goes out only after the commit that recorded its intent.
/// Own commits enter the cache from their receipts, so that no decision acts on a state older than its own last
/// write.
package struct Engine: Sendable {
    package private(set) var cache = Cache()
    package var live = LiveState()
    package let settings: Settings
    package private(set) var breakers: Breakers
    /// Objects whose stored form could not be read, with why. They are left alone.
    package private(set) var unreadable: [ObjectKey: String] = [:]
    package private(set) var synced = false
    package private(set) var stats = Stats()

    private let reconcilers: [Kind: AnyReconciler]
    private let round: RoundReconciler
    private let affected: @Sendable (Change, Cache) -> [WorkKey]
    private var queue = WorkQueue()
    private var random: Randomness
    private var locked: Set<ObjectKey> = []
    private var roundInFlight = false
    /// Tasks that sat the last round out because a commit held them.
    private var skippedByRound: Set<ObjectKey> = []
    private var dirtyWhileLocked: Set<WorkKey> = []
    private var commits: [UInt64: PendingCommit] = [:]
    private var nextID: UInt64 = 1
    private var storeFailures = 0
    private var nextResync = Instant.distantFuture
    private var effects: [Effect] = []

    private struct PendingCommit: Sendable {
        var keys: [ObjectKey]
        var requeue: [WorkKey]
        var afterwards: [Action]
        var reports: [TaskReport]
        var isRound: Bool
        var cursor: ObjectKey?
    }

    /// `affected` says which keys a change of one object concerns, given the cache after it.
    package init(
        settings: Settings, reconcilers: [AnyReconciler], round: RoundReconciler, seed: UInt64,
        breakers: Breakers = Breakers(), affected: @escaping @Sendable (Change, Cache) -> [WorkKey]
    ) {
        self.settings = settings
        self.reconcilers = Dictionary(uniqueKeysWithValues: reconcilers.map { ($0.kind, $0) })
        self.round = round
        self.affected = affected
        self.breakers = breakers
        random = Randomness(seed: seed)
    }

    package func snapshot(now: Moment) -> Snapshot {
        Snapshot(
            cache: cache, live: live, settings: settings, circuits: breakers.records(now: now), takenAt: now.instant)
    }

    /// The effects asked for since the last call.
    package mutating func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    /// When `step` has something to do if nothing comes in before.
    package var nextDue: Instant? {
        mutating get { synced ? min(queue.nextDue ?? .distantFuture, nextResync) : nil }
    }
    package var isIdle: Bool { commits.isEmpty }

    package mutating func wake(_ key: WorkKey, now: Moment, after delay: Duration = .zero) {
        queue.add(key, at: now.instant + delay)
    }

    package mutating func newUID() -> String { random.uuid() }
    package mutating func jitter(_ bound: UInt64) -> UInt64 { random.below(bound) }
}

// MARK: What comes in from the store

extension Engine {
    package mutating func ingest(_ events: [StoreEvent], now: Moment) {
        for event in events {
            switch event {
            case .restarted: synced = false
            case .initial(let object), .applied(let object, _): apply(object, now: now)
            case .deleted(let object): remove(object.key, version: object.version, now: now)
            case .synced:
                guard !synced else { continue }
                synced = true
                wakeEverything(now: now)
            }
        }
    }

    /// At the start, and from time to time in case a change was missed. Where nothing was, nothing is written.
    private mutating func wakeEverything(now: Moment) {
        for kind in Kind.own { for key in cache.keys(of: kind) { wake(.object(key), now: now) } }
        wake(.round, now: now)
        nextResync = now.instant + settings.resync
    }

    /// A fresh uncached list: what it does not name is gone.
    package mutating func relisted(_ list: ListResult, now: Moment) {
        for object in list.objects { apply(object, now: now) }
        for key in cache.keysMissing(from: Set(list.objects.map(\.key))) {
            remove(key, version: list.version, now: now)
        }
    }

    /// The answer to `.refresh`.
    package mutating func refreshed(_ key: ObjectKey, _ object: StoredObject?, asOf version: UInt64, now: Moment) {
        if let object { apply(object, now: now) } else { remove(key, version: version, now: now) }
    }

    private mutating func apply(_ object: StoredObject, now: Moment) {
        let before = cache.object(object.key)
        do throws(DecodingIssue) {
            guard try cache.apply(object) else { return }
            unreadable[object.key] = nil
        } catch {
            unreadable[object.key] = error.description
            return
        }
        changed(object.key, before: before, now: now)
    }

    private mutating func remove(_ key: ObjectKey, version: UInt64, now: Moment) {
        let before = cache.object(key)
        guard cache.remove(key, version: version) else { return }
        if let worker = before as? Worker { forget(worker) }
        if key.kind == .task { live.reports[key] = nil }
        unreadable[key] = nil
        changed(key, before: before, now: now)
    }

    private mutating func forget(_ worker: Worker) {
        let uid = worker.metadata.uid
        if let last = live.leases[uid]?.lastRenewal {
            live.heard[worker.spec.region] = max(live.heard[worker.spec.region] ?? last, last)
        }
        live.leases[uid] = nil
        live.observations[uid] = nil
        live.observedAt[uid] = nil
        live.calls[uid] = nil
    }

    private mutating func changed(_ key: ObjectKey, before: (any Resource)?, now: Moment) {
        if key.kind.isOwn { wake(.object(key), now: now) }
        for other in affected(Change(key: key, before: before), cache) { wake(other, now: now) }
        if key.kind == .worker {
            noteEviction(key, before: before as? Worker, now: now)
            effects.append(.workerChanged(key))
        }
        guard key.kind == .task else { return }
        let holders = [before as? WorkTask, cache.tasks[key]?.object].compactMap { task in
            task?.status.assignment.map { ObjectKey(.worker, key.namespace, $0.worker) }
        }
        if !holders.isEmpty { effects.append(.assignmentsChanged(Array(Set(holders)).sorted())) }
    }

    /// Remembers a worker given up for silence alone, beyond the life of its object (S17).
    private mutating func noteEviction(_ key: ObjectKey, before: Worker?, now: Moment) {
        guard let before, before.status.failure == nil, let after = cache.workers[key]?.object,
            let failure = after.status.failure, !failure.proven, failure.reason == Reason.leaseExpired.rawValue
        else { return }
        let recent = live.evictions[after.spec.region]?.filter { now.instant - $0 < .minutes(1) } ?? []
        live.evictions[after.spec.region] = recent + [now.instant]
    }
}

// MARK: Deciding

extension Engine {
    /// Decides up to `limit` keys that are due. Returns how many it decided.
    @discardableResult
    package mutating func step(now: Moment, limit: Int = 256) -> Int {
        guard synced else { return 0 }
        if nextResync <= now.instant { wakeEverything(now: now) }
        var decided = 0
        while decided < limit, let key = queue.pop(now: now.instant) {
            switch key {
            case .object(let object) where locked.contains(object): dirtyWhileLocked.insert(key)
            case .object(let object) where unreadable[object] != nil: break
            case .round where roundInFlight: dirtyWhileLocked.insert(key)
            case .object(let object): decide(object, now: now)
            case .round: decideRound(now: now)
            }
            decided += 1
        }
        return decided
    }

    private mutating func decide(_ key: ObjectKey, now: Moment) {
        stats.reconciles += 1
        guard let outcome = reconcilers[key.kind]?.run(key, snapshot(now: now), now) else {
            if key.kind == .task, let reports = live.reports.removeValue(forKey: key) {
                effects.append(.reportsHandled(reports))
            }
            return
        }
        let reports = key.kind == .task ? live.reports[key] ?? [] : []
        var writes: [Write] = []
        if let tree = outcome.ownTree { writes.append(.update(key, tree, expecting: outcome.ownVersion)) }
        var afterwards: [Action] = []
        for action in outcome.actions { translate(action, by: outcome, now: now, into: &writes, &afterwards) }
        guard !touchesLocked(writes) else {
            // A child is being written by its own decision: look again once that is through.
            queue.add(.object(key), at: now.instant + .milliseconds(5))
            return
        }
        let about = outcome.events.compactMap {
            EventLog.write($0, about: key, uid: outcome.uid, cache: cache, now: now)
        }
        for event in about where !writes.contains(where: { $0.key == event.key }) && !locked.contains(event.key) {
            writes.append(event)
        }
        dropSpentEvents(&writes, now: now)
        if case .after(let delay) = outcome.next { queue.add(.object(key), at: now.instant + delay) }
        if writes.isEmpty {
            if !reports.isEmpty { finishReports(key, count: reports.count, now: now) }
            for action in afterwards { perform(action, now: now) }
        } else {
            commit(writes, by: .object(key), afterwards: afterwards, reports: reports)
        }
    }

    private mutating func decideRound(now: Moment) {
        stats.reconciles += 1
        skippedByRound = locked.filter { $0.kind == .task }
        let result = round.run(snapshot(now: now), locked, now)
        for pool in Set(live.demand.keys).union(result.demand.keys).sorted()
        where live.demand[pool] != result.demand[pool] {
            live.demand[pool] = result.demand[pool]
            wake(.object(pool), now: now)
        }
        if case .after(let delay) = result.next { queue.add(.round, at: now.instant + delay) }
        var writes: [Write] = []
        for (key, status) in result.statuses {
            guard !locked.contains(key), let held = cache.tasks[key], held.object.status != status else { continue }
            var tree = held.tree
            tree["status"] = status.tree
            writes.append(.update(key, tree, expecting: held.version))
        }
        var written = Set(writes.map(\.key))
        for (key, event) in result.events {
            guard let uid = cache.tasks[key]?.object.metadata.uid,
                let write = EventLog.write(event, about: key, uid: uid, cache: cache, now: now),
                !locked.contains(write.key), written.insert(write.key).inserted
            else { continue }
            writes.append(write)
        }
        dropSpentEvents(&writes, now: now)
        if writes.isEmpty {
            live.cursor = result.cursor
        } else {
            roundInFlight = true
            commit(writes, by: .round, afterwards: [], reports: [], cursor: result.cursor)
        }
    }

    /// A namespace whose events grow loses old ones in the same commit: at rest nothing is written for it (L5).
    private mutating func dropSpentEvents(_ writes: inout [Write], now: Moment) {
        var namespaces: [String] = []
        for case .create(let key, _) in writes where key.kind == .event && !namespaces.contains(key.namespace) {
            namespaces.append(key.namespace)
        }
        for namespace in namespaces {
            let spent = cache.spentEvents(
                in: namespace, before: now.wall - EventLog.retention, beyond: EventLog.bound, limit: 4)
            for (key, version) in spent where !locked.contains(key) && !writes.contains(where: { $0.key == key }) {
                writes.append(.remove(key, expecting: version))
            }
        }
    }

    private func touchesLocked(_ writes: [Write]) -> Bool { writes.contains { locked.contains($0.key) } }

    private mutating func commit(
        _ writes: [Write], by key: WorkKey, afterwards: [Action], reports: [TaskReport],
        cursor: ObjectKey? = nil
    ) {
        var keys = writes.map(\.key)
        if case .object(let object) = key, !keys.contains(object) { keys.append(object) }
        locked.formUnion(keys)
        let id = nextID
        nextID += 1
        stats.commits += 1
        commits[id] = PendingCommit(
            keys: keys, requeue: [key], afterwards: afterwards, reports: reports, isRound: key == .round,
            cursor: cursor)
        effects.append(.commit(id, Batch(writes, epoch: settings.epoch)))
    }

    private mutating func translate(
        _ action: Action, by outcome: Outcome, now: Moment, into writes: inout [Write], _ afterwards: inout [Action]
    ) {
        switch action {
        case .create(let new):
            guard cache.stored(new.key) == nil else { return }
            var metadata = new.metadata
            metadata.uid = random.uuid()
            metadata.creationTimestamp = now.wall.wholeSeconds
            metadata.generation = 1
            writes.append(.create(new.key, new.tree(metadata)))
        case .replaceSpec(let key, let new):
            guard let (standing, version) = cache.stored(key) else { return }
            var tree = standing
            tree["spec"] = new.tree(new.metadata)["spec"]
            var metadata = tree["metadata"] ?? .emptyObject
            metadata["generation"] = .int((metadata["generation"]?.int ?? 1) + 1)
            tree["metadata"] = metadata
            writes.append(.update(key, tree, expecting: version))
        case .delete(let key, _):
            guard let write = deletion(of: key, own: outcome, now: now, standing: &writes) else { return }
            writes.append(write)
        case .setTaskStatus(let key, let status):
            guard let held = cache.tasks[key], held.object.status != status else { return }
            var tree = held.tree
            tree["status"] = status.tree
            writes.append(.update(key, tree, expecting: held.version))
        case .call, .inventory, .releaseOrphan, .probe, .removeBlobs: afterwards.append(action)
        }
    }

    /// Removes an object that has no finalizer, marks one that has; nil where it is gone or marked already.
    private func deletion(of key: ObjectKey, own: Outcome, now: Moment, standing writes: inout [Write]) -> Write? {
        guard let (tree, version) = cache.stored(key) else { return nil }
        // A decision may delete its own object: the status written beside it would be a second write of one key.
        if key == own.key { writes.removeAll { $0.key == key } }
        let metadata = tree["metadata"]
        let finalizers = metadata?["finalizers"]?.array ?? []
        guard !finalizers.isEmpty else { return .remove(key, expecting: version) }
        guard metadata?["deletionTimestamp"] == nil else { return nil }
        var marked = metadata ?? .emptyObject
        marked["deletionTimestamp"] = .string(now.wall.wholeSeconds.description)
        marked["deletionGracePeriodSeconds"] = 0
        var result = tree
        result["metadata"] = marked
        return .update(key, result, expecting: version)
    }
}

// MARK: Answers to commits

extension Engine {
    package mutating func committed(_ id: UInt64, _ result: Result<CommitReceipt, StoreError>, now: Moment) {
        guard let pending = commits.removeValue(forKey: id) else { return }
        locked.subtract(pending.keys)
        if pending.isRound { roundInFlight = false }
        if !skippedByRound.isDisjoint(with: pending.keys) { wake(.round, now: now) }
        switch result {
        case .success(let receipt):
            storeFailures = 0
            if pending.isRound { live.cursor = pending.cursor }
            for (key, object) in zip(pending.keys, receipt.objects) {
                if let object { apply(object, now: now) } else { remove(key, version: receipt.version, now: now) }
            }
            if let first = pending.reports.first { finishReports(first.task, count: pending.reports.count, now: now) }
            for action in pending.afterwards { perform(action, now: now) }
        case .failure(let error): commitFailed(pending, error, now: now)
        }
        for key in pending.keys where dirtyWhileLocked.remove(.object(key)) != nil { wake(.object(key), now: now) }
        if pending.isRound, dirtyWhileLocked.remove(.round) != nil { wake(.round, now: now) }
    }

    private mutating func commitFailed(_ pending: PendingCommit, _ error: StoreError, now: Moment) {
        switch error.code {
        case .staleEpoch: effects.append(.stop(reason: error.message))
        case .closed: effects.append(.stop(reason: error.message))
        case .conflict, .notFound, .alreadyExists:
            stats.conflicts += 1
            effects.append(.refresh(pending.keys))
            requeue(pending.requeue, after: .milliseconds(5 + Int64(random.below(10))), now: now)
        case .expired, .tooLarge, .unavailable:
            storeFailures += 1
            effects.append(.refresh(pending.keys))
            let schedule = BackoffSchedule(initial: .milliseconds(100), maximum: .seconds(30))
            requeue(pending.requeue, after: schedule.delay(failures: storeFailures, random: &random), now: now)
        }
    }

    private mutating func requeue(_ keys: [WorkKey], after delay: Duration, now: Moment) {
        for key in keys { wake(key, now: now, after: delay) }
    }

    private mutating func finishReports(_ key: ObjectKey, count: Int, now: Moment) {
        guard var waiting = live.reports[key] else { return }
        let done = Array(waiting.prefix(count))
        waiting.removeFirst(min(count, waiting.count))
        live.reports[key] = waiting.isEmpty ? nil : waiting
        effects.append(.reportsHandled(done))
        // The round leaves out tasks of which something is still to be taken in.
        if waiting.isEmpty { wake(.round, now: now) }
    }
}

// MARK: The door

extension Engine {
    private static let observePause = Duration.milliseconds(100)
    private static let callBackoff = BackoffSchedule(initial: .seconds(1), maximum: .minutes(5))

    private mutating func perform(_ action: Action, now: Moment) {
        switch action {
        case .call(let call): admit(call, now: now)
        case .inventory(let region):
            var state = live.providers[region] ?? ProviderState()
            guard !state.inFlight else { return }
            state.inFlight = true
            live.providers[region] = state
            effects.append(.inventory(region: region))
        case .releaseOrphan(let region, let observation):
            effects.append(.releaseOrphan(region: region, observation))
        case .probe(let endpoint): effects.append(.probe(endpoint: endpoint))
        case .removeBlobs(let prefix): effects.append(.removeBlobs(prefix: prefix))
        case .create, .replaceSpec, .delete, .setTaskStatus: break
        }
    }

    /// One call a worker at a time, none before its back-off is over, none through an open circuit.
    private mutating func admit(_ call: WorkerCall, now: Moment) {
        var state = live.calls[call.workerUID] ?? CallState()
        guard state.inFlight == nil else { return }
        if let retryAt = state.retryAt, retryAt > now.instant {
            wake(.object(call.worker), now: now, after: retryAt - now.instant)
            return
        }
        guard breakers.admits(region: call.region, now: now) else {
            let until = breakers.opensAt(region: call.region) ?? now.instant + .seconds(1)
            wake(.object(call.worker), now: now, after: max(until - now.instant, .milliseconds(100)))
            return
        }
        state.inFlight = call.verb
        live.calls[call.workerUID] = state
        stats.calls += 1
        let id = nextID
        nextID += 1
        effects.append(.call(id, call))
    }

    /// The answer to a call; `observation` where the verb was `observe`.
    package mutating func called(
        _ call: WorkerCall, _ result: Result<Observation?, ProviderError>, now: Moment
    ) {
        // Of a worker that is gone meanwhile too: its call may have been the probe that others wait for.
        let opened = judge(call, result, now: now)
        if opened { wake(.object(ObjectKey(.region, "", call.region)), now: now) }
        guard cache.worker(uid: call.workerUID) != nil || live.calls[call.workerUID] != nil else { return }
        var state = live.calls[call.workerUID] ?? CallState()
        state.inFlight = nil
        switch result {
        case .success(let observation):
            if let observation { note(observation, now: now) }
            state.failures = 0
            // An answer wakes the worker, which may ask again at once: not faster than this.
            state.retryAt = call.verb == .observe ? now.instant + Self.observePause : nil
            state.lastError = nil
            switch call.verb {
            case .create:
                state.createAccepted = true
                state.createdAt = now.instant
            case .release:
                state.releaseAccepted = true
                state.releasedAt = now.instant
                switch live.observations[call.workerUID]?.state {
                case .exited, .absent: state.releaseConfirmed = true
                case .starting, .running, .stopping, nil: break
                }
            case .observe: break
            }
        case .failure(let error):
            state.failures += 1
            state.lastError = error
            let delay = Engine.callBackoff.delay(failures: state.failures, random: &random)
            state.retryAt = now.instant + max(delay, error.retryAfter ?? .zero)
        }
        live.calls[call.workerUID] = state
        wake(.object(call.worker), now: now)
    }

    /// Whether this answer opened a circuit of the region.
    private mutating func judge(
        _ call: WorkerCall, _ result: Result<Observation?, ProviderError>, now: Moment
    ) -> Bool {
        switch result {
        case .success where call.verb == .create: breakers.succeeded(region: call.region)
        case .success: breakers.answered(region: call.region)
        case .failure(let error):
            let policy = Breakers.policy(region: call.region, cache)
            return breakers.failed(region: call.region, code: error.code, now: now, policy: policy)
        }
        return false
    }

    private mutating func note(_ observation: Observation, now: Moment) {
        live.observations[observation.workerUID] = observation
        live.observedAt[observation.workerUID] = now.instant
    }

    /// The answer to an inventory: what exists, observed at once. A known worker that it does not show is absent.
    package mutating func inventoried(
        region: String, _ result: Result<[Observation], ProviderError>, took: Duration, now: Moment
    ) {
        var state = live.providers[region] ?? ProviderState()
        state.inFlight = false
        state.lastInventory = now.instant
        switch result {
        case .success(let observations):
            breakers.answered(region: region)
            state.failures = 0
            state.lastError = nil
            state.latency = took
            state.unclaimed = []
            var seen: Set<String> = []
            for observation in observations where observation.clusterID == settings.clusterID {
                seen.insert(observation.workerUID)
                if let key = cache.workerKey(uid: observation.workerUID) {
                    observe(observation, key, now: now)
                } else {
                    state.unclaimed.append(observation)
                }
            }
            for worker in cache.workers(in: region) where !seen.contains(worker.metadata.uid) {
                askAfter(worker, listedAt: now.instant - took, now: now)
            }
        case .failure(let error):
            state.failures += 1
            state.lastError = error
            _ = breakers.failed(region: region, code: error.code, now: now)
        }
        let before = live.providers[region]
        live.providers[region] = state
        let worthSaying = before?.lastError != state.lastError || before?.unclaimed != state.unclaimed
        if worthSaying || before?.lastInventory == nil { wake(.object(ObjectKey(.region, "", region)), now: now) }
    }

    private mutating func observe(_ observation: Observation, _ key: ObjectKey, now: Moment) {
        let isNews = live.observations[observation.workerUID] != observation
        note(observation, now: now)
        guard isNews else { return }
        wake(.object(key), now: now)
    }

    /// A list may lag behind a create (S1): what it does not show and was seen before is asked after by name.
    private mutating func askAfter(_ worker: Worker, listedAt: Instant, now: Moment) {
        let uid = worker.metadata.uid
        guard let last = live.observations[uid], last.state != .absent,
            live.observedAt[uid].map({ $0 <= listedAt }) ?? true
        else { return }
        admit(WorkerCall(.observe, worker, reason: "the provider's list does not show it"), now: now)
    }

    package mutating func probed(endpoint: String, _ state: ExternalState, now: Moment) {
        let before = live.externals[endpoint]
        live.externals[endpoint] = state
        guard before?.available != state.available else { return }
        for key in cache.keys(of: .executionPlan) { wake(.object(key), now: now) }
    }
}

// MARK: What comes in from the gateway

extension Engine {
    package mutating func renewed(_ workerUID: String, now: Moment) {
        let first = live.leases[workerUID] == nil
        live.leases[workerUID] = Lease(lastRenewal: now.instant, wall: now.wall)
        if first, let key = cache.workerKey(uid: workerUID) { wake(.object(key), now: now) }
    }

    package mutating func reported(_ reports: [TaskReport], now: Moment) {
        for report in reports {
            live.reports[report.task, default: []].append(report)
            wake(.object(report.task), now: now)
        }
    }

    /// A new leader, or one that was itself asleep, has heard nothing: every lease starts from now (L3).
    package mutating func restartLeases(now: Moment) {
        live.leadingSince = now.instant
        for uid in live.leases.keys.sorted() { live.leases[uid] = Lease(lastRenewal: now.instant, wall: now.wall) }
        for key in cache.keys(of: .worker) { wake(.object(key), now: now) }
    }
}
