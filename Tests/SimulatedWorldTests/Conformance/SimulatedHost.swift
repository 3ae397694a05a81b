import Model
import Ports
import ProviderConformance
import Synchronization

@testable import SimulatedWorld

/// The provider of the simulated worlds under a clock of its own, for the suite that every provider runs.
final class SimulatedHost: ProviderWorld {
    struct State: Sendable {
        var provider: SimulatedProvider
        /// Uids whose workers don't heed when they are asked to end.
        var deaf: Set<String> = []
        /// Names that an administrator gave, and those of copies.
        var renamed: Set<String> = []
        var copied: Set<String> = []
        var followers: [Int: @Sendable (ProviderNews) -> Void] = [:]
        var lastFollower = 0
    }

    let clusterID = "cluster-a"
    let keepsTombstones: Bool
    let patience = Duration.seconds(3)
    let settling = Duration.milliseconds(20)

    static let epoch: UInt64 = 7
    static let grace = Duration.milliseconds(100)
    private static let dying = Duration.milliseconds(5)

    let state: Mutex<State>
    private let wrong: WrongAccount.Way?
    private let began = ContinuousClock.now

    init(_ naming: Scenario.Naming, _ wrong: WrongAccount.Way? = nil) {
        keepsTombstones = naming == .tombstones
        self.wrong = wrong
        state = Mutex(State(provider: SimulatedProvider(region: "here", clusterID: clusterID, naming: naming)))
    }

    var now: Instant { .origin + (ContinuousClock.now - began) }

    func account(epoch: UInt64 = SimulatedHost.epoch, isDeaf: Bool = false) -> any WorkerProvider {
        let account = SimulatedAccount(host: self, epoch: epoch, isDeaf: isDeaf)
        guard let wrong else { return account }
        return WrongAccount(account, wrong)
    }

    func makeProvider() async throws -> any WorkerProvider { account() }
    func makeDeaf() async throws -> any WorkerProvider { account(isDeaf: true) }
    func makeCopy() async throws -> any WorkerProvider {
        account(epoch: wrong == .blindToEpochs ? .max : Self.epoch - 1)
    }

    func makeHeld() async throws -> HeldLists {
        let provider = account()
        let account = (provider as? WrongAccount)?.account ?? provider as? SimulatedAccount
        return HeldLists(provider) { account?.hold($0) }
    }

    func request(uid: String) -> WorkerRequest {
        var spec = WorkerSpec()
        spec.pool = "pool"
        return WorkerRequest(
            key: ObjectKey(.worker, "default", uid), workerUID: uid, region: "here", pool: "pool", slot: 3, attempt: 2,
            epoch: Self.epoch, clusterID: clusterID, spec: spec, joinToken: "single-use-token")
    }

    // MARK: Behind the provider's back

    func alive(uid: String) async throws -> Int {
        state.withLock { state in
            state.provider.names(of: uid).count { state.provider.resources[$0]?.isAlive ?? false }
        }
    }

    func kill(uid: String) async throws { for name in names(uid) { end(name, code: nil, signal: 9) } }
    func stop(uid: String) async throws { for name in names(uid) { end(name, code: nil, signal: 15) } }
    func supplies() async throws -> Int? { state.withLock { $0.provider.hasSupplies ? 1 : 0 } }

    func rename(uid: String) async throws -> Bool {
        state.withLock { state in
            guard let resource = state.provider.resources.removeValue(forKey: uid) else { return false }
            state.provider.resources["new-\(uid)"] = resource
            return state.renamed.insert("new-\(uid)").inserted
        }
    }

    func copy(uid: String) async throws -> Bool {
        state.withLock { state in
            guard let resource = state.provider.resources[uid] else { return false }
            state.provider.add(resource, as: "copy-\(uid)")
            return state.copied.insert("copy-\(uid)").inserted
        }
    }

    func occupy(_ request: WorkerRequest) async throws -> (@Sendable () async throws -> Bool)? {
        foreign(request.workerUID)
    }

    func plantForeign() async throws -> @Sendable () async throws -> Bool { foreign("foreign") }

    private func foreign(_ name: String) -> @Sendable () async throws -> Bool {
        state.withLock { state in
            state.provider.add(
                SimulatedResource(
                    uid: name, clusterID: "cluster-b", pool: "", slot: 3, attempt: 2, createdAt: now, state: .running,
                    isLate: false))
        }
        return { [self] in
            state.withLock {
                $0.provider.resources[name]?.isAlive == true && $0.provider.resources[name]?.releasedAt == nil
            }
        }
    }

    private func names(_ uid: String) -> [String] { state.withLock { $0.provider.names(of: uid) } }

    /// What had been asked to end, and has, is there no more.
    func end(_ name: String, code: Int?, signal: Int?) {
        let ended: SimulatedResource? = state.withLock { state in
            guard var resource = state.provider.resources[name], resource.isAlive else { return nil }
            resource.state = .exited
            resource.exit = (code, signal)
            state.provider.resources[name] = resource
            if resource.releasedAt != nil { state.provider.remove(name) }
            return resource
        }
        if let ended { tell(.observed(Self.observation(ended))) }
    }

    func endSoon(_ name: String) {
        Task {
            try await Task.sleep(for: Self.dying)
            end(name, code: 0, signal: nil)
        }
    }

    func tell(_ news: ProviderNews) { for follower in state.withLock({ $0.followers.values }) { follower(news) } }

    static func observation(_ resource: SimulatedResource) -> Observation {
        let state: Observation.State =
            switch resource.state {
            case .starting: .starting
            case .running: resource.releasedAt == nil ? .running : .stopping
            case .exited: .exited(code: resource.exit.code, signal: resource.exit.signal)
            }
        return Observation(
            workerUID: resource.uid, clusterID: resource.clusterID, slot: resource.slot, attempt: resource.attempt,
            state: state, providerID: "sim:\(resource.uid)")
    }
}

/// What one controller has of it.
final class SimulatedAccount: WorkerProvider {
    let host: SimulatedHost
    private let epoch: UInt64
    private let isDeaf: Bool
    private let held = Mutex<[Observation]?>(nil)

    init(host: SimulatedHost, epoch: UInt64, isDeaf: Bool) {
        self.host = host
        self.epoch = epoch
        self.isDeaf = isDeaf
    }

    var shown: [Observation]? { held.withLock { $0 } }

    func hold(_ isHeld: Bool) {
        let now = host.state.withLock { list($0.provider) }
        held.withLock { $0 = isHeld ? now : nil }
    }

    private func list(_ provider: SimulatedProvider) -> [Observation] {
        provider.list(lag: .zero, now: host.now, SimulatedHost.observation).filter { $0.clusterID == host.clusterID }
    }

    private func makeSureToLead() throws(ProviderError) {
        if host.state.withLock({ $0.provider.isLed(beyond: epoch) }) {
            throw ProviderError(.conflict, "another controller leads")
        }
    }

    func create(_ request: WorkerRequest) async throws(ProviderError) {
        try makeSureToLead()
        let made = host.state.withLock { state in
            let made = state.provider.make(request, now: host.now)
            guard case .new = made else { return made }
            state.provider.resources[request.workerUID]?.state = .running
            if isDeaf { state.deaf.insert(request.workerUID) }
            return made
        }
        switch made {
        case .new: host.tell(.changed)
        case .stands, .refused: break
        case .taken: throw ProviderError(.conflict, "\(request.workerUID) is somebody else's")
        }
    }

    func release(_ worker: WorkerRef) async throws(ProviderError) {
        try makeSureToLead()
        let uid = worker.workerUID
        let (names, isHeeded) = host.state.withLock { state in
            state.provider.released.insert(uid)
            return (state.provider.names(of: uid), !state.deaf.contains(uid))
        }
        for name in names {
            let now = host.now
            switch host.state.withLock({ $0.provider.release(name, now: now, grace: SimulatedHost.grace) }) {
            case .told: if isHeeded { host.endSoon(name) }
            case .forced: host.end(name, code: nil, signal: 9)
            case .nothing, .removed, .waits: break
            }
        }
        host.state.withLock { $0.provider.tidy(keepsSupplies: worker.keepsSupplies) }
    }

    func observe(_ worker: WorkerRef) async throws(ProviderError) -> Observation {
        host.state.withLock { $0.provider.observe(worker, SimulatedHost.observation) }
    }

    func inventory(clusterID: String, keepsSupplies: Bool) async throws(ProviderError) -> [Observation] {
        guard clusterID == host.clusterID else { return [] }
        let old = shown
        return host.state.withLock { state in
            state.provider.tidy(keepsSupplies: keepsSupplies)
            return old.map { state.provider.corrected($0, SimulatedHost.observation) } ?? list(state.provider)
        }
    }

    func follow(_ tell: @escaping @Sendable (ProviderNews) -> Void) async {
        let (ends, _) = AsyncStream.makeStream(of: Void.self)
        let number = host.state.withLock { state in
            state.lastFollower += 1
            state.followers[state.lastFollower] = tell
            return state.lastFollower
        }
        tell(.following)
        for await _ in ends {}
        host.state.withLock { _ = $0.followers.removeValue(forKey: number) }
    }
}
