import Commands
import Host
import Kernel
import Local
import Model
import Ports
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
        let provider = try state.localProvider(cluster: cluster)
        let seen = try await provider.inventory(clusterID: cluster)
        let owned = Set(try state.store.list(StoreQuery(kinds: [.worker])).objects.map(\.uid))
        var swept: [SweptResource] = []
        for orphan in seen where !owned.contains(orphan.workerUID) && orphan.state != .absent {
            let age = orphan.createdAt.map { state.clock.now.wall - $0 }
            // S4: what is younger may be a create whose owner is only just being written.
            guard let age, age > Self.grace else { continue }
            if !dryRun {
                try await provider.release(
                    WorkerRef(
                        workerUID: orphan.workerUID, region: "", pool: "", slot: orphan.slot, attempt: orphan.attempt,
                        providerID: orphan.providerID))
            }
            swept.append(
                SweptResource(
                    provider: "local", region: "", id: orphan.providerID ?? orphan.workerUID, age: age, removed: !dryRun
                ))
        }
        return swept
    }
}

extension OpenState {
    /// To find and release workers with, not to create any.
    func localProvider(cluster: String) throws -> LocalProvider {
        try LocalProvider(
            .init(
                stateDirectory: directory.path, workerCommand: [], environment: [:], gateway: "", authority: "",
                clusterID: cluster), watcher: try Watcher())
    }
}
