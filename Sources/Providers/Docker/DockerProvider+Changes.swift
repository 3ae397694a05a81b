import HTTP
import Model
import Ports
import Synchronization

extension DockerProvider {
    /// Holds the engine's event stream open, and tells of each event. Besides that it reminds of what the last list
    /// left to do, as no event will.
    func tellChanges(_ tell: @escaping @Sendable (ProviderNews) -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.readEvents(tell) }
            group.addTask { [patience = settings.leftoverPatience] in
                // try?: it ends when it is cancelled, and no other way.
                while (try? await Task.sleep(for: patience, clock: .continuous)) != nil {
                    if self.state.withLock({ $0.hasLeftovers }) { tell(.changed) }
                }
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// Until the stream ends. What happens between two streams is not lost: each asks for everything since the last
    /// event, and what an engine tells no more, the list does that follows its beginning.
    private func readEvents(_ tell: @Sendable (ProviderNews) -> Void) async {
        defer {
            state.withLock { state in
                (state.isFollowing, state.seen) = (false, nil)
                // Who answers next at this address may be another engine, or have another network.
                (state.facts, state.gateway) = (nil, nil)
            }
        }
        do {
            let since = try await mark()
            let lines = try await engine.stream(.events(cluster: settings.clusterID, since: since))
            state.withLock { $0.isFollowing = true }
            tell(.following)
            for try await line in lines {
                guard let event = EngineEvent(line: line) else { continue }
                let isNew = state.withLock { state in
                    // Not "later": an engine's clock may be set back.
                    guard event.time != state.lastEvent else { return false }
                    state.lastEvent = event.time
                    return true
                }
                guard isNew else { continue }
                if let uid = event.labels?.workerUID { state.withLock { $0.note(uid) } }
                if event.isDeath { await told(of: event, tell) }
                tell(.changed)
            }
        } catch {
            // Why there is none, the list says that follows.
        }
    }

    /// For some 100 ms after a container's end the engine's list still says that it runs: its end, and why, is told by
    /// the container itself, which waits for the engine to be done with it. Where it can't be asked, the event's own
    /// word stands.
    private func told(of event: EngineEvent, _ tell: @Sendable (ProviderNews) -> Void) async {
        guard let labels = event.labels, labels.clusterID == settings.clusterID else { return }
        state.withLock { state in
            if state.died.count >= State.mostDied { state.died = [] }
            state.died.insert(event.id)
        }
        tell(.observed(await death(event, labels)))
    }

    private func death(_ event: EngineEvent, _ labels: WorkerLabels) async -> Observation {
        do throws(EngineFailure) {
            if let seen = try await inspect(event.id), case .ended = seen.standing {
                return observation(seen, labels)
            }
        } catch {
            // The event says enough.
        }
        let code = event.exitCode
        let signal = code.flatMap { $0 > 128 && $0 < 160 ? $0 - 128 : nil }
        return Observation(
            workerUID: labels.workerUID, clusterID: labels.clusterID, slot: labels.slot, attempt: labels.attempt,
            state: .exited(code: code, signal: signal), providerID: "docker:\(event.id)")
    }

    /// From when on events are news: the last one, or the moment this controller met the engine.
    private func mark() async throws(EngineFailure) -> String? {
        if let last = state.withLock({ $0.lastEvent }) { return EngineEvent.mark(nanoseconds: last) }
        guard let met = try await facts().time else { return nil }
        state.withLock { $0.lastEvent = $0.lastEvent ?? met.milliseconds * 1_000_000 }
        return EngineEvent.mark(nanoseconds: met.milliseconds * 1_000_000)
    }
}
