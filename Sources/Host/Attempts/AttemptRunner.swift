import Documents
package import Kernel
package import Model
package import Ports
import Synchronization

/// Runs attempts, each under a guard: as processes of this machine, or in containers of their own where the order names
/// an image. Whatever happens to the guard, the agent or the machine, an attempt has
/// ended only when nothing it started is alive.
///
/// Starting is idempotent by name, across restarts of the agent in the same directory too: an attempt that has been
/// here before is not run again, its end is told. Nothing here waits; no attempt costs a thread.
package final class AttemptRunner: Sendable {
    package struct Settings: Sendable {
        /// Holds one directory for each attempt until it is forgotten.
        package var directory: String
        /// The program and arguments that end in `GuardMain.run`.
        package var guardCommand: [String]
        /// What every task gets; `PATH` belongs here.
        package var environment: [String: String]
        /// Held by every guard as long as it lives: locks that say that something of this worker is alive.
        package var held: [Descriptor]
        /// More at once can't be started.
        package var maxAttempts: Int
        /// Nil: this worker has no container engine.
        package var containers: Containers?
        /// What tasks that are processes may reach beside their own directories; nil: all that this process may.
        package var confinement: TaskConfinement?
        /// What loses its guard becomes this process's and is ended by it: for a program that is nothing but an agent.
        package var adoptsOrphans = false
        /// Bytes of disk of an attempt that names none; nil: as many as there are.
        package var standardStorage: Int64?
        /// How often what the disk holds is looked at.
        package var storageInterval = Duration.seconds(5)

        package init(
            directory: String, guardCommand: [String],
            environment: [String: String] = AttemptRunner.standardEnvironment,
            held: [Descriptor] = [], maxAttempts: Int = 1024
        ) {
            self.directory = directory
            self.guardCommand = guardCommand
            self.environment = environment
            self.held = held
            self.maxAttempts = maxAttempts
        }
    }

    /// Where attempts with an image run, and whose they are.
    package struct Containers: Sendable {
        package var engine: any ContainerEngine
        package var clusterID: String
        package var workerUID: String

        package init(engine: any ContainerEngine, clusterID: String, workerUID: String) {
            self.engine = engine
            self.clusterID = clusterID
            self.workerUID = workerUID
        }
    }

    package static let standardEnvironment = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]

    enum Running {
        case starting
        /// Image and container are being made.
        case preparing(Task<Void, Never>)
        case guarded(Descriptor, container: ContainerSeat?)
        /// Started by an agent before this one; its guard is about to end it.
        case former
    }

    /// In the order things happened. Two for each attempt at most, so bounded by the attempts.
    package let events: AsyncStream<AttemptEvent>

    let settings: Settings
    let watcher: Watcher
    private let continuation: AsyncStream<AttemptEvent>.Continuation
    let running = Mutex<[AttemptName: Running]>([:])
    /// Of those that run and are bounded.
    let bounds = Mutex<[AttemptName: StorageBound]>([:])

    private let orphans: Orphans
    private static let formerPause: Int64 = 50_000_000

    package init(_ settings: Settings, watcher: Watcher) throws(SystemError) {
        self.settings = settings.resolved
        self.watcher = watcher
        orphans = try Orphans(adopting: settings.adoptsOrphans)
        (events, continuation) = AsyncStream.makeStream(of: AttemptEvent.self)
        try Files.makeDirectories(settings.directory)
    }

    /// That it could not be started is an event like any other end.
    package func start(_ order: AttemptOrder) {
        let refusal: String? = running.withLock { running in
            if running[order.name] != nil { return nil }
            guard order.name.isSafe else { return "\(order.name) can't name an attempt" }
            guard running.count < settings.maxAttempts else {
                return "\(settings.maxAttempts) attempts run on this worker already"
            }
            running[order.name] = .starting
            return ""
        }
        guard let refusal else { return }
        guard refusal.isEmpty else {
            continuation.yield(.ended(order.name, AttemptEnd(.couldNotStart, message: refusal)))
            return
        }
        do throws(SystemError) {
            let isContained = order.image != nil || settings.confinement != nil
            let directory = AttemptDirectory(path: path(order.name), isContained: isContained)
            guard try directory.make() else { return try awaitFormer(order.name) }
            bound(order, to: directory)
            if let image = order.image {
                try startContainer(order, image: image, directory)
            } else {
                try startGuard(order, directory)
            }
        } catch {
            let reason: Reason = error.isExhaustion ? .workerExhausted : .couldNotStart
            end(order.name, AttemptEnd(reason, message: "the worker could not start it: \(error)"))
        }
    }

    /// SIGTERM to all of it, SIGKILL to what is left after its kill grace.
    package func terminate(_ name: AttemptName) { send(.terminate, to: name) }

    package func kill(_ name: AttemptName) {
        send(.kill, to: name)
        let container: ContainerSeat? = running.withLock { running in
            guard case .guarded(_, let container) = running[name] else { return nil }
            return container
        }
        if let container { seeThrough(name, container) }
    }

    /// Exclusive attempts: the renewal that was sent at `instant` was acknowledged.
    package func renew(_ name: AttemptName, from instant: Instant) { send(.renew(from: instant), to: name) }

    /// The log from a byte on, as far as it is written; nil if there is none.
    package func readLog(_ name: AttemptName, from offset: Int, limit: Int) throws(SystemError) -> BlobPart? {
        guard name.isSafe else { return nil }
        do throws(SystemError) {
            let file = try Descriptor.open(
                AttemptDirectory(path: path(name)).log, [.read, .noFollow, .nonBlocking])
            // The size first: what is read beyond it was written meanwhile.
            let size = try file.size()
            let bytes = try file.read(at: offset, upTo: max(0, min(limit, size - offset)))
            return BlobPart(bytes: bytes, total: size)
        } catch  where error.isNotFound {
            return nil
        }
    }

    /// Attempts that have a directory here, running or not, in order.
    package func known() throws(SystemError) -> [AttemptName] {
        try Files.names(in: settings.directory).compactMap(AttemptName.init).sorted()
    }

    /// Removes all that is left of an attempt that has ended, its log included. One that runs is left alone.
    package func forget(_ name: AttemptName) throws(SystemError) {
        guard name.isSafe, running.withLock({ $0[name] == nil }) else { return }
        let directory = AttemptDirectory(existing: path(name))
        if Files.exists(directory.door) { forgetContainer(name) }
        try Files.remove(directory.path)
    }

    private func path(_ name: AttemptName) -> String { "\(settings.directory)/\(name)" }

    private func send(_ command: GuardCommand, to name: AttemptName) {
        // A guard that does not take it is gone, or stopped with hundreds of renewals unread: then its lease ends it.
        running.withLock { running in
            switch running[name] {
            case .guarded(let channel, _): _ = channel.send(command.line)
            case .preparing(let preparation): if command.ends { preparation.cancel() }
            case .starting, .former, nil: break
            }
        }
    }

    func end(_ name: AttemptName, _ end: AttemptEnd) {
        let end = told(end, of: name)
        running.withLock { $0[name] = nil }
        continuation.yield(.ended(name, end))
    }
}

// MARK: guards

extension AttemptRunner {
    private func startGuard(_ order: AttemptOrder, _ directory: AttemptDirectory) throws(SystemError) {
        guard let lock = try FileLock.take(directory.lock) else {
            throw SystemError("lock", directory.lock, code: 11)
        }
        let (channel, guardsEnd) = try Descriptor.pair()
        let paper = try Descriptor.memory("order", JSON.encode(guardOrder(order, directory).tree))
        var request = SpawnRequest(
            settings.guardCommand + (order.label.isEmpty ? [] : [order.label]), environment: ["LANG=C.UTF-8"])
        request.group = .ownSession
        request.descriptors = [nil, nil, nil, paper, guardsEnd, lock.descriptor] + settings.held
        let pid = try orphans.start(request)
        running.withLock { $0[order.name] = .guarded(channel, container: nil) }
        let conversation = Conversation(name: order.name, directory: directory, keeper: .process(pid))
        do throws(SystemError) {
            try watcher.watch(channel) { [self] in listen(to: channel, conversation) }
        } catch {
            // The channel closes with its last reference, and with it ends the guard.
            running.withLock { $0[order.name] = nil }
            throw error
        }
    }

    private func guardOrder(_ order: AttemptOrder, _ directory: AttemptDirectory) -> GuardOrder {
        var paper = GuardOrder()
        paper.command = order.command
        paper.environment = directory.environment(base: settings.environment, order)
        let given = order.workingDirectory ?? directory.work
        paper.workingDirectory = given.hasPrefix("/") ? given : "\(directory.work)/\(given)"
        paper.directory = directory.path
        paper.killGrace = order.killGrace
        paper.lease = order.lease?.duration
        paper.leaseFrom = order.lease.map { Int($0.from.nanoseconds) }
        paper.logLimit = order.logLimit
        paper.confinement = settings.confinement
        paper.confinement?.own = [Confinement.real(directory.task)]
        return paper
    }

    /// The agent's side of one guard's channel, used on the watcher's thread only.
    final class Conversation: Sendable {
        /// Who tells for sure that the guard is gone.
        enum Keeper: Sendable {
            case process(Int32)
            case container(ContainerSeat)
        }

        let name: AttemptName
        let directory: AttemptDirectory
        let keeper: Keeper
        let state = Mutex((lines: LineBuffer(limit: 64 << 10), last: GuardStatus?.none))

        init(name: AttemptName, directory: AttemptDirectory, keeper: Keeper) {
            self.name = name
            self.directory = directory
            self.keeper = keeper
        }
    }

    func listen(to channel: Descriptor, _ conversation: Conversation) -> Watcher.Next {
        // try?: a channel that can't be read is closed: the guard is gone.
        guard case .bytes(let bytes)? = try? channel.read(upTo: 16 << 10) else {
            conclude(conversation)
            return .done
        }
        let reports = conversation.state.withLock { state in
            state.lines.feed(bytes).compactMap { line in
                // try?: a line that is none of a guard's says nothing; its end is told by the channel's own.
                guard let tree = try? JSON.parse(line), let status = try? GuardStatus(tree: tree) else {
                    return GuardStatus?.none
                }
                state.last = status
                return status
            }
        }
        if case .container = conversation.keeper, let last = reports.last {
            // try?: a copy for a later agent; this one has been told.
            try? Files.replace(conversation.directory.statusFile, JSON.encode(last.tree))
        }
        for report in reports where !report.isEnd {
            if let time = report.startedAt { continuation.yield(.started(conversation.name, at: time)) }
        }
        return .keep
    }

    /// The channel closes when the guard is gone.
    private func conclude(_ conversation: Conversation) {
        if case .process(let pid) = conversation.keeper {
            // try?: somebody else has waited for it.
            _ = try? Children.wait(pid)
            orphans.ended(pid)
        }
        let last = conversation.state.withLock { $0.last }
        if let last, last.isEnd {
            end(conversation.name, AttemptEnd(last, outputs: OutputFile.read(conversation.directory.output)))
            return
        }
        switch conversation.keeper {
        case .process(let pid):
            sweep(pid, conversation.directory)
            let adopted = orphans.end()
            let what = adopted == 0 ? "" : ", with \(adopted) processes that had left its session"
            var end = killed(last, AttemptEnd.outside("its guard died, and what it guarded was killed\(what)"))
            end.reason = .stoppedFromOutside
            self.end(conversation.name, end)
        case .container(let seat): concludeContainer(conversation.name, seat, last)
        }
    }

    /// What a guard that died left alive: its session, and those who left that but kept the attempt's environment.
    private func sweep(_ guardPID: Int32, _ directory: AttemptDirectory) {
        let variable = "RECONCILE_OUTPUT=\(directory.output)"
        for _ in 0..<100 {
            let left = ProcessTable.members(ofSession: guardPID, orHaving: variable)
            if left.isEmpty { return }
            for entry in left { entry.signal(9) }
        }
    }

    /// Waits for the guard of an attempt that an earlier agent in this directory started, then tells the end.
    private func awaitFormer(_ name: AttemptName) throws(SystemError) {
        let directory = AttemptDirectory(existing: path(name))
        let timer = try BootTimer()
        running.withLock { $0[name] = .former }
        try timer.set(BootClock.nanoseconds)
        try watcher.watch(timer.descriptor) { [self] in
            // try?: a lock that can't be looked at is held by nobody we could wait for.
            if (try? FileLock.isHeld(directory.lock)) == true,
                // try?: without a timer nobody would look again: it counts as ended.
                (try? timer.set(BootClock.nanoseconds + Self.formerPause)) != nil
            {
                return .keep
            }
            if let status = directory.status, status.isEnd {
                end(name, AttemptEnd(status, outputs: OutputFile.read(directory.output)))
            } else {
                end(name, killed(directory.status, "the agent was restarted during it, and it was killed"))
            }
            return .done
        }
    }

    func killed(_ status: GuardStatus?, _ message: String) -> AttemptEnd {
        var end = AttemptEnd(.killedBySignal, message: message)
        end.signal = 9
        end.startedAt = status?.startedAt
        return end
    }
}
