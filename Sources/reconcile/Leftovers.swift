import APIServer
import Client
import Engine
import Host
import Kernel
import Logging
import Model
import Ports
import SQLiteStorage
import Storage
import Tree

/// The end of an on-demand run: it leaves no worker running.
enum Leftovers {
    private static let limit = Duration.seconds(40)
    /// From asking a worker to end what it runs to making it.
    private static let grace = Duration.seconds(2)
    private static let pause = Duration.milliseconds(50)

    /// Waits until the controllers have released their workers; not while there is work, which keeps them.
    static func awaitNone(_ client: any APIClient, clock: any Ports.Clock) async {
        let end = clock.now.instant + limit
        while clock.now.instant < end {
            let tasks = await items(.task, client)
            if let tasks,
                tasks.contains(where: { TaskPhase(rawValue: $0["status"]?["phase"]?.string ?? "")?.isBound ?? false })
            {
                return
            }
            let live = await items(.worker, client)?.filter { $0["status"]?["gone"]?.bool != true }
            if live?.isEmpty == true { return }
            await clock.sleep(until: clock.now.instant + pause)
        }
    }

    /// Nil where they can't be read now: that is not none.
    private static func items(_ kind: Kind, _ client: any APIClient) async -> [Tree]? {
        do throws(ClientError) { return try await client.list(kind).items } catch { return nil }
    }

    /// Ends the workers that an interrupted or unfinished run still has, with what they run: the next run finds them
    /// gone, and starts their tasks anew. Once no controller runs any more, or it would replace them.
    static func end(_ state: OpenState, rehearsal: Bool, logger: Logger) async {
        let settings = Settings(clusterID: state.store.clusterID, epoch: 0, rehearsal: rehearsal)
        let places: [Providers.Place]
        do {
            places = try await Providers(state, settings, gatewayPort: 0, door: nil).all { region, error in
                logger.error("workers may be left", metadata: ["region": "\(region)", "error": "\(error)"])
            }
        } catch { return logger.error("workers may be left", metadata: ["error": "\(error)"]) }
        await withDiscardingTaskGroup { group in
            for place in places { group.addTask { await end(place, state, logger) } }
        }
    }

    private static func end(_ place: Providers.Place, _ state: OpenState, _ logger: Logger) async {
        let provider = place.provider
        let start = state.clock.now.instant
        var isAsked = false
        while state.clock.now.instant < start + limit {
            let seen: [Observation]
            do throws(ProviderError) { seen = try await provider.inventory(clusterID: state.store.clusterID) } catch {
                return logger.error("workers may be left", metadata: ["place": "\(place.name)", "error": "\(error)"])
            }
            let live = seen.filter { $0.state != .absent && !($0.isOver && place.kind == .local) }
            if live.isEmpty { return }
            // Asked twice, a worker kills what it runs.
            if !isAsked || state.clock.now.instant >= start + grace {
                isAsked = true
                for worker in live {
                    // try?: it is seen again and released again until the time is up, and said then.
                    try? await provider.release(
                        WorkerRef(
                            workerUID: worker.workerUID, region: place.region, pool: "", slot: worker.slot,
                            attempt: worker.attempt, providerID: worker.providerID))
                }
            }
            await state.clock.sleep(until: state.clock.now.instant + pause)
        }
        logger.error("workers are left", metadata: ["place": "\(place.name)"])
    }
}

extension Observation {
    /// It has ended. On this machine nothing is left then; a container is, until it is released.
    fileprivate var isOver: Bool { if case .exited = state { true } else { false } }
}
