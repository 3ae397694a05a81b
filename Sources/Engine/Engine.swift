package import Model
package import Ports
package import Tree

/// The controller loop as a value: store events, completions and time go in, effects come out. It never waits and
/// never acts; a shell (or the simulator) carries the effects out and hands their results back.
///
/// Laws. A key is decided by one decision at a time: it is locked from the moment a decision that touches it is
/// made until its commit is answered. A call to a provider goes out only after the commit that recorded its intent.
/// Own commits enter the cache from their receipts, so that no decision acts on a state older than its own last
/// write.
package struct Engine: Sendable {
    package internal(set) var cache = Cache()
    package var live = LiveState()
    package let settings: Settings
    package internal(set) var breakers: Breakers
    /// Objects whose stored form could not be read, with why. They are left alone.
    package internal(set) var unreadable: [ObjectKey: String] = [:]
    package internal(set) var synced = false
    package internal(set) var stats = Stats()
    package var stopwatch: Stopwatch?

    let reconcilers: [Kind: AnyReconciler]
    let round: RoundReconciler
    let affected: @Sendable (Change, Cache) -> [Wake]
    var queue = WorkQueue()
    var random: Randomness
    var locked: Set<ObjectKey> = []
    /// Keys whose last decision left everything as it was.
    var rests: [ObjectKey: Rest] = [:]
    /// Keys that were taken to be at rest and were not: looked for only where `auditsRest` is set, by tests.
    package internal(set) var restless: [ObjectKey] = []
    /// What the first of them would have been written as; nil where it would have acted without a word about itself.
    package internal(set) var restlessTree: Tree?
    package var auditsRest = false
    var probes = Probes()
    var roundInFlight = false
    var roundChanges = RoundChanges(isEverything: true)
    var roundMemory: (any RoundMemory)?
    /// When the next round may be at the earliest.
    var nextRound = Instant.origin
    /// Tasks that sat the last round out because a commit held them.
    var skippedByRound: Set<ObjectKey> = []
    var dirtyWhileLocked: Set<WorkKey> = []
    /// Workers that the round in flight binds to: none of them is given up before that is answered.
    var takenByRound: Set<ObjectKey> = []
    /// Objects whose end a commit in flight asks for: the round takes none of them.
    var leaving: Set<ObjectKey> = []
    /// What commits in flight draw from.
    var drawnFrom: Set<ObjectKey> = []
    var meter = WriteMeter()
    /// When keys that are woken at a pace were last decided, and which pace that is.
    var paced: [WorkKey: (last: Instant, pace: Duration)] = [:]
    var commits: [UInt64: PendingCommit] = [:]
    /// What the store told of keys that a commit of ours holds: nearly always what that commit made of them, whose
    /// answer says the same and has it at hand. Looked at when it is answered.
    var early: [ObjectKey: StoredObject] = [:]
    var nextID: UInt64 = 1
    /// Times in a row that it was asked, after a wait each, and failed.
    var storeFailures = 0
    /// When it is asked again, and by whom.
    var storeRetryAt = Instant.origin
    var waitingForStore: Set<WorkKey> = []
    var nextResync = Instant.distantFuture
    var effects: [Effect] = []

    struct PendingCommit: Sendable {
        var keys: [ObjectKey]
        var requeue: [WorkKey]
        var afterwards: [Action]
        var reports: [TaskReport]
        var isRound: Bool
        var cursor: ObjectKey?
        /// Objects that are not written and were looked at: they must stand as they did.
        var standing: [Standing] = []
        var drawsFrom: [ObjectKey] = []
        /// Writes nothing: asks the store whether this leader is still the last.
        var confirmsLead = false
    }

    /// `affected` says which keys a change of one object concerns, given the cache after it.
    package init(
        settings: Settings, reconcilers: [AnyReconciler], round: RoundReconciler, seed: UInt64,
        breakers: Breakers = Breakers(), affected: @escaping @Sendable (Change, Cache) -> [Wake]
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
            cache: cache, live: live, settings: settings, circuits: breakers.records(now: now), takenAt: now.instant,
            leaving: leaving)
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
    /// Keys that wait to be decided, those due later included.
    package var queued: Int { queue.count }
    /// Keys that were added to those, ever.
    package var queueAdds: UInt64 { queue.adds }

    package mutating func wake(_ key: WorkKey, now: Moment, after delay: Duration = .zero) {
        queue.add(key, at: now.instant + delay, isNow: delay == .zero)
    }

    /// Wakes a key that a change concerns: at once, or as soon as its pace allows it.
    mutating func tell(_ concerned: Wake, now: Moment) {
        guard concerned.pace > .zero else { return wake(concerned.key, now: now) }
        let due = max(now.instant, (paced[concerned.key]?.last ?? .origin) + concerned.pace)
        paced[concerned.key] = (paced[concerned.key]?.last ?? now.instant, concerned.pace)
        queue.add(concerned.key, at: due, isNow: due == now.instant)
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
            case .initial(let object), .applied(let object, _), .replaced(let object, _): hear(object, now: now)
            case .deleted(let object):
                meter.input()
                remove(object.key, version: object.version, now: now)
            case .synced:
                guard !synced else { continue }
                synced = true
                wakeEverything(now: now)
            }
        }
    }

    /// A state that the store tells of. One that no commit of ours is making comes from somebody else.
    private mutating func hear(_ object: StoredObject, now: Moment) {
        if locked.contains(object.key) {
            if early[object.key].map({ $0.version < object.version }) ?? true { early[object.key] = object }
            return
        }
        if synced, object.key.kind.isOwn, cache.version(of: object.key).map({ $0 < object.version }) ?? true {
            meter.input(on: object.key)
        }
        apply(object, now: now)
    }

    /// What was told of a key while a commit of ours held it, where that went beyond the commit.
    mutating func hearEarly(_ key: ObjectKey, now: Moment) {
        guard !early.isEmpty, let object = early.removeValue(forKey: key) else { return }
        hear(object, now: now)
    }

    /// At the start, and from time to time in case a change was missed. Where nothing was, nothing is written.
    mutating func wakeEverything(now: Moment) {
        for kind in Kind.own { for key in cache.keys(of: kind) { wake(.object(key), now: now) } }
        wake(.round, now: now)
        roundChanges.isEverything = true
        nextResync = now.instant + settings.resync
    }

    /// A fresh uncached list: what it does not name is gone.
    package mutating func relisted(_ list: ListResult, now: Moment) {
        for object in list.objects { hear(object, now: now) }
        for key in cache.keysMissing(from: Set(list.objects.map(\.key))) {
            remove(key, version: list.version, now: now)
        }
    }

    /// The answer to `.refresh`.
    package mutating func refreshed(_ key: ObjectKey, _ object: StoredObject?, asOf version: UInt64, now: Moment) {
        if let object { hear(object, now: now) } else { remove(key, version: version, now: now) }
    }

    /// `isOwn`: a commit of ours made it, so that its own key is in no hurry to be looked at again.
    mutating func apply(_ object: StoredObject, isOwn: Bool = false, now: Moment) {
        let before = cache.object(object.key)
        do throws(DecodingIssue) {
            guard try cache.apply(object) else { return }
            unreadable[object.key] = nil
        } catch {
            unreadable[object.key] = error.description
            return
        }
        changed(object.key, before: before, isOwn: isOwn, now: now)
    }

    mutating func remove(_ key: ObjectKey, version: UInt64, now: Moment) {
        let before = cache.object(key)
        guard cache.remove(key, version: version) else { return }
        rests[key] = nil
        paced[.object(key)] = nil
        meter.forget(key)
        if let worker = before as? Worker { forget(worker, now: now) }
        if key.kind == .task { live.reports[key] = nil }
        live.refusals[key] = nil
        unreadable[key] = nil
        changed(key, before: before, now: now)
    }

    private mutating func forget(_ worker: Worker, now: Moment) {
        let uid = worker.metadata.uid
        if let last = live.leases[uid]?.lastRenewal {
            live.heard[worker.spec.region] = max(live.heard[worker.spec.region] ?? last, last)
        }
        // An object that went before its resource was seen gone, as by a hand that took its finalizer off: no provider
        // tells of that.
        let isGone = live.calls[uid]?.releaseConfirmed ?? false || live.observations[uid]?.state == .absent
        if !isGone, worker.status.createdAt != nil { live.providers[worker.spec.region]?.unsureSince = now.instant }
        live.leases[uid] = nil
        live.observations[uid] = nil
        live.observedAt[uid] = nil
        live.calls[uid] = nil
        live.containerEngines.removeValue(forKey: uid)
        live.leaving.remove(uid)
        live.exhausted[uid] = nil
        live.misbehaving[uid] = nil
    }

    mutating func changed(_ key: ObjectKey, before: (any Resource)?, isOwn: Bool = false, now: Moment) {
        if synced, key.kind.isOwn {
            let pace = isOwn ? paced[.object(key)]?.pace ?? .zero : .zero
            tell(.object(key, pace: pace), now: now)
        }
        // A first list is decided as a whole once all of it is there: who concerns whom does not matter before that.
        if synced { for other in affected(Change(key: key, before: before), cache) { tell(other, now: now) } }
        if key.kind == .worker {
            noteEviction(key, before: before as? Worker, now: now)
            effects.append(.workerChanged(key))
        }
        let holders = [before as? WorkTask, cache.tasks[key]?.object].compactMap { task in
            task?.status.assignment.map { ObjectKey(.worker, key.namespace, $0.worker) }
        }
        if synced { roundChanges.note(key, holders: holders, followers: followers(of: key, before: before)) }
        if !holders.isEmpty { effects.append(.assignmentsChanged(Array(Set(holders)).sorted())) }
    }

    /// Tasks that waited for what has ended or was released.
    private func followers(of key: ObjectKey, before: (any Resource)?) -> [ObjectKey] {
        switch key.kind {
        case .task:
            let isEnd = cache.tasks[key]?.object.status.phase.isTerminal == true
            return isEnd && (before as? WorkTask)?.status.phase.isTerminal != true ? cache.dependents(of: key) : []
        case .syncPoint:
            let isReleased = cache.syncPoints[key]?.object.status.state == .released
            return isReleased && (before as? SyncPoint)?.status.state != .released ? cache.waiters(on: key) : []
        default: return []
        }
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
