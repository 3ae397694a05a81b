import Ports
import Synchronization

@testable import SimulatedWorld

/// A provider that breaks one law, as providers have.
final class WrongAccount: WorkerProvider {
    enum Way: String, Sendable, CaseIterable {
        /// Believes a list whatever it was told since.
        case oldList
        /// Takes for absent what the list does not show.
        case listDecides
        /// Says that a killed worker ended, and not of what.
        case noReason
        /// Starts again what was stopped in order.
        case restarts
        /// Knows workers by their names alone.
        case namesOnly
        /// Ends the first that it finds.
        case copyStays
        /// Ends what has a worker's name, whoever made it.
        case anyCluster
        /// Takes an accepted release for an end.
        case hasty
        /// Lists workers without their attempts.
        case noAttempt
        /// Gives up what workers need with the last one, whatever it is told.
        case dropsSupplies
        /// Sees no other leader; see `SimulatedHost.makeCopy`.
        case blindToEpochs
    }

    let account: SimulatedAccount
    private let way: Way
    private var host: SimulatedHost { account.host }

    init(_ account: SimulatedAccount, _ way: Way) {
        self.account = account
        self.way = way
    }

    func create(_ request: WorkerRequest) async throws(ProviderError) {
        try await account.create(request)
        guard way == .restarts else { return }
        host.state.withLock { state in
            guard let resource = state.provider.resources[request.workerUID], !resource.isAlive,
                resource.exit.signal == 15
            else { return }
            state.provider.resources[request.workerUID]?.state = .running
        }
    }

    func release(_ worker: WorkerRef) async throws(ProviderError) {
        var worker = worker
        switch way {
        case .namesOnly where isHidden(worker.workerUID): return
        case .noAttempt where worker.attempt == 0: return
        case .dropsSupplies: worker.keepsSupplies = false
        case .anyCluster:
            let uid = worker.workerUID
            host.state.withLock { state in
                if state.provider.resources[uid]?.clusterID != host.clusterID { state.provider.remove(uid) }
            }
        default: break
        }
        guard way == .copyStays else { return try await account.release(worker) }
        let copies = hideCopies()
        defer { bring(copies) }
        try await account.release(worker)
    }

    func observe(_ worker: WorkerRef) async throws(ProviderError) -> Observation {
        var seen = shown(try await account.observe(worker))
        switch way {
        case .listDecides:
            if let list = account.shown, !list.contains(where: { $0.workerUID == worker.workerUID }) {
                seen.state = .absent
            }
        case .namesOnly where isHidden(worker.workerUID): seen.state = .absent
        case .copyStays where isCopyAlone(worker.workerUID): seen.state = .absent
        default: break
        }
        return seen
    }

    func inventory(clusterID: String, keepsSupplies: Bool) async throws(ProviderError) -> [Observation] {
        let all = try await account.inventory(clusterID: clusterID, keepsSupplies: keepsSupplies)
        if way == .oldList, let old = account.shown { return old }
        return all.filter { way != .namesOnly || !isHidden($0.workerUID) }.map { seen in
            var seen = shown(seen)
            if way == .noAttempt { seen.attempt = 0 }
            return seen
        }
    }

    func follow(_ tell: @escaping @Sendable (ProviderNews) -> Void) async { await account.follow(tell) }

    private func shown(_ seen: Observation) -> Observation {
        var seen = seen
        switch (way, seen.state) {
        case (.noReason, .exited(_, 9?)): seen.state = .exited(code: nil, signal: nil)
        case (.hasty, .stopping) where host.state.withLock({ $0.deaf.contains(seen.workerUID) }):
            seen.state = .exited(code: nil, signal: nil)
        default: break
        }
        return seen
    }

    private func isHidden(_ uid: String) -> Bool { host.state.withLock { $0.renamed.contains("new-\(uid)") } }

    private func isCopyAlone(_ uid: String) -> Bool {
        host.state.withLock { $0.copied.contains("copy-\(uid)") && $0.provider.resources[uid] == nil }
    }

    private func hideCopies() -> [String: SimulatedResource] {
        host.state.withLock { state in
            let copies = state.provider.resources.filter { state.copied.contains($0.key) }
            for name in copies.keys { state.provider.resources[name] = nil }
            return copies
        }
    }

    private func bring(_ copies: [String: SimulatedResource]) {
        host.state.withLock { state in state.provider.resources.merge(copies) { $1 } }
    }
}
