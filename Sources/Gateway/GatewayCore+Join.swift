package import Model
package import WorkerProtocol

extension GatewayCore {
    /// A new agent with its token. The shell brings a fresh credential; it goes out only if the token is right, unused
    /// and in time. The process that used it may ask again until it has shown a credential: its answer may have been
    /// lost.
    package mutating func join(
        _ call: CallID, _ request: JoinRequest, token: SecretHash, offering credential: NewCredential, now: Moment
    ) -> [GatewayEffect] {
        do throws(Refusal) {
            var worker = try doorFor(request, token, now: now.instant)
            let process = AgentProcess(bootID: request.bootID, pid: request.pid)
            guard case let (expected, expiresAt, earlier)? = pass(worker.door, process) else {
                throw Refusal(.unauthorised, "the join token is spent")
            }
            let credentials = (earlier + [credential.hash]).suffix(WorkerDoor.credentialLimit)
            worker.door = .answered(
                token: expected, expiresAt: expiresAt, process: process, credentials: Array(credentials))
            worker.renewal = now
            workers[request.workerUID] = worker
            let reply = JoinReply(
                credential: credential.secret, worker: worker.key.name, lease: worker.lease, epoch: epoch)
            let told = note(request.containerEngine, of: request.workerUID)
            return [.credentialIssued(workerUID: request.workerUID, credential.hash)] + told
                + [.reply(call, .joined(reply))]
        } catch {
            counters.refusedJoins += 1
            return [.reply(call, .refused(error))]
        }
    }

    private func doorFor(_ request: JoinRequest, _ token: SecretHash, now: Instant) throws(Refusal) -> KnownWorker {
        guard isLeading else { throw notLeading }
        guard let worker = workers[request.workerUID] else {
            throw Refusal(.gone, "worker \(request.workerUID) does not exist, or has been given up")
        }
        switch worker.door {
        case .expected(let expected, let expiresAt), .answered(let expected, let expiresAt, _, _):
            guard expected == token else {
                throw Refusal(.unauthorised, "the join token is not that of \(worker.key.name)")
            }
            guard now < expiresAt else {
                throw Refusal(.unauthorised, "the join token of \(worker.key.name) has expired")
            }
        case .proven: throw Refusal(.unauthorised, "the join token is spent")
        }
        return worker
    }

    private func pass(_ door: WorkerDoor, _ process: AgentProcess) -> (SecretHash, Instant, [SecretHash])? {
        switch door {
        case .expected(let token, let expiresAt): (token, expiresAt, [])
        case .answered(let token, let expiresAt, process, let credentials): (token, expiresAt, credentials)
        case .answered, .proven: nil
        }
    }
}
