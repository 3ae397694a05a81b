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

    // MARK: What an administrator, a slow engine or a copied state does

    func stop(uid: String) async throws {
        for entry in living(uid) { Glibc.kill(entry.pid, SIGTERM) }
    }

    /// The list is the process table: nothing holds it.
    func makeHeld() async throws -> HeldLists { HeldLists(try local()) { _ in } }

    func rename(uid: String) async throws -> Bool { false }
    func copy(uid: String) async throws -> Bool { false }

    func occupy(_ request: WorkerRequest) async throws -> (@Sendable () async throws -> Bool)? {
        var other = settings()
        other.clusterID = "cluster-b"
        var theirs = request
        theirs.clusterID = other.clusterID
        try await LocalProvider(other, watcher: watcher).create(theirs)
        let uid = request.workerUID
        try await eventually("the foreign worker lives") { self.living(uid).count == 1 }
        return { [self] in living(uid).count == 1 }
    }

    func makeCopy() async throws -> any WorkerProvider {
        let copy = SpawnRequest(["/bin/cp", "-a", state, "\(scratch.path)/copy"], environment: ["PATH=/usr/bin:/bin"])
        guard try Children.wait(try copy.spawn()) == .exited(0) else { throw SystemError("copy", state, code: EIO) }
        var settings = settings()
        settings.stateDirectory = "\(scratch.path)/copy"
        return try LocalProvider(settings, watcher: watcher)
    }

    func makeDeaf() async throws -> any WorkerProvider {
        var settings = settings()
        settings.environment["FIXTURE_IGNORES_TERM"] = "1"
        settings.releaseGrace = .milliseconds(300)
        return try LocalProvider(settings, watcher: watcher)
    }

    func supplies() async throws -> Int? { nil }
}
