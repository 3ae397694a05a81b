package import Kernel
import Model
package import Ports
import Synchronization

/// Workers as processes of this machine, which live on when the controller ends. Everything it knows is in the state
/// directory, so that a restarted controller, or a second one, sees the same workers.
///
/// At most one process is ever alive under a uid (S1): only the holder of the directory's lock may start one, and the
/// process inherits the lock and holds it for life. A uid under which a process has run starts no other. The process
/// does nothing before it is told its launch, which happens after its identity is on disk.
package final class LocalProvider: WorkerProvider {
    package struct Settings: Sendable {
        /// All files are below it.
        package var stateDirectory: String
        /// The program and arguments that take a `WorkerSeat`; the worker's name is added, for process lists.
        package var workerCommand: [String]
        /// The worker process's own environment.
        package var environment: [String: String]
        package var gateway: String
        /// The gateway's certificate authority, PEM.
        package var authority: String
        package var clusterID: String
        /// From SIGTERM to SIGKILL.
        package var releaseGrace: Duration
        /// Where workers look for a container engine, as `DOCKER_HOST` writes it; nil: nowhere.
        package var containerEngine: String?
        /// What confined tasks never reach, whatever their region allows them: the controller's state.
        package var hidden: [String] = []
        /// What the kernel has of confinement.
        package var support = Confinement.Support.here

        package init(
            stateDirectory: String, workerCommand: [String], environment: [String: String], gateway: String,
            authority: String, clusterID: String, releaseGrace: Duration = .seconds(10)
        ) {
            self.stateDirectory = stateDirectory
            self.workerCommand = workerCommand
            self.environment = environment
            self.gateway = gateway
            self.authority = authority
            self.clusterID = clusterID
            self.releaseGrace = releaseGrace
        }
    }

    struct State {
        /// Processes that this one started and has not reaped.
        var children: [String: Int32] = [:]
        /// Whose end wakes `awaitChange`.
        var watched: Set<String> = []
        /// Ended, but not its guards: nothing tells when they do.
        var lingering: Set<String> = []
        /// Ended, and nothing of their tasks is alive.
        var leftNothing: Set<String> = []
    }

    /// What a launch may hold: it goes into a socket's buffer at once, or not at all.
    package static let launchBytes = 128 << 10
    private static let lookAgain = Duration.seconds(30)
    private static let lingeringPause = Duration.milliseconds(100)

    let settings: Settings
    let watcher: Watcher
    let tombstones: Tombstones
    let logs: WorkerLogs
    let state = Mutex(State())
    private let changes = ChangeSignal()

    /// Takes up the workers that are there already.
    package init(_ settings: Settings, watcher: Watcher) throws(SystemError) {
        self.settings = settings
        self.watcher = watcher
        tombstones = Tombstones(directory: "\(settings.stateDirectory)/released")
        logs = WorkerLogs(directory: "\(settings.stateDirectory)/logs")
        for directory in [workers, tombstones.directory, logs.directory] { try Files.makeDirectories(directory) }
        for uid in try Files.names(in: workers) {
            if case .alive(let identity) = try directory(uid).standing() { watch(uid, identity) }
        }
    }

    package func create(_ request: WorkerRequest) async throws(ProviderError) {
        try check(request.workerUID)
        guard request.clusterID == settings.clusterID else {
            throw ProviderError(.invalid, "cluster \(request.clusterID) is not served here, only \(settings.clusterID)")
        }
        if let standing = directory(request.workerUID).record, standing.clusterID != settings.clusterID {
            throw ProviderError(
                .conflict,
                "\(directory(request.workerUID).path) is of cluster \(standing.clusterID), not \(settings.clusterID); it is left "
                    + "as it is: remove it, or serve it with --cluster-id \(standing.clusterID)")
        }
        if let why = LocalIsolation(request.local, settings.support).refusal { throw ProviderError(.invalid, why) }
        do throws(SystemError) { try start(request) } catch { throw ProviderError(error) }
    }

    package func release(_ worker: WorkerRef) async throws(ProviderError) {
        try check(worker.workerUID)
        do throws(SystemError) { try end(worker.workerUID) } catch { throw ProviderError(error) }
    }

    package func observe(_ worker: WorkerRef) async throws(ProviderError) -> Observation {
        try check(worker.workerUID)
        do throws(SystemError) {
            let seen = try look(worker.workerUID)
            // One that was released and cleaned away has ended; of one never seen nothing is known.
            let state =
                seen?.state ?? (tombstones.contains(worker.workerUID) ? .exited(code: nil, signal: nil) : .absent)
            var observation = Observation(
                workerUID: worker.workerUID, clusterID: settings.clusterID, slot: worker.slot, attempt: worker.attempt,
                state: state, providerID: seen?.providerID, createdAt: seen?.createdAt, isolation: seen?.isolation)
            observation.lastSeen = seen?.lastSeen
            return observation
        } catch {
            throw ProviderError(error)
        }
    }

    package func inventory(clusterID: String, keepsSupplies: Bool) async throws(ProviderError) -> [Observation] {
        do throws(SystemError) { return try listAndClean(clusterID) } catch { throw ProviderError(error) }
    }

    /// A look now and then costs nothing here: ends that nobody told of are found by it.
    package func follow(_ tell: @escaping @Sendable (ProviderNews) -> Void) async {
        while !Task.isCancelled {
            await awaitChange(limit: Self.lookAgain)
            tell(.changed)
        }
    }

    package func awaitChange(limit: Duration) async {
        let isLingering = state.withLock { !$0.lingering.isEmpty }
        await changes.wait(limit: isLingering ? min(limit, Self.lingeringPause) : limit)
    }

    // MARK: what all verbs share

    var workers: String { "\(settings.stateDirectory)/workers" }

    func directory(_ uid: String) -> WorkerDirectory { WorkerDirectory(path: "\(workers)/\(uid)") }

    /// A uid becomes a file's name.
    private func check(_ uid: String) throws(ProviderError) {
        let isSafe =
            (1...64).contains(uid.utf8.count)
            && uid.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte)
            }
        guard isSafe else {
            throw ProviderError(.invalid, "\"\(uid)\" is not a uid: letters, digits and dashes, at most 64")
        }
    }

    /// Wakes whoever waits when that process ends.
    func watch(_ uid: String, _ identity: ProcessIdentity) {
        guard state.withLock({ $0.watched.insert(uid).inserted }) else { return }
        guard let descriptor = identity.watch() else { return noticeEnd(uid) }
        do throws(SystemError) {
            try watcher.watch(descriptor) { [weak self] in
                self?.noticeEnd(uid)
                return .done
            }
        } catch {
            // Without it the next inventory still tells, only later.
            state.withLock { _ = $0.watched.remove(uid) }
        }
    }

    private func noticeEnd(_ uid: String) {
        reap(uid)
        state.withLock { state in
            state.watched.remove(uid)
            state.lingering.insert(uid)
        }
        changes.notify()
    }

    /// Takes the exit status of a child that has ended, and leaves it in its directory.
    func reap(_ uid: String) {
        state.withLock { state in
            guard let pid = state.children[uid] else { return }
            let status: ExitStatus?
            do throws(SystemError) { status = try Children.take(pid) } catch {
                state.children[uid] = nil
                return
            }
            guard let status else { return }
            state.children[uid] = nil
            var exit = ExitRecord()
            exit.code = status.code
            exit.signal = status.signal
            // try?: no directory: it was cleaned away, and nobody asks any more.
            try? directory(uid).write(exit)
        }
    }
}
