import Model
import Ports
import Storage
import Tree

// What every write of a task must keep.
extension World {
    mutating func judgeTask(_ change: StoredChange) {
        guard let after = change.after, let status = change.status else {
            if let before = change.before { witness.unbind(before.uid, at: now) }
            return
        }
        let phase = status["phase"]?.string ?? "Pending"
        let former = change.before?.tree["status"]?["phase"]?.string ?? "Pending"
        if change.before == nil { witness.firstSeen[after.uid] = now }
        if phase == "Succeeded", former != phase {
            witness.succeededAt[after.uid] = now
            if status["outputs"]?["result"]?.string != World.output {
                fail(.result, "\(change.key) succeeded, and what it wrote is not in its outputs")
            }
        }
        witness.mark("task \(phase) \(status["reason"]?.string ?? "")")
        if let message = status["message"]?.string, message.utf8.count > 10 {
            let leaks = message.holds("\(WideScript.neighbour)-pool") || message.holds("namespace (must be")
            if after.key.namespace == Scenario.namespace, leaks {
                fail(.secrets, "\(change.key) speaks of what belongs to another namespace: \(message)")
            }
        }
        bookedOnce(change)
        judgeShape(change)
        judgeDrain(change)
        if phase != "Assigned", phase != "Running" { witness.unbind(after.uid, at: now) }
        guard phase != former else { return }
        if phase != "Assigned", phase != "Running" { judgeCost(change) }
        if phase == "Pending" {
            noteLoss(change)
            noteBackoff(change)
        }
        switch phase {
        case "Assigned":
            witness.boundAt[after.uid] = now
            judgeBinding(change)
        case "Failed" where status["reason"] == "ExitedNonZero": judgeFailure(change)
        case "TimedOut": judgeTimeout(change)
        default: break
        }
    }

    /// Each attempt stands in the history once (S10), and is paid once.
    private mutating func bookedOnce(_ change: StoredChange) {
        guard let attempts = change.status?["attempts"]?.array, attempts.count > 1,
            attempts.count != change.before?.tree["status"]?["attempts"]?.array?.count
                || change.before?.tree["status"]?["attempts"] != change.status?["attempts"]
        else { return }
        let (last, previous) = (attempts[attempts.count - 1], attempts[attempts.count - 2])
        if last["fence"] == previous["fence"] {
            fail(.oneResult, "\(change.key) has attempt \(last["attempt"]?.int ?? 0) twice in its history")
        }
    }

    // MARK: Bindings

    private mutating func judgeBinding(_ change: StoredChange) {
        guard let after = change.after, let assignment = change.status?["assignment"],
            let workerUID = assignment["workerUID"]?.string, let name = assignment["worker"]?.string
        else { return }
        witness.bind(after.uid, to: workerUID)
        guard let worker = store.get(ObjectKey(.worker, change.key.namespace, name)), worker.uid == workerUID else {
            return
        }
        let slots = Int(worker.tree["spec"]?["maxConcurrentTasks"]?.int ?? 1)
        let held = witness.bound[workerUID]?.count ?? 0
        if held > slots { fail(.limit, "\(worker.key) holds \(held) tasks in \(slots) slots") }
        if witness.forged.contains(workerUID) {
            fail(.belief, "\(change.key) was bound to \(worker.key), which a person made by hand")
        }
        if worker.tree["metadata"]?["deletionTimestamp"] != nil {
            fail(.meeting, "\(change.key) was bound to \(worker.key), which is being deleted")
        }
        judgeMoves(change)
        judgeReturn(change, worker)
        judgeTurn(change)
        judgeRoom(change, worker)
        judgeLeaving(change, workerUID, name)
        judgeConcurrency(change)
        judgePlace(change, worker)
        if let planName = change.spec?["plan"]?.string,
            let plan = store.get(ObjectKey(.executionPlan, change.key.namespace, planName))
        {
            judgePlanRate(plan)
            judgeDecided(change, plan)
            judgeFailover(change, worker, plan)
        }
    }

    /// Where nothing fails over by itself, what was lost with its worker waits for somebody's word.
    private mutating func judgeDecided(_ change: StoredChange, _ plan: StoredObject) {
        guard plan.tree["spec"]?["faultTolerance"]?["autoFailover"] == false,
            now - (witness.plans[plan.uid]?.editedAt ?? .origin) > .seconds(25),
            let last = change.status?["attempts"]?.array?.last, last["reason"] == "WorkerLost",
            change.after?.tree["metadata"]?["annotations"]?[Names.retryAfter] == nil
        else { return }
        fail(.result, "\(change.key) was lost with its worker and runs again, and autoFailover is off")
    }

    /// What a worker was drained of never comes back to it: it is on its way out.
    private mutating func judgeLeaving(_ change: StoredChange, _ workerUID: String, _ name: String) {
        guard let last = change.status?["attempts"]?.array?.last, last["reason"] == "Preempted",
            last["worker"]?.string == name,
            agents.last(where: { $0.uid == workerUID })?.isStopped == true
        else { return }
        fail(.meeting, "\(change.key) was stopped with \(name), which was told to end, and is bound to it again")
    }

    private mutating func judgeConcurrency(_ change: StoredChange) {
        guard let planName = change.spec?["plan"]?.string,
            let plan = store.get(ObjectKey(.executionPlan, change.key.namespace, planName)),
            let most = plan.tree["spec"]?["scheduling"]?["maxConcurrentTasks"]?.int,
            now - (witness.plans[plan.uid]?.editedAt ?? .origin) > .seconds(5)
        else { return }
        let tasks = store.list(StoreQuery(kinds: [.task])).objects
        let bound = tasks.count { task in
            let phase = task.tree["status"]?["phase"]
            return (phase == "Assigned" || phase == "Running") && task.isOwned(by: plan.uid)
        }
        if bound > most { fail(.limit, "\(plan.key) has \(bound) tasks bound, and \(most) may be at once") }
    }

    /// Law before preference: residency and what the task requires of a worker hold wherever it goes.
    private mutating func judgePlace(_ change: StoredChange, _ worker: StoredObject) {
        guard let requires = change.spec?["requires"], requires != .emptyObject,
            let regionName = worker.tree["spec"]?["region"]?.string,
            let region = store.get(ObjectKey(.region, "", regionName)),
            now - (witness.editedAt[region.key] ?? .origin) > .seconds(5)
        else { return }
        let satisfied = Set((region.tree["spec"]?["regulations"]?.array ?? []).compactMap { $0.string?.lowercased() })
        for wanted in requires["regulations"]?.array ?? [] {
            guard let word = wanted.string?.lowercased(), !satisfied.contains(word) else { continue }
            fail(.limit, "\(change.key) requires \(word) and was bound in \(regionName)")
        }
        if let held = requires["dataLocality"]?["regions"]?.array, !held.isEmpty, !held.contains(.string(regionName)) {
            fail(.limit, "\(change.key) was bound in \(regionName), where its data is not")
        }
        let filter = requires["regions"]
        if filter?["exclude"]?.array?.contains(.string(regionName)) == true {
            fail(.limit, "\(change.key) excludes \(regionName) and was bound there")
        }
        if let only = filter?["include"]?.array, !only.isEmpty, !only.contains(.string(regionName)) {
            fail(.limit, "\(change.key) was bound in \(regionName), which it does not include")
        }
        let can = worker.tree["spec"]?["capabilities"]?.array ?? []
        for wanted in requires["capabilities"]?.array ?? [] where !can.contains(wanted) {
            fail(.limit, "\(change.key) requires \(wanted.string ?? "") and was bound to \(worker.key)")
        }
        if let tree = requires["maxCostPerHour"], let cap = try? Money(tree: tree),
            let price = worker.tree["spec"]?["price"]?["perHour"], let cost = try? Money(tree: price), cost > cap
        {
            fail(.limit, "\(change.key) may cost \(cap) an hour and was bound to \(worker.key) at \(cost)")
        }
    }

    // MARK: Ends

    private static func retry(_ change: StoredChange) -> RetryPolicy {
        guard let tree = change.spec?["retry"], let policy = try? RetryPolicy(tree: tree) else { return RetryPolicy() }
        return policy
    }

    /// A failure is for good only after the limit of retries.
    private mutating func judgeFailure(_ change: StoredChange) {
        guard let after = change.after else { return }
        let limit = Self.retry(change).limit
        let ends = (witness.failures[after.uid] ?? 0) + (witness.kills[after.uid] ?? 0)
        if ends < limit + 1 {
            fail(.result, "\(change.key) failed for good after \(ends) failed ends, and \(limit) retries are allowed")
        }
    }

    private mutating func judgeTimeout(_ change: StoredChange) {
        guard let after = change.after, let text = change.spec?["timeout"]?.string, let limit = Duration(text: text),
            change.status?["assignment"]?["stop"] != "TimedOut",
            let began = witness.begins[after.uid]?[Int(change.status?["fence"]?.int ?? 0)]
        else { return }
        if now - began + .milliseconds(500) < limit {
            fail(.result, "\(change.key) timed out after \((now - began).text), and \(limit.text) are allowed")
        }
    }

    /// A retry waits for its back-off, by a formula of our own.
    private mutating func noteBackoff(_ change: StoredChange) {
        let failures = Int(change.status?["failures"]?.int ?? 0)
        guard let after = change.after, failures > Int(change.before?.tree["status"]?["failures"]?.int ?? 0) else {
            return
        }
        let policy = Self.retry(change).backoff
        var wait = policy.initial
        for _ in 1..<max(2, failures) where failures > 1 { wait = min(wait * max(1, policy.factor), policy.max) }
        witness.backoffs[after.uid] = (now, min(wait, policy.max))
    }

    /// At the start of an attempt.
    mutating func judgeBackoff(_ taskUID: String, _ name: String) {
        judgeHold(taskUID, name)
        guard let (since, wait) = witness.backoffs.removeValue(forKey: taskUID) else { return }
        if now - since + waitingSlack < wait {
            fail(.result, "\(name) was tried again after \((now - since).text), and its back-off is \(wait.text)")
        }
    }
}
