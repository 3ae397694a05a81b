import Engine
import Model

/// One pass over one task.
struct TaskStep {
    let world: TaskReconciler.World
    let now: Moment
    var decision: Decision<WorkTask>

    private var task: WorkTask { world.task }
    /// What an agent is given beyond the times it enforces itself.
    static let controllerGrace = Duration.seconds(15)
    /// How often a task may be moved off silent workers (S17).
    static let movesPerHour = 10

    init(world: TaskReconciler.World, now: Moment) {
        self.world = world
        self.now = now
        decision = Decision(status: world.task.status)
    }

    mutating func run() {
        decision.status.observedGeneration = task.metadata.generation
        guard let plan = world.plan, plan.metadata.uid == task.metadata.controllerOwner?.uid else {
            if !task.metadata.isDeleting {
                decision.actions.append(.delete(task.key, reason: "its plan is gone"))
                decision.actions.append(.removeBlobs(prefix: "tasks/\(task.metadata.uid)"))
            }
            return
        }
        guard !decision.status.phase.isTerminal else { return conditions() }
        for report in world.reports { take(timely(report)) }
        if decision.status.phase.isBound { follow(plan) }
        if decision.status.phase == .pending { wait(plan) }
        conditions()
    }

    // MARK: Reports

    /// Only the current fence speaks, and a terminal result is accepted once (S10).
    private mutating func take(_ report: TaskReport) {
        let status = decision.status
        guard report.taskUID == task.metadata.uid, report.fence == status.fence, status.phase.isBound,
            report.workerUID == status.assignment?.workerUID
        else { return }
        switch report.phase {
        case .running:
            guard let phase = TaskLife.after(status.phase, .begins) else { return }
            decision.status.phase = phase
            decision.status.startedAt = report.startedAt ?? now.wall
            decision.status.reason = Reason.running.rawValue
            decision.status.message = nil
            if status.attempt > 1 {
                decision.events.append(
                    .init(.normal, .running, "Attempt \(status.attempt) runs on \(status.assignment?.worker ?? "")"))
            }
        case .ended: end(report)
        }
    }

    /// The report with its times between the assignment and now: an agent's wall clock is its own, and a timeout
    /// counts by ours.
    private func timely(_ report: TaskReport) -> TaskReport {
        let first = min(decision.status.assignment?.assignedAt ?? now.wall, now.wall)
        var report = report
        report.startedAt = report.startedAt.map { min(max($0, first), now.wall) }
        report.finishedAt = report.finishedAt.map { min(max($0, first), now.wall) }
        return report
    }

    private mutating func end(_ report: TaskReport) {
        if decision.status.startedAt == nil { decision.status.startedAt = report.startedAt }
        decision.status.exitCode = report.exitCode
        let stop = decision.status.assignment?.stop
        switch EndRule.of(report.reason, exitCode: report.exitCode, stop: stop) {
        case .succeeds: succeed(report)
        case .fails(let event, let reason): fail(event, reason, sentence(report, reason), report)
        case .ends(let event, let reason): finish(event, reason, report.message, report)
        case .isLost(let reason): lose(reason, sentence(report, reason), report)
        }
    }

    private func sentence(_ report: TaskReport, _ reason: Reason) -> String {
        // An agent knows that it was to stop, and not that the plan's time was why.
        if reason == .timedOut, report.reason == .cancelled { return "stopped: the plan's time was up" }
        if let message = report.message { return message }
        switch reason {
        case .timedOut: return "ran longer than its timeout"
        case .preempted: return "the worker was drained"
        case .workerLost: return "the attempt did not survive its worker"
        case .stoppedFromOutside, .workerExhausted: return reason.rawValue
        default:
            if let signal = report.signal { return "killed by signal \(signal)" }
            return "exited with \(report.exitCode ?? -1)"
        }
    }

    private mutating func succeed(_ report: TaskReport) {
        decision.status.outputs = report.outputs
        finish(.succeeds, .completed, nil, report)
    }

    private mutating func finish(
        _ event: TaskLife.Event, _ reason: Reason, _ message: String?, _ report: TaskReport?
    ) {
        guard let phase = TaskLife.after(decision.status.phase, event) else { return }
        let cost = record(phase, reason, message, report)
        decision.status.phase = phase
        decision.status.reason = reason.rawValue
        decision.status.message = message
        decision.status.finishedAt = report?.finishedAt ?? now.wall
        decision.status.cost += cost
        decision.status.retryAt = nil
        let severity: EventRecord.Severity = phase == .failed || phase == .timedOut ? .warning : .normal
        let word: Reason = phase == .succeeded ? .succeeded : reason
        decision.events.append(
            .init(severity, word, message ?? "Finished on \(decision.status.assignment?.worker ?? "no worker")"))
    }

    /// An end that counts: another attempt after the back-off while the limit lasts, where it is one that uses it.
    private mutating func fail(_ event: TaskLife.Event, _ reason: Reason, _ message: String, _ report: TaskReport?) {
        let failures = decision.status.failures + 1
        decision.status.failures = failures
        let policy = task.spec.retry
        guard EndRule.fails(event, reason).usesRetry, failures <= policy.limit else {
            return finish(event, reason, message, report)
        }
        let cost = record(.failed, reason, message, report)
        decision.status.cost += cost
        let delay = backoff(policy.backoff, failures: failures)
        decision.events.append(
            .init(.warning, .retrying, "\(message); attempt \(decision.status.attempt + 1) in \(delay.text)"))
        unbind(.retries, retryAt: now.wall + delay)
        decision.status.reason = Reason.retryBackoff.rawValue
        decision.status.message = message
    }

    private func backoff(_ policy: Backoff, failures: Int) -> Duration {
        var delay = policy.initial.milliseconds
        for _ in 1..<max(failures, 1) { delay = min(delay * Int64(max(policy.factor, 1)), policy.max.milliseconds) }
        return .milliseconds(min(delay, policy.max.milliseconds))
    }

    // MARK: Bound to a worker

    private mutating func follow(_ plan: ExecutionPlan) {
        guard let assignment = decision.status.assignment else { return unbind(.isLost, retryAt: nil) }
        guard let worker = world.worker, worker.metadata.uid == assignment.workerUID else {
            return lose(.workerLost, "worker \(assignment.worker) is gone", nil)
        }
        if worker.status.state == .failed || worker.status.gone {
            return lose(.workerLost, "worker \(assignment.worker): \(worker.status.failure?.message ?? "gone")", nil)
        }
        if let reason = ended(by: plan) { stop(reason) }
        drain(worker)
        guard let timeout = task.spec.timeout, decision.status.phase == .running,
            let started = decision.status.startedAt
        else { return }
        // The agent enforces the timeout; this stands in where it does not answer.
        let left = started + timeout + task.spec.killGrace + Self.controllerGrace - now.wall
        if left <= .zero {
            fail(.timesOut, .timedOut, "ran longer than \(timeout.text) and its agent did not stop it", nil)
        } else {
            come(left)
        }
    }

    /// Why the plan is over for this task; nil while it goes on. What runs always has a time of its own to clean up.
    private mutating func ended(by plan: ExecutionPlan) -> Reason? {
        if plan.metadata.isDeleting { return .cancelled }
        if plan.status.phase == .failed, plan.status.reason == Reason.timedOut.rawValue { return .timedOut }
        if plan.spec.cancel, plan.status.phase.isTerminal { return .cancelled }
        guard let ending = plan.ending else { return nil }
        guard task.spec.runWhen == .always else { return ending.reason }
        let left = plan.cleanupLeft(ending, now: now.wall)
        guard left > .zero else { return ending.reason }
        come(left)
        return nil
    }

    /// Looks again when that much time is over, if nothing is due before.
    private mutating func come(_ left: Duration) {
        if case .after(let standing) = decision.next, standing <= left { return }
        decision.next = .after(left + .milliseconds(1))
    }

    private mutating func stop(_ reason: Reason) {
        guard decision.status.assignment?.stop == nil else { return }
        decision.status.assignment?.stop = reason
        decision.status.assignment?.stopAt = now.wall
    }

    /// Past the drain deadline of its worker an attempt is stopped and placed elsewhere.
    private mutating func drain(_ worker: Worker) {
        guard worker.status.state == .draining || worker.status.state == .maintenance,
            let since = worker.status.drainSince
        else { return }
        let left = since + worker.spec.drainDeadline - now.wall
        if left <= .zero { stop(.preempted) } else { come(left) }
    }

    /// An end by our own fault: it never uses up the retry limit.
    private mutating func lose(_ reason: Reason, _ message: String, _ report: TaskReport?) {
        let before = decision.status.attempts
        let state = world.worker?.status
        let failure = state?.failure
        // A provider that knows nothing of a worker that is heard doesn't know when it is gone either.
        let isDoubted = failure?.proven == false && failure?.reason == Reason.processExited.rawValue
        let proven = report != nil || failure?.proven == true || (state?.gone == true && !isDoubted)
        let cost = record(.failed, reason, message, report, proven: proven)
        var retryAt: Timestamp?
        switch RepeatedLoss.of(decision.status.attempts) {
        case .over(let count):
            decision.status.attempts = before
            let why = "\(message); \(count) attempts in a row were lost while it ran, and it is not tried again"
            return finish(.isLostForGood, reason, why, report)
        // A silent worker is no sign against the task.
        case .later(let pause) where proven: retryAt = now.wall + pause
        case .later, .again: break
        }
        decision.status.cost += cost
        if !proven {
            decision.status.moves = decision.status.moves.filter { now.wall - $0 < .hours(1) } + [now.wall]
            // Attempts of an exclusive task never overlap: the cut-off agent stops its own by then (S11, L3). One that
            // was heard until now is told to, or notices within its lease.
            let isSilent = failure == nil || failure?.reason == Reason.leaseExpired.rawValue
            let lease = isSilent ? .zero : world.worker?.spec.lease.lostAfter ?? .zero
            if task.spec.exclusive { retryAt = now.wall + lease + task.spec.killGrace + .seconds(1) }
        }
        if decision.status.moves.count > Self.movesPerHour {
            retryAt = max(retryAt ?? now.wall, (decision.status.moves.first ?? now.wall) + .hours(1))
        }
        decision.events.append(.init(.warning, reason, message))
        unbind(.isLost, retryAt: retryAt)
        decision.status.reason = Reason.rescheduled.rawValue
        decision.status.message = message
    }

    private mutating func unbind(_ event: TaskLife.Event, retryAt: Timestamp?) {
        guard let phase = TaskLife.after(decision.status.phase, event) else { return }
        decision.status.phase = phase
        decision.status.assignment = nil
        decision.status.startedAt = nil
        decision.status.finishedAt = nil
        decision.status.retryAt = retryAt
    }

    /// Keeps the attempt in the history, and says what it cost: its share of the worker for the time it held the slot.
    private mutating func record(
        _ phase: TaskPhase, _ reason: Reason, _ message: String?, _ report: TaskReport?, proven: Bool? = nil
    ) -> Money {
        guard let assignment = decision.status.assignment else { return .zero }
        var attempt = AttemptRecord()
        attempt.attempt = decision.status.attempt
        attempt.fence = decision.status.fence
        attempt.worker = assignment.worker
        attempt.region = assignment.region
        attempt.phase = phase
        attempt.reason = reason.rawValue
        attempt.message = message.map { String($0.prefix(256)) }
        attempt.startedAt = decision.status.startedAt
        attempt.finishedAt = report?.finishedAt ?? now.wall
        attempt.exitCode = report?.exitCode
        attempt.proven = proven
        if reason == .workerLost {
            // A worker may go on, heard all the while, without an attempt that ended long before.
            attempt.lastSeen = [world.worker?.status.lastSeen, report?.finishedAt].compactMap { $0 }.min()
            attempt.detectedAt = world.worker?.status.failure?.at ?? now.wall
        }
        if let worker = world.worker, let from = assignment.assignedAt, let to = attempt.finishedAt, to > from {
            let share = worker.spec.price.perHour.scaled(by: 1, over: Int64(max(1, worker.spec.maxConcurrentTasks)))
            attempt.cost = share.perHour(over: to - from)
        }
        decision.status.attempts = Array((decision.status.attempts + [attempt]).suffix(10))
        return attempt.cost
    }

    // MARK: Waiting

    private mutating func wait(_ plan: ExecutionPlan) {
        if let reason = ended(by: plan) {
            let why = reason == .timedOut ? "the plan's time was up before it started" : "the plan was cancelled"
            let isLate = plan.ending != nil && task.spec.runWhen == .always
            return finish(.neverStarts, reason, isLate ? "the time for cleaning up was over" : why, nil)
        }
        // As this pass leaves it: an attempt that has just failed waits for its back-off, and says why.
        var current = world
        current.task.status = decision.status
        switch TaskReadiness.of(current, now: now) {
        case .ready:
            if !PendingReasons.stands(decision.status.reason) {
                decision.status.reason = Reason.waitingForRound.rawValue
                decision.status.message = "ready to be placed"
            }
        case .later(let reason, let message, let delay):
            decision.status.reason = reason.rawValue
            if reason != .retryBackoff || decision.status.message == nil { decision.status.message = message }
            come(delay)
        case .waits(let reason, let message):
            decision.status.reason = reason.rawValue
            decision.status.message = message
        case .never(let reason, let message): finish(.neverStarts, reason, message, nil)
        case .unneeded(let message): finish(.isUnneeded, .skipped, message, nil)
        }
    }

    private mutating func conditions() {
        let status = decision.status
        let reason = status.reason.flatMap(Reason.init(rawValue:)) ?? .waiting
        let message = status.message ?? status.assignment.map { "on \($0.worker)" } ?? ""
        let succeeded: Condition
        switch status.phase {
        case .succeeded: succeeded = Condition(.succeeded, .yes, .completed, message)
        case .failed, .timedOut, .cancelled, .skipped: succeeded = Condition(.succeeded, .no, reason, message)
        default: succeeded = Condition(.succeeded, .unknown, reason, message)
        }
        decision.status.conditions.set(succeeded, generation: task.metadata.generation, at: now.wall)
        guard status.phase == .failed || status.phase == .timedOut else { return }
        decision.status.conditions.set(
            Condition(.failed, .yes, reason, message), generation: task.metadata.generation, at: now.wall)
    }
}
