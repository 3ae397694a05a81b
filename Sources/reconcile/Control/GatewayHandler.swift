import Coordinator
import Documents
import Gateway
import Model
import Ports
import Serve
import Storage
import Tree
import WorkerProtocol

/// The gateway over HTTP: reads a message, asks the coordinator, writes its answer.
struct GatewayHandler: Sendable {
    let blobs: FileBlobStore
    let credentials: Credentials
    /// Nil until the controller runs.
    let loop: ControlLoop?

    /// Whose request it is, before its body is read: an agent says in a header which worker it is, beside the
    /// credential that only this controller and that worker know. What a join brings, which has no credential yet, and
    /// what agents of before that header bring, is read on the account of strangers.
    func receive(_ head: ServedRequest) -> Reception {
        if head.method == "GET", let bundle = BundleFile.answer(head.path) {
            return .admitted(bodyLimit: 0, account: "bundle") { _ in bundle }
        }
        guard head.method == "POST", let route = GatewayRoute(rawValue: head.path) else {
            return refuse(Refusal(.invalid, "\(head.method) \(head.path) is not of the worker protocol"))
        }
        if let refusal = ProtocolVersion.refusal(of: head.headers[ProtocolVersion.header]) { return refuse(refusal) }
        if let said = head.headers["content-length"].flatMap({ Int($0) }), said > route.bodyLimit {
            return refuse(Refusal(.tooLarge, "\(said) bytes, at most \(route.bodyLimit) are taken"))
        }
        guard let loop else {
            return refuse(Refusal(.notLeading, "this controller is still starting: come again"))
        }
        var account = ""
        if route.needsCredential {
            guard let bearer = bearer(head) else {
                return refuse(Refusal(.unauthorised, "\(route.path) needs the worker's credential"))
            }
            if let worker = head.headers[GatewayRoute.workerHeader] {
                guard credentials.isCredential(bearer, workerUID: worker) else {
                    return refuse(Refusal(.unauthorised, "not the credential of that worker"))
                }
                account = worker
            }
        }
        return .admitted(bodyLimit: route.bodyLimit, account: account) { request in
            let response = await answer(request, route, loop)
            loop.meter.request(route, response.status)
            return response
        }
    }

    private func refuse(_ refusal: Refusal) -> Reception { .refused(respond(refusal)) }

    private func answer(_ request: ServedRequest, _ route: GatewayRoute, _ loop: ControlLoop) async -> ServedResponse {
        let credential = SecretHash(Credentials.hash(bearer(request) ?? ""))
        do {
            let tree = try JSON.parse(request.body, limits: .answer)
            switch route {
            case .join:
                let message = try JoinRequest.read(tree)
                let token = SecretHash(Credentials.hash(message.token.text))
                return respond(await loop.call { .join($0, message, token: token) })
            case .exchange:
                let message = try ExchangeRequest.read(tree)
                return respond(await loop.call { .exchange($0, message, credential: credential) })
            case .renew:
                let message = try RenewRequest.read(tree)
                return respond(await loop.call { .renew($0, message, credential: credential) })
            case .logs: return await keep(try LogChunk.read(tree), credential, loop)
            }
        } catch {
            return respond(Refusal(.invalid, "not a message of this protocol: \(error)"))
        }
    }

    private func keep(_ chunk: LogChunk, _ credential: SecretHash, _ loop: ControlLoop) async -> ServedResponse {
        if let refusal = await loop.authorise(chunk, credential) { return respond(refusal) }
        do {
            return try await loop.logs.append(chunk, to: blobs)
        } catch {
            return respond(Refusal(.notLeading, "the log can't be kept now: \(error)"))
        }
    }

    private func bearer(_ request: ServedRequest) -> String? {
        guard let header = request.headers["authorization"], header.hasPrefix("Bearer ") else { return nil }
        return String(header.dropFirst(7))
    }

    private func respond(_ answer: GatewayAnswer) -> ServedResponse {
        switch answer {
        case .joined(let reply): Self.json(200, reply.tree)
        case .exchanged(let reply): Self.json(200, reply.tree)
        case .renewed(let reply): Self.json(200, reply.tree)
        case .mayWrite: ServedResponse(status: 200, contentType: "application/json", body: .bytes([]))
        case .refused(let refusal): respond(refusal)
        }
    }

    private func respond(_ refusal: Refusal) -> ServedResponse { Self.json(refusal.code.status, refusal.tree) }

    static func json(_ status: Int, _ tree: Tree) -> ServedResponse {
        ServedResponse(status: status, contentType: "application/json", body: .bytes(JSON.encode(tree)))
    }
}

/// Places chunks of logs one after another, log by log.
actor LogKeeper {
    private var lengths: [String: Int] = [:]

    func append(_ chunk: LogChunk, to blobs: FileBlobStore) async throws -> ServedResponse {
        let name = chunk.blobName
        var known = lengths[name]
        if known == nil { known = try await blobs.read(name, from: 0, limit: 1)?.total ?? 0 }
        let placement = LogPlacement(chunk, kept: known ?? 0)
        if case .append(let bytes, let next) = placement {
            // Claimed before the write: a repeated chunk that comes meanwhile is placed behind this one.
            lengths[name] = next
            do { try await blobs.append(bytes, to: name) } catch {
                lengths[name] = nil
                throw error
            }
        } else {
            lengths[name] = known
        }
        if lengths.count > 4096 { lengths = [:] }
        return GatewayHandler.json(200, placement.reply.tree)
    }
}
