import Commands
import Docker
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
    /// Besides those of the regions.
    let providers: [String]

    /// How long the end of one resource is waited for: its own grace, and time for the provider.
    private static let patience = Duration.seconds(40)
    private static let pause = Duration.milliseconds(250)

    func run(dryRun: Bool) async throws -> SweepReport {
        let cluster = clusterID ?? state.store.clusterID
        let owned = Set(try state.store.list(StoreQuery(kinds: [.worker])).objects.map(\.uid))
        var report = SweepReport()
        let all = try Providers(state, Settings(clusterID: cluster, epoch: 0), gatewayPort: 0, door: nil)
        var places = try await all.all(failed: { report.failed.append("region \($0): \($1)") })
        let isNamed = providers.contains("docker") || Environment.values["DOCKER_HOST"]?.isEmpty == false
        if isNamed, !places.contains(where: { $0.kind == .docker && $0.isStandard }) {
            do throws(ProviderError) { places.append(try await all.standardEngine()) } catch {
                report.failed.append("the engine at \(Providers.standardEngine): \(error)")
            }
        }
        for place in places {
            do {
                report.resources += try await sweep(place, cluster, owned, dryRun: dryRun)
                report.asked.append(place.name)
            } catch { report.failed.append("\(place.name): \(error)") }
        }
        return report
    }

    private func sweep(
        _ place: Providers.Place, _ cluster: String, _ owned: Set<String>, dryRun: Bool
    ) async throws -> [SweptResource] {
        var swept: [SweptResource] = []
        for orphan in try await place.provider.inventory(clusterID: cluster)
        where !owned.contains(orphan.workerUID) && orphan.state != .absent {
            let age = orphan.createdAt.map { state.clock.now.wall - $0 }
            var outcome = SweptResource.Outcome.tooYoung
            // S4: what is younger may be a create whose owner is only just being written.
            if let age, age > SweptResource.grace { outcome = dryRun ? .found : await end(orphan, place) }
            swept.append(
                SweptResource(
                    provider: place.kind.rawValue, region: place.region, id: orphan.providerID ?? orphan.workerUID,
                    age: age, outcome: outcome))
        }
        return swept
    }

    /// Asks again and again, as controllers do, until nothing is left of it.
    private func end(_ orphan: Observation, _ place: Providers.Place) async -> SweptResource.Outcome {
        let worker = WorkerRef(
            workerUID: orphan.workerUID, region: place.region, pool: "", slot: orphan.slot, attempt: orphan.attempt,
            providerID: orphan.providerID)
        let deadline = state.clock.now.instant + Self.patience
        var why = "it is still there after \(Self.patience.text)"
        repeat {
            do throws(ProviderError) {
                try await place.provider.release(worker)
                let seen = try await place.provider.observe(worker).state
                if seen == .absent { return .removed }
                // Nothing stays of a process that has ended.
                if case .exited = seen, place.kind == .local { return .removed }
            } catch { why = "\(error)" }
            await state.clock.sleep(until: state.clock.now.instant + Self.pause)
        } while state.clock.now.instant < deadline && !Task.isCancelled
        return .notRemoved(why: why)
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
        settings.hidden = [directory.path]
        return try LocalProvider(settings, watcher: try Watcher())
    }
}
