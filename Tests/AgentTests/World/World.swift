import Agent
import Gateway
import Model
import WorkerProtocol

/// One controller, some agents and a link that loses, delays and repeats, on one list of events: everything follows
/// from the seed.
struct World {
    var now = Moment(instant: Instant(nanoseconds: 1_000_000_000), wall: Timestamp(milliseconds: 1_700_000_000_000))
    var dice: Dice
    var controller = ControllerModel()
    var agents: [String: AgentModel] = [:]
    var witness = Witness()
    /// While it holds, anything may fail.
    var faults = true
    var steps = 0
    /// The next one last.
    private var events: [(at: Instant, event: Event)] = []
    private var calls: UInt64 = 0
    private var workersMade = 0
    /// Where the answer of a call goes.
    private var callers: [UInt64: (request: Request, arrivedAt: Instant)] = [:]

    struct AgentModel {
        var core: AgentCore
        var disk: AgentState
        var credential: JoinReply?
        /// Rises with every start of the process.
        var process = 0
        var isAlive = true
        var cutUntil = Instant.origin
        var runners: [AttemptID: Runner] = [:]
        var renewalsSent: [Int: Instant] = [:]
    }

    struct Runner {
        let message: AssignmentMessage
        let stubborn: Bool
        /// A guard that has begun an end never puts it off.
        var killAt: Instant?
    }

    struct Request {
        enum Body {
            case join(JoinRequest, Int)
            case exchange(ExchangeRequest, BearerSecret)
            case renew(RenewRequest, BearerSecret)
        }
        let worker: String
        let process: Int
        let body: Body

        var number: Int {
            switch body {
            case .join(_, let number): number
            case .exchange(let request, _): request.number
            case .renew(let request, _): request.number
            }
        }
        var call: AgentCall {
            switch body {
            case .join: .join
            case .exchange: .exchange
            case .renew: .renew
            }
        }
    }

    enum Event {
        case arrives(Request)
        case input(String, process: Int, AgentInput)
        case runnerStarts(String, process: Int, AttemptID)
        case runnerEnds(String, process: Int, AttemptID, code: Int?, signal: Int?)
        case commit(generation: Int, String, AttemptReport)
        case store(generation: Int, String, SecretHash)
        case sync(generation: Int, String)
        case giveUp(generation: Int, String)
        case forget(generation: Int, String)
        case lead
        case restart(String)
        case rounds
        case mischief
    }

    init(seed: UInt64, workers: Int, tasks: Int) {
        dice = Dice(seed: seed)
        controller.gateway.open()
        controller.leadingSince = now.instant
        for index in 0..<tasks {
            var message = AssignmentMessage()
            (message.namespace, message.name, message.taskUID) = ("shop", "t\(index)", "t\(index)")
            message.run.command = ["true"]
            message.killGrace = dice.milliseconds(0...6000)
            message.exclusive = dice.chance(40)
            if dice.chance(20) { message.timeout = dice.milliseconds(500...5000) }
            controller.tasks.append(
                .init(
                    message: message, duration: dice.milliseconds(50...25_000), fails: dice.chance(20),
                    notBefore: now.instant + dice.milliseconds(0...200_000)))
        }
        for _ in 0..<workers { addWorker() }
        schedule(.rounds, in: .zero)
        schedule(.mischief, in: .seconds(1))
    }

    mutating func schedule(_ event: Event, in delay: Duration) {
        let at = now.instant + delay
        var (low, high) = (0, events.count)
        while low < high {
            let middle = (low + high) / 2
            if events[middle].at <= at { high = middle } else { low = middle + 1 }
        }
        events.insert((at, event), at: low)
    }

    mutating func addWorker() {
        workersMade += 1
        let uid = "w\(workersMade)"
        let token = "token-\(uid)"
        controller.workers[uid] = .init(token: token, madeAt: now.instant)
        expect(uid, token)
        let identity = AgentIdentity(workerUID: uid, bootID: "boot", pid: 1, version: "1", token: BearerSecret(token))
        agents[uid] = AgentModel(core: AgentCore(identity, state: AgentState(), now: now.instant), disk: AgentState())
        tell(uid, .tick)
    }

    mutating func expect(_ uid: String, _ token: String) {
        controller.gateway.expect(
            uid, ObjectKey(.worker, "shop", uid), lease: LeaseSpec(), token: SecretHash(Array(token.utf8)),
            expiresAt: now.instant + .minutes(10))
    }

    // MARK: Time

    /// Everything up to then, or until `done`.
    mutating func run(for duration: Duration, until done: (World) -> Bool = { _ in false }) {
        let end = now.instant + duration
        while steps < 2_000_000, !done(self) {
            var next = end
            if let first = events.last { next = min(next, first.at) }
            if let deadline = controller.gateway.nextDeadline { next = min(next, deadline) }
            let due = agents.keys.sorted().filter { agents[$0]?.isAlive == true }
            for uid in due { if let deadline = agents[uid]?.core.nextDeadline { next = min(next, deadline) } }
            guard next < end else { break }
            steps += 1
            now = now.advanced(by: max(.zero, next - now.instant))
            if let deadline = controller.gateway.nextDeadline, deadline <= now.instant {
                obey(controller.gateway.tick(now: now.instant))
            }
            for uid in due {
                if let deadline = agents[uid]?.core.nextDeadline, deadline <= now.instant { tell(uid, .tick) }
            }
            while let first = events.last, first.at <= now.instant {
                events.removeLast()
                happen(first.event)
            }
            witness.look(at: self)
        }
        now = now.advanced(by: max(.zero, end - now.instant))
    }

    // MARK: The link

    mutating func send(_ request: Request) {
        let isCut = (agents[request.worker]?.cutUntil ?? .origin) > now.instant
        if isCut || (faults && dice.chance(8)) { return fail(request) }
        let copies = faults && dice.chance(5) ? 2 : 1
        for _ in 0..<copies { schedule(.arrives(request), in: latency()) }
    }

    private mutating func latency() -> Duration {
        guard faults else { return dice.milliseconds(1...20) }
        if dice.chance(1) { return dice.milliseconds(3000...25000) }
        return dice.chance(10) ? dice.milliseconds(20...3000) : dice.milliseconds(1...20)
    }

    /// Nothing comes back: told at once, or when the client's patience ends.
    private mutating func fail(_ request: Request) {
        let wait = dice.chance(50) ? dice.milliseconds(1...500) : .seconds(10)
        let failure = AgentInput.failed(request.call, number: request.number, .unreachable("lost"))
        schedule(.input(request.worker, process: request.process, failure), in: wait)
    }

    mutating func reply(_ call: CallID, _ answer: GatewayAnswer) {
        guard let (request, arrivedAt) = callers.removeValue(forKey: call.number) else {
            return witness.fault("call \(call.number) was answered twice")
        }
        if now.instant - arrivedAt > WireLimits.hold + .milliseconds(1) {
            witness.fault("a poll was held for \(now.instant - arrivedAt)")
        }
        let isCut = (agents[request.worker]?.cutUntil ?? .origin) > now.instant
        if isCut || (faults && dice.chance(5)) { return fail(request) }
        let input: AgentInput =
            switch answer {
            case .joined(let reply): .joined(reply, number: request.number)
            case .exchanged(let reply): .exchanged(reply, number: request.number)
            case .renewed(let reply): .renewed(reply, number: request.number)
            case .refused(let refusal): .failed(request.call, number: request.number, .refused(refusal))
            case .mayWrite: preconditionFailure("nobody asked for a log")
            }
        schedule(.input(request.worker, process: request.process, input), in: latency())
    }

    mutating func arrive(_ request: Request) {
        calls += 1
        let call = CallID(calls)
        callers[calls] = (request, now.instant)
        switch request.body {
        case .join(let join, _):
            let text = "credential-\(calls)"
            let offered = NewCredential(secret: BearerSecret(text), hash: SecretHash(Array(text.utf8)))
            obey(controller.gateway.join(call, join, token: hash(join.token), offering: offered, now: now))
        case .exchange(let exchange, let credential):
            obey(controller.gateway.exchange(call, exchange, credential: hash(credential), now: now.instant))
        case .renew(let renew, let credential):
            obey(controller.gateway.renew(call, renew, credential: hash(credential), now: now))
        }
    }

    /// The polls of a leader that crashed are answered by nobody.
    mutating func dropCalls() {
        for number in callers.keys.sorted() {
            guard let (request, _) = callers.removeValue(forKey: number) else { continue }
            fail(request)
        }
    }

    var heldPolls: Int { callers.count }

    private func hash(_ secret: BearerSecret) -> SecretHash { SecretHash(Array(secret.text.utf8)) }
}
