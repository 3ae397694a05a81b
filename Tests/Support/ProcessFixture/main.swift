import Docker
import Glibc
import HTTP
import Host
import Kernel
import Local
import Model
import Ports

// The processes that tests start and kill: a guard, an agent that runs one attempt, a controller that creates one local
// worker, and such a worker. Not part of any product.

switch CommandLine.arguments.dropFirst().first {
case "guard": exit(GuardMain.run())
case "agent": try runAgent(Array(CommandLine.arguments.dropFirst(2)))
case "box": try runBox(Array(CommandLine.arguments.dropFirst(2)))
case "create": try await createWorker(Array(CommandLine.arguments.dropFirst(2)))
case "worker": try runWorker()
default: exit(64)
}

/// `agent DIRECTORY SCRIPT [lease-seconds]`: runs the script as one attempt until it is killed itself.
func runAgent(_ arguments: [String]) throws {
    let settings = AttemptRunner.Settings(
        directory: arguments[0], guardCommand: [CommandLine.arguments[0], "guard"])
    let runner = try AttemptRunner(settings, watcher: try Watcher())
    var order = AttemptOrder(
        name: AttemptName(taskUID: "task", attempt: 1), command: ["sh", "-c", arguments[1]],
        killGrace: .milliseconds(500))
    if arguments.count > 2, let seconds = Int64(arguments[2]) {
        order.lease = .init(duration: .seconds(seconds), from: Instant(nanoseconds: BootClock.nanoseconds))
    }
    runner.start(order)
    while true { pause() }
}

/// `box DIRECTORY SOCKET CLUSTER IMAGE SCRIPT`: the same in a container, until it is killed itself.
func runBox(_ arguments: [String]) throws {
    guard let address = EngineAddress("unix://" + arguments[1]) else { exit(64) }
    var settings = AttemptRunner.Settings(
        directory: arguments[0], guardCommand: [CommandLine.arguments[0], "guard"])
    settings.containers = .init(
        engine: TaskContainers(engine: EngineClient(address, http: HTTPClient())), clusterID: arguments[2],
        workerUID: "box")
    let runner = try AttemptRunner(settings, watcher: try Watcher())
    var order = AttemptOrder(
        name: AttemptName(taskUID: arguments[2], attempt: 1), command: ["sh", "-c", arguments[4]],
        killGrace: .milliseconds(500))
    order.image = arguments[3]
    runner.start(order)
    while true { pause() }
}

/// `create STATE CLUSTER UID NAMESPACE`: asks once and ends.
func createWorker(_ arguments: [String]) async throws {
    let provider = try LocalProvider(
        LocalProvider.Settings(
            stateDirectory: arguments[0], workerCommand: [CommandLine.arguments[0], "worker"],
            environment: ["PATH": "/usr/bin:/bin"], gateway: "https://127.0.0.1:1", authority: "PEM",
            clusterID: arguments[1]),
        watcher: try Watcher())
    try await provider.create(
        WorkerRequest(
            key: ObjectKey(.worker, arguments[3], arguments[2]), workerUID: arguments[2], region: "here", pool: "pool",
            slot: 0, attempt: 1, epoch: 1, clusterID: arguments[1], spec: WorkerSpec(), joinToken: "token"))
}

/// Takes its seat, writes what it was told beside its lock, and ends in order at SIGTERM unless told to ignore it.
func runWorker() throws {
    let isDeaf = getenv("FIXTURE_IGNORES_TERM") != nil
    if isDeaf { signal(SIGTERM, SIG_IGN) }
    let signals = try SignalDescriptor([isDeaf ? SIGUSR1 : SIGTERM])
    let seat = try WorkerSeat.take()
    try Files.replace("\(seat.launch.directory)/told", Array(seat.launch.joinToken.utf8))
    _ = try Poll.wait([signals.descriptor])
    try seat.leave(code: 0)
}
