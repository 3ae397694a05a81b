import Agent
import Documents
import HTTP
import Tree
import WorkerProtocol

/// Requests to the gateway, over TLS that trusts the state's own authority and nothing else.
struct GatewayClient: Sendable {
    struct Failure: Error {
        let reason: CallFailure
    }

    private let address: String
    private let worker: String
    private let tls: TLSSettings
    private let http: HTTPClient

    init(address: String, authority: String, workerUID: String) {
        self.address = address
        worker = workerUID
        tls = TLSSettings(caPEM: Array(authority.utf8))
        var settings = HTTPClient.Settings()
        // An exchange held, a renewal, a log: an agent has few requests at once, and its memory stays small.
        settings.maxTransfers = 8
        http = HTTPClient(settings)
    }

    func send(_ route: GatewayRoute, _ body: Tree, credential: BearerSecret?) async -> Result<Tree, Failure> {
        var headers: HTTPHeaders = ["Content-Type": "application/json", "Accept": "application/json"]
        headers[ProtocolVersion.header] = ProtocolVersion.current
        headers[GatewayRoute.workerHeader] = worker
        if let credential { headers["Authorization"] = "Bearer \(credential.text)" }
        var request = HTTPRequest(
            .post, address + route.path, headers: headers, body: JSON.encode(body), timeout: route.timeout)
        request.tls = tls
        request.isIdempotent = true
        request.maxResponseBytes = route.answerLimit
        do throws(HTTPError) {
            let response = try await http.send(request)
            // try?: what came is no answer of ours, whatever it is.
            guard let tree = try? JSON.parse(response.body, limits: .answer) else {
                return .failure(Failure(reason: .unreachable("status \(response.status) without a readable answer")))
            }
            if response.isSuccess { return .success(tree) }
            if let refusal = Refusal(status: response.status, body: tree) {
                return .failure(Failure(reason: .refused(refusal)))
            }
            return .failure(Failure(reason: .unreachable("status \(response.status)")))
        } catch {
            return .failure(Failure(reason: .unreachable(error.text)))
        }
    }
}
