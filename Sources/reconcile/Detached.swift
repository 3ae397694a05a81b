import APIServer
import Client
import Commands
import Glibc
import Host
import HTTP
import Kernel
import Model

/// `serve --detach` and `serve --stop`: a controller in a session of its own.
enum Detached {
    private static let limit = Duration.seconds(30)

    static func start(_ options: ServeOptions, ready: @Sendable (Served) -> Void) async throws -> Int32 {
        let path = StatePath.resolve(options.global.state)
        try Files.makeDirectories(path)
        var arguments = [WorkerProgram.ownProgram, "serve", "--state", path]
        if let address = options.bindAddress { arguments += ["--bind-address", address] }
        if options.local { arguments.append("--local") }
        if let id = options.clusterID { arguments += ["--cluster-id", id] }
        let log = try Descriptor.open("\(path)/serve.log", [.write, .create, .append])
        var request = SpawnRequest(arguments, environment: Environment.entries)
        request.group = .ownSession
        request.descriptors = [nil, log, log]
        let pid = try request.spawn()
        let clock = SystemClock()
        let end = clock.now.instant + limit
        let client = RemoteClient(socket: StatePath.socket(in: path), http: HTTPClient())
        while clock.now.instant < end {
            if (try? await client.send(.init(.get, "/readyz"))) != nil {
                let kubeconfig = NetworkAPI.kubeconfig(in: path)
                let file = try Kubeconfig(kubeconfig) { try Files.read($0, limit: 1 << 20) }
                ready(
                    Served(
                        address: try file.access(context: nil).server, kubeconfig: kubeconfig, state: path,
                        processID: Int(pid)))
                return 0
            }
            if let status = try Children.take(pid) {
                throw Stopped(description: "the controller ended at once (\(status)); \(path)/serve.log says why")
            }
            await clock.sleep(until: clock.now.instant + .milliseconds(50))
        }
        throw Stopped(description: "the controller did not answer within \(limit.text); see \(path)/serve.log")
    }

    /// Nil: none ran.
    static func stop(_ path: String) async throws -> Int? {
        guard let bytes = try Files.read("\(path)/lock", limit: 64),
            let pid = Int32(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)),
            try FileLock.take("\(path)/lock") == nil, let identity = ProcessIdentity(pid: pid)
        else { return nil }
        _ = identity.signal(SIGTERM)
        let clock = SystemClock()
        let end = clock.now.instant + limit
        while identity.isAlive {
            guard clock.now.instant < end else {
                throw Stopped(description: "process \(pid) did not end within \(limit.text)")
            }
            await clock.sleep(until: clock.now.instant + .milliseconds(50))
        }
        return Int(pid)
    }
}
