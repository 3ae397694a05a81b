import Glibc
import Kernel
import ProcessKit
import Testing

/// The real engine of a test run, which `hack/engine` starts, looked at and treated roughly by its own client. Each
/// test has a cluster id of its own.
struct TestEngine: Sendable {
    private static let given = getenv("RECONCILE_TEST_ENGINE").map { String(cString: $0) }
    static let isThere = given != nil || getenv("CI").map { String(cString: $0) } == "true"
    static let hint: Comment =
        "no Docker engine: apt-get install docker.io busybox-static iproute2 iptables, then hack/engine run CMD"
    static let busybox = "reconcile-test/busybox:1"
    static let empty = "reconcile-test/empty:1"

    /// The same engine over TLS, where it is the tests' own.
    static let network = getenv("RECONCILE_TEST_ENGINE_TLS").map { String(cString: $0) }
    static let directory = getenv("RECONCILE_TEST_ENGINE_DIRECTORY").map { String(cString: $0) }

    let socket: String
    let clusterID: String
    private let scratch: Scratch

    init() throws {
        socket = try #require(Self.given, "CI=true and no Docker engine: run the tests by hack/test")
        clusterID = "e2e-\(UInt64.random(in: 0 ... .max))"
        scratch = try Scratch()
    }

    private init(at socket: String, clusterID: String) throws {
        self.socket = socket
        self.clusterID = clusterID
        scratch = try Scratch()
    }

    /// A second engine, of the same cluster, for as long as the body lasts.
    func beside(_ body: (TestEngine) async throws -> Void) async throws {
        let directory = "/tmp/engine.\(UInt32.random(in: 0 ... .max))"
        do {
            try await run([Self.script, "start", directory])
            try await body(try TestEngine(at: "\(directory)/docker.sock", clusterID: clusterID))
        } catch {
            _ = try? await run([Self.script, "stop", directory])
            throw error
        }
        try await run([Self.script, "stop", directory])
    }

    /// A region of that engine, or of what stands before it; `more` are fields of its provider.
    func region(
        _ name: String = "here", at socket: String? = nil, image: String = busybox, _ more: String = ""
    ) -> String {
        let fields = "host: \"unix://\(socket ?? self.socket)\", image: \"\(image)\"\(more.isEmpty ? "" : ", " + more)"
        return "apiVersion: reconcile.dev/v1alpha1\nkind: Region\nmetadata: {name: \(name)}\n"
            + "spec: {provider: {docker: {\(fields)}}}\n"
    }

    /// What the client says.
    @discardableResult
    func docker(_ words: String...) async throws -> String {
        try await run(["/usr/bin/docker", "--host", "unix://\(socket)"] + words)
    }

    @discardableResult
    func run(_ words: [String]) async throws -> String {
        let file = "\(scratch.path)/\(UInt64.random(in: 0 ... .max))"
        let output = try Descriptor.open(file, [.write, .create])
        var spawn = SpawnRequest(
            words, environment: ["PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME=\(scratch.path)"])
        spawn.descriptors = [nil, output, output]
        let pid = try spawn.spawn()
        var status: Kernel.ExitStatus?
        try await eventually("\(words) ends", within: .seconds(60)) {
            status = try Children.take(pid)
            return status != nil
        }
        let text = String(decoding: (try Files.read(file, limit: 16 << 20)) ?? [], as: UTF8.self)
        guard status?.code == 0 else { throw Unmet("\(words): \(text)") }
        return text
    }

    /// The ids of this cluster's containers, those that have ended too.
    func containers(_ filters: String...) async throws -> [String] {
        var words = ["/usr/bin/docker", "--host", "unix://\(socket)", "ps", "--all", "--quiet", "--no-trunc"]
        for filter in ["label=reconcile.dev/cluster=\(clusterID)"] + filters { words += ["--filter", filter] }
        return try await run(words).split(separator: "\n").map(String.init)
    }

    /// Those of this cluster's tasks.
    func boxes() async throws -> [String] {
        try await docker(
            "ps", "--all", "--quiet", "--no-trunc", "--filter", "label=reconcile.dev/tasks-of=\(clusterID)"
        )
        .split(separator: "\n").map(String.init)
    }

    /// By which a controller and its workers find it.
    var variable: String { "DOCKER_HOST=unix://\(socket)" }

    func volumes() async throws -> [String] {
        try await docker("volume", "ls", "--quiet", "--filter", "label=reconcile.dev/cluster=\(clusterID)")
            .split(separator: "\n").map(String.init)
    }

    func isClean() async throws -> Bool {
        let containers = try await containers()
        return containers.isEmpty ? try await volumes().isEmpty : false
    }

    /// Removes whatever a failed test left.
    func clear() async {
        for id in ((try? await containers()) ?? []) + ((try? await boxes()) ?? []) {
            _ = try? await docker("rm", "--force", "--volumes", id)
        }
        for name in (try? await volumes()) ?? [] { _ = try? await docker("volume", "rm", name) }
    }

    /// Ends dockerd, by SIGKILL or as its own machine's service would, and starts it again over the same data.
    func killAndRestart(by signal: Int32 = SIGKILL) async throws {
        let directory = try #require(Self.directory, "the engine is not the tests' own")
        let pid = try daemon()
        kill(pid, signal)
        try await eventually("dockerd is dead", within: .seconds(40)) { ProcessEntry(pid: pid)?.isDead ?? true }
        try await run([Self.script, "restart", directory])
    }

    /// Stops dockerd so that it takes connections and answers nothing, and lets it go on afterwards.
    func hang(for span: Duration) async throws {
        let pid = try daemon()
        kill(pid, SIGSTOP)
        defer { kill(pid, SIGCONT) }
        try await Task.sleep(for: span)
    }

    private func daemon() throws -> Int32 {
        let directory = try #require(Self.directory, "the engine is not the tests' own")
        let text = try Files.read("\(directory)/pid", limit: 16).map { String(decoding: $0, as: UTF8.self) }
        return try #require(text.flatMap { Int32($0) })
    }

    private static var script: String {
        let here = #filePath
        let top = here.firstRange(of: "/Tests/").map { here[..<$0.lowerBound] } ?? "."
        return "\(top)/hack/engine"
    }
}

/// A site on the engine; nothing of it is left, however it ends.
func onEngine(_ body: (Site, TestEngine) async throws -> Void) async throws {
    let engine = try TestEngine()
    let site = try Site()
    do { try await body(site, engine) } catch {
        await engine.clear()
        throw error
    }
    await engine.clear()
}
