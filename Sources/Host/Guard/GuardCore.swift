import Model

/// When a guard signals its task: the agent says so, the agent is gone, or the lease has run out. It never takes back
/// an end once begun, and a kill already due is never put off.
struct GuardCore {
    enum Input: Sendable, Hashable {
        case command(GuardCommand)
        case agentGone
        /// The task's first process has ended; others of it may live.
        case leaderEnded
        case tick
    }

    enum Action: Sendable, Hashable {
        case terminateAll
        case killAll
    }

    private enum Phase {
        case running
        case stopping(killAt: Instant)
        /// Killing is repeated until nothing is left: what was just forked may have been missed.
        case killing(again: Instant, pause: Duration)
    }

    private let killGrace: Duration
    private let lease: Duration?
    private var leaseEnd: Instant?
    private var phase = Phase.running

    static let firstPause = Duration.milliseconds(10)
    static let longestPause = Duration.seconds(1)

    init(killGrace: Duration, lease: Duration?, leaseFrom: Instant) {
        self.killGrace = killGrace
        self.lease = lease
        leaseEnd = lease.map { leaseFrom + $0 }
    }

    /// An exclusive attempt whose lease ran out between the agent's decision and here must not begin: another may run.
    func mayStart(now: Instant) -> Bool { leaseEnd.map { now < $0 } ?? true }

    /// When to come with a `.tick` if nothing else happens.
    var deadline: Instant? {
        switch phase {
        case .running: leaseEnd
        case .stopping(let killAt): killAt
        case .killing(let again, _): again
        }
    }

    mutating func handle(_ input: Input, now: Instant) -> Action? {
        if case .command(.renew(let from)) = input { renew(from: from, now: now) }
        switch (phase, input) {
        case (.killing, _): break
        case (_, .command(.kill)), (.running, .leaderEnded): return kill(now)
        case (.running, .command(.terminate)), (.running, .agentGone): return stop(killAt: now + killGrace, now)
        default: break
        }
        return whatIsDue(now)
    }

    private mutating func renew(from: Instant, now: Instant) {
        guard let lease, let leaseEnd, from <= now else { return }
        self.leaseEnd = max(leaseEnd, from + lease)
    }

    private mutating func whatIsDue(_ now: Instant) -> Action? {
        switch phase {
        case .running:
            guard let leaseEnd, leaseEnd <= now else { return nil }
            // Counted from the end of the lease: a machine that was paused past it kills at once.
            return stop(killAt: leaseEnd + killGrace, now)
        case .stopping(let killAt):
            return killAt <= now ? kill(now) : nil
        case .killing(let again, let pause):
            guard again <= now else { return nil }
            phase = .killing(again: now + pause, pause: min(pause + pause, Self.longestPause))
            return .killAll
        }
    }

    private mutating func stop(killAt: Instant, _ now: Instant) -> Action {
        let latest = min(killAt, leaseEnd.map { $0 + killGrace } ?? killAt)
        guard latest > now else { return kill(now) }
        phase = .stopping(killAt: latest)
        return .terminateAll
    }

    private mutating func kill(_ now: Instant) -> Action {
        phase = .killing(again: now + Self.firstPause, pause: Self.firstPause)
        return .killAll
    }
}
