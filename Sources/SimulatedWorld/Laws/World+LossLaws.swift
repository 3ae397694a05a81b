import Coordinator
import Engine
import Model
import Ports
import Storage
import Tree
import WorkerProtocol

// Workers that are silent, attempts that are lost with them, and how soon and where they are tried again.
extension World {
    // MARK: Attempts

    /// An attempt that was taken off a silent worker is a move, of which there are ten an hour (S17); one that may run
    /// once at a time waits until the cut-off agent has stopped its own (S11, L3).
    mutating func noteLoss(_ change: StoredChange) {
        guard let after = change.after, change.by != nil, change.status?["phase"] == "Pending",
            let held = change.before?.tree["status"]?["assignment"], let name = held["worker"]?.string,
            let worker = store.get(ObjectKey(.worker, change.key.namespace, name)),
            worker.uid == held["workerUID"]?.string,
            worker.tree["status"]?["failure"]?["reason"] == "LeaseExpired",
            change.status?["attempts"]?.array?.last?["reason"] == "WorkerLost",
            change.status?["attempts"]?.array?.last?["exitCode"] == nil
        else { return }
        witness.losses.moves[after.uid, default: []].append(now)
        guard change.spec?["exclusive"] == true else { return }
        let grace = change.spec?["killGrace"]?.string.flatMap { Duration(text: $0) } ?? .seconds(10)
        witness.losses.holds[after.uid] = (now, grace + .seconds(1))
    }

    /// What a wait may be shorter by: moments are kept in seconds; where a leader is held up or replaced its decision
    /// is up to a second older than its commit, and leaders' clocks differ by up to two.
    var waitingSlack: Duration { .milliseconds(hasSteadyLeader ? 1100 : 3500) }

    /// At the start of an attempt.
    mutating func judgeHold(_ taskUID: String, _ name: String) {
        guard let (since, wait) = witness.losses.holds.removeValue(forKey: taskUID) else { return }
        guard now - since + waitingSlack < wait else { return }
        fail(
            .exclusive,
            "\(name) may run once at a time and started \((now - since).text) after it was lost: \(wait.text) must pass"
        )
    }

    mutating func judgeMoves(_ change: StoredChange) {
        guard let after = change.after, let moves = witness.losses.moves[after.uid] else { return }
        let lately = moves.count { now - $0 < .minutes(59) }
        guard lately > 10 else { return }
        fail(.migration, "\(change.key) is bound after \(lately) moves within an hour")
    }

    /// What was lost with a worker that goes on goes elsewhere, where another one like it is idle.
    mutating func judgeReturn(_ change: StoredChange, _ worker: StoredObject) {
        guard change.before?.tree["status"]?["reservation"] == nil, activeFaults.isEmpty,
            change.spec?["requires"] ?? .emptyObject == .emptyObject, change.spec?["run"]?["image"] == nil,
            let attempts = change.status?["attempts"]?.array, let pool = witness.workers[worker.uid]?.pool,
            attempts.contains(where: { $0["worker"]?.string == worker.key.name && $0["reason"] == "WorkerLost" }),
            now - witness.disturbedAt > .seconds(3), store.get(pool)?.tree["spec"]?["budget"] == nil
        else { return }
        let others = Set(attempts.compactMap { $0["worker"]?.string })
        let idle = store.list(StoreQuery(kinds: [.worker])).objects.first { other in
            witness.workers[other.uid]?.pool == pool && !others.contains(other.key.name)
                && other.tree["status"]?["state"] == "Online" && other.tree["status"]?["health"] == 100
                && other.tree["metadata"]?["deletionTimestamp"] == nil && witness.bound[other.uid]?.isEmpty ?? true
                && !witness.forged.contains(other.uid)
                && now - (witness.idleSince[other.uid] ?? now) > .seconds(3)
                && now - (witness.writtenAt[other.key] ?? .origin) > .milliseconds(50)
        }
        guard let idle else { return }
        fail(.placement, "\(change.key) was lost on \(worker.key) and is bound to it again, and \(idle.key) is idle")
    }

    /// What an event says of a binding has happened with it.
    mutating func judgeTelling(_ changes: [StoredChange]) {
        for change in changes where change.key.kind == .event && change.by != nil {
            guard let tree = change.after?.tree, let message = tree["message"]?.string,
                message.hasPrefix("Bound to ") || tree["reason"] == "Rescheduled" && message.holds(" bound to "),
                tree["involvedObject"]?["kind"] == "Task", let name = tree["involvedObject"]?["name"]?.string
            else { continue }
            let isBound = changes.contains {
                $0.key.kind == .task && $0.key.name == name && $0.key.namespace == change.key.namespace
                    && $0.status?["phase"] == "Assigned"
            }
            if !isBound { fail(.result, "an event of \(name) says “\(message)”, and it is not bound") }
        }
    }

    // MARK: Silence

    /// Nobody but this leader ever led, and it was never held up.
    private var hasSteadyLeader: Bool {
        controllers.count == 1
            && scenario.faults.allSatisfy { fault in
                switch fault.kind {
                case .crash, .secondLeader, .freezeController, .storeFails, .slowStore, .slowWatch, .brokenWatch, .gap:
                    false
                default: true
                }
            }
    }

    /// Workers of the region that are to renew their leases.
    private func living(in region: String) -> [StoredObject] {
        let states: Set<String> = ["Online", "Busy", "Maintenance", "Draining", "Offline"]
        return store.list(StoreQuery(kinds: [.worker])).objects.filter {
            witness.workers[$0.uid]?.region == region && states.contains($0.tree["status"]?["state"]?.string ?? "")
        }
    }

    /// S17: of a region of which somebody is heard no more than two, or a tenth, are given up for silence in a minute;
    /// past that one in ten seconds.
    mutating func judgeAllowance(_ change: StoredChange) {
        guard let by = change.by, let after = change.after, let seen = witness.workers[after.uid],
            change.status?["failure"]?["reason"] == "LeaseExpired", change.before?.tree["status"]?["state"] != "Failed"
        else { return }
        let others = living(in: seen.region)
        let lately = witness.losses.evictions.filter {
            $0.region == seen.region && $0.by == by && now - $0.at < .seconds(58)
        }
        judgeLateness(change, lately.count)
        witness.losses.evictions.append(.init(at: now, region: seen.region, by: by))
        let isHeard = others.contains { other in
            guard let heard = witness.heard[other.uid], heard.controller == by,
                let limit = (try? Worker(tree: other.tree))?.spec.lease.lostAfter
            else { return false }
            return now - heard.before + .seconds(1) < limit
        }
        guard isHeard, let last = lately.last, lately.count >= max(2, (others.count + 1) / 10),
            now - last.at < .seconds(9)
        else { return }
        fail(
            .migration,
            "\(change.key) is given up for silence \((now - last.at).text) after another, the \(lately.count + 1). in a "
                + "minute, and others of \(seen.region) are heard")
    }

    /// L3: whom nobody hears is given up when his lease is over, unless too many are silent at once.
    private mutating func judgeLateness(_ change: StoredChange, _ lately: Int) {
        guard let uid = change.after?.uid, let heard = witness.heard[uid], lately == 0, hasSteadyLeader,
            let limit = (try? change.after.map { try Worker(tree: $0.tree) })??.spec.lease.lostAfter,
            let region = change.spec?["region"]?.string, isAlone(region)
        else { return }
        guard now - heard.at > limit + .seconds(3) else { return }
        fail(
            .placement,
            "\(change.key) is given up for silence \((now - heard.at).text) after its last word, and \(limit.text) are "
                + "allowed")
    }

    /// The only region there is, whose provider answers: nothing makes silence doubtful.
    private func isAlone(_ region: String) -> Bool {
        store.list(StoreQuery(kinds: [.region])).objects.map(\.key.name) == [region]
            && scenario.faults.allSatisfy { if case .providerFails = $0.kind { false } else { true } }
    }

    /// A worker that is heard again after long silence should have been given up by then.
    mutating func judgeSilence(_ uid: String, _ controller: Int) {
        guard let heard = witness.heard[uid], heard.controller == controller, hasSteadyLeader,
            now - heard.at > .seconds(5),
            let region = witness.workers[uid]?.region, isAlone(region),
            let object = store.list(StoreQuery(kinds: [.worker])).objects.first(where: { $0.uid == uid }),
            let worker = try? Worker(tree: object.tree), worker.status.state != .failed, !worker.metadata.isDeleting
        else { return }
        let silent = witness.losses.evictions.count + living(in: region).count
        let limit = worker.spec.lease.lostAfter + .seconds(3 + 10 * Int64(silent - 1))
        guard now - heard.at > limit else { return }
        fail(.placement, "\(object.key) was silent for \((now - heard.at).text), and nobody gave it up")
    }

    // MARK: Ends

    /// What is to go has until its drain deadline for what runs on it.
    mutating func judgeEarlyRelease(_ worker: StoredObject) {
        guard scenario.kind.isDrawnWide, let since = witness.drainsSince[worker.uid],
            let tasks = witness.bound[worker.uid], !tasks.isEmpty, worker.tree["status"]?["state"] != "Failed",
            let deadline = (try? Worker(tree: worker.tree))?.spec.drainDeadline,
            now - since + .milliseconds(2500) < deadline
        else { return }
        fail(
            .limit,
            "\(worker.key) is released \((now - since).text) after it was to go, \(deadline.text) are allowed, and "
                + "\(tasks.count) tasks run on it")
    }

    /// A failed worker stands until its tasks have been taken off it.
    mutating func judgeRetiring(_ change: StoredChange) {
        guard let worker = change.after, change.status?["state"] == "Failed", let seen = witness.workers[worker.uid],
            let pool = store.get(seen.pool), pool.tree["metadata"]?["deletionTimestamp"] == nil,
            pool.tree["metadata"]?["ownerReferences"] == nil,
            let tasks = witness.bound[worker.uid],
            // One that was being bound while this was decided is taken off it by its own decision.
            tasks.contains(where: { now - (witness.boundAt[$0] ?? now) > .milliseconds(100) })
        else { return }
        fail(.meeting, "\(seen.pool) deletes \(change.key), which failed, and \(tasks.count) tasks are bound to it")
    }

    /// S1: each attempt of a slot is made once.
    mutating func judgeAttempt(_ change: StoredChange, of pool: StoredObject) {
        guard let slot = change.spec?["slot"]?.int, let attempt = change.spec?["attempt"]?.int else { return }
        guard !witness.losses.attempts.insert("\(pool.uid)/\(slot)/\(attempt)").inserted else { return }
        fail(.noDoubleCreate, "\(change.key) is attempt \(attempt) of slot \(slot) of \(pool.key), as another one was")
    }

    /// S4: what has an owner is no orphan, whoever looks.
    mutating func judgeOrphan(_ uid: String) {
        guard let created = witness.createdAt[uid], now - created > .seconds(10),
            let worker = store.list(StoreQuery(kinds: [.worker])).objects.first(where: { $0.uid == uid })
        else { return }
        fail(.noWrongfulDelete, "the sweep asks for the end of what \(worker.key) owns")
    }

    /// L1: what its provider could make by now is made.
    mutating func judgeMaking(_ sinceCalm: Duration) {
        guard sinceCalm > .seconds(30) else { return }
        for object in store.list(StoreQuery(kinds: [.worker])).objects {
            guard object.tree["status"]?["state"] ?? "Provisioning" == "Provisioning",
                object.tree["metadata"]?["deletionTimestamp"] == nil, !witness.forged.contains(object.uid),
                let created = witness.createdAt[object.uid], now - created > .seconds(30),
                !providers.contains(where: { $0.resources[object.uid] != nil })
            else { continue }
            return fail(
                .convergence, "\(object.key) was ordered \((now - created).text) ago, and nothing is made for it")
        }
    }

    /// S23: no decision counts on what the leader knows to be on its way out.
    mutating func judgeKnowing(_ batch: Batch, _ controller: Int) {
        guard scenario.kind.isDrawnWide else { return }
        for standing in batch.standing {
            guard let known = cores[controller].engine.cache.stored(standing.key)?.tree,
                known["metadata"]?["uid"]?.string == standing.uid, known["metadata"]?["deletionTimestamp"] != nil
            else { continue }
            return fail(.meeting, "a decision counts on \(standing.key), which the leader knows to be going")
        }
    }

    /// Of what nobody else writes a leader knows all: it never decides about what it has changed itself meanwhile.
    mutating func judgeConflict(_ error: StoreError, _ by: Int?) {
        guard case .conflict(let key, _) = error.code, let by, hasSteadyLeader, scenario.kind.isDrawnWide else {
            return
        }
        if key.kind == .task, let writer = witness.losses.writer[key], writer == by {
            fail(.meeting, "the leader decided about \(key), which it had changed itself before")
        }
    }
}
