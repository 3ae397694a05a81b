import APIServer
import Client
import Controllers
import Coordinator
import Documents
import Engine
import Gateway
import HTTP
import Host
import Kernel
import Logging
import Model
import Ports
import Serve
import ServiceLifecycle
import SQLiteStorage
import Storage
import Synchronization
import Tree
import WorkerProtocol

/// A controller on this machine: the loop, the gateway that its workers talk to, and the socket for every other
/// invocation.
final class Controller: Sendable {
    private let state: OpenState
    private let settings: Settings
    /// Nil: only the socket is served.
    private let network: NetworkAPI?
    private let logger: Logger
    private let loop = Mutex<ControlLoop?>(nil)
    /// Whether requests are answered everywhere and the controllers run.
    private let isReady = Atomic(false)
    private let door = GatewayDoor()
    private let store: MeasuredStore

    init(_ state: OpenState, settings: Settings, network: NetworkAPI? = nil, logger: Logger) {
        self.state = state
        self.settings = settings
        self.network = network
        self.logger = logger
        store = MeasuredStore(state.store)
    }

    /// Whether the controllers run.
    var leads: Bool { isReady.load(ordering: .acquiring) }

    func metrics() throws(StoreError) -> MetricsPage {
        let (running, usage) = (loop.withLock { $0 }, try state.store.usage)
        return MetricsPage(
            store: state.store, writes: store.measured, figures: running?.figures.withLock { $0 },
            measured: running?.meter.measured ?? .init(), isLeading: leads,
            fullness: (try state.store.fullness.share, usage.map { $0.share($0.fullest) }.max() ?? 0))
    }

    /// Runs until cancelled. `ready` is called once requests are answered and the controllers run, with the API's
    /// address on the network. Returns why it had
    /// to stop by itself; nil where it was cancelled.
    func run(ready: @escaping @Sendable (String?) -> Void) async throws -> String? {
        let socket = StatePath.socket(in: state.directory.path)
        try Files.remove(socket)
        let port = AsyncStream.makeStream(of: Int.self)
        let identity = try state.authority.issueServer(
            names: ["localhost"], addresses: ["127.0.0.1"], now: state.clock.now.wall.milliseconds / 1000)
        let gateway = gatewayServer(identity) { port.continuation.yield($0) }
        let api = apiServer(socket)
        let listening = AsyncStream.makeStream(of: Int.self)
        let served = try network.map { try networkServer($0) { listening.continuation.yield($0) } }
        return try await withThrowingTaskGroup(of: String?.self, returning: String?.self) { group in
            group.addTask {
                try await gateway.run()
                return nil
            }
            group.addTask {
                try await api.run()
                return nil
            }
            group.addTask {
                await self.state.api.collectGarbage { error in
                    self.logger.error("what lost its owner could not be collected", metadata: ["error": "\(error)"])
                }
                // It ends with the state alone, which the others see as well.
                try await Task.sleep(for: .seconds(1 << 20))
                return nil
            }
            group.addTask { await Upkeep(state: self.state, logger: self.logger).run() }
            if let network = self.network, let served {
                group.addTask {
                    do { try await served.run() } catch let error as AddressInUse { throw network.explain(error) }
                    return nil
                }
            }
            group.addTask { [network = self.network] in
                let address = try await network?.announce(listening.stream)
                if network != nil, address == nil { return nil }
                return try await self.control(port.stream) { ready(address) }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    // MARK: The loop

    private func control(_ ports: AsyncStream<Int>, ready: @escaping @Sendable () -> Void) async throws -> String? {
        guard let port = await ports.first(where: { _ in true }) else { return nil }
        try remember(port)
        return try await withThrowingTaskGroup(of: String?.self, returning: String?.self) { group in
            group.addTask {
                await self.openDoors(port)
                return nil
            }
            group.addTask { try await self.lead(port, ready: ready) }
            // The doors stay open as long as the loop runs.
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    private func lead(_ port: Int, ready: @Sendable () -> Void) async throws -> String? {
        var settings = settings
        settings.epoch = try await state.store.claimEpoch()
        let providers = try Providers(state, settings, gatewayPort: port, door: door)
        let running = ControlLoop(
            store: store, providers: providers, blobs: state.blobs, clock: state.clock,
            egress: AddressRule(
                allowsLocal: settings.allowsLocalEndpoints,
                networks: settings.endpointNetworks.compactMap(AddressRule.Network.init)),
            logger: logger)
        loop.withLock { $0 = running }
        logger.info("leading", metadata: ["epoch": "\(settings.epoch)", "cluster": "\(settings.clusterID)"])
        let (final, secrets, seed) = (settings, secrets, state.random.next())
        return await withTaskCancellationHandler {
            await running.run(final, secrets: secrets, seed: seed) {
                self.isReady.store(true, ordering: .releasing)
                ready()
            }
        } onCancel: {
            running.nudge()
        }
    }

    private var secrets: WorkerSecrets {
        let credentials = state.credentials
        @Sendable func made(_ text: String) -> NewCredential {
            NewCredential(secret: BearerSecret(text), hash: SecretHash(Credentials.hash(text)))
        }
        return WorkerSecrets(
            joinToken: { made(credentials.credential(workerUID: "join/\($0)")) },
            credential: { made(credentials.credential(workerUID: $0)) })
    }

    // MARK: The gateway

    /// Workers of a controller before this one go on talking to the port they know.
    private var portFile: String { "\(state.directory.path)/gateway.port" }

    private var formerPort: Int {
        // try?: without it workers of before learn the new port from their provider.
        let bytes = (try? Files.read(portFile, limit: 16)) ?? nil
        return bytes.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    }

    private func remember(_ port: Int) throws { try Files.replace(portFile, Array(String(port).utf8)) }

    private func gatewayServer(
        _ identity: Server.Identity, at place: (host: String, port: Int)? = nil,
        started: @escaping @Sendable (Int) -> Void
    ) -> Server {
        Server(
            .tcp(host: place?.host ?? "127.0.0.1", port: place?.port ?? formerPort), identity: identity, logger: quiet,
            started: { if let port = $0 { started(port) } },
            receive: { head in
                GatewayHandler(
                    blobs: self.state.blobs, credentials: self.state.credentials, loop: self.loop.withLock { $0 }
                ).receive(head)
            })
    }

    /// Where containers and machines reach it: at the same port, with a certificate for that address.
    private func openDoors(_ port: Int) async {
        await withDiscardingTaskGroup { group in
            for await address in door.requests { group.addTask { await self.openDoor(address, port) } }
        }
        // Who still waits for one must hear that none opens any more.
        door.close()
    }

    private func openDoor(_ address: String, _ port: Int) async {
        let url = "https://\(address):\(port)"
        do {
            let identity = try state.authority.issueServer(
                names: [], addresses: [address], now: state.clock.now.wall.milliseconds / 1000)
            logger.info("gateway opens", metadata: ["address": "\(url)"])
            try await gatewayServer(identity, at: (address, port)) { [door] _ in door.opened(address, url: url) }.run()
            door.failed(address, ProviderError(.unavailable, "the gateway no longer answers at \(url)"))
        } catch {
            let why =
                "the gateway can't listen at \(url), where workers would reach it: \(error); set "
                + "spec.provider.docker.gatewayAddress to an address of this machine that they reach"
            logger.warning("gateway not opened", metadata: ["address": "\(url)", "error": "\(error)"])
            door.failed(address, ProviderError(.unavailable, why))
        }
    }

    private var quiet: Logger {
        var quiet = logger
        quiet.logLevel = .critical
        return quiet
    }

    // MARK: The API

    private func apiServer(_ path: String) -> Server {
        let api = state.api
        return Server(
            .unix(path: path), logger: quiet, started: { _ in self.restrict(path) },
            receive: {
                [handler = APIHandler(api: api, authenticator: nil) { self.isReady.load(ordering: .acquiring) }] head
                in await handler.receive(head)
            })
    }

    /// The directory around it is its owner's alone, so that nobody else could have reached it before.
    private func restrict(_ path: String) {
        do throws(SystemError) { try Files.restrict(path) } catch {
            logger.error("the API's socket keeps its mode", metadata: ["path": "\(path)", "error": "\(error)"])
        }
    }

    private func networkServer(
        _ network: NetworkAPI, started: @escaping @Sendable (Int) -> Void
    ) throws -> Server {
        let handler = APIHandler(api: state.api, authenticator: state.authenticator) {
            self.isReady.load(ordering: .acquiring)
        }
        return Server(
            .tcp(host: network.host, port: network.port), identity: try network.identity(),
            clients: state.authority.certificatePEM, hosts: ["localhost", network.host], logger: quiet,
            started: { if let port = $0 { started(port) } }, receive: { head in await handler.receive(head) })
    }
}
