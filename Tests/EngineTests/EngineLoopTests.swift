import Engine
import Model
import Ports
import Testing
import Tree

/// An engine whose only reconcilers are scripts, with the store's and the provider's answers given by hand.
private struct Bench {
    var engine: Engine
    var now = Moment(instant: .origin + .seconds(1000), wall: Timestamp(milliseconds: 1_700_000_000_000))
    private var version: UInt64 = 10

    init(
        worker: @escaping @Sendable (Worker, Moment) -> Decision<Worker> = { worker, _ in
            Decision(status: worker.status)
        },
        task: @escaping @Sendable (WorkTask, [TaskReport]) -> Decision<WorkTask> = { task, _ in
            Decision(status: task.status)
        },
        resync: Duration = .minutes(10)
    ) {
        engine = Engine(
            settings: Settings(clusterID: "c", epoch: 3, resync: resync),
            reconcilers: [
                AnyReconciler(Scripted(script: worker), in: { $0.workers }),
                AnyReconciler(ScriptedTask(script: task), in: { $0.tasks }),
            ], round: RoundReconciler { _, _, _ in RoundReconciler.Result() }, seed: 1, affected: { _, _ in [] })
    }

    mutating func start(_ objects: StoredObject...) {
        engine.ingest([.restarted] + objects.map { .initial($0) } + [.synced(version: 9)], now: now)
    }

    mutating func run() -> [Engine.Effect] {
        engine.step(now: now)
        return engine.takeEffects()
    }

    /// The store says yes.
    mutating func accept(_ id: UInt64, _ batch: Batch) {
        var objects: [StoredObject?] = []
        for write in batch.writes {
            version += 1
            switch write {
            case .create(let key, let tree), .update(let key, let tree, _):
                objects.append(
                    StoredObject(key: key, uid: tree["metadata"]?["uid"]?.string ?? "", version: version, tree: tree))
            case .remove: objects.append(nil)
            }
        }
        engine.committed(id, .success(CommitReceipt(version: version, objects: objects)), now: now)
    }

    mutating func refuse(_ id: UInt64, _ code: StoreError.Code) {
        engine.committed(id, .failure(StoreError(code, "refused")), now: now)
    }

    mutating func pass(_ duration: Duration) { now = now.advanced(by: duration) }
}

private struct Scripted: Reconciler {
    let script: @Sendable (Worker, Moment) -> Decision<Worker>
    func gather(_ key: ObjectKey, from snapshot: Snapshot) -> Worker? { snapshot.cache.workers[key]?.object }
    func decide(_ world: Worker, now: Moment) -> Decision<Worker> { script(world, now) }
}

private struct ScriptedTask: Reconciler {
    struct World: Sendable, Equatable {
        let task: WorkTask
        let reports: [TaskReport]
    }
    let script: @Sendable (WorkTask, [TaskReport]) -> Decision<WorkTask>
    func gather(_ key: ObjectKey, from snapshot: Snapshot) -> World? {
        snapshot.cache.tasks[key].map { World(task: $0.object, reports: snapshot.live.reports[key] ?? []) }
    }
    func decide(_ world: World, now: Moment) -> Decision<WorkTask> { script(world.task, world.reports) }
}

extension [Engine.Effect] {
    fileprivate var commits: [(id: UInt64, batch: Batch)] {
        compactMap { if case .commit(let id, let batch) = $0 { (id, batch) } else { nil } }
    }
    fileprivate var calls: [WorkerCall] { compactMap { if case .call(_, let call) = $0 { call } else { nil } } }
    fileprivate var refreshed: [ObjectKey] {
        flatMap { effect -> [ObjectKey] in if case .refresh(let keys) = effect { keys } else { [] } }
    }
    fileprivate var handled: [TaskReport] {
        flatMap { effect -> [TaskReport] in if case .reportsHandled(let reports) = effect { reports } else { [] } }
    }
    fileprivate var stops: Bool { contains { if case .stop = $0 { true } else { false } } }
}

/// Records its intent, then asks for the worker.
@Sendable private func creating(_ worker: Worker, _ now: Moment) -> Decision<Worker> {
    var decision = Decision<Worker>(status: worker.status)
    decision.status.createdAt = worker.status.createdAt ?? now.wall
    decision.actions.append(.call(WorkerCall(.create, worker, reason: "test")))
    return decision
}

@Suite struct EngineLoopTests {
    private let key = ObjectKey(.worker, "shop", "w")

    private func report(_ sequence: Int) -> TaskReport {
        TaskReport(
            task: ObjectKey(.task, "shop", "a"), taskUID: "uid-a", workerUID: "uid-w", attempt: 1, fence: 1,
            sequence: sequence,
            phase: .running, startedAt: nil, finishedAt: nil, exitCode: nil, signal: nil, reason: .running,
            message: nil,
            outputs: [:])
    }

    @Test func nothingIsDecidedBeforeTheSnapshotIsWhole() {
        var bench = Bench(worker: creating)
        bench.engine.ingest([.restarted, .initial(.worker("w", version: 1))], now: bench.now)
        #expect(bench.run().commits.isEmpty)
        #expect(bench.engine.nextDue == nil)
        bench.engine.ingest([.synced(version: 1)], now: bench.now)
        #expect(bench.run().commits.count == 1)
    }

    @Test func aCallGoesOutOnlyAfterItsIntentIsDurable() throws {
        var bench = Bench(worker: creating)
        bench.start(.worker("w", version: 1))
        let first = bench.run()
        #expect(first.calls.isEmpty)
        let commit = try #require(first.commits.first)
        #expect(commit.batch.epoch == 3)
        bench.accept(commit.id, commit.batch)
        #expect(bench.engine.takeEffects().calls.map(\.verb) == [.create])
    }

    @Test func aKeyIsLockedUntilItsCommitIsAnsweredAndDirtyAfter() throws {
        var bench = Bench(worker: creating)
        bench.start(.worker("w", version: 1))
        let commit = try #require(bench.run().commits.first)
        bench.engine.wake(.object(key), now: bench.now)
        let reconciles = bench.engine.stats.reconciles
        #expect(bench.run().isEmpty)
        #expect(bench.engine.stats.reconciles == reconciles, "it was not decided while locked")
        bench.accept(commit.id, commit.batch)
        _ = bench.run()
        #expect(bench.engine.stats.reconciles > reconciles, "but then")
    }

    /// The watch often tells of a commit before its answer comes. That is no change by anybody else, and nothing to
    /// read.
    @Test func whatIsToldOfALockedKeyIsLookedAtWithTheAnswer() throws {
        var bench = Bench(worker: creating)
        bench.start(.worker("w", version: 1))
        let commit = try #require(bench.run().commits.first)
        bench.engine.ingest([.applied(.worker("w", version: 11), created: false)], now: bench.now)
        #expect(bench.engine.cache.version(of: key) == 1)
        bench.accept(commit.id, commit.batch)
        #expect(bench.engine.cache.version(of: key) == 11)
        #expect(bench.engine.cache.workers[key]?.object.status.createdAt != nil, "the answer's, which is at hand")
    }

    @Test(arguments: [true, false]) func whatSomebodyElseWroteMeanwhileIsNotLost(_ isAccepted: Bool) throws {
        var bench = Bench(worker: creating)
        bench.start(.worker("w", version: 1))
        let commit = try #require(bench.run().commits.first)
        bench.engine.ingest(
            [.applied(.worker("w", version: 50), created: false), .applied(.worker("w", version: 12), created: false)],
            now: bench.now)
        if isAccepted {
            bench.accept(commit.id, commit.batch)
        } else {
            bench.refuse(commit.id, .conflict(key, actual: 50))
        }
        #expect(bench.engine.cache.version(of: key) == 50)
    }

    @Test func whatWasRemovedMeanwhileStaysSo() throws {
        var bench = Bench(worker: creating)
        bench.start(.worker("w", version: 1))
        let commit = try #require(bench.run().commits.first)
        bench.engine.ingest(
            [.applied(.worker("w", version: 50), created: false), .deleted(.worker("w", version: 51))], now: bench.now)
        bench.accept(commit.id, commit.batch)
        #expect(bench.engine.cache.version(of: key) == nil)
    }

    @Test(arguments: [
        (code: StoreError.Code.conflict(ObjectKey(.worker, "shop", "w"), actual: 7), because: "somebody else wrote"),
        (code: .notFound(ObjectKey(.worker, "shop", "w")), because: "it is gone"),
        (code: .unavailable(unknownOutcome: true), because: "it may or may not have been applied"),
        (code: .unavailable(unknownOutcome: false), because: "the store was away"),
    ])
    func aRefusedCommitReadsAgainAndDecidesAgain(_ row: (code: StoreError.Code, because: String)) throws {
        var bench = Bench(worker: creating)
        bench.start(.worker("w", version: 1))
        let commit = try #require(bench.run().commits.first)
        bench.refuse(commit.id, row.code)
        let effects = bench.engine.takeEffects()
        #expect(effects.refreshed == [key], "\(row.because)")
        #expect(effects.calls.isEmpty, "no call without its intent")
        bench.engine.refreshed(key, .worker("w", version: 7), asOf: 7, now: bench.now)
        bench.pass(.seconds(1))
        let again = try #require(bench.run().commits.first)
        guard case .update(_, _, expecting: let version)? = again.batch.writes.first else {
            Issue.record("no update")
            return
        }
        #expect(version == 7, "decided on what was read")
    }

    @Test func theLastOfWhatWasToldMeanwhileStands() throws {
        var bench = Bench(worker: creating)
        bench.start(.worker("w", version: 1))
        let commit = try #require(bench.run().commits.first)
        let told = [50, 51].map { StoreEvent.applied(.worker("w", version: $0), created: false) }
        bench.engine.ingest(told, now: bench.now)
        bench.accept(commit.id, commit.batch)
        #expect(bench.engine.cache.version(of: key) == 51)
    }

    @Test func aConflictIsDecidedAgainThoughNothingElseIsRead() throws {
        var bench = Bench(worker: creating)
        bench.start(.worker("w", version: 1))
        let commit = try #require(bench.run().commits.first)
        // Another object of the batch had changed; this one is read as it stood.
        bench.refuse(commit.id, .conflict(ObjectKey(.worker, "shop", "v"), actual: 7))
        bench.engine.refreshed(key, .worker("w", version: 1), asOf: 7, now: bench.now)
        bench.pass(.seconds(1))
        #expect(bench.run().commits.count == 1)
    }

    @Test func whatHappensWhileOnlyOthersAreWrittenIsDecidedAfterwards() throws {
        var bench = Bench(worker: { worker, _ in
            var decision = Decision<Worker>(status: worker.status)
            var made = Worker.sample("\(worker.metadata.name)-child")
            made.spec.slot = 1
            if worker.spec.slot == 0 { decision.actions.append(.create(NewObject(made))) }
            return decision
        })
        bench.start(.worker("w", version: 1))
        let commit = try #require(bench.run().commits.first)
        bench.engine.wake(.object(key), now: bench.now)
        #expect(bench.run().commits.isEmpty, "held while its commit is under way")
        let before = bench.engine.stats.reconciles
        bench.accept(commit.id, commit.batch)
        _ = bench.run()
        // The child too is decided.
        #expect(bench.engine.stats.reconciles - before == 2)
    }

    @Test func whoeverWaitedForTheStoreGoesOnWhenItIsBack() throws {
        var bench = Bench(worker: creating)
        bench.start(.worker("v", version: 1), .worker("w", version: 2))
        var waiting = bench.run().commits
        for _ in 0..<8 {
            for commit in waiting { bench.refuse(commit.id, .unavailable(unknownOutcome: false)) }
            _ = bench.engine.takeEffects()
            let due = bench.engine.nextDue
            bench.pass(try #require(due) - bench.now.instant)
            waiting = bench.run().commits
        }
        #expect(waiting.count == 2, "all ask at once, however many there are")
        let first = try #require(waiting.first)
        bench.refuse(try #require(waiting.last).id, .unavailable(unknownOutcome: false))
        bench.accept(first.id, first.batch)
        _ = bench.engine.takeEffects()
        #expect(bench.run().commits.map(\.batch.writes.first?.key) == [waiting.last?.batch.writes.first?.key])
    }

    /// By the region's own decision, which says which circuits are not closed.
    @Test func aRegionIsDecidedWheneverACircuitTurns() throws {
        var bench = Bench()
        bench.start(.worker("w", version: 1))
        let call = WorkerCall(.create, .sample("w"), reason: "")
        func turns(_ bench: inout Bench, _ result: Result<Observation?, ProviderError>) -> Bool {
            _ = bench.run()
            let before = bench.engine.queueAdds
            bench.engine.called(call, result, now: bench.now)
            // The worker itself is one.
            return bench.engine.queueAdds - before > 1
        }
        let full = Result<Observation?, ProviderError>.failure(ProviderError(.capacity, "none left"))
        #expect((0..<4).allSatisfy { _ in turns(&bench, full) == false })
        #expect(turns(&bench, full), "it opens")
        bench.pass(.seconds(31))
        #expect(bench.engine.breakers.records(of: "east", now: bench.now).first?.state == .halfOpen)
        #expect(turns(&bench, full), "it opens again")
        bench.pass(.seconds(31))
        #expect(turns(&bench, .success(nil)), "it closes")
    }

    @Test(arguments: [StoreError.Code.staleEpoch(current: 4), .closed])
    func anotherLeaderEndsThisOne(_ code: StoreError.Code) throws {
        var bench = Bench(worker: creating)
        bench.start(.worker("w", version: 1))
        let commit = try #require(bench.run().commits.first)
        bench.refuse(commit.id, code)
        #expect(bench.engine.takeEffects().stops)
    }

    @Test func oneCallAWorkerAndBackOffAfterFailure() throws {
        var bench = Bench(worker: creating)
        bench.start(.worker("w", version: 1))
        let commit = try #require(bench.run().commits.first)
        bench.accept(commit.id, commit.batch)
        let call = try #require(bench.engine.takeEffects().calls.first)
        #expect(bench.run().calls.isEmpty, "one is under way")
        bench.engine.called(call, .failure(ProviderError(.unavailable, "away")), now: bench.now)
        #expect(bench.run().calls.isEmpty, "it backs off")
        bench.pass(.seconds(1))
        #expect(bench.run().calls.count == 1, "and wakes by itself")
        bench.engine.called(call, .failure(ProviderError(.throttled, "slow", retryAfter: .seconds(90))), now: bench.now)
        bench.pass(.seconds(89))
        #expect(bench.run().calls.isEmpty, "the provider said when to come back")
        bench.pass(.seconds(1))
        #expect(bench.run().calls.count == 1)
    }

    @Test func anOpenCircuitHoldsEveryCallOfItsRegion() throws {
        var bench = Bench(worker: creating)
        bench.start(.worker("w", version: 1), .worker("x", version: 2))
        let workers = bench.run().commits
        for commit in workers { bench.accept(commit.id, commit.batch) }
        let calls = bench.engine.takeEffects().calls
        #expect(calls.count == 2)
        let other = try #require(calls.last)
        for _ in 0..<5 { bench.engine.called(other, .failure(ProviderError(.quota, "full")), now: bench.now) }
        bench.engine.called(calls[0], .failure(ProviderError(.unknownOutcome, "?")), now: bench.now)
        bench.pass(.seconds(20))
        #expect(bench.run().calls.isEmpty)
        bench.pass(.seconds(30))
        #expect(bench.run().calls.count == 1, "one probe")
    }

    @Test func reportsAreHandledOnlyAfterTheirCommit() throws {
        var bench = Bench(task: { task, reports in
            var decision = Decision<WorkTask>(status: task.status)
            if !reports.isEmpty { decision.status.phase = .running }
            return decision
        })
        bench.start(.task("a", version: 1))
        _ = bench.run()
        bench.engine.reported([report(1)], now: bench.now)
        let effects = bench.run()
        let commit = try #require(effects.commits.first)
        #expect(effects.handled.isEmpty)
        bench.engine.reported([report(2)], now: bench.now)
        bench.accept(commit.id, commit.batch)
        #expect(bench.engine.takeEffects().handled.map(\.sequence) == [1], "the second came after the decision")
        #expect(bench.run().handled.map(\.sequence) == [2], "it changes nothing, and is handled at once")
        bench.engine.reported([report(3)], now: bench.now)
        bench.engine.ingest([.deleted(.task("a", version: 99))], now: bench.now)
        _ = bench.run()
        bench.engine.reported([report(4)], now: bench.now)
        #expect(bench.run().handled.map(\.sequence) == [4], "of a task that is gone")
    }

    @Test func reportsOfARefusedCommitStay() throws {
        var bench = Bench(task: { task, reports in
            var decision = Decision<WorkTask>(status: task.status)
            if !reports.isEmpty { decision.status.phase = .running }
            return decision
        })
        bench.start(.task("a", version: 1))
        bench.engine.reported([report(1)], now: bench.now)
        let commit = try #require(bench.run().commits.first)
        bench.refuse(commit.id, .unavailable(unknownOutcome: true))
        bench.pass(.seconds(1))
        let effects = bench.run()
        #expect(effects.handled.isEmpty)
        let again = try #require(effects.commits.first)
        bench.accept(again.id, again.batch)
        #expect(bench.engine.takeEffects().handled.map(\.sequence) == [1])
    }

    @Test func whatAListDoesNotShowIsAskedAfter() {
        var bench = Bench()
        bench.start(.worker("w", version: 1))
        let seen = Observation(workerUID: "uid-w", clusterID: "c", slot: 0, attempt: 1, state: .running)
        bench.engine.inventoried(region: "east", .success([]), took: .zero, now: bench.now)
        #expect(bench.engine.live.observations["uid-w"] == nil, "never seen: the list may lag behind its creation")
        bench.engine.called(
            WorkerCall(.observe, .sample("w"), reason: ""), .success(seen), now: bench.now)
        bench.pass(.seconds(1))
        bench.engine.inventoried(region: "east", .success([]), took: .seconds(3), now: bench.now)
        #expect(bench.run().calls.isEmpty, "this list was asked for before it was seen")
        bench.engine.inventoried(region: "east", .success([]), took: .milliseconds(10), now: bench.now)
        #expect(
            bench.engine.takeEffects().calls.map(\.verb) == [.observe], "a list may lag: the worker itself is asked for"
        )
        #expect(bench.engine.live.observations["uid-w"]?.state == .running)
    }

    @Test func whatTheListShowsAndNobodyClaimsIsKept() {
        var bench = Bench()
        bench.start()
        let orphan = Observation(workerUID: "uid-x", clusterID: "c", slot: 0, attempt: 1, state: .running)
        let foreign = Observation(workerUID: "uid-y", clusterID: "other", slot: 0, attempt: 1, state: .running)
        bench.engine.inventoried(region: "east", .success([orphan, foreign]), took: .zero, now: bench.now)
        #expect(bench.engine.live.providers["east"]?.unclaimed == [orphan])
    }

    @Test func aProviderThatTellsRestsUntilAnObjectGoesBeforeItsResource() {
        var bench = Bench()
        let seen = Observation(workerUID: "uid-w", clusterID: "c", slot: 0, attempt: 1, state: .running)
        func rests() -> Bool? { bench.engine.live.providers["east"]?.isAtRest }
        var worker = Worker.sample("w")
        worker.status.createdAt = bench.now.wall
        func stored(_ version: UInt64) -> StoredObject {
            StoredObject(key: key, uid: "uid-w", version: version, tree: worker.tree)
        }
        bench.start(stored(1))
        bench.engine.inventoried(region: "east", .success([seen]), took: .zero, now: bench.now)
        #expect(rests() == false, "it is only asked")
        bench.engine.followed(region: "east", true, since: bench.now.instant, now: bench.now)
        #expect(rests() == false, "what happened before is not told")
        bench.engine.inventoried(region: "east", .success([seen]), took: .zero, now: bench.now)
        #expect(rests() == true)
        bench.engine.ingest([.deleted(stored(3))], now: bench.now)
        #expect(rests() == false, "nobody saw its resource go")
        bench.engine.inventoried(region: "east", .success([]), took: .zero, now: bench.now)
        #expect(rests() == true)
        bench.engine.ingest([.applied(stored(4), created: true)], now: bench.now)
        var gone = seen
        gone.state = .absent
        bench.engine.called(WorkerCall(.observe, .sample("w"), reason: ""), .success(gone), now: bench.now)
        bench.engine.ingest([.deleted(stored(5))], now: bench.now)
        #expect(rests() == true, "seen gone before its object went")
        bench.engine.followed(region: "east", false, since: bench.now.instant, now: bench.now)
        #expect(rests() == false)
    }

    @Test func whatCannotBeReadIsLeftAlone() throws {
        var bench = Bench(worker: creating)
        let broken: Tree = ["metadata": ["name": "w", "namespace": "shop", "uid": "uid-w"], "spec": ["pool": 7]]
        bench.start(.worker("w", version: 1))
        bench.engine.ingest(
            [.applied(StoredObject(key: key, uid: "uid-w", version: 2, tree: broken), created: false)], now: bench.now)
        #expect(bench.engine.unreadable[key] != nil)
        #expect(bench.run().commits.isEmpty, "no write over it, again and again")
        bench.engine.ingest([.applied(.worker("w", version: 3), created: false)], now: bench.now)
        #expect(bench.run().commits.count == 1)
    }

    @Test func everythingIsLookedAtAgainFromTimeToTime() {
        var bench = Bench(resync: .minutes(2))
        bench.start(.worker("w", version: 1))
        _ = bench.run()
        let before = bench.engine.stats.reconciles
        #expect(bench.engine.nextDue == bench.now.instant + .minutes(2))
        bench.pass(.minutes(2))
        #expect(bench.run().commits.isEmpty, "at rest nothing is written (L5)")
        #expect(bench.engine.stats.reconciles == before + 2, "the worker and the round")
    }

    @Test func silenceIsRememberedBeyondTheObject() {
        var bench = Bench()
        bench.start(.worker("w", version: 1))
        var worker = Worker.sample("w")
        worker.status.state = .failed
        var failure = FailureRecord()
        failure.reason = Reason.leaseExpired.rawValue
        worker.status.failure = failure
        bench.engine.ingest(
            [.applied(StoredObject(key: key, uid: "uid-w", version: 2, tree: worker.tree), created: false)],
            now: bench.now)
        bench.engine.ingest([.deleted(.worker("w", version: 3))], now: bench.now)
        #expect(bench.engine.live.evictions["east"] == [bench.now.instant])
    }
}

@Suite struct EventTests {
    @Test func equalEventsAreCountedAndOldOnesGo() throws {
        var bench = Bench(worker: { worker, _ in
            var decision = Decision<Worker>(status: worker.status)
            decision.events.append(EventRecord(.normal, .online, "says \(worker.status.tasks)"))
            return decision
        })
        let key = ObjectKey(.worker, "shop", "w")
        bench.start(.worker("w", version: 1))
        var commit = try #require(bench.run().commits.first)
        bench.accept(commit.id, commit.batch)
        bench.engine.wake(.object(key), now: bench.now)
        #expect(bench.run().commits.isEmpty, "the same within one second")
        bench.pass(.seconds(1))
        bench.engine.wake(.object(key), now: bench.now)
        commit = try #require(bench.run().commits.first)
        guard case .update(_, let tree, _)? = commit.batch.writes.first else {
            Issue.record("not counted")
            return
        }
        #expect(tree["count"] == 2)
        bench.accept(commit.id, commit.batch)
        bench.pass(.hours(2))
        var changed = Worker.sample("w")
        changed.status.tasks = 5
        bench.engine.ingest(
            [.applied(StoredObject(key: key, uid: "uid-w", version: 50, tree: changed.tree), created: false)],
            now: bench.now)
        commit = try #require(bench.run().commits.first)
        let removals = commit.batch.writes.filter { if case .remove = $0 { true } else { false } }
        #expect(removals.count == 1, "the first one is two hours old")
    }
}
