import Model
import Ports
import Storage
import Tree
import WorkerProtocol

// Safety, judged at every step by what an outsider sees.
extension World {
    /// A commit, as it became.
    mutating func inspect(_ key: ObjectKey, _ object: StoredObject?) {
        guard let object else { return }
        inspectText(key, object)
        switch key.kind {
        case .task: inspectTask(key, object)
        case .syncPoint: inspectPoint(key, object)
        case .workerPool:
            let status = Int(object.tree["status"]?["desiredReplicas"]?.int ?? 0)
            witness.desired[key.name] = max(witness.desired[key.name] ?? 0, status)
        default: break
        }
    }

    /// S10: one terminal result per task, of an attempt that really ended so, under the fence that is current; fences
    /// only rise.
    private mutating func inspectTask(_ key: ObjectKey, _ object: StoredObject) {
        guard let status = object.tree["status"] else { return }
        let phase = status["phase"]?.string ?? "Pending"
        let fence = Int(status["fence"]?.int ?? 0)
        let attempt = Int(status["attempt"]?.int ?? 0)
        let before = witness.tasks[object.uid] ?? .init(phase: "Pending", fence: 0, attempt: 0)
        witness.tasks[object.uid] = .init(phase: phase, fence: fence, attempt: attempt)
        if fence < before.fence { fail(.oneResult, "the fence of \(key) fell from \(before.fence) to \(fence)") }
        if fence > before.fence + 1 { fail(.oneResult, "the fence of \(key) jumped from \(before.fence) to \(fence)") }
        if Self.terminal.contains(before.phase), phase != before.phase {
            fail(.oneResult, "\(key) was \(before.phase) and became \(phase)")
        }
        guard phase != before.phase else { return }
        if phase == "Succeeded", !witness.completed(object.uid, fence: fence) {
            fail(.oneResult, "\(key) succeeded under fence \(fence), and no attempt under it exited with 0")
        }
        let reason = status["reason"]?.string
        if phase == "Failed" && reason == "ExitedNonZero" || phase == "Pending" && reason == "RetryBackoff" {
            let last = status["attempts"]?.array?.last?["reason"]
            guard !witness.hasEnded(object.uid, fence: fence), last != "CouldNotStart" else { return }
            fail(.oneResult, "\(key) failed under fence \(fence), and no attempt under it has ended")
        }
    }

    static let terminal: Set<String> = ["Succeeded", "Failed", "TimedOut", "Cancelled", "Skipped"]

    /// S12: released for a generation once, with enough distinct participants, whose tasks have all succeeded.
    private mutating func inspectPoint(_ key: ObjectKey, _ object: StoredObject) {
        guard let status = object.tree["status"], status["state"]?.string == "Released" else { return }
        let generation = Int(status["generation"]?.int ?? 0)
        guard witness.released[object.uid] != generation else { return }
        witness.released[object.uid] = generation
        guard let point = try? SyncPoint(tree: object.tree) else { return fail(.syncPoint, "\(key) can't be read") }
        let timedOut = point.spec.onTimeout == .proceed && point.spec.timeout > .zero
        let wanted = point.spec.quorum > 0 ? point.spec.quorum : point.spec.participants.count
        let arrived = Set(point.status.arrivals.map(\.participant))
        if arrived.count < wanted, !timedOut {
            fail(.syncPoint, "\(key) was released with \(arrived.count) of \(wanted) distinct arrivals")
        }
        for participant in point.spec.participants where arrived.contains(participant.identity) {
            guard let region = participant.region, let plan = point.spec.plan else { continue }
            if let open = unfinished(region, point, plan) {
                fail(.syncPoint, "\(key) counts \(region), whose task \(open) has not succeeded")
            }
        }
    }

    /// A task that the region owes the point and that has not succeeded. Only what `after` names is judged.
    private func unfinished(_ region: String, _ point: SyncPoint, _ plan: String) -> String? {
        let tasks = point.spec.after.compactMap { name in
            store.get(ObjectKey(.task, point.metadata.namespace ?? "", "\(plan)-\(name)"))
        }
        let own = tasks.filter { $0.tree["spec"]?["region"]?.string == region }
        return (own.isEmpty ? tasks : own).first {
            !["Succeeded", "Skipped"].contains($0.tree["status"]?["phase"]?.string)
        }?.key.name
    }

    // MARK: Attempts

    /// S11 and S15, at the moment a task's process starts.
    mutating func judgeStart(_ assignment: AssignmentMessage, _ agent: Int) {
        guard let object = store.get(assignment.task), object.uid == assignment.taskUID,
            let task = try? WorkTask(tree: object.tree)
        else { return }
        if let other = living.first(where: { attempts[$0].id.taskUID == assignment.taskUID }), task.spec.exclusive {
            fail(
                .exclusive,
                "\(assignment.task) runs twice: fence \(assignment.fence) on agent \(agent) while fence "
                    + "\(attempts[other].id.fence) is alive on agent \(attempts[other].agent)")
        }
        witness.begins[assignment.taskUID, default: [:]][assignment.fence] = now
        if scenario.kind.isDrawnWide {
            judgeBackoff(assignment.taskUID, "\(assignment.task)")
            judgeSlots(agent)
            judgeAssignment(assignment, task)
            judgeCrowd(assignment.task.name)
        }
        // As the plan says it, whatever has become of the task's own copy.
        let plan = store.get(ObjectKey(.executionPlan, Scenario.namespace, task.spec.plan))
        if scenario.kind.isDrawnWide { judgeParties(task, plan) }
        let wanted = plan.flatMap { try? ExecutionPlan(tree: $0.tree) }?.spec.allTasks.first {
            $0.task.name == task.spec.task
        }?.task
        for name in wanted?.dependsOn ?? task.spec.dependsOn {
            let other = store.get(ObjectKey(.task, Scenario.namespace, "\(task.spec.plan)-\(name)"))
            let phase = other?.tree["status"]?["phase"]?.string ?? "absent"
            let isGood = phase == "Succeeded" || phase == "Skipped"
            let isMet = task.spec.runWhen == .succeeded ? isGood : Self.terminal.contains(phase)
            if !isMet { fail(.order, "\(assignment.task) started, and \(name), on which it depends, is \(phase)") }
        }
        for name in task.spec.waitFor {
            let state = store.get(ObjectKey(.syncPoint, Scenario.namespace, name))?.tree["status"]?["state"]?.string
            if state != "Released" {
                fail(.order, "\(assignment.task) started, and sync point \(name) is \(state ?? "absent")")
            }
        }
    }

    /// An agent never runs more than its worker has slots; what is being stopped still holds one.
    private mutating func judgeSlots(_ agent: Int) {
        let worker = store.list(StoreQuery(kinds: [.worker])).objects.first { $0.uid == agents[agent].uid }
        guard let slots = worker?.tree["spec"]?["maxConcurrentTasks"]?.int else { return }
        let running = living.count { attempts[$0].agent == agent && attempts[$0].killAt == nil } + 1
        if running > slots { fail(.limit, "agent \(agent) runs \(running) attempts in \(slots) slots") }
    }

    // MARK: Resources

    /// S1 and S2, at the moment a provider makes something.
    mutating func judgeCreate(_ resource: SimulatedResource, _ place: Int) {
        let alive = providers.flatMap { $0.resources.values }.filter {
            $0.isAlive && $0.clusterID == World.cluster && !$0.isLate && $0.pool == resource.pool
        }
        for other in alive where other.slot == resource.slot && other.uid != resource.uid {
            fail(
                .noDoubleCreate,
                "attempt \(resource.attempt) of slot \(resource.slot) of \(resource.pool) was made while attempt \(other.attempt) is alive"
            )
        }
        // Surge: a worker that ends is replaced at once, while what is left of it goes.
        let workers = store.list(StoreQuery(kinds: [.worker])).objects
        let staying = alive.count { other in
            guard let tree = workers.first(where: { $0.uid == other.uid })?.tree else { return false }
            return tree["metadata"]?["deletionTimestamp"] == nil && tree["status"]?["state"]?.string != "Failed"
        }
        let most = witness.desired[resource.pool] ?? 0
        if staying > most {
            fail(.boundedOvershoot, "\(staying) workers of \(resource.pool), and at most \(most) were ever wanted")
        }
    }

    /// S4, for the release of a worker's own resource: only of one that is failing or ending.
    mutating func judgeRelease(_ reference: WorkerRef, _ place: Int) {
        let worker = store.list(StoreQuery(kinds: [.worker])).objects.first { $0.uid == reference.workerUID }
        guard let worker else { return }
        judgeEarlyRelease(worker)
        let isEnding = worker.tree["metadata"]?["deletionTimestamp"] != nil
        guard !isEnding, worker.tree["status"]?["state"]?.string != "Failed" else { return }
        fail(.noWrongfulDelete, "\(worker.key) is released and neither failed nor deleting")
    }

    /// S4, for the sweep.
    mutating func judgeSweep(_ reference: WorkerRef, _ place: Int) {
        guard let resource = providers[place].resources[reference.workerUID] else { return }
        if resource.clusterID != World.cluster {
            fail(.noWrongfulDelete, "the sweep deletes \(resource.uid) of another cluster")
        }
        // Wall clocks differ by up to two seconds.
        if now - resource.createdAt < .seconds(57) {
            fail(.noWrongfulDelete, "the sweep deletes \(resource.uid), \((now - resource.createdAt).text) old")
        }
    }
}
