import Glibc
import Kernel
import Local
import Model
import Ports
import ProcessKit
import ProviderConformance

/// A state directory with real processes. They are found by their names in the process list, which hold the
/// directory's.
final class LocalWorld: ProviderWorld {
    let clusterID = "cluster-a"
    let keepsTombstones = true
    let patience = Duration.seconds(10)
    let settling = Duration.milliseconds(200)

    let scratch: Scratch
    let namespace: String
    private let watcher: Watcher
    private let environment: [String: String]
    private let releaseGrace: Duration

    init(environment: [String: String] = [:], releaseGrace: Duration = .seconds(10)) throws {
        scratch = try Scratch()
        namespace = String(scratch.path.split(separator: "/").last ?? "")
        watcher = try Watcher()
        self.environment = environment
        self.releaseGrace = releaseGrace
    }

    deinit {
        for entry in Processes.living(commandHolds: namespace) { Glibc.kill(entry.pid, SIGKILL) }
    }

    var state: String { scratch.path + "/state" }

    func directory(_ uid: String) -> String { "\(state)/workers/\(uid)" }

    func settings(command: [String]? = nil) -> LocalProvider.Settings {
        LocalProvider.Settings(
            stateDirectory: state, workerCommand: command ?? [Processes.fixture, "worker"],
            environment: environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }, gateway: "https://127.0.0.1:1",
            authority: "-----BEGIN CERTIFICATE-----\n", clusterID: clusterID, releaseGrace: releaseGrace)
    }

    func local(command: [String]? = nil) throws -> LocalProvider {
        try LocalProvider(settings(command: command), watcher: watcher)
    }

    func makeProvider() async throws -> any WorkerProvider { try local() }

    func request(uid: String) -> WorkerRequest {
        var spec = WorkerSpec()
        spec.pool = "pool"
        return WorkerRequest(
            key: ObjectKey(.worker, namespace, uid), workerUID: uid, region: "here", pool: "pool", slot: 3, attempt: 2,
            epoch: 7, clusterID: clusterID, spec: spec, joinToken: "single-use-token")
    }

    func living(_ uid: String) -> [ProcessEntry] { Processes.living(commandHolds: " \(namespace)/\(uid) ") }

    func alive(uid: String) async throws -> Int { living(uid).count }

    func kill(uid: String) async throws {
        for entry in living(uid) { Glibc.kill(entry.pid, SIGKILL) }
    }

    /// A worker of another cluster in the same place, and a directory that nobody can read anything out of.
    func plantForeign() async throws -> @Sendable () async throws -> Bool {
        var other = settings()
        other.clusterID = "cluster-b"
        let provider = try LocalProvider(other, watcher: watcher)
        var request = request(uid: "foreign")
        request.clusterID = other.clusterID
        try await provider.create(request)
        try await eventually("the foreign worker lives") { self.living("foreign").count == 1 }
        try Files.makeDirectory("\(state)/workers/strange")
        try Files.replace("\(state)/workers/strange/record", Array("{".utf8))
        return { [self] in living("foreign").count == 1 && Files.exists("\(state)/workers/strange/record") }
    }
}
