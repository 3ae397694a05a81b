import Documents
import Kernel
import Model
import Tree

/// One worker's files. `lock` is held by the worker process, and by its guards, as long as any of them lives; nobody
/// but its holder may start the worker. `record` says whose it is, `identity` which process was started, `exit` how it
/// ended.
struct WorkerDirectory: Sendable {
    enum Standing: Sendable, Hashable {
        /// Nothing was ever started here, or what was ended before it heard what to do.
        case never
        /// Being started by somebody right now.
        case starting
        case alive(ProcessIdentity)
        /// The process has ended; guards of its tasks have not.
        case lingering(ProcessIdentity?)
        case ended(ProcessIdentity?, ExitRecord)
    }

    let path: String

    var lock: String { "\(path)/lock" }
    var log: String { "\(path)/worker.log" }
    private var recordFile: String { "\(path)/record" }
    private var identityFile: String { "\(path)/identity" }
    private var exitFile: String { "\(path)/exit" }

    private static let limit = 64 << 10

    var record: WorkerRecord? { read(recordFile) }
    var exit: ExitRecord? { read(exitFile) }
    var identity: ProcessIdentity? {
        // try?: without an identity that can be read, the lock alone tells whether it lives.
        guard let bytes = try? Files.read(identityFile, limit: Self.limit) else { return nil }
        return ProcessIdentity(String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self))
    }
    /// Whether a process was ever recorded here: then none is started again.
    var hasRun: Bool { Files.exists(identityFile) || Files.exists(exitFile) }

    /// Whether any attempt was begun here whose guard has not written its end.
    var hasOpenAttempts: Bool {
        // try?: what can't be read is no proof that it ended, here and below.
        guard let names = try? Files.names(in: "\(path)/attempts") else { return true }
        return names.contains { name in
            // try?: as above.
            let bytes = (try? Files.readForeign("\(path)/attempts/\(name)/status", limit: Self.limit)) ?? nil
            // try?: as above.
            return bytes.flatMap { try? JSON.parse($0) }?["finishedAt"] == nil
        }
    }

    /// When the agent or a guard wrote here last: guards write the end of their task when their agent is gone. What
    /// the task itself can write to counts as well, for no more than it is: a sign of life.
    var lastWrite: Timestamp? {
        // try?: where they can't be read, the lease tells when the worker was heard last.
        let attempts = (try? Files.names(in: "\(path)/attempts")) ?? []
        let files = attempts.flatMap { ["attempts/\($0)/status", "attempts/\($0)/log"] } + ["agent.json"]
        return files.compactMap { Files.modified("\(path)/\($0)") }.max().map {
            Timestamp(milliseconds: Int64($0) * 1000)
        }
    }

    func write(_ record: WorkerRecord) throws(SystemError) { try write(record, to: recordFile) }
    func write(_ exit: ExitRecord) throws(SystemError) { try write(exit, to: exitFile) }
    func write(_ identity: ProcessIdentity) throws(SystemError) {
        try Files.replace(identityFile, Array("\(identity)\n".utf8))
    }

    func standing() throws(SystemError) -> Standing {
        // The identity first: where one was written before the lock was found free, nothing lives.
        let identity = identity
        let isHeld = try FileLock.isHeld(lock)
        guard let identity else {
            if let exit { return isHeld ? .lingering(nil) : .ended(nil, exit) }
            return isHeld ? .starting : .never
        }
        if isHeld { return identity.isAlive ? .alive(identity) : .lingering(identity) }
        return .ended(identity, exit ?? ExitRecord())
    }

    private func read<Value: Structured>(_ path: String) -> Value? {
        // try?: what was cut off by a crash was never said: the process's lock and identity decide then.
        guard let bytes = try? Files.read(path, limit: Self.limit), let tree = try? JSON.parse(bytes) else {
            return nil
        }
        // try?: as above.
        return try? Value(tree: tree)
    }

    private func write<Value: Structured>(_ value: Value, to path: String) throws(SystemError) {
        try Files.replace(path, JSON.encode(value.tree) + [UInt8(ascii: "\n")])
    }
}
