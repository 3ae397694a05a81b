import Model
import Ports
import Storage
import Tree

/// Whether the stored objects of a drawn world are as they should be: done, or waiting for a reason that holds. A model
/// of its own, which knows what was written and asks none of the code under test.
struct Settling {
    private let objects: [StoredObject]
    private var plans: [ObjectKey: ExecutionPlan] = [:]
    private var tasks: [ObjectKey: WorkTask] = [:]
    private var pools: [ObjectKey: WorkerPool] = [:]
    private var regions: [String: Region] = [:]
    private var points: [ObjectKey: SyncPoint] = [:]
    private let engines: Bool
    private let forged: Set<String>

    init(_ objects: [StoredObject], _ world: borrowing World) {
        self.objects = objects
        engines = world.scenario.engines
        forged = world.witness.forged
        for object in objects {
            switch object.key.kind {
            case .executionPlan: plans[object.key] = try? ExecutionPlan(tree: object.tree)
            case .task: tasks[object.key] = try? WorkTask(tree: object.tree)
            case .workerPool: pools[object.key] = try? WorkerPool(tree: object.tree)
            case .region: regions[object.key.name] = try? Region(tree: object.tree)
            case .syncPoint: points[object.key] = try? SyncPoint(tree: object.tree)
            default: break
            }
        }
    }

    /// What is not yet as it should be; nil where everything is.
    func reason() -> String? {
        for object in objects where object.key.kind.isOwn {
            if object.tree["metadata"]?["deletionTimestamp"] != nil { return "\(object.key) is still being deleted" }
        }
        for object in objects {
            let reason: String? =
                switch object.key.kind {
                case .executionPlan: plans[object.key].flatMap(unsettled)
                case .task: tasks[object.key].flatMap(unsettled)
                case .workerPool: pools[object.key].flatMap(unsettled)
                case .region: regions[object.key.name].flatMap(unsettled)
                case .worker: unsettled(worker: object)
                default: nil
                }
            if let reason { return reason }
        }
        return nil
    }

    // MARK: Plans and tasks

    private func unsettled(_ plan: ExecutionPlan) -> String? {
        if plan.status.phase.isTerminal { return nil }
        let said = "\(plan.key) is \(plan.status.phase.rawValue): \(plan.status.message ?? "")"
        // A person has to write it anew.
        let why = plan.status.conditions[.stalled]?.reason
        if why == Reason.invalidGraph.rawValue || why == Reason.nameTaken.rawValue { return nil }
        let own = tasks.values.filter { $0.metadata.controllerOwner?.uid == plan.metadata.uid }
        // Its tasks say for themselves why they wait.
        if own.contains(where: { !$0.status.phase.isTerminal }) {
            // A time limit that runs ends it.
            return plan.spec.scheduling.timeout != nil && !plan.spec.suspend ? said : nil
        }
        return said
    }

    private func unsettled(_ task: WorkTask) -> String? {
        if task.status.phase.isTerminal { return nil }
        let said =
            "\(task.key) is \(task.status.phase.rawValue) \(task.status.reason ?? ""): \(task.status.message ?? "")"
        guard task.status.phase == .pending,
            let plan = plans[ObjectKey(.executionPlan, task.key.namespace, task.spec.plan)],
            let reason = task.status.reason.flatMap(Reason.init(rawValue:))
        else { return said }
        return mayWait(task, plan, reason) ? nil : said
    }

    private func mayWait(_ task: WorkTask, _ plan: ExecutionPlan, _ reason: Reason) -> Bool {
        switch reason {
        case .suspended: return plan.spec.suspend || usable(task, plan).contains { $0.spec.suspend }
        case .waitingForDependencies:
            return task.spec.dependsOn.contains { name in
                sibling(name, of: task)?.status.phase.isTerminal != true
            }
        case .waitingForSyncPoint:
            return task.spec.waitFor.contains { name in
                guard let point = points[ObjectKey(.syncPoint, task.key.namespace, name)] else { return true }
                return point.status.state == .waiting && isOpen(point) || point.status.state == .held
            }
        case .waitingForExternal:
            return plan.spec.regions.flatMap(\.externals).contains { $0.endpoint?.contains("down") == true }
        case .budgetExceeded: return hasBudget(task, plan)
        case .noFeasibleWorker, .residencyBlocked, .notAllowed, .concurrencyLimit, .switchedOff, .noOffering,
            .scaleRecommended:
            return isRestricted(task, plan)
        case .migrationLimit: return task.status.moves.count > 10
        case .rescheduled, .workerLost: return !plan.spec.faultTolerance.autoFailover
        default: return plan.spec.faultTolerance.autoFailover == false && reason != .waitingForRound
        }
    }

    private func sibling(_ name: String, of task: WorkTask) -> WorkTask? {
        tasks[ObjectKey(.task, task.key.namespace, TaskNames.object(plan: task.spec.plan, task: name))]
    }

    /// Whether somebody may still be missing at it.
    private func isOpen(_ point: SyncPoint) -> Bool {
        let present = Set(point.status.arrivals.map(\.participant))
        let missing = point.spec.participants.filter { !present.contains($0.identity) }
        let wanted = point.spec.quorum > 0 ? point.spec.quorum : point.spec.participants.count
        guard present.count < wanted else { return false }
        guard point.spec.timeout == .zero || present.isEmpty || point.spec.onTimeout == .hold else { return false }
        return missing.contains { party in
            if party.external != nil { return true }
            if let other = party.plan {
                let plan = plans[ObjectKey(.executionPlan, point.key.namespace, other)]
                return plan?.status.phase.isTerminal != true
            }
            let key = ObjectKey(.executionPlan, point.key.namespace, point.spec.plan ?? "")
            guard let plan = plans[key] else { return true }
            // Those that it counts, where it names them: who waits at it waits for them too.
            return tasks.values.contains {
                $0.metadata.controllerOwner?.uid == plan.metadata.uid && !$0.status.phase.isTerminal
                    && (point.spec.after.isEmpty || point.spec.after.contains($0.spec.task))
            }
        }
    }

    // MARK: What may hold a task back

    /// Pools it may run on.
    private func usable(_ task: WorkTask, _ plan: ExecutionPlan) -> [WorkerPool] {
        let namesOne = task.spec.pool != nil && plan.spec.faultTolerance.failover.isEmpty
        return pools.values.filter { pool in
            pool.key.namespace == task.key.namespace && (!namesOne || pool.metadata.name == task.spec.pool)
        }
    }

    private func hasBudget(_ task: WorkTask, _ plan: ExecutionPlan) -> Bool {
        if plan.spec.budget != nil || plan.spec.regions.contains(where: { $0.budget != nil }) { return true }
        return usable(task, plan).contains { pool in
            pool.spec.budget != nil || regions[pool.spec.region]?.spec.budget != nil
        }
    }

    /// Whether anything that was written keeps the task from a worker of its own pool.
    private func isRestricted(_ task: WorkTask, _ plan: ExecutionPlan) -> Bool {
        if task.spec.requires != Requirements() || (task.spec.run.image != nil && !engines) { return true }
        if plan.spec.scaling == .manual { return true }
        let here = usable(task, plan).filter { task.spec.pool == nil || $0.metadata.name == task.spec.pool }
        // A worker that is kept from tasks holds its place.
        let isHeld = objects.contains { $0.key.kind == .worker && $0.tree["spec"]?["maintenance"] == true }
        return isHeld
            || !here.contains { pool in
                guard let region = regions[pool.spec.region] else { return false }
                let most = max(pool.spec.minWorkers, pool.spec.maxWorkers)
                let size = pool.spec.autoscaling == nil ? min(pool.spec.replicas ?? most, most) : most
                let allowed = region.spec.allowedNamespaces
                return size > 0 && !pool.spec.suspend && pool.spec.budget == nil && region.spec.budget == nil
                    && region.spec.capabilities == Switches()
                    && (allowed.isEmpty || allowed.contains(pool.key.namespace)) && pool.status.price != nil
            }
    }

    // MARK: Places

    private func unsettled(_ pool: WorkerPool) -> String? {
        guard let region = regions[pool.spec.region] else { return nil }
        let status = pool.status
        let said =
            "\(pool.key) has \(status.readyReplicas) ready of \(status.replicas), desired \(status.desiredReplicas)"
        if pool.spec.suspend || pool.spec.budget != nil || region.spec.budget != nil || status.price == nil {
            return nil
        }
        let allowed = region.spec.allowedNamespaces
        if !allowed.isEmpty, !allowed.contains(pool.key.namespace) { return nil }
        let held = objects.count {
            $0.key.kind == .worker && $0.tree["spec"]?["pool"]?.string == pool.metadata.name
                && $0.tree["spec"]?["maintenance"] == true
        }
        if status.readyReplicas + held < status.desiredReplicas { return said }
        guard pool.metadata.controllerOwner == nil else { return nil }
        if region.spec.capabilities.autoscaling, status.desiredReplicas < pool.spec.minWorkers,
            pool.spec.replicas == nil
        {
            return said
        }
        if status.desiredReplicas > max(pool.spec.maxWorkers, pool.spec.replicas ?? 0) { return said }
        if let size = pool.spec.replicas, pool.spec.autoscaling == nil,
            status.desiredReplicas
                != min(max(size, pool.spec.minWorkers), max(pool.spec.minWorkers, pool.spec.maxWorkers))
        {
            return "\(said), and \(size) are written"
        }
        return nil
    }

    private func unsettled(_ region: Region) -> String? {
        if region.status.conditions.isTrue(.regionDown) { return "\(region.key) is down" }
        if region.status.circuits.contains(where: { $0.state == .open }) { return "\(region.key) has an open circuit" }
        if region.status.conditions.isTrue(.ready) { return nil }
        return "\(region.key) is not ready: \(region.status.conditions[.ready]?.message ?? "")"
    }

    private func unsettled(worker: StoredObject) -> String? {
        let state = worker.tree["status"]?["state"]?.string ?? ""
        if forged.contains(worker.uid) { return nil }
        if ["Online", "Busy", "Maintenance"].contains(state) { return nil }
        // A suspended pool leaves what it has as it is.
        let pool = pools[ObjectKey(.workerPool, worker.key.namespace, worker.tree["spec"]?["pool"]?.string ?? "")]
        return pool?.spec.suspend == true ? nil : "\(worker.key) is \(state)"
    }
}
