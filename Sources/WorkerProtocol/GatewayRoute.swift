/// The four requests an agent makes of the controller's gateway: POST, a JSON object each way, over TLS.
package enum GatewayRoute: String, Sendable, Hashable, CaseIterable {
    /// Once per worker, with the single-use token: the answer is the worker's own credential.
    case join = "/v1/join"
    /// What the agent holds and what ended, against what it should hold; held open up to `WireLimits.hold`.
    case exchange = "/v1/exchange"
    /// The sign of life.
    case renew = "/v1/renew"
    /// A piece of an attempt's log.
    case logs = "/v1/logs"

    package var path: String { rawValue }

    /// The request's header that names the worker, by its uid: whose credential it is can be known before the body is.
    package static let workerHeader = "reconcile-worker"

    /// Whether the request carries `Authorization: Bearer` with the credential; a join carries its token in the body.
    package var needsCredential: Bool { self != .join }

    /// The longest request body, in bytes. Strings are at worst six times as long once escaped.
    package var bodyLimit: Int {
        switch self {
        case .join, .renew: 16 << 10
        case .exchange: 4 << 20
        case .logs: 256 << 10
        }
    }

    /// The longest answer, in bytes.
    package var answerLimit: Int { self == .exchange ? 64 << 20 : 16 << 10 }

    /// After which the agent gives the request up.
    package var timeout: Duration {
        switch self {
        case .join, .renew: .seconds(10)
        case .exchange: WireLimits.hold + .seconds(10)
        case .logs: .seconds(30)
        }
    }
}
