import HTTP
package import Model
package import Ports
import Synchronization
import Tree

/// Workers as containers of one engine. It keeps nothing that it could not do without: every controller sees the same
/// containers, and knows them by their labels.
///
/// At most one container is ever alive under a uid (S1): the engine refuses a second one of that name, and a container
/// that has ended is not started again by us; if a start that came late does it, its program finds no launch file,
/// which the first start has taken, and ends.
package final class DockerProvider: WorkerProvider {
    package struct Settings: Sendable {
        package var clusterID: String
        /// The gateway's certificate authority, PEM.
        package var authority: String
        /// For workers whose pool names none.
        package var image = DockerRegion.standardImage
        /// Of the engine.
        package var network = "bridge"
        /// Where containers reach this controller; nil asks the network for its own gateway, which is this machine.
        package var gatewayAddress: String?
        package var volumes: [DockerVolume] = []
        package var reachesMetadata = false
        /// From SIGTERM to SIGKILL.
        package var releaseGrace = Duration.seconds(10)
        /// How long a pull may hold a create up; what takes longer is asked for again.
        package var pullPatience = Duration.seconds(45)
        /// After which an upload of the bundle that is not done counts as given up; a live one takes a few seconds.
        package var fillPatience = Duration.seconds(30)
        /// What controllers of this state before this one left half done is given up at once; 0 knows of none.
        package var epoch: UInt64 = 0
        /// After which a list looks again at what the one before could not finish.
        package var leftoverPatience = Duration.seconds(5)
        /// Landlock's ABI on this machine; 0 for none.
        package var landlock = 0

        package init(clusterID: String, authority: String) {
            self.clusterID = clusterID
            self.authority = authority
        }
    }

    /// What it needs of the program around it.
    package struct Surroundings: Sendable {
        package var bundle: @Sendable () throws(ProviderError) -> WorkerBundle
        /// Makes the gateway answer at that address too; its URL there.
        package var reach: @Sendable (String) async throws(ProviderError) -> String
        /// Whether somebody accepts connections at that URL, which is a gateway's.
        package var isAnswered: @Sendable (String) async -> Bool

        package init(
            bundle: @escaping @Sendable () throws(ProviderError) -> WorkerBundle,
            reach: @escaping @Sendable (String) async throws(ProviderError) -> String,
            isAnswered: @escaping @Sendable (String) async -> Bool = { _ in false }
        ) {
            self.bundle = bundle
            self.reach = reach
            self.isAnswered = isAnswered
        }
    }

    struct State {
        var facts: EngineFacts?
        var gateway: String?
        /// When the end of a container was first asked for here, by its id.
        var asked: [String: ContinuousClock.Instant] = [:]
        /// The engine's last event that was seen, nanoseconds since 1970.
        var lastEvent: Int64?
        /// Uploads of the bundle that ended here, whose containers could not be removed.
        var givenUp: Set<String> = []
        /// Why it is believed that another controller leads; nil while none was found.
        var rival: String?
        /// Whether one was looked for.
        var hasLooked = false
        /// Containers whose end was told, and which a list may still call running: of those it is asked one by one.
        var died: Set<String> = []
        static let mostDied = 4096
        /// The last list left something that has to be looked at again, and that no event will tell of.
        var hasLeftovers = false
        /// Whether the engine's events are being read.
        var isFollowing = false
        /// While they are: the uids of all workers that have been here since. Nil: that is not known.
        var seen: Set<String>?
        static let mostSeen = 16_384
        /// Bundles that are being uploaded by a create of ours.
        var filling: Set<String> = []

        /// That such a worker may be here.
        mutating func note(_ uid: String) {
            guard let count = seen?.count else { return }
            if count < Self.mostSeen { seen?.insert(uid) } else { seen = nil }
        }
    }

    let settings: Settings
    let engine: EngineClient
    let surroundings: Surroundings
    let state = Mutex(State())

    package init(_ settings: Settings, engine: EngineClient, surroundings: Surroundings) {
        self.settings = settings
        self.engine = engine
        self.surroundings = surroundings
    }

    package func create(_ request: WorkerRequest) async throws(ProviderError) {
        try check(request.workerUID)
        guard request.clusterID == settings.clusterID else {
            throw ProviderError(.invalid, "cluster \(request.clusterID) is not served here, only \(settings.clusterID)")
        }
        do throws(EngineFailure) { try await make(request) } catch { throw error.error }
    }

    package func release(_ worker: WorkerRef) async throws(ProviderError) {
        try check(worker.workerUID)
        do throws(EngineFailure) { try await end(worker) } catch { throw error.error }
    }

    package func observe(_ worker: WorkerRef) async throws(ProviderError) -> Observation {
        try check(worker.workerUID)
        do throws(EngineFailure) {
            let found = try await find(worker.workerUID, worker.slot, worker.attempt)
            if let found, let labels = ours(found, worker.workerUID) {
                return observation(found, labels)
            }
            return Observation(
                workerUID: worker.workerUID, clusterID: settings.clusterID, slot: worker.slot, attempt: worker.attempt,
                state: .absent)
        } catch { throw error.error }
    }

    package func inventory(clusterID: String, keepsSupplies: Bool) async throws(ProviderError) -> [Observation] {
        do throws(EngineFailure) { return try await listAndClean(clusterID, keepsSupplies: keepsSupplies) } catch {
            throw error.error
        }
    }

    package func follow(_ tell: @escaping @Sendable (ProviderNews) -> Void) async { await tellChanges(tell) }

    // MARK: What all verbs share

    /// The container of that attempt: under its name, or, where an administrator gave it another, by its labels. What
    /// has ended speaks for the attempt only where no copy of it lives. A stranger under the name only where there is
    /// none of ours.
    func find(_ uid: String, _ slot: Int, _ attempt: Int) async throws(EngineFailure) -> ContainerState? {
        let named = try await inspect(WorkerLabels.name(uid: uid, slot: slot, attempt: attempt))
        let hasNamed = named.map { ours($0, uid) != nil } ?? false
        if let named, hasNamed {
            guard case .ended = named.standing else { return named }
        }
        let call = EngineCall.list(cluster: settings.clusterID, worker: uid)
        guard let items = try await engine.tree(call).array else {
            throw EngineFailure.unreadable(call, "it is no list")
        }
        for item in items {
            guard let listed = ContainerState(listed: item), let labels = ours(listed, uid), labels.slot == slot,
                labels.attempt == attempt, listed.id != named?.id
            else { continue }
            guard let other = try await inspect(listed.id) else { continue }
            if case .ended = other.standing, hasNamed { continue }
            return other
        }
        return named
    }

    func inspect(_ name: String) async throws(EngineFailure) -> ContainerState? {
        do throws(EngineFailure) {
            let call = EngineCall.inspect(name)
            guard let found = ContainerState(inspected: try await engine.tree(call)) else {
                throw EngineFailure.unreadable(call, "it describes no container")
            }
            return found
        } catch  where error.status == 404 { return nil }
    }

    /// Whose it is, if it is that worker of ours (S4).
    func ours(_ found: ContainerState, _ uid: String) -> WorkerLabels? {
        guard let labels = found.labels, labels.clusterID == settings.clusterID, labels.workerUID == uid else {
            return nil
        }
        return labels
    }

    func isReleased(_ found: ContainerState) -> Bool { state.withLock { $0.asked[found.id] != nil } }

    /// A uid becomes part of a container's name.
    private func check(_ uid: String) throws(ProviderError) {
        let fits =
            (1...100).contains(uid.utf8.count)
            && uid.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
        guard fits else { throw ProviderError(.invalid, "\"\(uid)\" is not a uid that can name a container") }
    }
}
