@testable import Controllers
import Engine
import Model
import Testing

@Suite struct TaskReconcilerTests {
    private let key = ObjectKey(.task, "shop", "site-a")

    private func decide(
        _ task: WorkTask, _ others: [any Resource] = [], plan: ExecutionPlan? = .sample(), worker: Worker? = .sample(),
        reports: [TaskReport] = [], now: Moment = start
    ) -> Decision<WorkTask> {
        var cache = Cache.holding(Region.sample(), task)
        for (index, object) in others.enumerated() { cache.add(object, version: UInt64(100 + index)) }
        if let plan { cache.add(plan, version: 50) }
        if let worker { cache.add(worker, version: 51) }
        var live = LiveState()
        if !reports.isEmpty { live.reports[key] = reports }
        guard let world = TaskReconciler().gather(key, from: Snapshot(cache: cache, live: live, settings: .sample))
        else {
            preconditionFailure("no world")
        }
        return TaskReconciler().decide(world, now: now)
    }

    private func report(
        _ phase: TaskReport.Phase, _ reason: Reason = .completed, fence: Int = 1, worker: String = "uid-web-0-1",
        exit: Int? = nil
    ) -> TaskReport {
        TaskReport(
            task: key, taskUID: "uid-site-a", workerUID: worker, attempt: fence, fence: fence, sequence: 1,
            phase: phase,
            startedAt: start.wall - .minutes(1), finishedAt: phase == .ended ? start.wall : nil, exitCode: exit,
            signal: nil,
            reason: reason, message: nil, outputs: ["k": "v"])
    }

    // MARK: Waiting

    private func dependent(_ runWhen: RunWhen = .succeeded) -> WorkTask {
        .sample { task in
            task.spec.dependsOn = ["b"]
            task.spec.runWhen = runWhen
        }
    }

    @Test(arguments: [
        (
            runWhen: RunWhen.succeeded, other: TaskPhase.running, phase: TaskPhase.pending,
            reason: "WaitingForDependencies"
        ),
        (.succeeded, .succeeded, .pending, "WaitingForRound"), (.succeeded, .failed, .cancelled, "DependencyFailed"),
        (.succeeded, .timedOut, .cancelled, "DependencyFailed"),
        (.succeeded, .cancelled, .cancelled, "DependencyFailed"),
        (.failed, .failed, .pending, "WaitingForRound"), (.failed, .succeeded, .skipped, "Skipped"),
        (.succeeded, .skipped, .pending, "WaitingForRound"), (.failed, .skipped, .skipped, "Skipped"),
        (.always, .skipped, .pending, "WaitingForRound"),
        (.failed, .pending, .pending, "WaitingForDependencies"), (.always, .failed, .pending, "WaitingForRound"),
        (.always, .succeeded, .pending, "WaitingForRound"), (.always, .assigned, .pending, "WaitingForDependencies"),
    ])
    func runWhen(_ row: (runWhen: RunWhen, other: TaskPhase, phase: TaskPhase, reason: String)) {
        let decision = decide(dependent(row.runWhen), [WorkTask.ended("b", row.other)])
        #expect(decision.status.phase == row.phase)
        #expect(decision.status.reason == row.reason)
    }

    @Test func whatItWaitsForIsSaidInOrder() {
        var suspended = ExecutionPlan.sample()
        suspended.spec.suspend = true
        #expect(decide(dependent(), plan: suspended).status.reason == "Suspended")
        #expect(decide(dependent()).status.reason == "WaitingForDependencies", "one that does not exist yet is open")
        let gated = WorkTask.sample { $0.spec.waitFor = ["gate"] }
        #expect(decide(gated).status.reason == "WaitingForSyncPoint")
        func point(_ state: SyncPointState) -> SyncPoint {
            var point = SyncPoint(metadata: .sample("gate"), spec: SyncPointSpec())
            point.status.state = state
            return point
        }
        #expect(decide(gated, [point(.waiting)]).status.reason == "WaitingForSyncPoint")
        #expect(decide(gated, [point(.held)]).status.reason == "WaitingForSyncPoint")
        #expect(decide(gated, [point(.released)]).status.reason == "WaitingForRound")
        #expect(decide(gated, [point(.failed)]).status.reason == "SyncPointFailed")
        #expect(decide(gated, [point(.failed)]).status.phase == .cancelled)
    }

    /// `status.reason` of a pending task has two writers. Of a ready one the step takes back its own words alone.
    @Test(arguments: Reason.allCases)
    func ofAReadyTaskTheStepTakesBackItsOwnWordsAlone(_ reason: Reason) {
        let own: Set<Reason> = [
            .waitingForExternal, .retryBackoff, .fenced, .migrationLimit, .awaitingDecision, .rescheduled,
            .assigned, .running, .preempted, .workerLost,
        ]
        let said = WorkTask.sample { task in
            task.status.reason = reason.rawValue
            task.status.message = "so it was said"
        }
        let first = decide(said).status
        #expect(first.reason == (own.contains(reason) ? "WaitingForRound" : reason.rawValue))
        #expect(own.contains(reason) || first.message == "so it was said")
        let again = WorkTask.sample { $0.status = first }
        #expect(decide(again).status == first, "decided again on its own result it changes nothing")
    }

    // MARK: Reports

    @Test(arguments: [
        (fence: 1, worker: "uid-web-0-1", phase: TaskPhase.succeeded, because: "the current attempt speaks"),
        (fence: 0, worker: "uid-web-0-1", phase: .running, because: "an older fence is refused"),
        (fence: 2, worker: "uid-web-0-1", phase: .running, because: "a fence that was never given"),
        (fence: 1, worker: "uid-other", phase: .running, because: "another worker has no say"),
    ])
    func onlyTheCurrentFenceSpeaks(_ row: (fence: Int, worker: String, phase: TaskPhase, because: String)) {
        let decision = decide(.running(), reports: [report(.ended, fence: row.fence, worker: row.worker, exit: 0)])
        #expect(decision.status.phase == row.phase, "\(row.because)")
    }

    @Test func oneResultIsAccepted() {
        let decision = decide(.running(), reports: [report(.ended, exit: 0), report(.ended, .exitedNonZero, exit: 1)])
        #expect(decision.status.phase == .succeeded)
        #expect(decision.status.outputs == ["k": "v"])
        #expect(decision.status.attempts.count == 1)
        #expect(
            decision.status.cost == Money(dollars: 1).perHour(over: .minutes(30)),
            "its share for as long as it held its slot")
    }

    @Test func itRunsWhenItsAgentSaysSo() {
        let assigned = WorkTask.running { task in
            task.status.phase = .assigned
            task.status.startedAt = nil
        }
        let decision = decide(assigned, reports: [report(.running, .running)])
        #expect(decision.status.phase == .running)
        #expect(decision.status.startedAt == start.wall - .minutes(1))
    }

    // MARK: Another attempt

    @Test(arguments: [
        (
            reason: Reason.exitedNonZero, failures: 0, phase: TaskPhase.pending, counted: 1,
            because: "the first of three retries"
        ),
        (.exitedNonZero, 2, .pending, 3, "the third"), (.exitedNonZero, 3, .failed, 4, "the limit is used up"),
        (.couldNotStart, 0, .pending, 1, "it may start elsewhere"), (.outputTooLarge, 3, .failed, 4, "it counts"),
        (.timedOut, 0, .timedOut, 1, "late once is late"), (.workerLost, 3, .pending, 3, "our fault never counts"),
        (.fenced, 3, .pending, 3, "nor does a cut-off agent's own stop"),
        (.cancelled, 3, .pending, 3, "nor a drained worker"),
    ])
    func endsThatAreRetried(_ row: (reason: Reason, failures: Int, phase: TaskPhase, counted: Int, because: String)) {
        let task = WorkTask.running { $0.status.failures = row.failures }
        let decision = decide(task, reports: [report(.ended, row.reason, exit: 1)])
        #expect(decision.status.phase == row.phase, "\(row.because)")
        #expect(decision.status.failures == row.counted, "\(row.because)")
        #expect(decision.status.attempts.count == 1)
    }

    @Test(arguments: [(failures: 0, wait: Duration.seconds(5)), (1, .seconds(10)), (2, .seconds(20)), (9, .minutes(5))])
    func theWaitDoubles(_ row: (failures: Int, wait: Duration)) {
        let task = WorkTask.running { task in
            task.spec.retry.limit = 20
            task.status.failures = row.failures
        }
        let decision = decide(task, reports: [report(.ended, .exitedNonZero, exit: 1)])
        #expect(decision.status.retryAt == start.wall + row.wait)
        #expect(decision.status.reason == "RetryBackoff")
        #expect(decision.after == row.wait + .milliseconds(1))
    }

    // MARK: Lost workers

    private func failed(proven: Bool, gone: Bool = false) -> Worker {
        .sample { worker in
            worker.status.state = .failed
            worker.status.gone = gone
            var failure = FailureRecord()
            failure.reason = "LeaseExpired"
            failure.message = "silent"
            failure.proven = proven
            worker.status.failure = failure
        }
    }

    @Test(arguments: [
        (proven: true, gone: false, exclusive: true, waits: false, moves: 0, because: "the dead run nothing"),
        (
            proven: false, gone: false, exclusive: false, waits: false, moves: 1,
            because: "it may run twice, and the fence decides"
        ),
        (
            proven: false, gone: false, exclusive: true, waits: true, moves: 1,
            because: "attempts of an exclusive task never overlap"
        ),
        (
            proven: false, gone: true, exclusive: true, waits: false, moves: 0,
            because: "the provider confirmed its end meanwhile"
        ),
    ])
    func aLostWorkersTaskMoves(
        _ row: (proven: Bool, gone: Bool, exclusive: Bool, waits: Bool, moves: Int, because: String)
    ) {
        let task = WorkTask.running { $0.spec.exclusive = row.exclusive }
        let decision = decide(task, worker: failed(proven: row.proven, gone: row.gone))
        #expect(decision.status.phase == .pending)
        #expect(decision.status.failures == 0, "our fault never counts")
        #expect(decision.status.retryAt == (row.waits ? start.wall + .seconds(11) : nil), "\(row.because)")
        #expect(decision.status.moves.count == row.moves, "\(row.because)")
        #expect(decision.status.attempts.last?.reason == "WorkerLost")
    }

    @Test(
        "Of a worker that was heard until it was given up an exclusive task waits for the end of its lease too",
        arguments: [
            (reason: Reason.leaseExpired, gone: false, waits: Int64(11)), (.misbehaving, false, 23),
            (.processExited, false, 23), (.processExited, true, 23),
        ])
    func heardUntilGivenUp(_ row: (reason: Reason, gone: Bool, waits: Int64)) {
        let task = WorkTask.running { $0.spec.exclusive = true }
        var worker = failed(proven: false, gone: row.gone)
        worker.status.failure?.reason = row.reason.rawValue
        #expect(decide(task, worker: worker).status.retryAt == start.wall + .seconds(row.waits))
    }

    @Test(
        "An end that nobody of ours ordered is no success and uses no retry",
        arguments: [Reason.stoppedFromOutside, .workerExhausted])
    func notItsOwnFault(_ reason: Reason) {
        let decision = decide(.running { $0.spec.retry.limit = 0 }, reports: [report(.ended, reason, exit: 0)])
        #expect(decision.status.phase == .pending)
        #expect(decision.status.failures == 0)
        #expect(decision.status.attempts.last?.reason == reason.rawValue)
    }

    @Test("What becomes of a task is what the table of ends says, line by line: phase, retry, row of losses, worker")
    func theTableOfEndsDecides() {
        let reports: [Reason] = [
            .completed, .exitedNonZero, .killedBySignal, .couldNotStart, .outputTooLarge, .timedOut, .cancelled,
            .fenced,
            .workerLost, .stoppedFromOutside, .workerExhausted,
        ]
        for row in EndRule.rows(reports) {
            let task = WorkTask.running { task in
                task.spec.retry.limit = 1
                task.status.startedAt = start.wall - .seconds(4)
                task.status.attempts = self.losses(2)
                task.status.assignment?.stop = row.stop
            }
            let exit = row.report == .completed ? 0 : 1
            let status = decide(task, reports: [report(.ended, row.report, exit: exit)]).status
            let waits = status.phase == .pending
            #expect((status.failures > 0 && waits) == row.rule.usesRetry, "\(row)")
            let isThird = RepeatedLoss.of(status.attempts) != .again
            #expect((waits && status.failures == 0 && isThird) == row.rule.countsAsLoss, "\(row)")
            switch row.rule {
            case .succeeds: #expect(status.phase == .succeeded, "\(row)")
            case .fails(let event, _) where !row.rule.usesRetry:
                #expect(status.phase == TaskLife.after(.running, event), "\(row)")
            case .fails, .isLost: #expect(waits, "\(row)")
            case .ends(let event, _): #expect(status.phase == TaskLife.after(.running, event), "\(row)")
            }
            #expect(row.rule.harmsWorker == row.report.harmsWorker, "\(row)")
        }
    }

    private func losses(_ count: Int, _ reason: Reason = .workerLost, ran: Duration = .seconds(4)) -> [AttemptRecord] {
        (0..<count).map { index in
            var record = AttemptRecord()
            record.attempt = index + 1
            record.reason = reason.rawValue
            record.startedAt = start.wall - ran
            record.finishedAt = start.wall
            return record
        }
    }

    @Test func aTaskThatKillsWorkerAfterWorkerIsSlowedAndEnded() {
        let rows: [(attempts: [AttemptRecord], answer: RepeatedLoss, because: String)] = [
            (losses(1), .again, "one loss says nothing of the task"), (losses(2), .again, "nor do two"),
            (losses(3), .later(.seconds(10)), "from the third on it waits"),
            (losses(4), .later(.seconds(20)), "longer"),
            (losses(7), .later(.seconds(160)), "and longer"), (losses(8), .over(8), "then it is its own doing"),
            (losses(8, ran: .minutes(5)), .again, "long runs that machines cut off are not counted"),
            (losses(2) + losses(7, .exitedNonZero) + losses(2), .again, "an end of its own begins a new row"),
            (losses(2, .workerExhausted) + losses(2, .stoppedFromOutside), .later(.seconds(20)), "they count together"),
            (losses(9, .preempted), .again, "what we ordered is not counted"),
        ]
        for row in rows { #expect(RepeatedLoss.of(row.attempts) == row.answer, "\(row.because)") }
    }

    @Test func aSuspectIsKeptFromNeighbours() {
        func silent(_ count: Int) -> [AttemptRecord] {
            losses(count).map { loss in
                var loss = loss
                loss.proven = false
                return loss
            }
        }
        let rows: [(attempts: [AttemptRecord], isSuspect: Bool, because: String)] = [
            (losses(2), false, "two say nothing"), (losses(3), true, "the third does"),
            (silent(5), false, "silence is no sign against the task"), (silent(4) + losses(3), true, "deaths are"),
            (losses(3, .stoppedFromOutside), true, "whatever took the guard"),
            (losses(3) + losses(1, .exitedNonZero), false, "it ended by itself since"),
        ]
        for row in rows { #expect(RepeatedLoss.isSuspect(row.attempts) == row.isSuspect, "\(row.because)") }
    }

    @Test func theLastLossInARowIsReadable() {
        func running(after losses: Int) -> WorkTask {
            .running { task in
                task.status.attempts = self.losses(losses)
                task.status.startedAt = start.wall - .seconds(4)
            }
        }
        let task = running(after: 7)
        let decision = decide(task, worker: failed(proven: true))
        #expect(decision.status.phase == .failed)
        #expect(decision.status.reason == "WorkerLost")
        #expect(decision.status.message?.contains("8 attempts in a row were lost while it ran") == true)
        #expect(decision.status.attempts.count == 8, "booked once")
        let third = decide(running(after: 2), worker: failed(proven: true))
        #expect(third.status.retryAt == start.wall + .seconds(10))
    }

    @Test func movesAreBounded() {
        let task = WorkTask.running { $0.status.moves = (1...10).map { start.wall - .minutes(Int64($0)) }.reversed() }
        let decision = decide(task, worker: failed(proven: false))
        #expect(decision.status.retryAt == start.wall + .minutes(50), "S17: an hour after the first of the eleven")
        #expect(decision.status.reason == "MigrationLimit")
    }

    @Test func withoutFailoverItWaitsForADecision() {
        var plan = ExecutionPlan.sample()
        plan.spec.faultTolerance.autoFailover = false
        let lost = decide(.running(), plan: plan, worker: failed(proven: true))
        #expect(lost.status.phase == .pending)
        #expect(lost.status.reason == "AwaitingDecision")
        #expect(lost.status.message?.contains("`reconcile retry xtask/site-a -n shop`") == true, "the verb is named")
        #expect(lost.status.attempts.count == 1, "booked once")
        #expect(lost.status.cost == lost.status.attempts.first?.cost)
        var waiting = WorkTask.running()
        waiting.status = lost.status
        let later = decide(waiting, plan: plan, now: start.advanced(by: .hours(2)))
        #expect(later.status == lost.status, "until somebody decides nothing changes")
        waiting.metadata.annotations[Names.retryAfter] = "1"
        #expect(decide(waiting, plan: plan).status.reason == "WaitingForRound")
        waiting.metadata.annotations[Names.retryAfter] = "0"
        #expect(decide(waiting, plan: plan).status.reason == "AwaitingDecision", "a decision about another attempt")
        plan.spec.cancel = true
        #expect(decide(waiting, plan: plan).status.phase == .cancelled)
        plan.spec.cancel = false
        plan.spec.faultTolerance.autoFailover = true
        #expect(decide(waiting, plan: plan).status.reason == "WaitingForRound")
    }

    @Test func anAssignmentToAnotherIncarnationIsLost() {
        #expect(decide(.running(), worker: .sample { $0.metadata.uid = "new" }).status.phase == .pending)
        #expect(decide(.running(), worker: nil).status.phase == .pending)
    }

    // MARK: Ends from above

    @Test func cancellingStopsWhatRunsAndEndsWhatWaits() {
        var plan = ExecutionPlan.sample()
        plan.spec.cancel = true
        #expect(decide(.running(), plan: plan).status.assignment?.stop == .cancelled)
        #expect(decide(.sample(), plan: plan).status.phase == .cancelled)
        let stopped = WorkTask.running { $0.status.assignment?.stop = .cancelled }
        #expect(decide(stopped, plan: plan, reports: [report(.ended, .cancelled)]).status.phase == .cancelled)
    }

    /// What runs always cleans up after a cancel or the plan's timeout, within a time of its own.
    @Test(arguments: [
        (
            ends: Reason.cancelled, always: true, after: Duration.zero, stop: Reason?.none, waiting: TaskPhase.pending,
            because: "it cleans up"
        ),
        (.timedOut, true, .minutes(4), nil, .pending, "it cleans up"),
        (.cancelled, false, .zero, .cancelled, .cancelled, "it is what was cancelled"),
        (.timedOut, false, .zero, .timedOut, .cancelled, "its time is up"),
        (.cancelled, true, .minutes(5), .cancelled, .cancelled, "the time for cleaning up is over"),
        (.timedOut, true, .minutes(5), .timedOut, .cancelled, "the time for cleaning up is over"),
    ])
    func cleaningUp(
        _ row: (ends: Reason, always: Bool, after: Duration, stop: Reason?, waiting: TaskPhase, because: String)
    ) {
        var plan = ExecutionPlan.sample()
        plan.spec.cancel = row.ends == .cancelled
        // A suspended plan is cleaned up too.
        plan.spec.suspend = true
        plan.status.phase = .running
        plan.status.endingSince = start.wall
        plan.status.endingReason = row.ends.rawValue
        func always(_ task: inout WorkTask) { if row.always { task.spec.runWhen = .always } }
        let now = start.advanced(by: row.after)
        #expect(
            decide(.running("a", always), plan: plan, now: now).status.assignment?.stop == row.stop, "\(row.because)")
        #expect(decide(.sample("a", always), plan: plan, now: now).status.phase == row.waiting, "\(row.because)")
        if row.stop == nil {
            let next = decide(.sample("a", always), plan: plan, now: now).next
            #expect(next == .after(.minutes(5) - row.after + .milliseconds(1)), "it looks again when its time is over")
        }
    }

    @Test func aPlanThatRanOutOfTimeTimesItsTasksOut() {
        var plan = ExecutionPlan.sample()
        plan.status.phase = .failed
        plan.status.reason = "TimedOut"
        #expect(decide(.running(), plan: plan).status.assignment?.stop == .timedOut)
        #expect(decide(.sample(), plan: plan).status.reason == "TimedOut")
    }

    @Test func theControllerStandsInForAnAgentThatDoesNotStop() {
        let within = WorkTask.running { $0.spec.timeout = .minutes(30) - .seconds(24) }
        #expect(decide(within).after == .seconds(1) + .milliseconds(1))
        let past = WorkTask.running { $0.spec.timeout = .minutes(30) - .seconds(25) }
        #expect(decide(past).status.phase == .timedOut, "its time, the grace and ours are over")
    }

    @Test func aDrainedWorkersTaskIsStoppedByTheDeadline() {
        func draining(_ ago: Duration) -> Worker {
            .sample { worker in
                worker.status.state = .draining
                worker.status.drainSince = start.wall - ago
            }
        }
        #expect(decide(.running(), worker: draining(.minutes(9))).status.assignment?.stop == nil)
        #expect(decide(.running(), worker: draining(.minutes(10))).status.assignment?.stop == .preempted)
    }

    @Test func withoutItsPlanItGoes() {
        #expect(decide(.sample(), plan: nil).deleted == ["site-a"])
        #expect(decide(.sample(), plan: .sample { $0.metadata.uid = "another" }).deleted == ["site-a"])
    }
}
