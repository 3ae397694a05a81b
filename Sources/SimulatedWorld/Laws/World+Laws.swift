import Model
import Ports
import Storage
import Tree

// What every write must keep, whoever makes it.
extension World {
    mutating func judgeChange(_ change: StoredChange) {
        guard scenario.kind.isDrawnWide else { return }
        countWrite(change)
        if change.by == nil || isHeard(change) { witness.editedAt[change.key] = now }
        if change.by == nil, change.before != nil || change.key.kind != .executionPlan { witness.disturbedAt = now }
        if change.key.kind == .task { witness.losses.writer[change.key] = .some(change.by) }
        if change.key.kind == .task || change.key.kind == .worker { witness.writtenAt[change.key] = now }
        if change.before == nil, let uid = change.after?.uid { witness.createdAt[uid] = now }
        noteStoredEnd(change)
        judgeGeneration(change)
        judgeBlame(change)
        switch change.key.kind {
        case .executionPlan: judgePlan(change)
        case .task: judgeTask(change)
        case .worker: judgeWorker(change)
        case .workerPool: judgePool(change)
        case .region:
            markRegion(change)
            judgeBook(change)
            judgeRegionRemoval(change)
        case .syncPoint: judgePoint(change)
        default: break
        }
        keepsWhatAPersonSet(change)
    }

    /// A new spec is a new generation, and nothing else is.
    private mutating func judgeGeneration(_ change: StoredChange) {
        guard change.key.kind.isOwn, let after = change.after, let before = change.before, after.uid == before.uid,
            change.by != nil
        else { return }
        let (old, new) = (before.tree["metadata"]?["generation"], after.tree["metadata"]?["generation"])
        guard (after.tree["spec"] == before.tree["spec"]) != (old == new) else { return }
        fail(.kept, "the spec of \(change.key) and its generation do not change together")
    }

    /// S18: only who lied is said to have lied.
    private mutating func judgeBlame(_ change: StoredChange) {
        guard change.status?["failure"]?["reason"] == "Misbehaving",
            change.before?.tree["status"]?["state"] != "Failed",
            scenario.faults.allSatisfy({ if case .liar = $0.kind { false } else { true } })
        else { return }
        fail(.belief, "\(change.key) is given up for lies, and nobody lied")
    }

    /// Whether it says for the first time that a controller has seen what people wrote last.
    func isHeard(_ change: StoredChange) -> Bool {
        guard let seen = change.status?["observedGeneration"] else { return false }
        return seen != change.before?.tree["status"]?["observedGeneration"]
    }

    private mutating func markRegion(_ change: StoredChange) {
        guard change.status != change.before?.tree["status"] else { return }
        for condition in change.status?["conditions"]?.array ?? [] {
            let words = ["type", "status", "reason"].map { condition[$0]?.string ?? "" }
            witness.mark("region \(words[0]) \(words[1]) \(words[2])")
        }
        for circuit in change.status?["circuits"]?.array ?? [] {
            witness.mark("circuit \(circuit["state"]?.string ?? "")")
        }
    }

    /// One object written again and again: nothing that is decided needs that (L5).
    private mutating func countWrite(_ change: StoredChange) {
        guard change.key.kind != .event else { return }
        witness.writes.count(change.key, at: now)
        if witness.writes.isStorm {
            fail(.rest, "never rests: \(witness.writes.summary)")
        }
    }

    /// A spec that a person wrote is changed by persons alone.
    private mutating func keepsWhatAPersonSet(_ change: StoredChange) {
        guard let after = change.after, let before = change.before, change.by != nil, after.uid == before.uid,
            change.key.kind == .region || change.key.kind == .executionPlan || change.key.kind == .syncPoint
                || change.key.kind == .workerPool
        else { return }
        let owners = after.tree["metadata"]?["ownerReferences"]?.array ?? []
        guard owners.isEmpty, after.tree["spec"] != before.tree["spec"] else { return }
        fail(.kept, "a controller changed the spec of \(change.key), which a person wrote")
    }

    // MARK: Plans

    private mutating func judgePlan(_ change: StoredChange) {
        guard let after = change.after, let spec = change.spec else { return }
        var seen = witness.plans[after.uid] ?? PlanSeen()
        let phase = change.status?["phase"]?.string ?? "Pending"
        let isSuspended = spec["suspend"] == true
        if change.by == nil, change.before != nil { seen.editedAt = now }
        // From when a controller has seen it: none can take back what it did before.
        let isHeard = change.by != nil && change.status?["observedGeneration"] == after.tree["metadata"]?["generation"]
        if seen.suspendedSince == nil, isSuspended, isHeard { seen.suspendedSince = now }
        if let since = seen.suspendedSince, !isSuspended {
            seen.suspendedFor += now - max(since, seen.beganAt ?? now)
            seen.suspendedSince = nil
        }
        if seen.beganAt == nil, change.status?["startedAt"] != nil { seen.beganAt = now }
        if spec["cancel"] == true {
            seen.wasCancelled = true
            seen.cancelledAt = seen.cancelledAt ?? now
        } else {
            // Taken back: what runs from now on is another run.
            seen.cancelledAt = nil
        }
        if spec["scaling"]?.string ?? "Auto" == "Auto" { witness.scaled.insert(change.key.namespace) }
        judgeExternals(change)
        defer { witness.plans[after.uid] = seen }
        judgeDowntime(change)
        judgeEstimate(change)
        judgeRecoveries(change)
        judgeStalled(change, phase)
        guard phase != seen.phase else { return }
        witness.mark("plan \(seen.phase)>\(phase) \(change.status?["reason"]?.string ?? "")")
        let isOver = Self.planEnds.contains(phase)
        if Self.planEnds.contains(seen.phase) { judgeReturn(change, seen, phase) }
        seen.phase = phase
        guard isOver else { return }
        seen.endSpec = Self.stripped(spec)
        seen.endedWith = change.status?["reason"]?.string ?? ""
        if spec["cancel"] == true, phase != "Cancelled" {
            fail(.result, "\(change.key) is cancelled and ended \(phase): \(change.status?["message"]?.string ?? "")")
        }
        judgeEnd(change, phase, seen)
    }

    /// What a plan is said to be stalled by is what holds it, or makes a change of it come to nothing.
    private mutating func judgeStalled(_ change: StoredChange, _ phase: String) {
        guard change.by != nil, phase != "Blocked",
            let stalled = change.status?["conditions"]?.array?.first(where: { $0["type"] == "Stalled" }),
            stalled["status"] == "True", let reason = stalled["reason"]?.string,
            !["InvalidGraph", "NameTaken", "QuotaExceeded"].contains(reason)
        else { return }
        fail(.result, "\(change.key) is \(phase), and is said to be stalled by \(reason)")
    }

    /// Nobody is said to be there who was not asked.
    private mutating func judgeExternals(_ change: StoredChange) {
        guard change.by != nil, let spec = change.spec else { return }
        for status in change.status?["externals"]?.array ?? [] where status["available"] == true {
            let entries = (spec["regions"]?.array ?? []).filter { $0["region"] == status["region"] }
            let declared = entries.flatMap { $0["externals"]?.array ?? [] }.filter { $0["name"] == status["name"] }
            if declared.contains(where: { witness.answered.contains($0["endpoint"]?.string ?? "") }) { continue }
            fail(.belief, "\(change.key) says that \(status["name"]?.string ?? "") is there, and nobody asked it")
        }
    }

    static let planEnds: Set<String> = ["Succeeded", "Failed", "Cancelled"]

    /// An ended plan stays ended, unless a person changes what it is to do.
    private mutating func judgeReturn(_ change: StoredChange, _ seen: PlanSeen, _ phase: String) {
        guard let spec = change.spec, Self.stripped(spec) == seen.endSpec else { return }
        fail(.result, "\(change.key) was \(seen.phase) and is \(phase), and nobody changed what it is to do")
    }

    private static func stripped(_ spec: Tree) -> Tree {
        var spec = spec
        spec["suspend"] = nil
        spec["cancel"] = nil
        return spec
    }

    private mutating func judgeEnd(_ change: StoredChange, _ phase: String, _ seen: PlanSeen) {
        guard let after = change.after else { return }
        let tasks = store.list(StoreQuery(kinds: [.task])).objects.filter { $0.isOwned(by: after.uid) }
        if phase == "Succeeded" {
            let bad = tasks.first { ["Failed", "TimedOut"].contains($0.tree["status"]?["phase"]?.string ?? "") }
            if let bad { fail(.result, "\(change.key) succeeded, and \(bad.key.name) did not") }
            let open = tasks.first { !Self.terminal.contains($0.tree["status"]?["phase"]?.string ?? "Pending") }
            if let open { fail(.result, "\(change.key) succeeded, and \(open.key.name) is not over") }
        }
        let isTimedOut = phase == "Failed" && change.status?["reason"]?.string == "TimedOut"
        if isTimedOut || phase == "Cancelled" { judgeCleanup(change, tasks, seen) }
        guard isTimedOut,
            let text = change.spec?["scheduling"]?["timeout"]?.string, let limit = Duration(text: text),
            let began = seen.beganAt, now - seen.editedAt > .seconds(5)
        else { return }
        let suspended = seen.suspendedFor + (seen.suspendedSince.map { now - max($0, began) } ?? .zero)
        let active = now - began - suspended
        // Leaders' wall clocks differ by up to two seconds.
        guard active + .milliseconds(2500) < limit else { return }
        fail(.result, "\(change.key) timed out after \(active.text) of \(limit.text), \(suspended.text) suspended")
    }

    // MARK: Pools

    /// Gone is a pool when nothing of it lives.
    private mutating func judgePool(_ change: StoredChange) {
        if let reason = change.status?["conditions"]?.array?.first(where: { $0["type"] == "Ready" })?["reason"]?.string
        {
            witness.mark("pool \(reason)")
        }
        judgeBook(change)
        if let spec = change.spec {
            let given = max(spec["minWorkers"]?.int ?? 0, spec["replicas"]?.int ?? 0)
            witness.givenSize[change.key] = max(witness.givenSize[change.key] ?? 0, Int(given))
        }
        guard change.after == nil, change.by != nil else { return }
        for provider in providers {
            let left = provider.resources.values.filter {
                $0.pool == change.key.name && $0.isAlive && $0.clusterID == World.cluster && !$0.isLate
            }
            if let one = left.map(\.uid).min(), witness.workers[one]?.pool == change.key {
                fail(.deletion, "\(change.key) is gone, and \(one) of it lives")
            }
        }
    }
}

extension StoredObject {
    func isOwned(by uid: String) -> Bool {
        tree["metadata"]?["ownerReferences"]?.array?.contains { $0["uid"]?.string == uid } == true
    }
}
