import Agent
import Model
import WorkerProtocol

/// An agent with a clock and a runner's voice, as tests speak to it.
struct Bench {
    var core: AgentCore
    var now = Moment(instant: Instant(nanoseconds: 1_000_000_000_000), wall: Timestamp(milliseconds: 1_700_000_000_000))

    /// One that has joined, with the first exchange and renewal under way.
    init(joined: Bool = true, state: AgentState = AgentState()) {
        let identity = AgentIdentity(workerUID: "w", bootID: "boot", pid: 1, version: "1", token: BearerSecret("token"))
        core = AgentCore(identity, state: state, now: now.instant)
        guard joined else { return }
        _ = handle(.tick)
        _ = handle(
            .joined(JoinReply(credential: BearerSecret("c"), worker: "w-0", lease: LeaseSpec(), epoch: 5), number: 1))
        _ = answer([])
    }

    private(set) var lastExchange: ExchangeRequest?

    mutating func handle(_ input: AgentInput) -> [AgentEffect] {
        let effects = core.handle(input, now: now, random: 0)
        lastExchange = effects.exchanges.last ?? lastExchange
        return effects
    }

    /// Waits, ticking whenever the agent wants to be woken, with every renewal acknowledged at once or none.
    mutating func pass(_ duration: Duration, renewing: Bool = true) -> [AgentEffect] {
        let end = now.instant + duration
        var all: [AgentEffect] = []
        while let next = core.nextDeadline, next <= end {
            now = now.advanced(by: max(.zero, next - now.instant))
            var effects = handle(.tick)
            for case .sendRenew(let request, _) in effects where renewing {
                effects += handle(.renewed(RenewReply(epoch: request.epoch, known: true), number: request.number))
            }
            all += effects
        }
        now = now.advanced(by: max(.zero, end - now.instant))
        return all
    }

    /// Answers the exchange that is, or is about to be, under way.
    mutating func answer(
        _ assignments: [AssignmentMessage]?, acknowledged: Int = 0, epoch: Int = 5
    ) -> [AgentEffect] {
        var effects: [AgentEffect] = []
        while core.exchangeUnderWay == nil, let next = core.nextDeadline {
            now = now.advanced(by: max(.zero, next - now.instant))
            effects += handle(.tick)
            for case .sendRenew(let request, _) in effects {
                effects += handle(.renewed(RenewReply(epoch: request.epoch, known: true), number: request.number))
            }
        }
        let reply = ExchangeReply(epoch: epoch, acknowledged: acknowledged, assignments: assignments)
        return handle(.exchanged(reply, number: core.exchangeUnderWay ?? 0))
    }

    mutating func end(_ assignment: AssignmentMessage, code: Int? = 0, signal: Int? = nil) -> [AgentEffect] {
        handle(.ended(assignment.id, AttemptEnd(finishedAt: now.wall, exitCode: code, signal: signal)))
    }

    /// What the agent's latest exchange tells, once it had time to send one.
    mutating func told() -> [AttemptReport] {
        _ = pass(.milliseconds(100))
        return lastExchange?.reports ?? []
    }
}

extension [AgentEffect] {
    var starts: [AttemptID] { compactMap { if case .start(let message) = $0 { message.id } else { nil } } }
    var terminated: [AttemptID] { compactMap { if case .terminate(let id) = $0 { id } else { nil } } }
    var killed: [AttemptID] { compactMap { if case .kill(let id) = $0 { id } else { nil } } }
    var exchanges: [ExchangeRequest] {
        compactMap { if case .sendExchange(let request, _) = $0 { request } else { nil } }
    }
    var renewals: [RenewRequest] { compactMap { if case .sendRenew(let request, _) = $0 { request } else { nil } } }
    var joins: [Int] { compactMap { if case .sendJoin(_, let number) = $0 { number } else { nil } } }
    var joinRequests: [JoinRequest] { compactMap { if case .sendJoin(let request, _) = $0 { request } else { nil } } }
    var states: [AgentState] { compactMap { if case .persist(let state) = $0 { state } else { nil } } }
    var exit: AgentExit? {
        for case .exit(let reason) in self { return reason }
        return nil
    }
}

extension AssignmentMessage {
    static func sample(
        _ task: String = "t1", fence: Int = 1, exclusive: Bool = false, stop: Reason? = nil, timeout: Duration? = nil
    ) -> AssignmentMessage {
        var message = AssignmentMessage()
        (message.namespace, message.name, message.taskUID) = ("shop", "plan-\(task)", task)
        (message.attempt, message.fence, message.exclusive, message.stop) = (fence, fence, exclusive, stop)
        (message.timeout, message.killGrace) = (timeout, .seconds(5))
        message.run.command = ["true"]
        return message
    }
}
