import Model
import Ports

/// Something a provider holds.
struct SimulatedResource: Sendable {
    enum State: Sendable, Equatable { case starting, running, exited }
    let uid: String
    let clusterID: String
    let pool: String
    let slot: Int
    let attempt: Int
    let createdAt: Instant
    var agents: [Int] = []
    var state = State.starting
    /// How it ended.
    var exit: (code: Int?, signal: Int?) = (nil, 9)
    var releasedAt: Instant?
    /// Its agent died and is about to start again.
    var restarts = false
    /// Made by a request that arrived after its caller had given it up and released it: a name alone can't prevent
    /// that.
    let isLate: Bool
    /// Of the leader that made it.
    var epoch: UInt64 = 0
    var isAlive: Bool { state != .exited }
}

/// A provider of the class "unique live name": what it holds has names, and at most one is alive under each. It keeps
/// the contract of `WorkerProvider`, which the conformance suite asks of it as of any other.
struct SimulatedProvider: Sendable {
    let region: String
    let clusterID: String
    let naming: Scenario.Naming
    /// By name, which is the worker's uid unless somebody gave it another.
    var resources: [String: SimulatedResource] = [:]
    var released: Set<String> = []
    /// What a lagging list still shows.
    var ghosts: [(observation: Observation, until: Instant)] = []
    var noticeAt: Instant?
    /// Creates, releases and sweeps that changed something.
    var mutations = 0
    /// What is made once for all workers, such as their program, is here; how often it was brought.
    var hasSupplies = false
    var uploads = 0

    init(region: String, clusterID: String, naming: Scenario.Naming) {
        self.region = region
        self.clusterID = clusterID
        self.naming = naming
    }

    /// From SIGTERM to SIGKILL.
    static let releaseGrace = Duration.seconds(10)

    enum Made: Sendable {
        case new(SimulatedResource)
        /// It is there already, alive or ended.
        case stands(SimulatedResource)
        /// It was released before.
        case refused
        /// Its name is somebody else's.
        case taken
    }

    mutating func make(_ request: WorkerRequest, now: Instant) -> Made {
        let uid = request.workerUID
        if naming == .tombstones, released.contains(uid) { return .refused }
        if let name = names(of: uid).first, let standing = resources[name] { return .stands(standing) }
        guard resources[uid] == nil else { return .taken }
        var resource = SimulatedResource(
            uid: uid, clusterID: request.clusterID, pool: request.pool, slot: request.slot, attempt: request.attempt,
            createdAt: now, isLate: released.contains(uid))
        resource.epoch = request.epoch
        add(resource)
        if !hasSupplies { uploads += 1 }
        hasSupplies = true
        return .new(resource)
    }

    mutating func add(_ resource: SimulatedResource, as name: String? = nil) {
        resources[name ?? resource.uid] = resource
        mutations += 1
    }

    /// Ours of that uid, whatever they are called; the one that has the worker's own name first.
    func names(of uid: String) -> [String] {
        let all = resources.filter { $0.value.uid == uid && $0.value.clusterID == clusterID }.keys
        return all.sorted { ($0 == uid ? 0 : 1, $0) < ($1 == uid ? 0 : 1, $1) }
    }

    enum Asked: Sendable {
        case nothing
        /// It had ended, and is there no more.
        case removed(SimulatedResource)
        /// For the first time: it is asked to end.
        case told(SimulatedResource)
        case waits
        /// The grace is over.
        case forced
    }

    /// Asks once for the end of what has that name; see `names(of:)`.
    mutating func release(_ name: String, now: Instant, grace: Duration = releaseGrace) -> Asked {
        guard let resource = resources[name] else { return .nothing }
        guard resource.isAlive else {
            remove(name)
            return .removed(resource)
        }
        guard let since = resource.releasedAt else {
            resources[name]?.releasedAt = now
            mutations += 1
            return .told(resource)
        }
        return now - since >= grace ? .forced : .waits
    }

    mutating func remove(_ name: String) {
        guard resources.removeValue(forKey: name) != nil else { return }
        mutations += 1
    }

    /// With the last of ours goes what was kept for later workers, where nobody will ask for any.
    mutating func tidy(keepsSupplies: Bool) {
        guard !keepsSupplies, !resources.values.contains(where: { $0.clusterID == clusterID }) else { return }
        hasSupplies = false
    }

    /// Another leader of this cluster, which came later than that one, has workers here: it leads.
    func isLed(beyond epoch: UInt64) -> Bool {
        resources.values.contains { $0.clusterID == clusterID && $0.isAlive && $0.epoch > epoch }
    }

    // MARK: What it shows

    /// `show`: how a resource looks, whose agents are known elsewhere.
    func observe(_ reference: WorkerRef, _ show: (SimulatedResource) -> Observation) -> Observation {
        if let resource = names(of: reference.workerUID).first.flatMap({ resources[$0] }) { return show(resource) }
        let wasHere = naming == .tombstones && released.contains(reference.workerUID)
        return Observation(
            workerUID: reference.workerUID, clusterID: clusterID, slot: reference.slot, attempt: reference.attempt,
            state: wasHere ? .exited(code: nil, signal: nil) : .absent, providerID: reference.providerID)
    }

    /// Late by the lag in both directions, foreign things included.
    func list(lag: Duration, now: Instant, _ show: (SimulatedResource) -> Observation) -> [Observation] {
        var shown: [Observation] = []
        for name in resources.keys.sorted() {
            guard let resource = resources[name], lag == .zero || resource.createdAt + lag <= now else { continue }
            shown.append(show(resource))
        }
        if lag > .zero { shown += ghosts.filter { $0.until > now }.map(\.observation) }
        return shown
    }

    /// What a list that was made before shows now: nobody is told of it that what has ended runs.
    func corrected(_ old: [Observation], _ show: (SimulatedResource) -> Observation) -> [Observation] {
        old.compactMap { seen in
            guard let resource = names(of: seen.workerUID).first.flatMap({ resources[$0] }) else {
                return released.contains(seen.workerUID) ? nil : seen
            }
            return resource.isAlive ? seen : show(resource)
        }
    }
}
