package import Model
import Ports
package import Tree

// Deciding: keys that are due, what is written and asked for.
extension Engine {
    /// Decides keys that are due, as long as what they cost is below `limit`. Returns what they cost: one for nearly
    /// every key, for a plan as many as its tasks are worth.
    @discardableResult
    package mutating func step(now: Moment, limit: Int = 256) -> Int {
        guard synced else { return 0 }
        if nextResync <= now.instant { wakeEverything(now: now) }
        var decided = 0
        // One for as long as nothing is written: a write of a cache that a snapshot shares copies its tables.
        var shared: Snapshot?
        while decided < limit, let key = queue.pop(now: now.instant) {
            decided += 1
            switch key {
            // Nearly always nothing is: then the key need not be looked up.
            case .object(let object) where !locked.isEmpty && locked.contains(object): dirtyWhileLocked.insert(key)
            case .object(let object) where !unreadable.isEmpty && unreadable[object] != nil: break
            case .round where roundInFlight: dirtyWhileLocked.insert(key)
            case .object(let object):
                if let until = meter.heldUntil(object, at: now.instant) {
                    queue.add(key, at: until)
                    continue
                }
                if !paced.isEmpty { paced[key]?.last = now.instant }
                let began = stopwatch?.now() ?? 0
                let rest = rests[object]
                if let rest, rest.stands(at: now.instant, live.revisions(with: cache)) {
                    stayQuiet(object, rest, now: now)
                    stopwatch?.decided(object.kind, began, rest.until < .distantFuture)
                    continue
                }
                if shared == nil { shared = snapshot(now: now) }
                decided += size(of: object) / Self.tasksADecision
                let answer = shared.flatMap { reconcilers[object.kind]?.run(object, $0, now, rest) } ?? .gone
                if case .quiet(let rest) = answer {
                    if rest.reads != nil { rests[object] = rest }
                    stayQuiet(object, rest, now: now)
                } else {
                    shared = nil
                    carryOut(answer, on: object, now: now)
                }
                stopwatch?.decided(object.kind, began, answer.comesAgain)
            case .round where now.instant < nextRound: queue.add(.round, at: nextRound)
            case .round:
                shared = nil
                let began = stopwatch?.now() ?? 0
                decideRound(now: now)
                stopwatch?.decided(nil, began, false)
            }
        }
        return decided
    }

    /// What one decision is folded from.
    private func size(of key: ObjectKey) -> Int {
        key.kind == .executionPlan ? cache.plans[key]?.object.spec.taskCount ?? 0 : 0
    }

    /// So many tasks of a plan take about as long as one decision about another object.
    private static let tasksADecision = 16

    private mutating func stayQuiet(_ key: ObjectKey, _ rest: Rest, now: Moment) {
        stats.reconciles += 1
        if rest.until < .distantFuture { queue.add(.object(key), at: rest.until) }
        guard auditsRest,
            case .decided(let outcome, rest: nil)? = reconcilers[key.kind]?.run(key, snapshot(now: now), now, nil)
        else { return }
        if restless.isEmpty { restlessTree = outcome.ownTree }
        restless.append(key)
    }

    private mutating func carryOut(_ answer: AnyReconciler.Answer, on key: ObjectKey, now: Moment) {
        stats.reconciles += 1
        guard case .decided(var outcome, let rest) = answer else {
            rests[key] = nil
            if key.kind == .task, let reports = live.reports.removeValue(forKey: key) {
                effects.append(.reportsHandled(reports))
            }
            return
        }
        let reports = key.kind == .task ? live.reports[key] ?? [] : []
        rests[key] = reports.isEmpty && live.refusals[key] == nil ? rest : nil
        if !live.refusals.isEmpty { holdBack(&outcome, key, now: now) }
        var writes: [Write] = []
        if let tree = outcome.ownTree { writes.append(.update(key, tree, expecting: outcome.ownVersion)) }
        var afterwards: [Action] = []
        var ends: Set<ObjectKey> = []
        var isStale = outcome.drawsFrom.contains { drawnFrom.contains($0) }
        for action in outcome.actions {
            if let key = action.ends { ends.insert(key) }
            if case .deleteIdle(let worker, _) = action, isTaken(worker) { isStale = true }
            translate(action, by: outcome, now: now, into: &writes, &afterwards)
        }
        guard !isStale, !touchesLocked(writes) else {
            // A child is being written by its own decision, or was bound to, or another draws from the same budget:
            // look again once that is through.
            queue.add(.object(key), at: now.instant + .milliseconds(5))
            return
        }
        let said = outcome.events + note(writes, by: key, now: now)
        let about = said.compactMap {
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
            leaving.formUnion(ends)
            drawnFrom.formUnion(outcome.drawsFrom)
            commit(
                writes, by: .object(key), afterwards: afterwards, reports: reports, standing: outcome.standing,
                drawsFrom: outcome.drawsFrom)
        }
    }

    /// A key of which nothing is due by `soon` and of which a decision would write something now: what it depends on
    /// changed and woke nobody. Looked for by tests, where nothing is under way.
    package func overlooked(soon: Duration, now: Moment) -> (key: ObjectKey, tree: Tree?)? {
        guard synced, commits.isEmpty else { return nil }
        let snapshot = snapshot(now: now)
        for kind in Kind.own {
            guard let reconciler = reconcilers[kind] else { continue }
            for key in cache.keys(of: kind).sorted() {
                guard unreadable[key] == nil, live.refusals[key] == nil,
                    !queue.isDue(.object(key), by: now.instant + soon), !waitingForStore.contains(.object(key)),
                    case .decided(let outcome, rest: nil) = reconciler.run(key, snapshot, now, nil),
                    outcome.ownTree != nil || outcome.actions.contains(where: \.isWrite)
                else { continue }
                return (key, outcome.ownTree)
            }
        }
        return overlookedByRound(soon: soon, snapshot, now: now)
    }

    /// The same for a task that a round over everything would bind, or give another reason for its wait.
    private func overlookedByRound(soon: Duration, _ snapshot: Snapshot, now: Moment) -> (key: ObjectKey, tree: Tree?)?
    {
        guard !queue.isDue(.round, by: now.instant + soon), !waitingForStore.contains(.round) else { return nil }
        var memory: (any RoundMemory)?
        let result = round.run(snapshot, locked, now, RoundChanges(isEverything: true), &memory)
        for (key, status) in result.statuses {
            guard let held = cache.tasks[key], meter.heldUntil(key, at: now.instant) == nil,
                held.object.status.phase != status.phase || held.object.status.reason != status.reason
            else { continue }
            var tree = held.tree
            tree["status"] = status.tree
            return (key, tree)
        }
        return nil
    }

    /// Whether a task is bound to the worker, or is just being bound.
    private func isTaken(_ worker: ObjectKey) -> Bool {
        takenByRound.contains(worker) || !cache.taskKeys(on: worker).isEmpty
    }

    /// Counts the writes of objects, and says of the one that decides where it is found to oscillate. What the decision
    /// writes of others is their own to say.
    private mutating func note(_ writes: [Write], by key: ObjectKey, now: Moment) -> [EventRecord] {
        var said: [EventRecord] = []
        for case .create(let made, _) in writes where made.kind.isOwn { meter.made() }
        for case .update(let written, _, _) in writes where written.kind.isOwn {
            // While the store fails the same write is tried again and again: that is no sign of two that disagree.
            guard storeFailures == 0, let text = meter.wrote(written, now: now.instant) else { continue }
            stats.oscillations += 1
            effects.append(.notice("\(written): \(text)"))
            if written == key { said.append(.init(.warning, .oscillating, text)) }
        }
        return said
    }

    private mutating func decideRound(now: Moment) {
        stats.reconciles += 1
        skippedByRound = locked.filter { $0.kind == .task }
        let changes = roundChanges
        roundChanges = RoundChanges()
        let result = round.run(snapshot(now: now), locked, now, changes, &roundMemory)
        nextRound = now.instant + result.pause
        for pool in Set(live.demand.keys).union(result.demand.keys).sorted()
        where live.demand[pool] != result.demand[pool] {
            live.demand[pool] = result.demand[pool]
            wake(.object(pool), now: now)
        }
        if let turns = result.turns { (live.served, live.turn) = turns }
        if case .after(let delay) = result.next { queue.add(.round, at: now.instant + delay) }
        var writes: [Write] = []
        var taken: [Standing] = []
        for (key, status) in result.statuses {
            guard !locked.contains(key), let held = cache.tasks[key], held.object.status != status else { continue }
            if let until = meter.heldUntil(key, at: now.instant) {
                queue.add(.round, at: until)
                continue
            }
            if status.phase == .assigned, let assignment = status.assignment {
                let worker = ObjectKey(.worker, key.namespace, assignment.worker)
                if takenByRound.insert(worker).inserted { taken.append(Standing(worker, uid: assignment.workerUID)) }
            }
            var tree = held.tree
            tree["status"] = status.tree
            writes.append(.update(key, tree, expecting: held.version))
        }
        var written = Set(writes.map(\.key))
        var events = result.events
        for write in writes {
            events += note([write], by: write.key, now: now).map { (write.key, $0) }
        }
        for (key, event) in events {
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
            commit(writes, by: .round, afterwards: [], reports: [], cursor: result.cursor, standing: taken)
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

    mutating func commit(
        _ writes: [Write], by key: WorkKey, afterwards: [Action], reports: [TaskReport],
        cursor: ObjectKey? = nil, standing: [Standing] = [], drawsFrom: [ObjectKey] = []
    ) {
        var keys = writes.map(\.key)
        if case .object(let object) = key, !keys.contains(object) { keys.append(object) }
        locked.formUnion(keys)
        let id = nextID
        nextID += 1
        stats.commits += 1
        commits[id] = PendingCommit(
            keys: keys, requeue: [key], afterwards: afterwards, reports: reports, isRound: key == .round,
            cursor: cursor, standing: standing, drawsFrom: drawsFrom)
        effects.append(.commit(id, Batch(writes, epoch: settings.epoch, standing: standing)))
    }

    private mutating func translate(
        _ action: Action, by outcome: Outcome, now: Moment, into writes: inout [Write], _ afterwards: inout [Action]
    ) {
        switch action {
        case .create(let new):
            guard cache.version(of: new.key) == nil else { return }
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
        case .delete(let key, _), .deleteIdle(let key, _):
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
