import Controllers
import Engine
import Model
import Ports
import Testing

@Suite struct WorkerReconcilerTests {
    private static let key = ObjectKey(.worker, "shop", "web-0-1")

    private func decide(
        _ worker: Worker, others: [Worker] = [], pool: WorkerPool = Self.pool(), region: Region = .sample(),
        tasks: [WorkTask] = [], now: Moment = start, _ live: (inout LiveState) -> Void = { _ in }
    ) -> Decision<Worker> {
        var cache = Cache.holding(region, pool, worker)
        for (index, task) in tasks.enumerated() { cache.add(task, version: UInt64(500 + index)) }
        for (index, other) in others.enumerated() {
            _ = try? cache.apply(
                StoredObject(key: other.key, uid: other.metadata.uid, version: UInt64(100 + index), tree: other.tree))
        }
        var state = LiveState()
        live(&state)
        let snapshot = Snapshot(cache: cache, live: state, settings: .sample)
        guard let world = WorkerReconciler().gather(Self.key, from: snapshot) else { preconditionFailure("no world") }
        return WorkerReconciler().decide(world, now: now)
    }

    /// One that decided the first attempt of its first slot.
    private static func pool(_ change: (inout WorkerPool) -> Void = { _ in }) -> WorkerPool {
        .sample { pool in
            var slot = SlotRecord()
            slot.attempt = 1
            pool.status.slots = [slot]
            change(&pool)
        }
    }

    private struct Refused: Sendable, CustomTestStringConvertible {
        let because: String
        let reason: Reason
        var pool = WorkerReconcilerTests.pool()
        var region = Region.sample()
        var worker: @Sendable (inout Worker) -> Void = { _ in }
        var testDescription: String { because }
    }

    private static let refused: [Refused] = [
        Refused(because: "no pool ever decided it", reason: .notAllowed, pool: .sample()),
        Refused(because: "a later attempt than its pool decided", reason: .notAllowed) { $0.spec.attempt = 2 },
        Refused(because: "another region than its pool's", reason: .notAllowed) { $0.spec.region = "west" },
        Refused(
            because: "a region that is closed to the namespace", reason: .notAllowed,
            region: .sample { $0.spec.allowedNamespaces = ["other"] }),
        Refused(
            because: "past the cap of its pool", reason: .budgetExceeded,
            pool: pool { $0.spec.budget = budget("0.01") }),
        Refused(
            because: "past the cap of its region", reason: .budgetExceeded,
            region: .sample { $0.spec.budget = budget("0.01") }),
    ]

    private static func budget(_ perHour: String) -> Budget {
        var budget = Budget()
        budget.perHour = Money(perHour)
        return budget
    }

    @Test(arguments: refused.indices) func nothingIsMadeThatNobodyMayHave(_ index: Int) {
        let row = Self.refused[index]
        let worker = Worker.sample { worker in
            worker.status = WorkerStatus()
            worker.spec.price.perHour = Money("1") ?? .zero
            row.worker(&worker)
        }
        let decision = decide(worker, pool: row.pool, region: row.region)
        #expect(!decision.calls.contains(.create), "\(row.because)")
        #expect(decision.status.state == .failed)
        #expect(decision.status.failure?.reason == row.reason.rawValue, "\(row.because)")
    }

    /// Others overran the cap before it was lowered.
    @Test func whatCostsNothingIsMadePastACap() {
        let worker = Worker.sample { worker in
            worker.status = WorkerStatus()
            worker.spec.price.perHour = .zero
        }
        let dear = Worker.sample { worker in
            worker.metadata.name = "web-1-1"
            worker.spec.price.perHour = Money(dollars: 5)
        }
        let decision = decide(worker, others: [dear], region: .sample { $0.spec.budget = Self.budget("1") })
        #expect(decision.calls.contains(.create))
    }

    @Test func aWorkerThatLiedIsGivenUp() {
        let decision = decide(.sample()) { live in
            renewed(.seconds(1))(&live)
            live.misbehaving["uid-web-0-1"] = "it follows epoch 9"
        }
        #expect(decision.status.state == .failed)
        #expect(decision.status.failure?.reason == Reason.misbehaving.rawValue)
        #expect(decision.status.failure?.proven == false, "what it runs may run on")
    }

    private func renewed(_ ago: Duration, _ worker: String = "web-0-1") -> (inout LiveState) -> Void {
        { $0.leases["uid-\(worker)"] = Lease(lastRenewal: start.instant - ago, wall: start.wall - ago) }
    }

    private static func seen(_ state: Observation.State) -> Observation {
        Observation(
            workerUID: "uid-web-0-1", clusterID: "c", slot: 0, attempt: 1, state: state, providerID: "process:1")
    }

    private let fresh = Worker.sample { worker in worker.status = WorkerStatus() }
    private func provisioning(_ ago: Duration) -> Worker {
        .sample { worker in
            worker.status = WorkerStatus()
            worker.status.createdAt = start.wall - ago
        }
    }

    @Test func oneThatWasToldToEndByOthersTakesNothingNew() {
        let decision = decide(.sample()) {
            $0.leases["uid-web-0-1"] = Lease(lastRenewal: start.instant, wall: start.wall)
            $0.leaving = ["uid-web-0-1"]
        }
        #expect(decision.status.state == .draining)
        #expect(!decision.status.state.takesTasks)
    }

    @Test func aNewLeaderThatHasNotHeardItSaySoTakesNothingBack() {
        var worker = Worker.sample()
        worker.status.state = .draining
        func decision(leadingFor time: Duration) -> Decision<Worker> {
            decide(worker) {
                $0.leases["uid-web-0-1"] = Lease(lastRenewal: start.instant, wall: start.wall)
                $0.leadingSince = start.instant - time
            }
        }
        #expect(decision(leadingFor: .seconds(1)).status.state == .draining)
        #expect(decision(leadingFor: .seconds(11)).status.state == .online, "by then it would have said so")
    }

    @Test func oneThatCouldNotStartATaskIsLessHealthyForAMinute() {
        func health(_ ago: Duration) -> Int {
            decide(.sample()) {
                $0.leases["uid-web-0-1"] = Lease(lastRenewal: start.instant, wall: start.wall)
                $0.exhausted["uid-web-0-1"] = start.instant - ago
            }.status.health
        }
        #expect(health(.seconds(1)) == 70)
        #expect(health(.seconds(61)) == 100)
    }

    @Test("One that can start nothing any more is replaced, once what runs on it has ended")
    func wornOut() {
        func ended(_ name: String, _ reasons: [Reason]) -> WorkTask {
            .sample(name) { task in
                task.status.attempts = reasons.enumerated().map { index, reason in
                    var attempt = AttemptRecord()
                    attempt.worker = "web-0-1"
                    attempt.reason = reason.rawValue
                    attempt.finishedAt = start.wall - .minutes(5) + .seconds(index)
                    return attempt
                }
            }
        }
        let runs = WorkTask.running("other") { task in
            task.status.assignment?.workerUID = "uid-web-0-1"
            task.status.startedAt = start.wall - .minutes(1)
        }
        let rows: [(tasks: [WorkTask], state: WorkerState, because: String)] = [
            ([ended("a", [.workerExhausted, .workerExhausted])], .online, "twice may pass"),
            ([ended("a", [.workerExhausted, .workerExhausted, .workerExhausted])], .failed, "three times does not"),
            (
                [ended("a", [.workerExhausted, .workerExhausted]), ended("b", [.workerExhausted])], .failed,
                "whichever tasks they were"
            ),
            (
                [ended("a", [.workerExhausted, .workerExhausted, .workerExhausted, .exitedNonZero])], .online,
                "it has started one since"
            ),
            ([ended("a", [.workerLost, .workerLost, .workerLost])], .online, "other ends are not its want"),
            (
                [ended("a", [.workerExhausted, .workerExhausted, .workerExhausted]), runs], .busy,
                "it runs one that began since"
            ),
        ]
        for row in rows {
            let decision = decide(.sample(), tasks: row.tasks) {
                $0.leases["uid-web-0-1"] = Lease(lastRenewal: start.instant, wall: start.wall)
                $0.exhausted["uid-web-0-1"] = start.instant
            }
            #expect(decision.status.state == row.state, "\(row.because)")
            let isSaid = decision.status.failure?.reason == Reason.workerExhausted.rawValue
            #expect(isSaid == (row.state == .failed), "\(row.because)")
        }
    }

    @Test func theIntentIsRecordedWithTheFirstCall() {
        let decision = decide(fresh)
        #expect(decision.status.createdAt == start.wall)
        #expect(decision.status.epoch == 3)
        #expect(decision.calls == [.create])
        #expect(decision.finalizer == true)
    }

    @Test func aCreationIsRepeatedUntilItIsConfirmedAndThenLookedAt() {
        #expect(decide(provisioning(.seconds(1))).calls == [.create])
        let accepted = decide(provisioning(.seconds(1))) {
            $0.calls["uid-web-0-1", default: CallState()].createAccepted = true
        }
        #expect(accepted.calls == [.observe])
        let visible = decide(provisioning(.seconds(1))) { $0.observations["uid-web-0-1"] = Self.seen(.running) }
        #expect(visible.calls.isEmpty)
        #expect(visible.status.providerID == "process:1")
    }

    @Test(arguments: [Observation.State.starting, .absent])
    func whatAnEarlierControllerBeganIsFinishedByAskingAgain(_ state: Observation.State) {
        let begun = decide(provisioning(.seconds(1))) { $0.observations["uid-web-0-1"] = Self.seen(state) }
        #expect(begun.calls == [.create])
        let accepted = decide(provisioning(.seconds(1))) {
            $0.observations["uid-web-0-1"] = Self.seen(state)
            $0.calls["uid-web-0-1", default: CallState()].createAccepted = true
        }
        #expect(accepted.calls.isEmpty, "our own create is not asked for twice")
    }

    @Test func theProvidersExplanationOfAnEndIsPassedOn() {
        let decision = decide(.sample()) {
            renewed(.zero)(&$0)
            var seen = Self.seen(.exited(code: 137, signal: 9))
            seen.explanation = "out of memory; give it more"
            $0.observations["uid-web-0-1"] = seen
        }
        #expect(decision.status.failure?.message == "killed by signal 9: out of memory; give it more")
    }

    /// A controller that was paused heard no renewal for longer than the worker was dead.
    @Test(arguments: [(-8, -8), (-40, -30), (5, 0)])
    func whatTheProviderSawLastCounts(_ row: (told: Int, isSeen: Int)) {
        let decision = decide(.sample()) {
            renewed(.seconds(30))(&$0)
            var seen = Self.seen(.exited(code: nil, signal: 9))
            seen.lastSeen = start.wall + .seconds(row.told)
            $0.observations["uid-web-0-1"] = seen
        }
        #expect(decision.status.state == .failed)
        #expect(decision.status.lastSeen == start.wall + .seconds(row.isSeen))
    }

    @Test func whoDoesNotJoinInTimeFails() {
        let late = decide(provisioning(.seconds(60)))
        #expect(late.status.failure?.reason == "JoinTimeout")
        #expect(late.status.failure?.message == "did not join within 1m")
        #expect(late.status.failure?.proven == false)
        let refused = decide(provisioning(.seconds(60))) {
            $0.calls["uid-web-0-1", default: CallState()].lastError = ProviderError(.unavailable, "no engine answers")
        }
        #expect(refused.status.failure?.message == "did not join within 1m: no engine answers")
        let absentLeader = decide(provisioning(.hours(1))) { $0.leadingSince = start.instant - .seconds(5) }
        #expect(absentLeader.status.failure == nil, "nobody could join while nobody led")
        let joined = decide(provisioning(.seconds(59)), renewed(.zero))
        #expect(joined.status.state == .online)
        #expect(joined.said == [.online])
    }

    @Test(arguments: [
        (code: ProviderError.Code.invalid, fails: true), (.quota, true), (.capacity, true), (.throttled, false),
        (.unavailable, false), (.unknownOutcome, false),
    ])
    func someRefusalsAreFinal(_ row: (code: ProviderError.Code, fails: Bool)) {
        let decision = decide(provisioning(.seconds(1))) {
            $0.calls["uid-web-0-1", default: CallState()].lastError = ProviderError(row.code, "no")
        }
        #expect((decision.status.state == .failed) == row.fails)
    }

    @Test(arguments: [
        (state: Observation.State.exited(code: 1, signal: nil), message: "exited with 1"),
        (.exited(code: nil, signal: 9), "killed by signal 9"), (.absent, "the provider no longer has it"),
    ])
    func deathIsProven(_ row: (state: Observation.State, message: String)) {
        let decision = decide(.sample()) {
            renewed(.seconds(5))(&$0)
            $0.observations["uid-web-0-1"] = Self.seen(row.state)
        }
        #expect(decision.status.failure?.proven == true)
        #expect(decision.status.failure?.message == row.message)
    }

    @Test("What a provider does not know and is heard all the same is given up, and not taken for dead")
    func absentAndHeard() {
        let decision = decide(.sample()) {
            renewed(.seconds(1))(&$0)
            $0.observations["uid-web-0-1"] = Self.seen(.absent)
        }
        #expect(decision.status.state == .failed)
        #expect(decision.status.failure?.proven == false)
        #expect(decision.status.failure?.message == "the provider no longer has it, and it was heard all the same")
    }

    @Test(arguments: [
        (silent: Duration.seconds(1), state: WorkerState.online, health: 100, because: "it renews"),
        (.seconds(7), .online, 50, "half of its lease is gone"),
        (.seconds(12), .online, 50, "the lease holds to its end"),
        (.milliseconds(12_001), .failed, 0, "it is over, and our own probe works"),
    ])
    func silenceLowersHealthAndThenKills(_ row: (silent: Duration, state: WorkerState, health: Int, because: String)) {
        let decision = decide(.sample(), renewed(row.silent))
        #expect(decision.status.state == row.state, "\(row.because)")
        #expect(decision.status.health == row.health, "\(row.because)")
    }

    @Test func aNewLeaderHasHeardNothingAndWaits() {
        let decision = decide(.sample()) { $0.leadingSince = start.instant - .seconds(3) }
        #expect(decision.status.state == .online)
    }

    /// Workers `web-0-1` to `web-N-1` of east, of which the first `silent` are silent.
    private func crowd(_ count: Int, silent: Int, asking index: Int, evicted: [Duration] = []) -> WorkerState {
        let workers = (0..<count).map { slot in Worker.sample("web-\(slot)-1") { $0.spec.slot = slot } }
        let cache = workers.enumerated().reduce(into: Cache.holding(Region.sample(), WorkerPool.sample())) {
            cache, row in
            let stored = StoredObject(
                key: row.element.key, uid: row.element.metadata.uid, version: UInt64(100 + row.offset),
                tree: row.element.tree)
            _ = try? cache.apply(stored)
        }
        var live = LiveState()
        for slot in 0..<count {
            let ago: Duration = slot < silent ? .seconds(13) : .seconds(1)
            live.leases["uid-web-\(slot)-1"] = Lease(lastRenewal: start.instant - ago, wall: start.wall - ago)
        }
        live.evictions["east"] = evicted.map { start.instant - $0 }
        let snapshot = Snapshot(cache: cache, live: live, settings: .sample)
        guard let world = WorkerReconciler().gather(workers[index].key, from: snapshot) else {
            preconditionFailure("no world")
        }
        return WorkerReconciler().decide(world, now: start).status.state
    }

    @Test func silentWorkersAreGivenUpBoundedly() {
        #expect(crowd(9, silent: 5, asking: 0) == .failed, "S17: the first two of a minute at once")
        #expect(crowd(9, silent: 5, asking: 1) == .failed)
        #expect(crowd(9, silent: 5, asking: 2) == .offline, "the third waits")
        #expect(crowd(9, silent: 3, asking: 0, evicted: [.seconds(5), .seconds(5)]) == .offline, "two went already")
        #expect(crowd(9, silent: 3, asking: 0, evicted: [.seconds(11), .seconds(11)]) == .failed, "one in ten seconds")
        #expect(crowd(9, silent: 3, asking: 1, evicted: [.seconds(11), .seconds(11)]) == .offline, "and not two")
        #expect(crowd(9, silent: 3, asking: 1, evicted: [.seconds(61), .seconds(61)]) == .failed, "a minute later")
        #expect(crowd(3, silent: 3, asking: 2) == .failed, "the whole region is silent, and our probe works")
    }

    @Test func ifEveryRegionIsSilentTheFaultIsOurs() {
        let other = Worker.sample("west-0-1") { $0.spec.region = "west" }
        let west = Region.sample("west")
        var cache = Cache.holding(Region.sample(), west, WorkerPool.sample(), Worker.sample(), other)
        _ = cache.region("west")
        var live = LiveState()
        renewed(.seconds(13))(&live)
        live.leases["uid-west-0-1"] = Lease(lastRenewal: start.instant - .seconds(13), wall: start.wall)
        let both = Snapshot(cache: cache, live: live, settings: .sample)
        #expect(
            WorkerReconciler().gather(Self.key, from: both).map {
                WorkerReconciler().decide($0, now: start).status.state
            } == .offline)
        live.leases["uid-west-0-1"] = Lease(lastRenewal: start.instant - .seconds(1), wall: start.wall)
        let one = Snapshot(cache: cache, live: live, settings: .sample)
        #expect(
            WorkerReconciler().gather(Self.key, from: one).map {
                WorkerReconciler().decide($0, now: start).status.state
            } == .failed)
        cache = Cache()
    }

    private func deleting(_ change: (inout Worker) -> Void = { _ in }) -> Worker {
        .sample { worker in
            worker.metadata.deletionTimestamp = start.wall
            change(&worker)
        }
    }

    @Test func aDeletedWorkerIsReleasedUntilItIsGone() {
        let asked = decide(deleting(), renewed(.zero))
        #expect(asked.calls == [.release])
        #expect(asked.finalizer == true)
        #expect(asked.status.state == .draining)
        let accepted = decide(deleting()) {
            $0.calls["uid-web-0-1", default: CallState()].releaseAccepted = true
            $0.calls["uid-web-0-1"]?.releasedAt = start.instant - .seconds(1)
            $0.observations["uid-web-0-1"] = Self.seen(.stopping)
        }
        #expect(accepted.calls == [.observe])
        #expect(accepted.finalizer == true, "S16: accepted is not gone")
        let gone = decide(deleting()) {
            $0.calls["uid-web-0-1", default: CallState()].releaseAccepted = true
            $0.observations["uid-web-0-1"] = Self.seen(.absent)
        }
        #expect(gone.status.gone)
        #expect(gone.finalizer == false)
        let unborn = decide(deleting { $0.status = WorkerStatus() })
        #expect(unborn.calls.isEmpty)
        #expect(unborn.finalizer == false, "nothing was ever asked for")
    }

    @Test("An end that does not come says why", arguments: [WorkerState.failed, .online])
    func unreleased(_ state: WorkerState) {
        let worker = Worker.sample { worker in
            worker.metadata.deletionTimestamp = start.wall - .seconds(30)
            worker.status.state = state
            if state == .failed {
                var failure = FailureRecord()
                failure.reason = "LeaseExpired"
                failure.message = "silent"
                worker.status.failure = failure
            }
        }
        let decision = decide(worker) {
            $0.calls["uid-web-0-1", default: CallState()].lastError = ProviderError(.unavailable, "nobody listens")
        }
        let said = decision.status.conditions[.ready]?.message ?? ""
        #expect(said.hasSuffix("; not yet released: nobody listens"), "\(said)")
    }

    @Test func aBusyWorkerDrainsFirstAndIsWatchedMeanwhile() {
        func drained(_ since: Duration, _ live: (inout LiveState) -> Void) -> Decision<Worker> {
            let worker = deleting { $0.status.drainSince = start.wall - since }
            let cache = Cache.holding(Region.sample(), WorkerPool.sample(), worker, WorkTask.running())
            var state = LiveState()
            live(&state)
            let snapshot = Snapshot(cache: cache, live: state, settings: .sample)
            guard let world = WorkerReconciler().gather(Self.key, from: snapshot) else {
                preconditionFailure("no world")
            }
            return WorkerReconciler().decide(world, now: start)
        }
        #expect(drained(.minutes(1), renewed(.zero)).calls.isEmpty)
        #expect(drained(.minutes(10), renewed(.zero)).calls == [.release], "its drain deadline is over")
        #expect(
            drained(.minutes(1), renewed(.seconds(13))).status.failure?.reason == "LeaseExpired",
            "it went silent while draining")
    }

    @Test func maintenanceCordonsAndEnds() {
        let cordoned = decide(.sample { $0.spec.maintenance = true }, renewed(.zero))
        #expect(cordoned.status.state == .maintenance)
        #expect(cordoned.status.drainSince == start.wall)
        let back = decide(.sample { $0.status.state = .maintenance }, renewed(.zero))
        #expect(back.status.state == .online)
        #expect(back.status.drainSince == nil)
    }

    @Test func aWorkerWithoutItsPoolIsDeleted() {
        #expect(decide(.sample(), pool: .sample("other")).deleted == ["web-0-1"])
        #expect(
            decide(.sample(), pool: .sample { $0.metadata.uid = "another" }).deleted == ["web-0-1"],
            "a namesake is not its pool")
    }

    @Test func atRestNothingChanges() {
        func seen(_ live: inout LiveState) {
            renewed(.zero)(&live)
            live.observations["uid-web-0-1"] = Self.seen(.running)
        }
        let settled = Worker.sample { $0.status = self.decide(.sample(), seen).status }
        let decision = decide(settled, now: start.advanced(by: .seconds(5)), seen)
        #expect(decision.status == settled.status)
        #expect(decision.actions.isEmpty)
    }
}
