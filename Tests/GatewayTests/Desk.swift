import Gateway
import Model
import WorkerProtocol

/// A gateway with a clock, as tests speak to it. Credentials are their own hashes.
struct Desk {
    var core: GatewayCore
    var now = Moment(instant: Instant(nanoseconds: 1_000_000_000_000), wall: Timestamp(milliseconds: 1_700_000_000_000))
    private var calls: UInt64 = 0

    init(epoch: Int = 5, open: Bool = true) {
        core = GatewayCore(epoch: epoch)
        if open { core.open() }
    }

    static func hash(_ text: String) -> SecretHash { SecretHash(Array(text.utf8)) }

    mutating func pass(_ duration: Duration) -> [GatewayEffect] {
        now = now.advanced(by: duration)
        return core.tick(now: now.instant)
    }

    mutating func expect(_ uid: String, token: String = "token") {
        core.expect(
            uid, ObjectKey(.worker, "shop", uid), lease: LeaseSpec(), token: Self.hash(token),
            expiresAt: now.instant + .minutes(10))
    }

    /// A worker that has joined and been told what to hold.
    mutating func member(_ uid: String, holding assignments: [AssignmentMessage]? = [], engine: String? = nil) {
        core.restore(
            uid, ObjectKey(.worker, "shop", uid), lease: LeaseSpec(), credential: Self.hash(uid),
            containerEngine: engine, now: now)
        if let assignments { _ = core.setAssignments(uid, assignments, now: now.instant) }
    }

    mutating func join(
        _ uid: String, token: String = "token", pid: Int = 1, credential: String? = nil, engine: String? = nil
    )
        -> [GatewayEffect]
    {
        let text = credential ?? uid
        var request = JoinRequest(
            token: BearerSecret(token), workerUID: uid, bootID: "boot", pid: pid, agentVersion: "1")
        request.containerEngine = engine
        return core.join(
            call(), request, token: Self.hash(token),
            offering: NewCredential(secret: BearerSecret(text), hash: Self.hash(text)),
            now: now)
    }

    mutating func exchange(
        _ uid: String, number: Int, incarnation: Int = 1, epoch: Int = 0, holding: [Holding] = [],
        reports: [AttemptReport] = [],
        credential: String? = nil, draining: Bool = false, engine: String? = nil
    ) -> [GatewayEffect] {
        var request = ExchangeRequest()
        (request.workerUID, request.incarnation, request.number, request.epoch) = (uid, incarnation, number, epoch)
        (request.holding, request.reports, request.draining) = (holding, reports, draining)
        request.containerEngine = engine
        return core.exchange(call(), request, credential: Self.hash(credential ?? uid), now: now.instant)
    }

    mutating func renew(
        _ uid: String, number: Int, incarnation: Int = 1, epoch: Int = 0, credential: String? = nil
    ) -> [GatewayEffect] {
        core.renew(
            call(), RenewRequest(workerUID: uid, incarnation: incarnation, number: number, epoch: epoch),
            credential: Self.hash(credential ?? uid), now: now)
    }

    private mutating func call() -> CallID {
        calls += 1
        return CallID(calls)
    }
}

extension [GatewayEffect] {
    var answers: [GatewayAnswer] { compactMap { if case .reply(_, let answer) = $0 { answer } else { nil } } }
    var calls: [UInt64] { compactMap { if case .reply(let call, _) = $0 { call.number } else { nil } } }
    var reports: [AttemptReport] {
        flatMap { effect -> [AttemptReport] in if case .reports(_, let reports) = effect { reports } else { [] } }
    }
    var refusal: Refusal.Code? {
        for case .refused(let refusal) in answers { return refusal.code }
        return nil
    }
    var exchanged: ExchangeReply? {
        for case .exchanged(let reply) in answers { return reply }
        return nil
    }
}

extension AssignmentMessage {
    static func sample(_ task: String = "t1", fence: Int = 1, exclusive: Bool = false, stop: Reason? = nil)
        -> AssignmentMessage
    {
        var message = AssignmentMessage()
        (message.namespace, message.name, message.taskUID) = ("shop", "plan-\(task)", task)
        (message.attempt, message.fence, message.exclusive, message.stop) = (fence, fence, exclusive, stop)
        message.run.command = ["true"]
        return message
    }

    func report(_ sequence: Int, _ phase: AttemptReport.Phase = .ended) -> AttemptReport {
        var report = AttemptReport(of: self, phase, phase == .ended ? .completed : .running)
        report.sequence = sequence
        return report
    }

    func held(stopping: Bool = false) -> Holding { Holding(taskUID: taskUID, fence: fence, stopping: stopping) }
}
