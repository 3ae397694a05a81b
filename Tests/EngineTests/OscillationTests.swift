import Engine
import Model
import Ports
import Testing
import Tree

/// Decisions that don't come to rest, and what holds them back.
@Suite struct OscillationTests {
    /// Writes itself anew on each look.
    private struct Flipping: Reconciler {
        func gather(_ key: ObjectKey, from snapshot: Snapshot) -> Worker? { snapshot.cache.workers[key]?.object }
        func decide(_ world: Worker, now: Moment) -> Decision<Worker> {
            var decision = Decision<Worker>(status: world.status)
            decision.status.healthReason = world.status.healthReason == "a" ? "b" : "a"
            return decision
        }
    }

    private let key = ObjectKey(.worker, "shop", "w")

    private struct House {
        var engine: Engine
        var now = Moment(instant: .origin + .seconds(1000), wall: Timestamp(milliseconds: 1_700_000_000_000))
        var version: UInt64 = 10
        var writes = 0
        var events: [String] = []
        var notices: [String] = []

        /// Everything that is due until then, each commit answered after a millisecond.
        mutating func run(for duration: Duration) {
            let end = now.instant + duration
            while true {
                engine.step(now: now)
                for effect in engine.takeEffects() {
                    switch effect {
                    case .notice(let text): notices.append(text)
                    case .commit(let id, let batch): accept(id, batch)
                    default: break
                    }
                }
                guard let due = engine.nextDue, max(due, now.instant) < end else { break }
                if due > now.instant { now = now.advanced(by: due - now.instant) }
            }
            now = now.advanced(by: max(.zero, end - now.instant))
        }

        private mutating func accept(_ id: UInt64, _ batch: Batch) {
            now = now.advanced(by: .milliseconds(1))
            let objects = batch.writes.map { write -> StoredObject? in
                version += 1
                switch write {
                case .create(let key, let tree), .update(let key, let tree, _):
                    if key.kind == .event { events.append(tree["reason"]?.string ?? "") } else { writes += 1 }
                    return StoredObject(
                        key: key, uid: tree["metadata"]?["uid"]?.string ?? "", version: version, tree: tree)
                case .remove: return nil
                }
            }
            engine.committed(id, .success(CommitReceipt(version: version, objects: objects)), now: now)
        }
    }

    private func house() -> House {
        var engine = Engine(
            settings: Settings(clusterID: "c", epoch: 1), reconcilers: [AnyReconciler(Flipping(), in: { $0.workers })],
            round: RoundReconciler { _, _, _ in RoundReconciler.Result() }, seed: 1, affected: { _, _ in [] })
        let house = House(engine: engine)
        engine.ingest([.restarted, .initial(.worker("w", version: 1)), .synced(version: 1)], now: house.now)
        var begun = house
        begun.engine = engine
        return begun
    }

    @Test func whatIsWrittenOverAndOverIsHeldBackAndSaid() {
        var house = house()
        house.run(for: .minutes(10))
        #expect(house.writes <= WriteMeter.allowed + 10 + 10, "after its allowance one a minute: \(house.writes)")
        #expect(house.events.filter { $0 == "Oscillating" }.count == 1, "said once")
        #expect(house.notices.count == 1)
        #expect(house.notices.first?.contains("w: written 17 times") == true, "\(house.notices)")
        #expect(house.engine.stats.oscillations == 1)
        let before = house.writes
        house.run(for: .minutes(10))
        #expect(house.writes - before <= 11)
    }

    @Test func whoAsksFromOutsideIsAnsweredAtOnce() {
        var house = house()
        house.run(for: .minutes(10))
        let before = house.writes
        house.engine.ingest([.applied(.worker("w", version: 99_999), created: false)], now: house.now)
        house.version = 100_000
        house.run(for: .milliseconds(10))
        #expect(house.writes > before)
    }

    @Test func aFewWritesForEachThingThatCameInAreInOrder() {
        var house = house()
        let report = TaskReport(
            task: ObjectKey(.task, "shop", "t"), taskUID: "t", workerUID: "w", attempt: 1, fence: 1, sequence: 1,
            phase: .running, startedAt: nil, finishedAt: nil, exitCode: nil, signal: nil, reason: .running,
            message: nil, outputs: [:])
        for _ in 0..<50 {
            // What folds others is written for them.
            house.engine.reported([report], now: house.now)
            house.engine.wake(.object(key), now: house.now)
            house.run(for: .milliseconds(1))
        }
        #expect(house.notices == [])
    }
}

/// Two decisions about one worker: that it has nothing to do and may go, and that a task is bound to it (S23).
@Suite struct IdleWorkerTests {
    /// Gives up a worker without tasks.
    private struct Thrifty: Reconciler {
        func gather(_ key: ObjectKey, from snapshot: Snapshot) -> Worker? { snapshot.cache.workers[key]?.object }
        func decide(_ world: Worker, now: Moment) -> Decision<Worker> {
            var decision = Decision<Worker>(status: world.status)
            if world.status.healthReason == "idle" { decision.actions = [.deleteIdle(world.key, reason: "idle")] }
            return decision
        }
    }

    private let now = Moment(instant: .origin + .seconds(1000), wall: Timestamp(milliseconds: 1_700_000_000_000))
    private let worker = ObjectKey(.worker, "shop", "w")

    /// Binds every task to the worker, unless it is on its way out.
    private func engine() -> Engine {
        let worker = worker
        return Engine(
            settings: Settings(clusterID: "c", epoch: 1), reconcilers: [AnyReconciler(Thrifty(), in: { $0.workers })],
            round: RoundReconciler { snapshot, _, now in
                var result = RoundReconciler.Result()
                guard snapshot.cache.workers[worker] != nil, !snapshot.leaving.contains(worker) else { return result }
                for task in snapshot.cache.tasks.values.map(\.object) where task.status.phase == .pending {
                    var status = task.status
                    status.phase = .assigned
                    status.assignment = Assignment()
                    status.assignment?.worker = "w"
                    status.assignment?.workerUID = "uid-w"
                    result.statuses.append((task.key, status))
                }
                return result
            }, seed: 1, affected: { _, _ in [] })
    }

    private func commits(_ engine: inout Engine) -> [(id: UInt64, batch: Batch)] {
        engine.step(now: now)
        return engine.takeEffects().compactMap { if case .commit(let id, let batch) = $0 { (id, batch) } else { nil } }
    }

    @Test func whoIsBeingGivenUpIsBoundToByNobody() throws {
        var engine = engine()
        engine.ingest(
            [.restarted, .initial(stored(isIdle: true, 1)), .initial(.task("a", version: 2)), .synced(version: 2)],
            now: now)
        let made = commits(&engine)
        #expect(made.map { $0.batch.writes.map(\.key) } == [[worker]], "the worker's decision came first")
        engine.committed(
            try #require(made.first).id, .success(CommitReceipt(version: 3, objects: [nil])), now: now)
        #expect(engine.cache.workers.isEmpty)
        #expect(commits(&engine).isEmpty)
    }

    @Test func whoIsBeingBoundToIsGivenUpByNobody() throws {
        var engine = engine()
        engine.ingest(
            [.restarted, .initial(stored(isIdle: false, 1)), .initial(.task("a", version: 2)), .synced(version: 2)],
            now: now)
        let binding = try #require(commits(&engine).first)
        #expect(binding.batch.standing == [Standing(worker, uid: "uid-w")], "at commit it must stand as it did")
        engine.ingest([.applied(stored(isIdle: true, 3), created: false)], now: now)
        #expect(commits(&engine).isEmpty, "the end of the worker waits for the answer")
        guard case .update(let task, let tree, _)? = binding.batch.writes.first else {
            Issue.record("no binding")
            return
        }
        let bound = StoredObject(key: task, uid: "uid-a", version: 4, tree: tree)
        engine.committed(binding.id, .success(CommitReceipt(version: 4, objects: [bound])), now: now)
        let later = now.advanced(by: .seconds(1))
        engine.step(now: later)
        let ends = engine.takeEffects().contains { if case .commit = $0 { true } else { false } }
        #expect(!ends, "and then it has a task")
    }

    private func stored(isIdle: Bool, _ version: UInt64) -> StoredObject {
        var worker = Worker.sample("w")
        worker.status.healthReason = isIdle ? "idle" : "busy"
        return StoredObject(key: worker.key, uid: worker.metadata.uid, version: version, tree: worker.tree)
    }
}
