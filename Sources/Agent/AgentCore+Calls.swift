import Model
import WorkerProtocol

// Requests: when they go out, and what their answers and failures mean.
extension AgentCore {
    /// Whatever can be done now.
    mutating func act(_ now: Moment, _ random: UInt64) {
        switch standing {
        case .joining(let until): if until <= now.instant { exit(.neverJoined) } else { sendJoin(now.instant) }
        case .member(let credential, _):
            if let abandonsAt, abandonsAt <= now.instant { return exit(.abandoned) }
            if drained(now) { return }
            sendRenewal(credential, now.instant)
            sendExchange(credential, now.instant)
            if let piece = logs.next(now: now.instant) {
                effects.append(.uploadLog(piece.id, from: piece.offset, credential))
            }
        case .leaving(let reason, let until):
            if attempts.isEmpty || until <= now.instant { exit(reason) }
        case .left: break
        }
    }

    private mutating func sendJoin(_ now: Instant) {
        guard let token = identity.token else { return exit(.neverJoined) }
        guard let due = joining.due(news: nil), due <= now else { return }
        var request = JoinRequest(
            token: token, workerUID: identity.workerUID, bootID: identity.bootID, pid: identity.pid,
            agentVersion: identity.version)
        request.containerEngine = identity.containerEngine
        effects.append(.sendJoin(request, number: joining.send(now: now)))
    }

    private mutating func sendRenewal(_ credential: BearerSecret, _ now: Instant) {
        guard let number = lease.send(now: now) else { return }
        let request = RenewRequest(
            workerUID: identity.workerUID, incarnation: state.incarnation, number: number, epoch: state.epoch)
        effects.append(.sendRenew(request, credential))
    }

    private mutating func sendExchange(_ credential: BearerSecret, _ now: Instant) {
        guard let due = exchanging.due(news: news), due <= now else { return }
        var request = ExchangeRequest()
        request.workerUID = identity.workerUID
        request.incarnation = state.incarnation
        request.number = exchanging.send(now: now)
        request.epoch = state.epoch
        request.holding = attempts.keys.sorted().compactMap { uid in
            attempts[uid].map { Holding(taskUID: uid, fence: $0.assignment.fence, stopping: $0.stop != nil) }
        }
        request.reports = spool.batch
        request.draining = isDraining
        request.containerEngine = identity.containerEngine
        news = nil
        effects.append(.sendExchange(request, credential))
    }

    // MARK: Answers

    mutating func joined(_ reply: JoinReply, _ number: Int, _ now: Moment, _ random: UInt64) {
        guard case .joining = standing, joining.awaits(number), let sentAt = joining.sentAt else {
            counters.lateAnswers += 1
            return
        }
        guard follow(reply.epoch) else { return joining.failed(now: now.instant, random: random) }
        joining.answered(nextAt: now.instant)
        standing = .member(reply.credential, proven: false)
        lease = RenewalLease(renew: reply.renew, lostAfter: reply.lostAfter, acknowledged: sentAt, now: now.instant)
        cutOffSeen = false
        effects.append(.renewLease(from: sentAt))
        exchanging.hasten(to: now.instant)
    }

    mutating func exchanged(_ reply: ExchangeReply, _ number: Int, _ now: Moment, _ random: UInt64) {
        guard case .member(let credential, _) = standing, exchanging.awaits(number), let sentAt = exchanging.sentAt
        else {
            counters.lateAnswers += 1
            return
        }
        guard follow(reply.epoch) else { return exchanging.failed(now: now.instant, random: random) }
        standing = .member(credential, proven: true)
        var changed = spool.acknowledge(upTo: reply.acknowledged)
        if let assignments = reply.assignments, obey(assignments, now) { changed = true }
        // An answer that came at once and changed nothing would come at once again.
        let pause = changed ? Conversation.patience : max(.zero, sentAt + .seconds(1) - now.instant)
        exchanging.answered(nextAt: now.instant + pause)
    }

    mutating func renewed(_ reply: RenewReply, _ number: Int, _ now: Moment) {
        guard case .member(let credential, _) = standing, follow(reply.epoch) else { return }
        guard reply.known else { return leave(.fenced(nil), now) }
        standing = .member(credential, proven: true)
        guard let from = lease.acknowledge(number) else { return }
        effects.append(.renewLease(from: from))
        guard cutOffSeen, !lease.isCutOff(now: now.instant) else { return }
        cutOffSeen = false
        exchanging.hasten(to: now.instant)
    }

    /// False for the word of a leader that a later one has replaced. A later epoch is remembered.
    private mutating func follow(_ epoch: Int) -> Bool {
        guard epoch >= state.epoch else {
            counters.staleEpochs += 1
            return false
        }
        if epoch > state.epoch {
            state.epoch = epoch
            unsaved = true
        }
        return true
    }

    /// Without contact for too long: the answer under way may be older than the controller's decision to give this
    /// worker up.
    mutating func noticeCutOff(_ now: Instant, _ random: UInt64) {
        guard !cutOffSeen, lease.isCutOff(now: now) else { return }
        cutOffSeen = true
        counters.cutOffs += 1
        for uid in attempts.keys.sorted() where attempts[uid]?.assignment.exclusive == true {
            stop(uid, .cutOff, from: lease.cutOffAt, now: now)
        }
        if exchanging.sentAt != nil { exchanging.failed(now: now, random: random) }
    }

    // MARK: Failures

    mutating func failed(_ call: AgentCall, _ number: Int, _ failure: CallFailure, _ now: Moment, _ random: UInt64) {
        if case .refused(let refusal) = failure, refusal.code.isFinal {
            return refused(call, number, refusal, now, random)
        }
        switch call {
        case .join: if joining.awaits(number) { joining.failed(now: now.instant, random: random) }
        case .exchange: if exchanging.awaits(number) { exchanging.failed(now: now.instant, random: random) }
        // The next renewal follows in its time.
        case .renew: break
        }
    }

    private mutating func refused(_ call: AgentCall, _ number: Int, _ refusal: Refusal, _ now: Moment, _ random: UInt64)
    {
        switch (standing, call) {
        case (.joining, .join): if joining.awaits(number) { exit(.joinRefused(refusal)) }
        case (.member(_, proven: false), _)
        where refusal.code == .unauthorised && identity.token != nil && attempts.isEmpty:
            // The controller restarted before it had stored the credential: the token still holds.
            standing = .joining(until: now.instant + Self.joinLimit)
            joining.failed(now: now.instant, random: random)
        case (.member, .join), (.joining, _), (.leaving, _), (.left, _): break
        case (.member, _): leave(refusal.code == .superseded ? .superseded : .fenced(refusal), now)
        }
    }
}
