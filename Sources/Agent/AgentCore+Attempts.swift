import Model
import WorkerProtocol

// Attempts: what the controller says of them, what the runner sees of them, what the clock asks.
extension AgentCore {
    /// Makes what is held match what should be held. True if that changed anything.
    mutating func obey(_ assignments: [AssignmentMessage], _ now: Moment) -> Bool {
        var changed = false
        let wanted = Set(assignments.map(\.taskUID))
        for uid in attempts.keys.sorted() where !wanted.contains(uid) {
            if stop(uid, .fenced, from: now.instant, now: now.instant) { changed = true }
        }
        var accepted: [AssignmentMessage] = []
        for assignment in assignments {
            switch judge(assignment, now) {
            case .nothing: break
            case .stop(let cause):
                if stop(assignment.taskUID, cause, from: now.instant, now: now.instant) { changed = true }
            case .begin:
                remember(assignment)
                attempts[assignment.taskUID] = HeldAttempt(assignment, orderedAt: now.instant)
                accepted.append(assignment)
            case .neverBegin(let reason, let message):
                remember(assignment)
                reported[assignment.taskUID] = assignment.fence
                // What did not survive a restart ended before it, however late that is found.
                let ended =
                    reason == .workerLost ? Moment(instant: beganAt, wall: now.wall - (now.instant - beganAt)) : now
                spool.append(AttemptReport(assignment, neverBegun: reason, message, now: ended))
                changed = true
            }
        }
        guard !accepted.isEmpty else { return changed }
        save()
        for assignment in accepted { begin(assignment, now.instant) }
        return true
    }

    private enum Verdict {
        case nothing
        case stop(StopCause)
        case begin
        case neverBegin(Reason, String)
    }

    private mutating func judge(_ assignment: AssignmentMessage, _ now: Moment) -> Verdict {
        let uid = assignment.taskUID
        if let held = attempts[uid] {
            if assignment.fence == held.assignment.fence {
                return assignment.stop.map { .stop(.asked($0)) } ?? .nothing
            }
            // A newer one waits until the older has ended: one attempt of a task at a time.
            if assignment.fence > held.assignment.fence { return .stop(.fenced) }
            counters.refusedFences += 1
            return .nothing
        }
        let taken = state.fence(of: uid)
        if assignment.fence < taken {
            counters.refusedFences += 1
            return .nothing
        }
        if assignment.fence == taken {
            if reported[uid] == taken || mayOutlive(assignment, now.instant) { return .nothing }
            return .neverBegin(.workerLost, "the worker's agent restarted, and the attempt did not survive it")
        }
        if let stop = assignment.stop {
            return .neverBegin(.cancelled, StopCause.asked(stop).sentence(assignment, .zero))
        }
        if isDraining { return .neverBegin(.cancelled, StopCause.draining.sentence(assignment, .zero)) }
        if assignment.exclusive, lease.isCutOff(now: now.instant) { return .nothing }
        return attempts.count < WireLimits.attempts ? .begin : .nothing
    }

    /// Whether an exclusive attempt of the process before this one may still be ending: its guard saw that process die,
    /// and then gives it its kill grace. Until that is over nobody may be told that it is lost (S11).
    private func mayOutlive(_ assignment: AssignmentMessage, _ now: Instant) -> Bool {
        assignment.exclusive && now < beganAt + assignment.killGrace + .seconds(1)
    }

    private mutating func remember(_ assignment: AssignmentMessage) {
        guard state.fence(of: assignment.taskUID) < assignment.fence else { return }
        state.remember(TaskFence(taskUID: assignment.taskUID, fence: assignment.fence)) { attempts[$0] != nil }
        unsaved = true
        if reported.count > AgentState.limit {
            let known = Set(state.fences.map(\.taskUID))
            reported = reported.filter { known.contains($0.key) }
        }
    }

    private mutating func begin(_ assignment: AssignmentMessage, _ now: Instant) {
        if let abandoned = logs.begin(assignment.id, now: now) { effects.append(.discard(abandoned)) }
        effects.append(.start(assignment))
        hasNews(by: now + Conversation.patience)
    }

    // MARK: What the runner sees

    mutating func started(_ id: AttemptID, _ at: Timestamp, _ now: Moment) {
        guard var held = attempts[id.taskUID], held.assignment.id == id, held.started == nil else { return }
        held.started = Moment(instant: now.instant, wall: at)
        attempts[id.taskUID] = held
        var report = AttemptReport(of: held.assignment, .running, .running)
        report.startedAt = at
        tell(report, by: now.instant + Conversation.patience)
    }

    mutating func ended(_ id: AttemptID, _ end: AttemptEnd, _ now: Moment) {
        guard let held = attempts[id.taskUID], held.assignment.id == id else { return }
        attempts[id.taskUID] = nil
        reported[id.taskUID] = id.fence
        logs.finish(id, now: now.instant)
        tell(AttemptReport(held, ended: end, cutOffAfter: lease.duration), by: now.instant)
    }

    private mutating func tell(_ report: AttemptReport, by instant: Instant) {
        spool.append(report)
        counters.droppedReports = spool.dropped
        hasNews(by: instant)
    }

    mutating func hasNews(by instant: Instant) { news = min(news ?? instant, instant) }

    // MARK: Ends

    /// Stops what has run too long, kills what does not stop.
    mutating func passAttemptTime(_ now: Instant) {
        for uid in attempts.keys.sorted() {
            guard let held = attempts[uid], let deadline = held.deadline, deadline <= now else { continue }
            if held.stop != nil { kill(uid, .timedOut, now) } else { stop(uid, .timedOut, from: now, now: now) }
        }
    }

    /// True if its end begins by this.
    @discardableResult
    mutating func stop(_ uid: String, _ cause: StopCause, from: Instant, now: Instant) -> Bool {
        guard var held = attempts[uid] else { return false }
        let begins = held.stop == nil
        let signal = held.stop(cause, from: from, now: now)
        attempts[uid] = held
        switch signal {
        case .terminate: effects.append(.terminate(held.assignment.id))
        case .kill: effects.append(.kill(held.assignment.id))
        case nil: break
        }
        if begins { hasNews(by: now) }
        return begins
    }

    mutating func kill(_ uid: String, _ cause: StopCause, _ now: Instant) {
        guard var held = attempts[uid] else { return }
        _ = held.kill(cause, now: now)
        attempts[uid] = held
        effects.append(.kill(held.assignment.id))
    }
}
