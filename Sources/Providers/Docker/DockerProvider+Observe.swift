import HTTP
import Model
import Ports
import Synchronization
import Tree

extension DockerProvider {
    /// What has ended speaks for its worker only where no copy of it lives.
    private static func oneEach(_ all: [Observation]) -> [Observation] {
        let sorted = all.sorted { ($0.workerUID, $0.attempt) < ($1.workerUID, $1.attempt) }
        var kept: [Observation] = []
        for seen in sorted {
            guard let last = kept.last, last.workerUID == seen.workerUID, last.attempt == seen.attempt,
                last.slot == seen.slot
            else {
                kept.append(seen)
                continue
            }
            if case .exited = last.state { kept[kept.count - 1] = seen }
        }
        return kept
    }

    /// All workers of the cluster. On the way it removes what an interrupted upload left, and makes the gateway answer
    /// where workers of a controller before this one look for it.
    func listAndClean(_ clusterID: String, keepsSupplies: Bool) async throws(EngineFailure) -> [Observation] {
        guard clusterID == settings.clusterID else { return [] }
        let call = EngineCall.list(cluster: clusterID)
        guard let items = try await engine.tree(call).array else {
            throw EngineFailure.unreadable(call, "it is no list")
        }
        var hasLeftovers = false
        if !items.isEmpty {
            // A list is worth having without it; the next create says what is wrong.
            do throws(EngineFailure) { _ = try await gateway() } catch { hasLeftovers = true }
        }
        await lookForRival(items.compactMap { ContainerState(listed: $0) })
        try refuseBesideRival()
        var all: [Observation] = []
        var ids: Set<String> = []
        let died = state.withLock { $0.died }
        for item in items {
            guard let listed = ContainerState(listed: item) else { continue }
            ids.insert(listed.id)
            if listed.role == Self.filler {
                if try await isStale(listed) { try await remove(listed.id) } else { hasLeftovers = true }
            } else if let labels = listed.labels, labels.clusterID == clusterID {
                var seen = listed
                var isEnded = died.contains(listed.id)
                if case .ended = listed.standing { isEnded = true }
                // How it ended is told by the container alone; one that is gone meanwhile is not there any more.
                if isEnded {
                    guard let inspected = try await inspect(listed.id) else { continue }
                    seen = inspected
                }
                all.append(observation(seen, labels))
            }
        }
        if items.isEmpty, !keepsSupplies, try await !tidyVolumes() { hasLeftovers = true }
        state.withLock { state in
            state.asked = state.asked.filter { ids.contains($0.key) }
            state.givenUp.formIntersection(ids)
            state.died.formIntersection(ids)
            state.hasLeftovers = hasLeftovers
            if state.isFollowing {
                state.seen = state.seen ?? []
                for seen in all { state.note(seen.workerUID) }
            }
        }
        return Self.oneEach(all)
    }

    func observation(_ seen: ContainerState, _ labels: WorkerLabels) -> Observation {
        var observation = seen.observation(labels, isReleased: isReleased(seen))
        observation.isolation = isolation
        return observation
    }

    /// For the status of workers. What an engine elsewhere has for a kernel is its tasks' agent's to find out.
    private var isolation: String {
        let border = "container of user \(ContainerRequest.owner.user), no capability, read-only root; tasks and agent "
        if !engine.address.isHere { return border + "kept apart by Landlock where its kernel has it" }
        return border
            + (settings.landlock > 0
                ? "kept apart by Landlock ABI \(settings.landlock)"
                : "are one user there (this kernel has no Landlock)")
    }
}
