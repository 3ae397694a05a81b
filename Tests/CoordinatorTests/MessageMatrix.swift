import Coordinator
import Gateway
import Model
import WorkerProtocol

/// Every field of every message of the worker protocol: who may set it, what is checked, and what a lie gets. The
/// security page has the same table.
struct MessageField: Sendable {
    enum Fate: Equatable, Sendable {
        case refused(Refusal.Code)
        /// Refused, the worker marked, its tasks placed elsewhere.
        case misbehaving
        /// Nothing is written.
        case nothing
        /// The liar's own worker or task, and nothing else, may be changed by it.
        case ownOnly

        var word: String {
            switch self {
            case .refused(let code): "`\(code.rawValue)`"
            case .misbehaving: "`Misbehaving`"
            case .nothing: "nothing"
            case .ownOnly: "its own"
            }
        }
    }

    let name: String
    let setBy: String
    let check: String
    let fate: Fate
    let lie: @Sendable (Liar, inout House) -> GatewayAnswer?

    init(
        _ name: String, _ setBy: String, _ check: String, _ fate: Fate,
        _ lie: @escaping @Sendable (Liar, inout House) -> GatewayAnswer?
    ) {
        (self.name, self.setBy, self.check, self.fate, self.lie) = (name, setBy, check, fate, lie)
    }

    var line: String { "| `\(name)` | \(setBy) | \(check) | \(fate.word) |" }
}

extension MessageField {
    private static func renewing(_ change: @escaping @Sendable (Liar, inout RenewRequest) -> Void) -> Lie {
        { liar, house in
            var request = liar.renewal
            change(liar, &request)
            return house.say { .renew($0, request, credential: liar.credential) }
        }
    }
    private static func exchanging(_ change: @escaping @Sendable (Liar, inout ExchangeRequest) -> Void) -> Lie {
        { liar, house in
            var request = liar.exchange
            change(liar, &request)
            return house.say { .exchange($0, request, credential: liar.credential) }
        }
    }
    private static func reporting(
        of other: Bool = false, _ change: @escaping @Sendable (inout AttemptReport) -> Void
    ) -> Lie {
        exchanging { liar, request in
            var report = liar.report(on: other ? liar.otherTask : liar.ownTask)
            change(&report)
            request.reports = [report]
        }
    }
    private static func joining(_ change: @escaping @Sendable (Liar, inout JoinRequest) -> Void) -> Lie {
        { liar, house in
            var request = liar.join
            change(liar, &request)
            return house.say { .join($0, request, token: House.hash(request.token.text)) }
        }
    }
    private static func logging(_ change: @escaping @Sendable (Liar, inout LogChunk) -> Void) -> Lie {
        { liar, house in
            var chunk = LogChunk(
                workerUID: liar.own.metadata.uid, taskUID: liar.ownTask.metadata.uid,
                attempt: liar.ownTask.status.attempt, offset: 0, bytes: [1])
            change(liar, &chunk)
            do throws(Refusal) { try house.core.gateway.authoriseLog(chunk, credential: liar.credential) } catch {
                return .refused(error)
            }
            return nil
        }
    }
    private typealias Lie = @Sendable (Liar, inout House) -> GatewayAnswer?

    static let all = join + renew + exchange + report + logs

    private static let join: [MessageField] = [
        .init(
            "join.token", "the provider, once", "keyed hash of the worker's uid; single use", .refused(.unauthorised),
            joining { $1.token = BearerSecret("guess") }),
        .init(
            "join.workerUID", "the provider", "the token must be that worker's", .refused(.unauthorised),
            joining { $1.workerUID = $0.other.metadata.uid }),
        .init(
            "join.bootID", "the agent", "who has not the token's first process asks in vain", .refused(.unauthorised),
            joining { $1.bootID = "another" }),
        .init("join.pid", "the agent", "as `bootID`", .refused(.unauthorised), joining { $1.pid = 2 }),
        .init(
            "join.agentVersion", "the agent", "64 characters; nothing follows from it", .refused(.unauthorised),
            joining { $1.agentVersion = "99" }),
        .init(
            "join.containerEngine", "the agent", "32 characters; its own status", .refused(.unauthorised),
            joining { $1.containerEngine = "9" }),
    ]

    private static let renew: [MessageField] = [
        .init(
            "renew.workerUID", "the agent", "the credential must be that worker's", .refused(.unauthorised),
            renewing { $1.workerUID = $0.other.metadata.uid }),
        .init(
            "renew.incarnation", "the agent", "at least the last; a later one takes the worker over", .ownOnly,
            renewing { $1.incarnation = 1 << 20 }),
        .init(
            "renew.number", "the agent", "rises; what comes late prolongs nothing", .nothing,
            renewing { $1.number = .max }),
        .init(
            "renew.epoch", "the agent", "the store is asked whether there is a later leader", .misbehaving,
            renewing { $1.epoch = .max }),
    ]

    private static let exchange: [MessageField] = [
        .init(
            "exchange.workerUID", "the agent", "the credential must be that worker's", .refused(.unauthorised),
            exchanging { $1.workerUID = $0.other.metadata.uid }),
        .init("exchange.incarnation", "the agent", "as in `renew`", .ownOnly, exchanging { $1.incarnation = 1 << 20 }),
        .init(
            "exchange.number", "the agent", "rises; what comes late is answered and says nothing", .nothing,
            exchanging { $1.number = .max }),
        .init("exchange.epoch", "the agent", "as in `renew`", .misbehaving, exchanging { $1.epoch = 2 }),
        .init(
            "exchange.holding.taskUID", "the agent", "what it should not hold it is told to stop", .nothing,
            exchanging { $1.holding[0].taskUID = $0.otherTask.metadata.uid }),
        .init(
            "exchange.holding.fence", "the controller", "at most the fence that it was given", .misbehaving,
            exchanging { $1.holding[0].fence = .max }),
        .init(
            "exchange.holding.stopping", "the agent", "what it is told, and nothing else, depends on it", .nothing,
            exchanging { $1.holding[0].stopping = true }),
        .init("exchange.draining", "the agent", "it gets nothing new", .ownOnly, exchanging { $1.draining = true }),
        .init(
            "exchange.containerEngine", "the agent", "32 characters; its own status", .ownOnly,
            exchanging { $1.containerEngine = "1.47" }),
    ]

    private static let report: [MessageField] = [
        .init(
            "report.namespace", "the controller", "that of its worker", .misbehaving,
            reporting { $0.namespace = "other" }),
        .init("report.name", "the controller", "that of the assignment", .nothing, reporting { $0.name = "site-c" }),
        .init(
            "report.taskUID", "the controller", "a task that this worker holds", .misbehaving,
            reporting(of: true) { _ in }),
        .init("report.attempt", "the controller", "that of the fence", .misbehaving, reporting { $0.attempt += 1 }),
        .init(
            "report.fence", "the controller", "that of the assignment; a lower one is late", .misbehaving,
            reporting { $0.fence += 1 }),
        .init(
            "report.sequence", "the agent", "rises; what is repeated is not taken again", .ownOnly,
            reporting { $0.sequence = .max }),
        .init(
            "report.phase", "the agent", "one end for each fence", .ownOnly,
            reporting { ($0.phase, $0.reason) = (.running, .running) }),
        .init(
            "report.startedAt", "the agent", "not a day ahead; taken between the assignment and now", .misbehaving,
            reporting { $0.startedAt = Timestamp("9999-01-01T00:00:00Z") }),
        .init(
            "report.finishedAt", "the agent", "as `startedAt`", .misbehaving,
            reporting { $0.finishedAt = Timestamp("9999-01-01T00:00:00Z") }),
        .init("report.exitCode", "the task", "-1024 to 1024", .ownOnly, reporting { $0.exitCode = 7 }),
        .init("report.signal", "the task", "1 to 255", .ownOnly, reporting { $0.signal = 255 }),
        .init(
            "report.reason", "the agent", "one of the ways in which attempts end", .nothing,
            reporting { $0.reason = .budgetExceeded }),
        .init(
            "report.message", "the task", "1024 characters, shown as text", .ownOnly,
            reporting { $0.message = "\u{1B}[2J" }),
        .init(
            "report.outputs", "the task", "64 values, 32 KiB; tasks of the same plan that name them", .ownOnly,
            reporting { $0.outputs = ["a": "b"] }),
    ]

    private static let logs: [MessageField] = [
        .init(
            "logs.workerUID", "the agent", "the credential must be that worker's", .refused(.unauthorised),
            logging { $1.workerUID = $0.other.metadata.uid }),
        .init(
            "logs.taskUID", "the controller", "an attempt that this worker has, or lately had", .refused(.forbidden),
            logging { $1.taskUID = $0.otherTask.metadata.uid }),
        .init("logs.attempt", "the controller", "as `taskUID`", .refused(.forbidden), logging { $1.attempt = .max }),
        .init(
            "logs.offset", "the agent", "4 MiB a log; a gap is not written", .nothing, logging { $1.offset = 1 << 20 }),
        .init(
            "logs.data", "the task", "64 KiB a piece, 4 MiB a log", .refused(.tooLarge),
            logging { $1.data = Base64Bytes(Array(repeating: 0, count: WireLimits.chunk + 1)) }),
    ]
}
