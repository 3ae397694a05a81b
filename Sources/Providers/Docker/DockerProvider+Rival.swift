import Model
import Ports
import Synchronization
import Tree

// Two controllers with one cluster id: a state that was copied and started elsewhere. What the other one keeps alive is
// not ours to end, whatever the copied objects say.
extension DockerProvider {
    /// Throws where another controller leads. The first time it looks for one; later the lists do.
    func makeSureToLead() async throws(EngineFailure) {
        if state.withLock({ $0.rival == nil && !$0.hasLooked }) {
            let call = EngineCall.list(cluster: settings.clusterID)
            guard let items = try await engine.tree(call).array else {
                throw EngineFailure.unreadable(call, "it is no list")
            }
            await lookForRival(items.compactMap { ContainerState(listed: $0) })
        }
        try refuseBesideRival()
    }

    func refuseBesideRival() throws(EngineFailure) {
        guard let rival = state.withLock({ $0.rival }) else { return }
        throw EngineFailure(
            ProviderError(
                .conflict,
                "another controller leads cluster \(settings.clusterID) on the engine at \(engine.address.text): \(rival). "
                    + "Nothing is touched here. If this state is a copy, end this controller, or serve it with a new "
                    + "--cluster-id from a state of its own"), status: 409)
    }

    /// A container of a later epoch was made by a later leader; one whose controller still answers at another address
    /// than ours is kept by that.
    func lookForRival(_ listed: [ContainerState]) async {
        var rival: String?
        let live = listed.filter { $0.labels?.clusterID == settings.clusterID && $0.standing == .running }
        if settings.epoch > 0, let latest = live.compactMap(\.epoch).max(), latest > settings.epoch {
            rival = "a worker here is of epoch \(latest), ours is \(settings.epoch)"
        }
        let own = state.withLock { $0.gateway }
        for address in Set(live.compactMap(\.gateway)).sorted() where rival == nil && address != own {
            if await surroundings.isAnswered(address) { rival = "it answers at \(address), where a worker here joined" }
        }
        state.withLock { state in
            state.rival = rival
            state.hasLooked = true
        }
    }
}
