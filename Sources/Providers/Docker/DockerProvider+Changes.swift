import HTTP
import Model
import Ports
import Synchronization

extension DockerProvider {
    /// Between two tries of an engine that gives no events.
    private static let firstPause = Duration.milliseconds(500)
    private static let longestPause = Duration.seconds(15)

    /// Returns at the first event that was not seen before, or after `limit`. What happens between two calls is not
    /// lost: each asks for everything since the last event. Where there is no stream, it only waits, and the list
    /// tells.
    func follow(_ limit: Duration) async {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await self.nextEvent() }
            group.addTask {
                try? await Task.sleep(for: limit, clock: .continuous)
                return true
            }
            let isOver = await group.next() ?? true
            if !isOver {
                let failures = state.withLock { state in
                    state.failures += 1
                    return state.failures
                }
                let pause = min(Self.firstPause * (1 << min(failures - 1, 5)), Self.longestPause, limit)
                try? await Task.sleep(for: pause, clock: .continuous)
            }
            group.cancelAll()
        }
    }

    /// False: there is no stream, or it broke.
    private func nextEvent() async -> Bool {
        do {
            let since = try await mark()
            let lines = try await engine.stream(.events(cluster: settings.clusterID, since: since))
            state.withLock { $0.failures = 0 }
            for try await line in lines {
                guard let event = EngineEvent(line: line) else { continue }
                let isNew = state.withLock { state in
                    guard event.time > state.lastEvent ?? 0 else { return false }
                    state.lastEvent = event.time
                    return true
                }
                if isNew { return true }
            }
            return Task.isCancelled
        } catch { return Task.isCancelled }
    }

    /// From when on events are news: the last one, or the moment this controller met the engine.
    private func mark() async throws(EngineFailure) -> String? {
        if let last = state.withLock({ $0.lastEvent }) { return EngineEvent.mark(nanoseconds: last) }
        guard let met = try await facts().time else { return nil }
        state.withLock { $0.lastEvent = $0.lastEvent ?? met.milliseconds * 1_000_000 }
        return EngineEvent.mark(nanoseconds: met.milliseconds * 1_000_000)
    }
}
