import Model
import WorkerProtocol

// The end of the agent: drained, or given up.
extension AgentCore {
    /// Takes nothing new, ends what runs, reports, exits. Asked a second time it kills at once.
    mutating func shutDown(_ now: Moment) {
        switch standing {
        case .joining: exit(.drained)
        case .member:
            if isDraining { return leave(.drained, now) }
            let grace = attempts.values.map(\.assignment.killGrace).max() ?? .zero
            drainDeadline = now.instant + grace + Self.drainLimit
            hasNews(by: now.instant)
            for uid in attempts.keys.sorted() { stop(uid, .draining, from: now.instant, now: now.instant) }
        case .leaving(let reason, _): exit(reason)
        case .left: break
        }
    }

    /// Whether a drained agent is done, or has waited long enough.
    mutating func drained(_ now: Moment) -> Bool {
        guard let drainDeadline else { return false }
        if drainDeadline <= now.instant {
            leave(.drained, now)
        } else if attempts.isEmpty, spool.isEmpty, logs.isEmpty {
            exit(.drained)
        } else {
            return false
        }
        return true
    }

    /// Kills what runs, and exits when it has ended or after `leaveLimit`.
    mutating func leave(_ reason: AgentExit, _ now: Moment) {
        guard !attempts.isEmpty else { return exit(reason) }
        standing = .leaving(reason, until: now.instant + Self.leaveLimit)
        for uid in attempts.keys.sorted() { kill(uid, .fenced, now.instant) }
    }

    mutating func exit(_ reason: AgentExit) {
        save()
        standing = .left
        effects.append(.exit(reason))
    }
}
