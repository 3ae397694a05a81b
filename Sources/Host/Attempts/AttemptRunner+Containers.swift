import Documents
import Glibc
import Kernel
import Model
import Ports
import Synchronization

// Attempts in containers: the guard is the container's first process, so that nothing in there outlives it, and comes
// for its order, its log and its locks through a socket in the attempt's directory. From then on the two speak as ever.

/// Where everything of an attempt is, seen from inside its container.
enum ContainerPlaces {
    /// The task's own: work, temporary files, outputs.
    static let task = "/reconcile/attempt"
    /// Holds the socket to the agent.
    static let door = "/reconcile/door"
    static let socket = door + "/socket"
}

extension AttemptRunner {
    /// How long a container that was started may take until its guard knocks.
    private static let knockTime = Duration.seconds(30)
    private static let knockPause = Duration.milliseconds(50)
    /// A guard that was told to kill and still lives after that is stopped itself: the engine ends the container.
    private static let killTime = Duration.seconds(5)
    /// How long the end of a container whose guard died is asked for, at most.
    private static let endTries = 30
    private static let endPause = Duration.seconds(1)

    func startContainer(_ order: AttemptOrder, image: String, _ directory: AttemptDirectory) throws(SystemError) {
        guard let containers = settings.containers else {
            return end(
                order.name,
                AttemptEnd(
                    .couldNotStart,
                    message: "this worker has no container engine for image \(image): start one, or leave run.image out"
                ))
        }
        guard let lock = try FileLock.take(directory.lock) else {
            throw SystemError("lock", directory.lock, code: EAGAIN)
        }
        try Files.makeDirectory(directory.door)
        let listener = try LocalSocket.listen(in: directory.door, as: "socket")
        // The container's user has to get through; who does not see the attempt's directory does not get there.
        try Files.letThrough(directory.door)
        let seat = ContainerSeat(order: order, image: image, directory: directory, containers: containers, lock: lock)
        let preparation = Task { await prepare(seat, listener) }
        running.withLock { running in
            if case .starting = running[order.name] { running[order.name] = .preparing(preparation) }
        }
    }

    /// Image, container, start; then the guard knocks. Cancelled when the attempt is stopped before that.
    private func prepare(_ seat: ContainerSeat, _ listener: Descriptor) async {
        let order = seat.order
        var mayBeThere = false
        do {
            let user = try await seat.containers.engine.user(for: seat.agent)
            try seat.directory.give(to: user.outside)
            let image = try await seat.containers.engine.image(seat.image)
            let papers = try seat.papers(image)
            try watcher.watch(listener) { [self] in
                admit(seat, papers, listener)
                return .done
            }
            try Task.checkCancellation()
            mayBeThere = true
            try await seat.containers.engine.run(try seat.container(image, user, settings.guardCommand))
            try await awaitGuard(seat)
            return
        } catch {
            LocalSocket.close(listener)
            guard isPreparing(order.name) else { return }
            // Whatever was begun is undone before the end is told; it is not cut off with the attempt.
            if mayBeThere { await Task { await endContainer(seat) }.value }
            guard isPreparing(order.name) else { return }
            let why =
                error is CancellationError || Task.isCancelled
                ? "it was stopped before its container had started" : "\(error)"
            end(order.name, AttemptEnd(.couldNotStart, message: why))
        }
    }

    private func isPreparing(_ name: AttemptName) -> Bool {
        running.withLock { running in
            switch running[name] {
            case .starting, .preparing: true
            case .guarded, .former, nil: false
            }
        }
    }

    private func awaitGuard(_ seat: ContainerSeat) async throws {
        let end = ContinuousClock.now + Self.knockTime
        while isPreparing(seat.order.name) {
            try await Task.sleep(for: Self.knockPause, clock: .continuous)
            guard isPreparing(seat.order.name) else { return }
            let isThere = try await seat.isThere()
            guard isThere, ContinuousClock.now < end else {
                throw ProviderError(
                    .unavailable,
                    "the container of image \(seat.image) \(isThere ? "came up" : "ended") before its guard was heard of: "
                        + "the engine must be on the worker's own machine, and see its files")
            }
        }
    }

    /// The guard is there: it gets what it needs, and the listener goes.
    private func admit(_ seat: ContainerSeat, _ papers: ContainerSeat.Papers, _ listener: Descriptor) {
        let name = seat.order.name
        // try?: closed: nobody is waited for any more.
        guard let channel = try? LocalSocket.accept(from: listener) else { return }
        // Under the lock, so that nothing is said to the guard before it has its papers.
        let handed: Result<Bool, SystemError> = running.withLock { running in
            switch running[name] {
            case .preparing(let preparation) where preparation.isCancelled: return .success(false)
            case .starting, .preparing: break
            case .guarded, .former, nil: return .success(false)
            }
            running[name] = .guarded(channel, container: seat)
            do throws(SystemError) {
                try channel.pass([papers.order, papers.log, seat.lock.descriptor] + settings.held)
                return .success(true)
            } catch { return .failure(error) }
        }
        do throws(SystemError) {
            // A guard that is told nothing ends, and its container with it.
            guard try handed.get() else { return }
            let conversation = Conversation(name: name, directory: seat.directory, keeper: .container(seat))
            try watcher.watch(channel) { [self] in listen(to: channel, conversation) }
        } catch {
            Task { [self] in
                await endContainer(seat)
                end(name, AttemptEnd(.couldNotStart, message: "its guard could not be told what to do: \(error)"))
            }
        }
    }

    /// Its guard was told to kill; one that can't any more, paused with its container, is not waited for long.
    func seeThrough(_ name: AttemptName, _ seat: ContainerSeat) {
        Task { [self] in
            // try?: cancelled, it is not waited for either.
            try? await Task.sleep(for: Self.killTime, clock: .continuous)
            let isStillThere = running.withLock { running in
                if case .guarded(_, let container) = running[name] { container === seat } else { false }
            }
            if isStillThere { await endContainer(seat) }
        }
    }

    /// The guard died without a word: the kernel kills what was in there, and the engine says when it is gone.
    func concludeContainer(_ name: AttemptName, _ seat: ContainerSeat, _ last: GuardStatus?) {
        Task { [self] in
            await endContainer(seat)
            guard last != nil else {
                return self.end(
                    name,
                    AttemptEnd(.couldNotStart, message: "its container ended before its guard had started anything"))
            }
            var end = killed(last, AttemptEnd.outside("its guard died, and its container with it"))
            end.reason = .stoppedFromOutside
            self.end(name, end)
        }
    }

    /// After the attempt's end its container is gone by itself; this makes sure of it.
    func forgetContainer(_ name: AttemptName) {
        guard let containers = settings.containers else { return }
        Task {
            // try?: it is gone by itself; what is not, the next agent's `clean` removes.
            try? await containers.engine.end(
                clusterID: containers.clusterID, taskUID: name.taskUID, attempt: name.attempt)
        }
    }

    private func endContainer(_ seat: ContainerSeat) async {
        for _ in 0..<Self.endTries {
            do throws(ProviderError) { return try await seat.end() } catch {
                // try?: cancelled, it is tried at once.
                try? await Task.sleep(for: Self.endPause, clock: .continuous)
            }
        }
    }
}

/// One attempt in a container, from its order to its end.
final class ContainerSeat: Sendable {
    /// What the guard takes over.
    struct Papers: Sendable {
        let order: Descriptor
        let log: Descriptor
    }

    let order: AttemptOrder
    let image: String
    let directory: AttemptDirectory
    let containers: AttemptRunner.Containers
    let lock: FileLock

    init(
        order: AttemptOrder, image: String, directory: AttemptDirectory, containers: AttemptRunner.Containers,
        lock: FileLock
    ) {
        self.order = order
        self.image = image
        self.directory = directory
        self.containers = containers
        self.lock = lock
    }

    var agent: ContainerUser.Account { .init(user: Int(geteuid()), group: Int(getegid())) }

    func end() async throws(ProviderError) {
        try await containers.engine.end(
            clusterID: containers.clusterID, taskUID: order.name.taskUID, attempt: order.name.attempt)
    }

    func isThere() async throws(ProviderError) -> Bool {
        try await containers.engine.isThere(
            clusterID: containers.clusterID, taskUID: order.name.taskUID, attempt: order.name.attempt)
    }

    // MARK: What the guard is told

    func papers(_ image: ContainerImage) throws -> Papers {
        Papers(
            order: try Descriptor.memory("order", JSON.encode(try guardOrder(image).tree)),
            log: try Descriptor.open(directory.log, [.write, .create, .truncate, .append]))
    }

    func guardOrder(_ found: ContainerImage) throws(ProviderError) -> GuardOrder {
        var paper = GuardOrder()
        paper.command = order.command.isEmpty ? found.command : order.command
        guard !paper.command.isEmpty else {
            throw ProviderError(.invalid, "image \(image) names no command of its own: say one in run.command")
        }
        let inside = AttemptDirectory(path: ContainerPlaces.task)
        paper.environment = inside.environment(
            base: AttemptRunner.standardEnvironment.merging(found.environment) { $1 }, order)
        let given = order.workingDirectory ?? found.workingDirectory ?? inside.work
        paper.workingDirectory = given.hasPrefix("/") ? given : "\(inside.work)/\(given)"
        paper.image = image
        paper.killGrace = order.killGrace
        paper.lease = order.lease?.duration
        paper.leaseFrom = order.lease.map { Int($0.from.nanoseconds) }
        paper.logLimit = order.logLimit
        return paper
    }

    func container(
        _ found: ContainerImage, _ user: ContainerUser, _ guardCommand: [String]
    ) throws -> ContainerOrder {
        let files = try ProgramFiles.find(guardCommand[0])
        guard files.missing.isEmpty else {
            throw ProviderError(
                .invalid,
                "the guard lacks \(files.missing.joined(separator: ", ")) on this worker: install what it needs")
        }
        let shared: [ContainerOrder.Mount] = [
            .init(directory.task, at: ContainerPlaces.task, isReadOnly: false),
            .init(directory.door, at: ContainerPlaces.door, isReadOnly: true),
        ]
        var container = ContainerOrder(
            clusterID: containers.clusterID, workerUID: containers.workerUID, taskUID: order.name.taskUID,
            attempt: order.name.attempt, title: order.label, image: image,
            command: files.command(Array(guardCommand.dropFirst()) + [GuardPapers.doorOption, ContainerPlaces.socket]),
            user: user.inside, mounts: files.mounts + shared, limits: order.limits, stopGrace: order.killGrace)
        if order.workingDirectory == nil { container.workingDirectory = found.workingDirectory ?? "/" }
        container.withheld = found.environment.keys.sorted()
        container.network = order.network
        return container
    }
}
