import Model
import Ports
import Storage
import Tree

// Which task comes first, and which worker it gets. Judged of what one commit binds, while nothing goes wrong and
// nobody changes anything: then what a round knew is what stands.
extension World {
    /// A task that one commit bound.
    private struct Bound {
        let task: WorkTask
        let plan: ExecutionPlan
        let worker: Worker
    }

    mutating func judgeRound(_ changes: [StoredChange]) {
        judgeReservations(changes)
        guard scenario.kind.isDrawnWide, isUndisturbed else { return }
        let bound = changes.compactMap { bindings($0) }
        guard !bound.isEmpty else { return }
        let tasks = store.list(StoreQuery(kinds: [.task])).objects
        let pending = tasks.filter { ($0.tree["status"]?["phase"]?.string ?? "Pending") == "Pending" }
        for one in bound {
            judgeUrgency(one, pending)
            judgeChoice(one, pending)
        }
    }

    /// From some time after the last edit until something goes wrong for the first time.
    private var isUndisturbed: Bool { isBeforeFaults && now - witness.disturbedAt > .seconds(3) }

    private func bindings(_ change: StoredChange) -> Bound? {
        guard change.key.kind == .task, change.by != nil, change.status?["phase"] == "Assigned",
            change.before?.tree["status"]?["phase"] != "Assigned", let after = change.after,
            let task = try? WorkTask(tree: after.tree), task.status.attempts.isEmpty,
            let plan = store.get(ObjectKey(.executionPlan, change.key.namespace, task.spec.plan)),
            let name = task.status.assignment?.worker,
            let worker = store.get(ObjectKey(.worker, change.key.namespace, name)),
            let plan = try? ExecutionPlan(tree: plan.tree), let worker = try? Worker(tree: worker.tree)
        else { return nil }
        return Bound(task: task, plan: plan, worker: worker)
    }

    // MARK: Who comes first

    /// A task is as urgent as the most urgent of those that wait for it, and of a plan's tasks that ask for the same
    /// the more urgent one goes first.
    private mutating func judgeUrgency(_ bound: Bound, _ pending: [StoredObject]) {
        let urgency = Self.urgencies(bound.plan.spec)
        guard let own = urgency[bound.task.spec.task] else { return }
        for object in pending where object.isOwned(by: bound.plan.metadata.uid) {
            guard let name = object.tree["spec"]?["task"]?.string, let other = urgency[name], other > own,
                let task = try? WorkTask(tree: object.tree), isAlike(task, bound.task), hasLongBeenReady(task)
            else { continue }
            fail(
                .placement,
                "\(bound.task.key) of urgency \(own) was bound, and \(task.key) of urgency \(other) goes on waiting")
        }
    }

    /// By name: a task's own priority, or the highest of what depends on it.
    private static func urgencies(_ spec: ExecutionPlanSpec) -> [String: Int] {
        let tasks = spec.allTasks.map(\.task)
        var urgency = Dictionary(tasks.map { ($0.name, $0.priority) }) { first, _ in first }
        // Each pass carries it one step further; what depends on itself ends all the same.
        for _ in tasks {
            var isChanged = false
            for task in tasks {
                for name in task.dependsOn {
                    guard let held = urgency[name], let wanted = urgency[task.name], wanted > held else { continue }
                    urgency[name] = wanted
                    isChanged = true
                }
            }
            if !isChanged { break }
        }
        return urgency
    }

    private func isAlike(_ one: WorkTask, _ other: WorkTask) -> Bool {
        one.spec.requires == other.spec.requires && one.spec.pool == other.spec.pool
            && one.spec.region == other.spec.region && (one.spec.run.image == nil) == (other.spec.run.image == nil)
            && one.status.reservation == nil && other.status.reservation == nil
    }

    private static let wantsAPlace: Set<Reason> = [.noFeasibleWorker, .provisioningWorkers, .concurrencyLimit]

    /// Nothing but a place is missing, and that for some seconds.
    private func hasLongBeenReady(_ task: WorkTask) -> Bool {
        guard task.status.attempts.isEmpty, task.status.retryAt == nil, task.spec.waitFor.isEmpty,
            task.spec.runWhen == .succeeded, !task.metadata.isDeleting,
            let reason = task.status.reason.flatMap(Reason.init(rawValue:)), Self.wantsAPlace.contains(reason)
        else { return false }
        for name in task.spec.dependsOn {
            let key = ObjectKey(.task, task.key.namespace, TaskNames.object(plan: task.spec.plan, task: name))
            guard let other = store.get(key), other.tree["status"]?["phase"] == "Succeeded",
                let ended = witness.succeededAt[other.uid], now - ended > .seconds(2)
            else { return false }
        }
        // What is just being written is not decided about.
        return isStill(task.key) && now - (witness.firstSeen[task.metadata.uid] ?? now) > .seconds(2)
    }

    private func isStill(_ key: ObjectKey) -> Bool { now - (witness.writtenAt[key] ?? .origin) > .milliseconds(50) }

    // MARK: Which worker

    /// What the algorithm of a plan stands for: of two workers in one region that both have room the one that costs
    /// less for a slot, or the one that has more to give.
    private mutating func judgeChoice(_ bound: Bound, _ pending: [StoredObject]) {
        let algorithm = bound.plan.spec.scheduling.algorithm
        guard algorithm == .costOptimized || algorithm == .priority, isPlain(bound.task), isUncapped(bound.plan),
            !pending.contains(where: { $0.tree["spec"]?["requires"] ?? .emptyObject != .emptyObject })
        else { return }
        for object in store.list(StoreQuery(kinds: [.worker])).objects where object.uid != bound.worker.metadata.uid {
            guard let other = try? Worker(tree: object.tree), isOpen(other, for: bound) else { continue }
            if algorithm == .costOptimized {
                let (held, free) = (Self.slotPrice(bound.worker), Self.slotPrice(other))
                guard free < held else { continue }
                fail(
                    .placement,
                    "\(bound.task.key) was bound to \(bound.worker.key), and \(other.key) is free and cheaper")
            } else {
                let held = bound.worker.spec.resources.cpu?.milli ?? 0
                guard other.spec.resources.cpu?.milli ?? 0 > held else { continue }
                fail(
                    .placement,
                    "\(bound.task.key) was bound to \(bound.worker.key), and \(other.key) is free and has more cpu")
            }
        }
    }

    private func isPlain(_ task: WorkTask) -> Bool {
        task.spec.requires == Requirements() && task.spec.run.image == nil && task.status.reservation == nil
    }

    private func isUncapped(_ plan: ExecutionPlan) -> Bool {
        plan.spec.budget == nil && plan.spec.regions.allSatisfy { $0.budget == nil }
            && plan.spec.faultTolerance.failover.isEmpty
    }

    /// Whether a round had it to give: in the same region, of a pool that the task may use, with nothing to do.
    private func isOpen(_ worker: Worker, for bound: Bound) -> Bool {
        guard worker.key.namespace == bound.task.key.namespace, worker.spec.region == bound.worker.spec.region,
            bound.task.spec.pool == nil || bound.task.spec.pool == worker.spec.pool,
            worker.status.state == .online, worker.status.health == 100, !worker.spec.maintenance,
            !worker.metadata.isDeleting, !witness.forged.contains(worker.metadata.uid),
            witness.bound[worker.metadata.uid]?.isEmpty ?? true,
            isStill(worker.key), let idle = witness.idleSince[worker.metadata.uid], now - idle > .seconds(3)
        else { return false }
        return [worker, bound.worker].allSatisfy { one in
            let pool = store.get(ObjectKey(.workerPool, one.key.namespace, one.spec.pool))
            return pool?.tree["status"]?["lost"]?.int ?? 0 == 0 && pool?.tree["spec"]?["budget"] == nil
                && pool?.tree["metadata"]?["deletionTimestamp"] == nil && one.status.health == 100
        }
    }

    private static func slotPrice(_ worker: Worker) -> Double {
        Double(worker.spec.price.perHour.micros) / Double(max(1, worker.spec.maxConcurrentTasks))
    }

    // MARK: A crowd

    /// A task that needs a whole worker is not overtaken for ever by small ones: its worker is kept for it, and others
    /// get only what ends before.
    mutating func judgeCrowd(_ name: String) {
        guard scenario.focus == .crowd, isUndisturbed, name.hasPrefix("\(WideScript.crowd)-small") else { return }
        let key = ObjectKey(
            .task, Scenario.namespace, TaskNames.object(plan: WideScript.crowd, task: WideScript.wholeWorker))
        guard let big = store.get(key), big.tree["status"]?["phase"] == "Pending",
            let since = witness.succeededAt[store.get(Self.opener)?.uid ?? ""], now - since > .seconds(1)
        else { return }
        witness.overtakings += 1
        guard witness.overtakings > WideScript.slots * 2 else { return }
        fail(.placement, "\(key) waits for a whole worker, and \(witness.overtakings) small tasks overtook it")
    }

    private static let opener = ObjectKey(
        .task, Scenario.namespace, TaskNames.object(plan: WideScript.crowd, task: WideScript.opener))
}
