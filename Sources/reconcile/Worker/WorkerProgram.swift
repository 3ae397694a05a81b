import Agent
import Docker
import Documents
import Host
import HTTP
import Kernel
import Model
import Ports
import Synchronization
import Text
import Tree
import WorkerProtocol

/// The body of `reconcile worker`: carries the agent's effects out, and brings it what happens.
struct WorkerProgram {
    private let seat: Seat
    private let runner: AttemptRunner
    private let stateFile: StateFile
    private let gateway: GatewayClient
    private let engine: EngineWatch?
    private let signals: SignalSource
    private let clock = SystemClock()
    private let random = SystemRandom()
    private let inputs: AsyncStream<AgentInput>
    private let post: AsyncStream<AgentInput>.Continuation

    /// Runs until the agent leaves. The exit code: 0 as asked, 1 when it could not begin, 3 given up by its controller.
    static func run(_ arguments: [String]) async -> Int32 {
        ResourceLimit.forbidCoreDumps()
        ResourceLimit.setFileMask(0o077)
        do {
            // It holds the worker's credential.
            try ProcessIdentity.forbidInspection()
            let watcher = try Watcher()
            let signals = try SignalSource([.terminate, .interrupt], watcher: watcher)
            let seat = try Seat.take(arguments)
            let program = try WorkerProgram(seat, watcher: watcher, signals: signals)
            let code = await program.serve()
            seat.leave(code)
            return code
        } catch {
            say("this worker can't start: \(error)")
            return 1
        }
    }

    private init(_ seat: Seat, watcher: Watcher, signals: SignalSource) throws {
        self.seat = seat
        self.signals = signals
        let launch = seat.launch
        engine = launch.containerEngine.flatMap(EngineWatch.init)
        var settings = AttemptRunner.Settings(
            directory: launch.directory + "/attempts",
            guardCommand: launch.guardCommand.isEmpty ? Self.guardCommand : launch.guardCommand,
            environment: seat.environment, held: [seat.lock])
        settings.adoptsOrphans = true
        settings.confinement = Self.confinement(launch)
        settings.containers = engine.map {
            .init(engine: $0.containers, clusterID: launch.clusterID, workerUID: launch.workerUID)
        }
        if launch.confinement?.isContained == true { settings.standardStorage = Self.containedStorage }
        runner = try AttemptRunner(settings, watcher: watcher)
        stateFile = StateFile(launch.directory + "/agent.json")
        gateway = GatewayClient(
            address: launch.gateway, authority: launch.authority, workerUID: launch.workerUID)
        (inputs, post) = AsyncStream.makeStream(of: AgentInput.self)
    }

    /// The small program where it stands beside this one, else this one.
    private static var guardCommand: [String] {
        let own = ownProgram
        let small = own + "-guard"
        return Files.exists(small) ? [small] : [own, "guard"]
    }

    /// The machine's places are looked up once for all its tasks. In a container it is what the kernel and the engine
    /// let it have.
    private static func confinement(_ launch: WorkerLaunch) -> TaskConfinement? {
        guard var confinement = launch.confinement else { return nil }
        guard !confinement.isContained else { return Confinement.isPossible ? confinement : nil }
        confinement.readable += SystemPlaces.find()
        confinement.writable += SystemPlaces.shared
        return confinement
    }

    static func asksHelp(_ arguments: [String]) -> Bool { arguments.contains("--help") || arguments.contains("-h") }

    static var ownProgram: String {
        // try?: without /proc it is called as it was called.
        (try? Files.target(of: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }

    private func serve() async -> Int32 {
        var identity = AgentIdentity(
            workerUID: seat.launch.workerUID, bootID: BootClock.bootID,
            pid: Int(ProcessIdentity.current?.pid ?? 0), version: Release.version,
            token: BearerSecret(seat.launch.joinToken))
        identity.containerEngine = await engine?.version()
        let state: AgentState
        do { state = try stateFile.load().map { try AgentState(tree: $0) } ?? AgentState() } catch {
            // It has forgotten which orders are old: it must not take any.
            Self.say("what this worker remembers can't be read: \(error); it ends, and another is made")
            return 1
        }
        var core = AgentCore(identity, state: state, now: clock.now.instant)
        let sources = [
            Task { for await event in runner.events { post.yield(AgentInput(event, running: fences)) } },
            Task { for await _ in signals.signals { post.yield(.shutDown) } },
            Task { await followEngine() },
            Task { await watchDirectory() },
            Task { await runner.boundStorage() },
        ]
        let alarm = Alarm(clock: clock) { [post] in post.yield(.tick) }
        defer {
            for source in sources { source.cancel() }
            alarm.cancel()
        }
        post.yield(.tick)
        for await input in inputs {
            for effect in core.handle(input, now: clock.now, random: random.next()) {
                if let code = perform(effect) { return code }
            }
            if let deadline = core.nextDeadline { alarm.set(deadline) }
        }
        return 1
    }

    private static let directoryInterval = Duration.seconds(5)
    /// Of one attempt in a worker's container, where nobody says another: an engine's disk is everybody's.
    private static let containedStorage: Int64 = 10 << 30

    /// A worker whose directory was taken away can keep nothing, and nobody will ever ask for it: it ends, and its
    /// guards end its tasks when it is gone.
    private func watchDirectory() async {
        let lock = FileLock(inherited: seat.lock)
        // try?: it ends when it is cancelled, and no other way.
        while (try? await Task.sleep(for: Self.directoryInterval, clock: .continuous)) != nil {
            guard lock.lies(at: seat.launch.directory + "/lock") else {
                Self.say("the directory \(seat.launch.directory) was removed: this worker ends")
                return post.finish()
            }
        }
    }

    private func followEngine() async {
        guard let engine else { return }
        // What an agent before this one left, and never started.
        do throws(ProviderError) {
            try await engine.containers.clean(clusterID: seat.launch.clusterID, workerUID: seat.launch.workerUID)
        } catch {
            Self.say("containers of an agent before this one may be left: \(error)")
        }
        await engine.follow(clock: clock) { post.yield(.engine($0)) }
    }

    // MARK: Effects

    /// Which fence each attempt that was started here has: the runner knows attempts by task and number only.
    private let fences = FenceTable()

    private func perform(_ effect: AgentEffect) -> Int32? {
        switch effect {
        case .persist(let state):
            do { try stateFile.save(state.tree) } catch {
                Self.say("can't keep this worker's state: \(error)")
                return 1
            }
        case .sendJoin(let request, let number):
            send(.join, request.tree, credential: nil, call: .join, number) {
                .joined(try JoinReply.read($0), number: number)
            }
        case .sendExchange(let request, let credential):
            let number = request.number
            send(.exchange, request.tree, credential: credential, call: .exchange, number) {
                .exchanged(try ExchangeReply.read($0), number: number)
            }
        case .sendRenew(let request, let credential):
            let number = request.number
            send(.renew, request.tree, credential: credential, call: .renew, number) {
                .renewed(try RenewReply.read($0), number: number)
            }
        case .start(let assignment):
            fences.set(assignment.id)
            // An exclusive attempt lives from the last renewal that was acknowledged, however long ago that was sent.
            let from = fences.leaseFrom ?? clock.now.instant
            runner.start(AttemptOrder(assignment, launch: seat.launch, leaseFrom: from))
        case .terminate(let id): runner.terminate(id.name)
        case .kill(let id): runner.kill(id.name)
        case .renewLease(let instant):
            fences.leaseFrom = instant
            for id in fences.all { runner.renew(id.name, from: instant) }
        case .uploadLog(let id, let offset, let credential): upload(id, from: offset, credential)
        case .discard(let id):
            fences.remove(id)
            do { try runner.forget(id.name) } catch { Self.say("what \(id.name) left can't be removed: \(error)") }
        case .exit(let reason):
            if reason != .drained { Self.say("this worker ends: \(reason)") }
            return reason == .drained ? 0 : 3
        }
        return nil
    }

    private func send(
        _ route: GatewayRoute, _ body: Tree, credential: BearerSecret?, call: AgentCall, _ number: Int,
        read: @escaping @Sendable (Tree) throws -> AgentInput
    ) {
        let (gateway, post) = (gateway, post)
        Task {
            switch await gateway.send(route, body, credential: credential) {
            case .success(let tree):
                do { post.yield(try read(tree)) } catch {
                    post.yield(.failed(call, number: number, .unreachable("not an answer of this protocol: \(error)")))
                }
            case .failure(let failure): post.yield(.failed(call, number: number, failure.reason))
            }
        }
    }

    private func upload(_ id: AttemptID, from offset: Int, _ credential: BearerSecret) {
        let (runner, gateway, post, uid) = (runner, gateway, post, seat.launch.workerUID)
        let isRunning = fences.isRunning(id)
        Task {
            let part: BlobPart?
            do { part = try runner.readLog(id.name, from: offset, limit: WireLimits.chunk) } catch {
                Self.say("the log of attempt \(id.attempt) of task \(id.taskUID) can't be read: \(error)")
                part = nil
            }
            guard let part, !part.bytes.isEmpty else {
                post.yield(.logUploaded(id, next: offset, atEnd: !isRunning))
                return
            }
            let chunk = LogChunk(
                workerUID: uid, taskUID: id.taskUID, attempt: id.attempt, offset: offset, bytes: part.bytes)
            switch await gateway.send(.logs, chunk.tree, credential: credential) {
            case .success(let tree):
                do {
                    let next = try LogReply.read(tree).next
                    post.yield(.logUploaded(id, next: next, atEnd: !isRunning && next >= part.total))
                } catch {
                    post.yield(.logFailed(id, .unreachable("not an answer of this protocol: \(error)")))
                }
            case .failure(let failure): post.yield(.logFailed(id, failure.reason))
            }
        }
    }

    /// To the worker's own log, which the provider keeps.
    private static func say(_ text: String) {
        StandardError.line("\(text)")
    }
}

extension AttemptID {
    var name: AttemptName { AttemptName(taskUID: taskUID, attempt: attempt) }
}

extension AgentInput {
    /// What the runner saw, as the agent takes it.
    init(_ event: AttemptEvent, running fences: FenceTable) {
        switch event {
        case .started(let name, let time): self = .started(fences.id(name), at: time)
        case .ended(let name, let end):
            fences.ended(name)
            var seen = Agent.AttemptEnd(
                finishedAt: end.finishedAt ?? SystemClock().now.wall, exitCode: end.exitCode, signal: end.signal,
                outputs: end.outputs)
            seen.note = end.note
            if end.reason == .couldNotStart { seen.couldNotStart = end.message ?? "it could not be started" }
            if end.reason == .workerExhausted || end.reason == .stoppedFromOutside {
                seen.notItsOwn = .init(end.reason, end.message ?? end.reason.rawValue)
            }
            if end.reason == .outputTooLarge { seen.outputProblem = end.message ?? "its outputs are too large" }
            self = .ended(fences.id(name), seen)
        }
    }
}

extension AttemptOrder {
    init(_ assignment: AssignmentMessage, launch: WorkerLaunch, leaseFrom: Instant) {
        var environment: [String: String] = [:]
        for variable in launch.env + assignment.run.env { environment[variable.name] = variable.value ?? "" }
        environment["RECONCILE_TASK"] = assignment.name
        environment["RECONCILE_TASK_UID"] = assignment.taskUID
        environment["RECONCILE_ATTEMPT"] = String(assignment.attempt)
        environment["RECONCILE_FENCE"] = String(assignment.fence)
        environment["RECONCILE_REGION"] = assignment.region
        environment["RECONCILE_PLAN"] = assignment.plan
        self.init(
            name: assignment.id.name, label: "\(assignment.namespace)/\(assignment.name)#\(assignment.attempt)",
            command: assignment.run.command, environment: environment,
            workingDirectory: assignment.run.workingDirectory, killGrace: assignment.killGrace,
            lease: assignment.exclusive ? Lease(duration: .seconds(10), from: leaseFrom) : nil)
        image = assignment.run.image
        network = assignment.run.network ?? .bridge
        limits = assignment.limits ?? Requirements()
    }
}
