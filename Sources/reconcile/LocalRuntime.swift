import APIServer
import Client
import Commands
import Engine
import Host
import HTTP
import Kernel
import Local
import Logging
import Model
import Ports
import Serve
import SQLiteStorage
import Storage
import Synchronization
import Tree

/// The program around the commands: the state of this machine, and controllers in this process.
struct LocalRuntime: Runtime {
    private let signals: Interruption

    init(signals: Interruption) { self.signals = signals }

    func client(_ options: GlobalOptions) async throws -> any APIClient {
        if let cluster = try ClusterState.client(options) { return cluster }
        return StateClient(StatePath.resolve(options.state))
    }

    func controller(_ options: GlobalOptions) async throws -> ControllerStanding {
        if try ClusterState.access(options) != nil { return .runs }
        let path = StatePath.resolve(options.state)
        let client = RemoteClient(socket: StatePath.socket(in: path), http: HTTPClient())
        do throws(ClientError) {
            _ = try await client.send(.init(.get, "/healthz"))
            return .runs
        } catch {
            guard error.isNoController else { return .runs }
        }
        var words = ["reconcile", "serve"] + (ControllerRecord.read(in: path)?.options ?? ["--local"])
        if let state = options.state { words += ["--state", state] }
        return .isMissing(since: ControllerRecord.lastAlive(in: path), start: words.joined(separator: " "))
    }

    func watchOutput() { signals.watchOutput() }

    func serve(_ options: ServeOptions, ready: @escaping @Sendable (Served) -> Void) async throws -> Int32 {
        try needsThisMachine(options.global, "serve", "keeps its state here")
        if options.detach { return try await Detached.start(options, ready: ready) }
        // What is wrong with an address is said before anything is opened.
        let servers = try StatusServers(
            metrics: options.metricsBindAddress, probes: options.healthProbeBindAddress)
        let state = try await OpenState.open(
            StatePath.resolve(options.global.state), clusterID: options.clusterID, quota: options.quota)
        let logger = LogFormat.make(json: options.jsonLogs ?? false, verbosity: options.verbosity)
        var settings = try await settings(state, options.egress, local: options.local, onDemand: false)
        settings.sweepInterval = max(options.sweepInterval, .milliseconds(100))
        let controller = Controller(
            state, settings: settings,
            network: try NetworkAPI(state, address: options.bindAddress), logger: logger)
        let path = state.directory.path
        let process = Int(ProcessIdentity.current?.pid ?? 0)
        let record = ControllerRecord(processID: process, options: options.arguments)
        let reason = try await signals.run(.graceful) {
            try await Self.run(controller, record, in: state, servers, logger) { address in
                ready(
                    Served(
                        address: address, kubeconfig: NetworkAPI.kubeconfig(in: path), state: path,
                        processID: process))
            }
        }
        await state.store.close()
        if let reason = reason ?? nil { throw Stopped(description: reason) }
        return signals.exitCode ?? 0
    }

    /// Runs the controller, and says in its state that it runs.
    private static func run(
        _ controller: Controller, _ record: ControllerRecord, in state: OpenState,
        _ servers: StatusServers? = nil, _ logger: Logger? = nil, ready: @escaping @Sendable (String?) -> Void
    ) async throws -> String? {
        try await withThrowingTaskGroup(of: String?.self, returning: String?.self) { group in
            let path = state.directory.path
            group.addTask {
                await ControllerRecord.keep(record, in: path, clock: state.clock)
                return nil
            }
            if let servers, let logger, servers.metrics != nil || servers.probes != nil {
                group.addTask {
                    try await servers.run(controller, logger: logger)
                    return nil
                }
            }
            group.addTask { try await controller.run(ready: ready) }
            // Whichever ends first ends all: none is of use without the others.
            defer { group.cancelAll() }
            let reason = try await group.next() ?? nil
            return reason
        }
    }

    func stop(_ options: GlobalOptions) async throws -> Int? {
        try needsThisMachine(options, "serve --stop", "ends a controller of this machine")
        return try await Detached.stop(StatePath.resolve(options.state))
    }

    func once(
        _ options: OnceOptions, _ body: @escaping @Sendable (any APIClient) async throws -> Int32
    ) async throws -> Int32 {
        if let cluster = try ClusterState.client(options.global) {
            // A controller runs there: it does the work, and goes on afterwards.
            return try await body(cluster)
        }
        let path = StatePath.resolve(options.global.state)
        let state: OpenState
        do {
            state = try await OpenState.open(path, clusterID: options.clusterID)
        } catch let error as StoreOpenError {
            guard case .locked = error.code else { throw error }
            // A controller runs there already: it does the work, and goes on afterwards.
            let client = RemoteClient(socket: StatePath.socket(in: path), http: HTTPClient())
            return try await body(client)
        }
        // What was begun here is ended here, whatever comes meanwhile.
        return try await signals.run(.shielded) { try await once(options, state, body) } ?? signals.exitCode ?? 1
    }

    /// Controllers of this process for the time of the body, and nothing of them left behind.
    private func once(
        _ options: OnceOptions, _ state: OpenState, _ body: @escaping @Sendable (any APIClient) async throws -> Int32
    ) async throws -> Int32 {
        let logger = LogFormat.make(json: false, verbosity: -1)
        let controller = Controller(
            state, settings: try await settings(state, options.egress, local: options.local, onDemand: true),
            logger: logger)
        let record = ControllerRecord(
            processID: Int(ProcessIdentity.current?.pid ?? 0), options: options.local ? ["--local"] : [],
            isOnDemand: true)
        let code = try await withThrowingTaskGroup(of: Void.self, returning: Int32.self) { group in
            let started = AsyncStream.makeStream(of: Void.self)
            group.addTask {
                defer { started.continuation.finish() }
                let reason = try await Self.run(controller, record, in: state) { _ in started.continuation.yield() }
                if let reason { throw Stopped(description: reason) }
            }
            for await _ in started.stream { break }
            let client = DirectClient(state.api)
            let code = try await signals.run(.graceful) { try await body(client) }
            await Leftovers.awaitNone(client, clock: state.clock)
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
            return signals.exitCode ?? code ?? 1
        }
        if code != Exit.stillRunning.rawValue { await Leftovers.end(state, rehearsal: options.local, logger: logger) }
        await state.store.close()
        return code
    }

    func diagnose(_ options: GlobalOptions) async throws -> [Diagnosis] {
        let machine = Doctor(statePath: StatePath.resolve(options.state))
        return try await ClusterState.access(options) == nil ? machine.examine() : machine.examine(options)
    }

    func sweep(_ options: SweepOptions) async throws -> SweepReport {
        try needsThisMachine(options.global, "sweep", "looks for what workers left on it")
        let state = try await OpenState.open(StatePath.resolve(options.global.state), clusterID: nil)
        let sweep = Sweep(state: state, clusterID: options.clusterID, providers: options.providers)
        let report = try await sweep.run(dryRun: options.dryRun)
        await state.store.close()
        return report
    }

    func plan(_ options: PlanOptions, documents: [Tree]) async throws -> PlanReport {
        return try await PlanRun(options: options, clock: SystemClock()).report(documents)
    }

    func settings(_ options: GlobalOptions) -> [Setting] {
        let isRemote = options.kubeconfig != nil || options.context != nil
        return isRemote ? ClusterState.settings(options) : StatePath.settings(options.state)
    }

    func namespace(_ options: GlobalOptions) -> String {
        // try?: what is wrong with a kubeconfig is said when its server is asked.
        (try? ClusterState.access(options))??.namespace ?? "default"
    }

    func hidden(_ verb: HiddenVerb, arguments: [String]) async -> Int32 {
        switch verb {
        case .worker: await WorkerProgram.run(arguments)
        // A guard runs before anything else of this program starts: see main.swift.
        case .guard: 1
        }
    }

    // MARK: Details

    private func settings(
        _ state: OpenState, _ egress: EgressOptions, local: Bool, onDemand: Bool
    ) async throws -> Settings {
        var settings = Settings(
            clusterID: state.store.clusterID, epoch: 0, rehearsal: local, onDemand: onDemand,
            providers: Providers.kinds)
        settings.allowsLocalEndpoints = egress.allowsLocal
        settings.endpointNetworks = egress.networks
        settings.assumesExternals = egress.assumesExternals
        if egress.assumesExternals, !local {
            throw Stopped(
                description:
                    "--assume-externals is for rehearsals, with --local: without it, what plans wait for is checked")
        }
        for network in egress.networks where AddressRule.Network(network) == nil {
            throw Stopped(
                description: "--endpoint-networks \(network): expected an address or ADDRESS/BITS, such as 10.0.0.0/8")
        }
        for asked in LocalRegion.Isolation.allCases {
            var region = LocalRegion()
            region.isolation = asked
            let isolation = LocalIsolation(region, .here)
            settings.localIsolation[asked] = IsolationWord(
                isConfined: isolation.isConfined, sentence: isolation.refusal ?? isolation.sentence)
        }
        settings.containerEngine = await EngineWatch.here?.version() != nil
        return settings
    }

    private func needsThisMachine(_ options: GlobalOptions, _ verb: String, _ why: String) throws {
        guard options.kubeconfig != nil || options.context != nil else { return }
        throw Stopped(
            description:
                "\(verb) \(why): leave --kubeconfig and --context out, and name the directory of the state with --state"
        )
    }
}

/// Why a controller had to stop by itself.
struct Stopped: Error, CustomStringConvertible {
    let description: String
}
