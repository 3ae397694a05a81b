import Model
package import WorkerProtocol

extension GatewayCore {
    /// Whether a worker may write that piece of log: of attempts it holds or lately held, and no others.
    package func log(_ call: CallID, _ chunk: LogChunk, credential: SecretHash) -> [GatewayEffect] {
        do throws(Refusal) {
            try authoriseLog(chunk, credential: credential)
            return [.reply(call, .mayWrite)]
        } catch { return [.reply(call, .refused(error))] }
    }

    package func authoriseLog(_ chunk: LogChunk, credential: SecretHash) throws(Refusal) {
        let worker = try admit(chunk.workerUID, credential)
        guard let tasks = worker.tasks else {
            throw Refusal(.notLeading, "assignments are still being read: come again")
        }
        guard tasks.held(taskUID: chunk.taskUID, attempt: chunk.attempt) else {
            throw Refusal(
                .forbidden, "attempt \(chunk.attempt) of task \(chunk.taskUID) is not one of \(worker.key.name)")
        }
        guard chunk.bytes.count <= WireLimits.chunk, chunk.offset + chunk.bytes.count <= WireLimits.log else {
            throw Refusal(.tooLarge, "a log has at most \(WireLimits.log) bytes, a chunk \(WireLimits.chunk)")
        }
    }
}

/// Where a piece of log goes, given how much is kept. Chunks of one log must be placed one after another.
package enum LogPlacement: Sendable, Hashable {
    /// These bytes are new.
    case append([UInt8], next: Int)
    /// Nothing of it is new, or something before it is missing.
    case nothing(next: Int)

    package init(_ chunk: LogChunk, kept length: Int) {
        let known = length - chunk.offset
        if known < 0 || known >= chunk.bytes.count {
            self = .nothing(next: length)
        } else {
            self = .append(Array(chunk.bytes.dropFirst(known)), next: chunk.offset + chunk.bytes.count)
        }
    }

    package var reply: LogReply {
        switch self {
        case .append(_, let next), .nothing(let next): LogReply(next: next)
        }
    }
}
