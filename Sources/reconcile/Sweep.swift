import Commands
import Engine
import Host
import Kernel
import Local
import Model
import Ports
import Serve
import SQLiteStorage
import Storage

/// Finds what carries a cluster id here and has no Worker object: what a lost run left.
struct Sweep {
    let state: OpenState
    /// Nil: the state's own.
    let clusterID: String?

    private static let grace = Duration.seconds(60)

    func run(dryRun: Bool) async throws -> [SweptResource] {
        let cluster = clusterID ?? state.store.clusterID
        let owned = Set(try state.store.list(StoreQuery(kinds: [.worker])).objects.map(\.uid))
        var swept: [SweptResource] = []
        let providers = try Providers(state, Settings(clusterID: cluster, epoch: 0), gatewayPort: 0, door: nil)
        for place in try await providers.all(failed: { throw $1 }) {
            swept += try await sweep(place, cluster, owned, dryRun: dryRun)
        }
        return swept
    }

    private func sweep(
        _ place: Providers.Place, _ cluster: String, _ owned: Set<String>, dryRun: Bool
    ) async throws -> [SweptResource] {
        let provider = place.provider
        var swept: [SweptResource] = []
        for orphan in try await provider.inventory(clusterID: cluster)
        where !owned.contains(orphan.workerUID) && orphan.state != .absent {
            let age = orphan.createdAt.map { state.clock.now.wall - $0 }
            // S4: what is younger may be a create whose owner is only just being written.
            guard let age, age > Self.grace else { continue }
            if !dryRun {
                try await provider.release(
                    WorkerRef(
                        workerUID: orphan.workerUID, region: place.region, pool: "", slot: orphan.slot,
                        attempt: orphan.attempt,
                        providerID: orphan.providerID))
            }
            swept.append(
                SweptResource(
                    provider: place.kind.rawValue, region: place.region, id: orphan.providerID ?? orphan.workerUID,
                    age: age, removed: !dryRun
                ))
        }
        return swept
    }
}

extension OpenState {
    /// With port 0 to find and release workers with, not to create any.
    func localProvider(cluster: String, gatewayPort: Int = 0) throws -> LocalProvider {
        var settings = LocalProvider.Settings(
            stateDirectory: directory.path, workerCommand: [WorkerProgram.ownProgram, "worker"],
            environment: ["LANG": "C.UTF-8"].merging(AttemptRunner.standardEnvironment) { $1 },
            gateway: "https://127.0.0.1:\(gatewayPort)", authority: authority.certificatePEM, clusterID: cluster)
        settings.containerEngine = EngineWatch.here?.text
        return try LocalProvider(settings, watcher: try Watcher())
    }
}
