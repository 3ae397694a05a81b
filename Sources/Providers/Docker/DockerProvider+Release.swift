import Ports
import Synchronization
import Tree

extension DockerProvider {
    /// Asks once more: SIGTERM to one that runs, from the release grace on its removal by force; what has ended, or
    /// never began, is removed. A success for what has ended means that it is gone: nothing can start it again. Unless
    /// more workers may be asked for, the last one takes all along that was made for it.
    func end(_ worker: WorkerRef) async throws(EngineFailure) {
        try await makeSureToLead()
        guard let found = try await find(worker.workerUID, worker.slot, worker.attempt),
            ours(found, worker.workerUID) != nil
            // Removed before, perhaps, and what came after that was lost.
        else { return try await tidyWhenLast(worker) }
        let now = ContinuousClock.now
        switch found.standing {
        case .removing: return
        case .running where firstAsked(found.id, now) + settings.releaseGrace > now:
            do throws(EngineFailure) { _ = try await engine.send(.terminate(found.id)) } catch
            // It ended meanwhile: the next time of asking removes it.
                where error.status == 404 || error.status == 409
            {}
        case .running, .created, .ended:
            try await remove(found.id)
            _ = state.withLock { $0.asked.removeValue(forKey: found.id) }
            try await tidyWhenLast(worker)
        }
    }

    private func firstAsked(_ id: String, _ now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        state.withLock { state in
            let asked = state.asked[id] ?? now
            state.asked[id] = asked
            return asked
        }
    }

    /// The last worker takes the program's volume along, so that the engine is left as it was. Afterwards its region
    /// may go, and nobody looks any more: so it does not count as released before that is done.
    private func tidyWhenLast(_ worker: WorkerRef) async throws(EngineFailure) {
        guard !worker.keepsSupplies else { return }
        let left = (try await engine.tree(.list(cluster: settings.clusterID)).array ?? []).compactMap {
            ContainerState(listed: $0)
        }
        guard left.allSatisfy({ $0.role == Self.filler }) else { return }
        for holder in left {
            guard try await isStale(holder) else {
                throw EngineFailure(
                    ProviderError(
                        .conflict, "the worker bundle is still uploaded, or that was given up a moment ago",
                        retryAfter: .seconds(1)))
            }
            try await remove(holder.id)
        }
        try await tidyVolumes()
    }
}
