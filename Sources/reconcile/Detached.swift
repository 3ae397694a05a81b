import APIServer
import Client
import Commands
import Glibc
import HTTP
import Host
import Kernel
import Model

/// `serve --detach` and `serve --stop`: a controller in a session of its own.
enum Detached {
    private static let limit = Duration.seconds(30)
    private static let pause = Duration.milliseconds(50)

    static func start(_ options: ServeOptions, ready: @Sendable (Served) -> Void) async throws -> Int32 {
        let path = StatePath.resolve(options.global.state)
        try Files.makeDirectories(path)
        let client = RemoteClient(socket: StatePath.socket(in: path), http: HTTPClient())
        if let holder = ControllerRecord.holder(of: path) {
            return try await join(holder, options, path, client, ready: ready)
        }
        let log = try Descriptor.open("\(path)/serve.log", [.write, .create, .append])
        let before = try log.size()
        let arguments = [WorkerProgram.ownProgram, "serve", "--state", path] + options.arguments
        var request = SpawnRequest(arguments, environment: Environment.entries)
        request.group = .ownSession
        request.descriptors = [nil, log, log]
        let pid = try request.spawn()
        let clock = SystemClock()
        let end = clock.now.instant + limit
        while clock.now.instant < end, !Task.isCancelled {
            if ControllerRecord.holder(of: path) == pid, await answers(client) {
                ready(try served(path, pid))
                return 0
            }
            if let status = try Children.take(pid) {
                throw Stopped(
                    description: "the controller ended at once (\(status)): \(try said(log, path, since: before))")
            }
            await clock.sleep(until: clock.now.instant + pause)
        }
        if Task.isCancelled {
            _ = ProcessIdentity(pid: pid)?.signal(SIGTERM)
            throw CancellationError()
        }
        throw Stopped(
            description: "the controller (process \(pid)) did not answer within \(limit.text); see \(path)/serve.log")
    }

    /// A controller that runs as asked for is what was wanted; another one is in the way.
    private static func join(
        _ holder: Int32, _ options: ServeOptions, _ path: String, _ client: RemoteClient,
        ready: @Sendable (Served) -> Void
    ) async throws -> Int32 {
        guard let record = ControllerRecord.read(in: path), record.endedAt == nil, record.processID == Int(holder),
            await answers(client)
        else {
            throw Stopped(
                description: "process \(holder) uses the state in \(path), and no controller answers there yet: "
                    + "wait for it, stop it, or name another state with --state")
        }
        guard record.options == options.arguments else {
            let theirs = record.options.isEmpty ? "no options" : record.options.joined(separator: " ")
            throw Stopped(
                description:
                    "process \(holder) already serves the state in \(path), with other options (\(theirs)): stop it first, "
                    + "with `reconcile serve --stop`, or leave it as it is")
        }
        var found = try served(path, holder)
        found.isAnother = true
        ready(found)
        return 0
    }

    private static func answers(_ client: RemoteClient) async -> Bool {
        do { return try await client.send(.init(.get, "/readyz")).status == 200 } catch { return false }
    }

    private static func served(_ path: String, _ process: Int32) throws -> Served {
        let kubeconfig = NetworkAPI.kubeconfig(in: path)
        let file = try Kubeconfig(kubeconfig) { try Files.read($0, limit: 1 << 20) }
        return Served(
            address: try file.access(context: nil).server, kubeconfig: kubeconfig, state: path,
            processID: Int(process))
    }

    /// The last line that the controller wrote: why it ended.
    private static func said(_ log: Descriptor, _ path: String, since start: Int) throws -> String {
        let file = try Descriptor.open("\(path)/serve.log", .read)
        let bytes = try file.read(at: start, upTo: 64 << 10)
        let last = String(decoding: bytes, as: UTF8.self).split(separator: "\n").last.map(String.init)
        return last ?? "\(path)/serve.log says why"
    }

    /// Nil: none ran.
    static func stop(_ path: String) async throws -> Int? {
        try StateKeys.checkAccess(in: path)
        guard let pid = ControllerRecord.holder(of: path), let identity = ProcessIdentity(pid: pid) else { return nil }
        _ = identity.signal(SIGTERM)
        let clock = SystemClock()
        let end = clock.now.instant + limit
        while identity.isAlive {
            try Task.checkCancellation()
            guard clock.now.instant < end else {
                throw Stopped(description: "process \(pid) did not end within \(limit.text)")
            }
            await clock.sleep(until: clock.now.instant + pause)
        }
        return Int(pid)
    }
}
