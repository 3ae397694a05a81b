import Coordinator
import Engine
import Model
import Ports
import Storage
import Tree

// Liveness, judged once nothing goes wrong any more.
extension World {
    mutating func judge() {
        if scenario.kind.isDrawnWide { return judgeWide() }
        let sinceCalm = now - .origin - scenario.calm
        let reason = unconverged()
        if let convergedAt, let standing = restVersion {
            judgeRest(convergedAt, standing, reason)
        } else if let reason {
            if sinceCalm > World.convergenceBound {
                return fail(.convergence, "\(sinceCalm.text) after the last fault: \(reason)")
            }
            convergedAt = nil
        } else if let at = convergedAt {
            // A moment for what still follows from the last change: events, counts.
            if now - at >= .seconds(10) { restVersion = (store.version, mutations) }
        } else {
            convergedAt = now
            convergenceTime = sinceCalm
            trace.say(now, "converged")
        }
        add(.judge, after: .seconds(1))
    }

    private mutating func judgeRest(_ at: Instant, _ standing: (version: UInt64, mutations: Int), _ reason: String?) {
        if let reason { return fail(.rest, "no longer as wanted: \(reason)") }
        if store.version != standing.version {
            return fail(.rest, "\(store.version - standing.version) commits at rest; the last changed \(lastWritten())")
        }
        if mutations != standing.mutations {
            return fail(.rest, "\(mutations - standing.mutations) calls changed something at rest")
        }
        if now - at >= scenario.rest + .seconds(10) { isOver = true }
    }

    var mutations: Int { providers.reduce(0) { $0 + $1.mutations } }

    private func lastWritten() -> String {
        store.list(StoreQuery()).objects.max { $0.version < $1.version }.map { "\($0.key): \(Witness.gist($0.tree))" }
            ?? ""
    }

    /// What is not yet as it should be; nil where everything is.
    mutating func unconverged() -> String? {
        guard let leader = aliveControllers.last else { return "no controller runs" }
        if stragglers > 0 { return "a request is still on its way" }
        if !cores[leader].engine.isIdle { return "a commit is under way" }
        let stored = storedVerdict()
        return stored.reason ?? leaks(owners: stored.owners, regions: stored.regions)
    }

    /// What the stored objects alone say. It follows from them, so it stands for as long as the store's version does:
    /// at rest, where most judging happens, nothing is listed again.
    private mutating func storedVerdict() -> StoredVerdict {
        if let verdict = storedVerdictMemo, verdict.version == store.version { return verdict }
        let objects = store.list(StoreQuery()).objects
        let reason = scenario.kind.isDrawnWide ? Settling(objects, self).reason() : storedReason(objects)
        let verdict = StoredVerdict(
            version: store.version,
            reason: reason,
            owners: Set(objects.filter { $0.key.kind == .worker }.map(\.uid)),
            // Nobody sweeps a region that is deleted, or never was.
            regions: Set(objects.filter { $0.key.kind == .region && isSwept($0) }.map(\.key.name)))
        storedVerdictMemo = verdict
        return verdict
    }

    private func isSwept(_ region: StoredObject) -> Bool {
        region.tree["spec"]?["capabilities"]?["resourceDiscovery"] != false
    }

    private func storedReason(_ objects: [StoredObject]) -> String? {
        for object in objects where object.key.kind.isOwn {
            if object.tree["metadata"]?["deletionTimestamp"] != nil { return "\(object.key) is still being deleted" }
        }
        for object in objects {
            if let reason = unsettled(object) { return reason }
        }
        return nil
    }

    private func unsettled(_ object: StoredObject) -> String? {
        let status = object.tree["status"]
        switch object.key.kind {
        case .executionPlan:
            let phase = status?["phase"]?.string ?? "Pending"
            let isOver = phase == "Succeeded" || phase == "Failed" || phase == "Cancelled"
            return isOver ? nil : "\(object.key) is \(phase): \(status?["message"]?.string ?? "") \(openTasks())"
        case .workerPool:
            let spec = object.tree["spec"]
            guard store.get(ObjectKey(.region, "", spec?["region"]?.string ?? "")) != nil else { return nil }
            let wanted = spec?["replicas"]?.int ?? spec?["minWorkers"]?.int ?? 0
            let ready = status?["readyReplicas"]?.int ?? 0
            let all = status?["replicas"]?.int ?? 0
            let held = store.list(StoreQuery(kinds: [.worker])).objects.filter {
                $0.tree["spec"]?["pool"]?.string == object.key.name && $0.tree["spec"]?["maintenance"]?.bool == true
            }
            guard ready + Int64(held.count) == wanted, all == wanted else {
                return "\(object.key) has \(ready) ready of \(all), and \(wanted) are wanted"
            }
            return nil
        case .region:
            let conditions = status?["conditions"]?.array ?? []
            if conditions.contains(where: { $0["type"] == "RegionDown" && $0["status"] == "True" }) {
                return "\(object.key) is down"
            }
            let circuits = status?["circuits"]?.array ?? []
            if circuits.contains(where: { $0["state"] == "Open" }) { return "\(object.key) has an open circuit" }
            let ready = conditions.first { $0["type"] == "Ready" }
            return ready?["status"] == "True" ? nil : "\(object.key) is not ready: \(ready?["message"]?.string ?? "")"
        case .worker:
            let state = status?["state"]?.string ?? ""
            return ["Online", "Busy", "Maintenance"].contains(state) ? nil : "\(object.key) is \(state)"
        case .task:
            let phase = status?["phase"]?.string ?? "Pending"
            return Self.terminal.contains(phase)
                ? nil : "\(object.key) is \(phase): \(status?["message"]?.string ?? "")"
        default: return nil
        }
    }

    private func openTasks() -> String {
        let open = store.list(StoreQuery(kinds: [.task])).objects.filter {
            !Self.terminal.contains($0.tree["status"]?["phase"]?.string ?? "Pending")
        }
        return open.prefix(3).map { "\($0.key.name): \(Witness.gist($0.tree))" }.joined(separator: "; ")
    }

    /// S3: nothing of ours is alive without its owner, nothing foreign is touched, nobody runs what nobody wants.
    private func leaks(owners: Set<String>, regions: Set<String>) -> String? {
        for provider in providers where regions.contains(provider.region) {
            for uid in provider.resources.keys.sorted() {
                guard let resource = provider.resources[uid], resource.clusterID == World.cluster else { continue }
                if !owners.contains(uid) {
                    return "\(uid) of slot \(resource.slot) of \(resource.pool) is there and has no owner"
                }
            }
            let foreign = provider.resources.values.filter {
                $0.clusterID != World.cluster && $0.isAlive && $0.releasedAt == nil
            }
            if foreign.isEmpty { return "the foreign resource in \(provider.region) is gone" }
        }
        return living.isEmpty ? nil : "\(living.count) attempts still run"
    }
}

/// What the stored objects of one version of the store say of convergence.
struct StoredVerdict: Sendable {
    let version: UInt64
    /// What is not yet as it should be; nil where everything is.
    let reason: String?
    /// Uids of the workers there are.
    let owners: Set<String>
    let regions: Set<String>
}
