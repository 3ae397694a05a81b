import HTTP
import Model
import Ports
import ProviderConformance
import Testing
import Tree

@testable import Docker

/// The engine, under a cluster id of its own.
final class DockerWorld: ProviderWorld {
    let clusterID: String
    let keepsTombstones = false
    let patience = Duration.seconds(30)
    let settling = Duration.milliseconds(200)

    let engine: Engine
    let http = HTTPClient()
    private let bundle: WorkerBundle
    private let image: String
    private let grace: Duration

    init(
        bundle: WorkerBundle = SmallBundle.make(), image: String = Engine.busybox, grace: Duration = .seconds(10),
        overNetwork: Bool = false
    ) throws {
        clusterID = "test-\(UInt64.random(in: 0 ... .max))"
        engine = try Engine(http: http, overNetwork: overNetwork)
        self.bundle = bundle
        self.image = image
        self.grace = grace
    }

    func docker(
        _ transport: (any HTTPTransport)? = nil, cluster: String? = nil, bundle other: WorkerBundle? = nil,
        _ change: (inout DockerProvider.Settings) -> Void = { _ in }
    ) -> DockerProvider {
        var settings = DockerProvider.Settings(
            clusterID: cluster ?? clusterID, authority: "-----BEGIN CERTIFICATE-----\n")
        settings.image = image
        settings.releaseGrace = grace
        if engine.tls != nil { settings.gatewayAddress = "198.18.0.1" }
        change(&settings)
        return DockerProvider(
            settings, engine: EngineClient(engine.address, tls: engine.tls, http: transport ?? http),
            surroundings: .init(bundle: { [bundle] in other ?? bundle }, reach: { "https://\($0):1" }))
    }

    func makeProvider() async throws -> any WorkerProvider { docker() }

    func request(uid: String) -> WorkerRequest { .sample(uid: uid, cluster: clusterID) }

    func alive(uid: String) async throws -> Int { try await engine.living(uid: uid, cluster: clusterID).count }

    func kill(uid: String) async throws {
        for id in try await engine.living(uid: uid, cluster: clusterID) { try await engine.kill(id) }
    }

    /// A worker of another cluster, and a container of nobody's.
    func plantForeign() async throws -> @Sendable () async throws -> Bool {
        let other = clusterID + "-b"
        var request = request(uid: "foreign")
        request.clusterID = other
        try await docker(cluster: other).create(request)
        let stranger = "stranger-\(clusterID)"
        let body: Tree = [
            "Image": .string(Engine.busybox), "Entrypoint": ["sleep", "3600"],
            "Labels": ["by": "hand", "of": .string(clusterID)],
        ]
        let id = try #require(try await engine.client.tree(.create(stranger, body))["Id"]?.string)
        _ = try await engine.client.send(.start(id))
        return { [engine] in
            let foreign = try await engine.living(uid: "foreign", cluster: other).count
            let state = try await engine.client.tree(.inspect(id))["State"]?["Status"]?.string
            try await engine.remove(cluster: other)
            _ = try? await engine.client.send(.remove(id))
            return foreign == 1 && state == "running"
        }
    }

    // MARK: What an administrator, a slow engine or a copied state does

    func stop(uid: String) async throws {
        for id in try await engine.living(uid: uid, cluster: clusterID) {
            _ = try await engine.client.send(EngineCall(method: .post, path: "/containers/\(id)/stop", what: "stop"))
        }
    }

    func makeHeld() async throws -> HeldLists {
        let transport = HoldingTransport(http)
        let provider = docker(transport)
        return HeldLists(provider) { [clusterID] isHeld in
            // What it shows now is seen, and stays.
            if isHeld { _ = try await provider.inventory(clusterID: clusterID, keepsSupplies: true) }
            transport.hold(isHeld)
        }
    }

    func rename(uid: String) async throws -> Bool {
        for id in try await engine.living(uid: uid, cluster: clusterID) {
            var call = EngineCall(method: .post, path: "/containers/\(id)/rename", what: "rename")
            call.query = [.init(name: "name", value: "by-hand-\(clusterID)")]
            _ = try await engine.client.send(call)
        }
        return true
    }

    func copy(uid: String) async throws -> Bool {
        let body: Tree = [
            "Image": .string(Engine.busybox), "Entrypoint": ["sleep", "3600"],
            "Labels": WorkerLabels.tree(request(uid: uid)), "HostConfig": ["Init": true],
        ]
        let id = try #require(try await engine.client.tree(.create("copy-\(clusterID)", body))["Id"]?.string)
        _ = try await engine.client.send(.start(id))
        return true
    }

    func occupy(_ request: WorkerRequest) async throws -> (@Sendable () async throws -> Bool)? {
        let name = WorkerLabels.name(uid: request.workerUID, slot: request.slot, attempt: request.attempt)
        let body: Tree = ["Image": .string(Engine.busybox), "Entrypoint": ["sleep", "3600"]]
        let id = try #require(try await engine.client.tree(.create(name, body))["Id"]?.string)
        _ = try await engine.client.send(.start(id))
        return { [engine] in
            let state = try await engine.client.tree(.inspect(id))["State"]?["Status"]?.string
            _ = try await engine.client.send(.remove(id))
            return state == "running"
        }
    }

    func makeCopy() async throws -> any WorkerProvider { docker { $0.epoch = 6 } }

    func makeDeaf() async throws -> any WorkerProvider {
        docker(bundle: SmallBundle.make("trap '' TERM; while :; do sleep 1; done", checksum: "d")) {
            $0.releaseGrace = .milliseconds(500)
        }
    }

    func supplies() async throws -> Int? {
        try await engine.volumes(cluster: clusterID).count { $0.hasPrefix("reconcile-program-") }
    }

    /// Everything of this cluster.
    func clear() async throws { try await engine.remove(cluster: clusterID) }

    /// Nothing of this cluster is left on the engine: no container, no volume.
    func isClean() async throws -> Bool {
        let containers = try await engine.containers(label: "\(WorkerLabels.cluster)=\(clusterID)")
        return containers.isEmpty ? try await engine.volumes(cluster: clusterID).isEmpty : false
    }

    /// As the region's sweep does: lists again and again.
    func awaitClean(_ provider: DockerProvider, _ law: Comment) async throws {
        let end = ContinuousClock.now + patience
        while try await !isClean() {
            try #require(ContinuousClock.now < end, law)
            #expect(try await provider.inventory(clusterID: clusterID).isEmpty)
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// What it has yet to wait for itself it says, with when to ask again.
    private func askToRelease(_ provider: DockerProvider, _ worker: WorkerRef) async throws(ProviderError) {
        do throws(ProviderError) { try await provider.release(worker) } catch {
            if error.retryAfter == nil { throw error }
        }
    }

    /// As the engine does: again and again until it is gone.
    func releaseUntilGone(
        _ provider: DockerProvider, _ request: WorkerRequest, keepsSupplies: Bool = false
    ) async throws {
        var worker = request.ref
        worker.keepsSupplies = keepsSupplies
        let end = ContinuousClock.now + patience
        while true {
            try await askToRelease(provider, worker)
            if try await provider.observe(worker).state == .absent { return }
            try #require(ContinuousClock.now < end, "not released within \(patience)")
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

/// Runs a test in a world, and leaves nothing of it.
func inWorld(_ world: DockerWorld, _ body: (DockerWorld) async throws -> Void) async throws {
    do { try await body(world) } catch {
        try? await world.clear()
        throw error
    }
    try await world.clear()
}
