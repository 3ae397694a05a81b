package import Model
import WorkerProtocol

/// The controller's end of the worker protocol: who may speak, what each worker should hold, which reports count, who
/// is still alive. A value with transitions: requests and the engine's word come in, effects go out in order; leases
/// are in memory only.
///
/// Laws: a report is handed out at most once and acknowledged only when durable; per task and fence at most one
/// terminal report is handed out (S10); an agent is never told what to hold before the engine has said it; every
/// exchange is answered within `WireLimits.hold`.
package struct GatewayCore: Sendable {
    package let epoch: Int
    package internal(set) var counters = GatewayCounters()

    /// By uid.
    var workers: [String: KnownWorker] = [:]
    var polls = PollLine()
    /// Polls that have nothing to be told but that their reports are stored.
    var acknowledging = PollLine()
    /// Workers that get nothing exclusive for a while.
    var withheld: Set<String> = []
    private var standing = Standing.restoring

    private enum Standing: Sendable { case restoring, leading, over }

    /// How long a worker that comes back after its lease ran out gets no new exclusive attempt: by then the engine has
    /// given it up, or has decided to keep it.
    static let withholding = Duration.seconds(5)
    /// How long an acknowledgement waits for the next assignment to go with it: nobody but the agent's spool does.
    static let acknowledgePause = Duration.milliseconds(100)

    /// Refuses every call with `NotLeading` until `open`.
    package init(epoch: Int) { self.epoch = epoch }

    /// All stored workers are restored: from now on a worker that is not known is gone.
    package mutating func open() {
        if standing == .restoring { standing = .leading }
    }

    /// The leadership is over: no lease is prolonged any more, whatever still comes in.
    package mutating func close() -> [GatewayEffect] {
        standing = .over
        return parkedCalls().map { .reply($0, .refused(notLeading)) }
    }

    /// When to come with a `tick` if nothing else happens.
    package var nextDeadline: Instant? {
        mutating get {
            let workers = workers
            let held = withheld.compactMap { workers[$0]?.withholdUntil }.min()
            let poll = polls.first { workers[$0]?.parked?.call == $1 }?.until
            let spooled = acknowledging.first { workers[$0]?.parked?.call == $1 }?.until
            return [held, poll, spooled].compactMap { $0 }.min()
        }
    }

    /// Answers the polls that are due.
    package mutating func tick(now: Instant) -> [GatewayEffect] {
        let held = workers
        var due = polls.takeDue(at: now) { held[$0]?.parked?.call == $1 }
        due += acknowledging.takeDue(at: now) { held[$0]?.parked?.call == $1 }
        for uid in withheld {
            guard let until = workers[uid]?.withholdUntil else {
                withheld.remove(uid)
                continue
            }
            guard until <= now else { continue }
            workers[uid]?.withholdUntil = nil
            withheld.remove(uid)
            due.append(uid)
        }
        return Set(due).sorted().flatMap { settle($0, now: now) }
    }

    /// The shell's connection is gone: its answer would reach nobody.
    package mutating func abandon(_ call: CallID) {
        for (uid, worker) in workers where worker.parked?.call == call { workers[uid]?.parked = nil }
    }

    // MARK: Who may speak

    var isLeading: Bool { standing == .leading }

    var notLeading: Refusal {
        standing == .restoring
            ? Refusal(.notLeading, "this controller is still reading its state: come again")
            : Refusal(.notLeading, "this controller leads no more: come again")
    }

    /// The worker of a call, if this controller leads and the credential is that worker's.
    func admit(_ workerUID: String, _ credential: SecretHash) throws(Refusal) -> KnownWorker {
        guard isLeading else { throw notLeading }
        guard let worker = workers[workerUID] else {
            throw Refusal(.gone, "worker \(workerUID) does not exist, or has been given up")
        }
        let holds =
            switch worker.door {
            case .expected: false
            case .answered(_, _, _, let credentials): credentials.contains(credential)
            case .proven(let hash): hash == credential
            }
        guard holds else { throw Refusal(.unauthorised, "the credential is not that of worker \(workerUID)") }
        return worker
    }

    /// As `admit`, for the latest start of its agent alone; that it came at all proves the credential.
    mutating func hear(
        _ workerUID: String, _ credential: SecretHash, incarnation: Int, epoch seen: Int
    ) throws(Refusal) -> [GatewayEffect] {
        // First of all: what an outrun leader does not know may well exist.
        guard !isLeading || seen <= epoch else {
            throw Refusal(.notLeading, "the agent follows a later leader, of epoch \(seen)")
        }
        var worker = try admit(workerUID, credential)
        guard incarnation >= worker.incarnation else {
            throw Refusal(.superseded, "a later start of the agent of \(worker.key.name) has taken over")
        }
        var effects: [GatewayEffect] = []
        if case .answered(_, _, _, let credentials) = worker.door {
            worker.door = .proven(credential)
            if credentials.last != credential { effects.append(.credentialIssued(workerUID: workerUID, credential)) }
        }
        if incarnation > worker.incarnation {
            if let parked = worker.parked {
                effects.append(
                    .reply(parked.call, .refused(Refusal(.superseded, "a later start of the agent has taken over"))))
            }
            worker.incarnation = incarnation
            (worker.exchange, worker.renewalNumber, worker.parked) = (0, 0, nil)
        }
        workers[workerUID] = worker
        return effects
    }

    /// Passes on what an agent says of its container engine, where that is news.
    mutating func note(_ engine: String?, of workerUID: String) -> [GatewayEffect] {
        guard let worker = workers[workerUID], worker.containerEngine != engine else { return [] }
        workers[workerUID]?.containerEngine = engine
        return [.containerEngine(workerUID: workerUID, engine)]
    }

    mutating func refuse(
        _ call: CallID, _ refusal: Refusal, of workerUID: String, _ credential: SecretHash, seen: Int
    ) -> [GatewayEffect] {
        counters.refusedCalls += 1
        // Only of an agent that has proven who it is.
        // try?: who isn't admitted is refused below.
        let isClaim = isLeading && seen > epoch && (try? admit(workerUID, credential)) != nil
        return (isClaim ? [.claims(workerUID: workerUID, epoch: seen)] : []) + [.reply(call, .refused(refusal))]
    }

    private mutating func parkedCalls() -> [CallID] {
        var calls: [CallID] = []
        for uid in workers.keys.sorted() {
            if let parked = workers[uid]?.parked { calls.append(parked.call) }
            workers[uid]?.parked = nil
        }
        return calls
    }
}
