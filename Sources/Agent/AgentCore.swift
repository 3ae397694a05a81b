package import Model
package import WorkerProtocol

/// The worker's end of the protocol: joins, keeps its lease, starts and stops attempts as the controller says, reports
/// what became of them. A value with transitions: what happens comes in with the time, effects go out in order.
///
/// Laws: it starts an attempt at most once, under a fence higher than every one it took for that task before, and only
/// after that is durable (S5); it obeys no epoch lower than one it has seen; cut off it stops exclusive attempts and
/// starts none (S11); every end is reported until acknowledged, in this process's life; a repeated answer changes
/// nothing.
package struct AgentCore: Sendable {
    package private(set) var identity: AgentIdentity
    package internal(set) var state: AgentState
    package internal(set) var counters = AgentCounters()

    var standing: Standing
    /// By task uid: one attempt of a task at a time.
    var attempts: [String: HeldAttempt] = [:]
    /// Fence of the last attempt whose end this process has reported, by task.
    var reported: [String: Int] = [:]
    var spool: Spool
    var logs = LogUploads()
    var lease: RenewalLease
    var joining: Conversation
    var exchanging: Conversation
    /// By when something is to be told that the exchange under way does not say.
    var news: Instant?
    var cutOffSeen: Bool
    /// Since a shutdown was asked for: when it no longer waits.
    var drainDeadline: Instant?
    let beganAt: Instant

    /// What the transition under way has asked for.
    var effects: [AgentEffect] = []
    var unsaved = false

    enum Standing: Sendable {
        case joining(until: Instant)
        case member(BearerSecret, proven: Bool)
        /// Killing what still runs.
        case leaving(AgentExit, until: Instant)
        case left
    }

    /// The longest a join token is valid.
    static let joinLimit = Duration.minutes(10)
    /// How long an agent that leaves waits for what it killed.
    static let leaveLimit = Duration.seconds(10)
    /// How long a drained agent tries to report.
    static let drainLimit = Duration.seconds(30)

    /// An agent whose first process this is, or, with what an earlier one of the same worker was given, one that
    /// carries on.
    package init(_ identity: AgentIdentity, state: AgentState, resuming: JoinReply? = nil, now: Instant) {
        self.identity = identity
        self.state = state
        self.state.incarnation += 1
        unsaved = true
        spool = Spool(incarnation: self.state.incarnation)
        joining = Conversation(from: now, timeout: .seconds(10), initial: .milliseconds(500), maximum: .seconds(10))
        exchanging = Conversation(
            from: now, timeout: GatewayRoute.exchange.timeout, initial: .milliseconds(250), maximum: .seconds(5))
        let terms = resuming ?? JoinReply()
        lease = RenewalLease(renew: terms.renew, lostAfter: terms.lostAfter, acknowledged: nil, now: now)
        standing = resuming.map { .member($0.credential, proven: true) } ?? .joining(until: now + Self.joinLimit)
        cutOffSeen = true
        beganAt = now
    }

    /// The one transition. The first input is a `tick`. `random` spreads retries.
    package mutating func handle(_ input: AgentInput, now: Moment, random: UInt64) -> [AgentEffect] {
        if case .left = standing { return [] }
        save()
        passTime(now, random)
        take(input, now, random)
        save()
        act(now, random)
        defer { effects = [] }
        return effects
    }

    private mutating func take(_ input: AgentInput, _ now: Moment, _ random: UInt64) {
        switch input {
        case .joined(let reply, let number): joined(reply, number, now, random)
        case .exchanged(let reply, let number): exchanged(reply, number, now, random)
        case .renewed(let reply, let number): renewed(reply, number, now)
        case .failed(let call, let number, let failure): failed(call, number, failure, now, random)
        case .started(let id, let at): started(id, at, now)
        case .ended(let id, let end): ended(id, end, now)
        case .logUploaded(let id, let next, let atEnd):
            if logs.uploaded(id, next: next, atEnd: atEnd, now: now.instant) { effects.append(.discard(id)) }
        case .logFailed(let id, let failure):
            if logs.failed(id, isFinal: failure.endsLog, now: now.instant) { effects.append(.discard(id)) }
        case .engine(let version):
            if version != identity.containerEngine { hasNews(by: now.instant) }
            identity.containerEngine = version
        case .shutDown: shutDown(now)
        case .tick: break
        }
    }

    /// When to come with a `tick` if nothing else happens; nil after `exit`.
    package var nextDeadline: Instant? {
        let deadlines: [Instant?]
        switch standing {
        case .left: return nil
        case .leaving(_, let until): deadlines = [until]
        case .joining(let until): deadlines = [until, joining.due(news: nil), joining.givesUpAt]
        case .member:
            deadlines = [
                lease.nextAt, cutOffSeen ? nil : lease.cutOffAt, exchanging.due(news: news), exchanging.givesUpAt,
                logs.deadline,
                drainDeadline, abandonsAt,
            ]
        }
        let ends = attempts.values.lazy.compactMap(\.deadline)
        return (deadlines.compactMap { $0 } + ends).min()
    }

    /// The number of the exchange that is waited for.
    package var exchangeUnderWay: Int? { exchanging.sentAt == nil ? nil : exchanging.number }
    package var unacknowledgedReports: Int { spool.reports.count }

    var isDraining: Bool { drainDeadline != nil }

    /// When an agent without contact and without work gives up.
    var abandonsAt: Instant? {
        attempts.isEmpty ? (lease.lastAcknowledged ?? beganAt) + identity.abandonAfter : nil
    }

    /// Everything that is due by the clock alone.
    private mutating func passTime(_ now: Moment, _ random: UInt64) {
        if case .member = standing { noticeCutOff(now.instant, random) }
        passAttemptTime(now.instant)
        if let givesUpAt = exchanging.givesUpAt, givesUpAt <= now.instant {
            exchanging.failed(now: now.instant, random: random)
        }
        if let givesUpAt = joining.givesUpAt, givesUpAt <= now.instant {
            joining.failed(now: now.instant, random: random)
        }
        if let done = logs.expire(now: now.instant) { effects.append(.discard(done)) }
    }

    /// Persists before whatever comes next.
    mutating func save() {
        guard unsaved else { return }
        unsaved = false
        effects.append(.persist(state))
    }
}

extension CallFailure {
    /// Whether that log will never be taken.
    fileprivate var endsLog: Bool {
        if case .refused(let refusal) = self {
            refusal.code.isFinal || refusal.code == .forbidden || refusal.code == .tooLarge
        } else {
            false
        }
    }
}
