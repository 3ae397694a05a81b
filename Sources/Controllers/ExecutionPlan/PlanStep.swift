import Engine
import Model
import Tree

/// One pass over one plan.
struct PlanStep {
    let world: PlanReconciler.World
    let now: Moment
    var decision: Decision<ExecutionPlan>

    private var plan: ExecutionPlan { world.plan }
    private var generation: Int { plan.metadata.generation }

    init(world: PlanReconciler.World, now: Moment) {
        self.world = world
        self.now = now
        decision = Decision(status: world.plan.status)
    }

    mutating func run() {
        decision.finalizer = true
        decision.status.observedGeneration = generation
        if let asked = plan.metadata.annotations[Names.requestedAt] { decision.status.lastHandledReconcileAt = asked }
        if plan.metadata.isDeleting { return end() }
        let issues = plan.spec.validate()
        if let first = issues.first, plan.status.startedAt == nil { return refuse(first) }
        decision.status.conditions.remove(.stalled)
        if decision.status.executionID == nil { decision.status.executionID = "\(plan.metadata.uid.prefix(8))-\(generation)" }
        unfold()
        probe()
        fold()
    }

    private mutating func refuse(_ issue: DecodingIssue) {
        decision.status.phase = .pending
        decision.status.reason = Reason.invalidGraph.rawValue
        decision.status.message = issue.description
        set(Condition(.stalled, .yes, .invalidGraph, issue.description))
        set(Condition(.succeeded, .unknown, .invalidGraph, issue.description))
        decision.finalizer = nil
    }

    // MARK: Children

    private mutating func unfold() {
        guard !plan.status.phase.isTerminal, !plan.spec.cancel else { return }
        let poolNames = Set(world.ownPools.map(\.metadata.name))
        for pool in PlanChildren.pools(of: plan) where !poolNames.contains(pool.metadata.name) {
            decision.actions.append(.create(NewObject(pool)))
        }
        let pointNames = Set(world.points.map(\.metadata.name))
        for point in PlanChildren.syncPoints(of: plan) where !pointNames.contains(point.metadata.name) {
            decision.actions.append(.create(NewObject(point)))
        }
        let wanted = PlanChildren.tasks(of: plan)
        let standing = Dictionary(uniqueKeysWithValues: world.tasks.map { ($0.metadata.name, $0) })
        var created = 0
        for task in wanted {
            if let held = standing[task.metadata.name] {
                // A task that has not begun follows its manifest; one that has keeps what it began with.
                if held.status.attempt == 0, held.status.phase == .pending, held.spec != task.spec {
                    decision.actions.append(.replaceSpec(held.key, NewObject(task)))
                }
            } else if created < 500 {
                decision.actions.append(.create(NewObject(task)))
                created += 1
            }
        }
        let names = Set(wanted.map(\.metadata.name))
        for task in world.tasks where !names.contains(task.metadata.name) && !task.metadata.isDeleting {
            decision.actions.append(.delete(task.key, reason: "no longer in the plan"))
            decision.actions.append(.removeBlobs(prefix: "tasks/\(task.metadata.uid)"))
        }
        if decision.status.startedAt == nil {
            decision.status.startedAt = now.wall
            decision.events.append(.init(.normal, .planning, "Unfolding into \(wanted.count) tasks"))
        }
    }

    /// Declared externals are checked every 30 s while the plan runs; in a rehearsal they are only declared.
    private mutating func probe() {
        var statuses: [ExternalStatus] = []
        for entry in plan.spec.regions {
            for external in entry.externals {
                var status = ExternalStatus()
                status.name = external.name
                status.region = entry.region
                if world.settings.rehearsal {
                    status.available = true
                    status.message = "not checked in a rehearsal"
                } else if let endpoint = external.endpoint {
                    let state = world.externals[endpoint]
                    status.available = state?.available ?? false
                    status.message = state?.message ?? "not checked yet"
                    if !plan.status.phase.isTerminal, state.map({ now.instant - $0.checkedAt >= .seconds(30) }) ?? true {
                        decision.actions.append(.probe(endpoint: endpoint))
                    }
                } else {
                    status.available = true
                    status.message = "declared without an endpoint"
                }
                statuses.append(status)
            }
        }
        decision.status.externals = statuses
        if statuses.contains(where: { !$0.available }) { decision.next = .after(.seconds(30)) }
    }

    // MARK: Deletion

    /// Children first; the finalizer goes when the last of them is gone.
    private mutating func end() {
        let children = world.tasks.map { ($0.key, $0.metadata) } + world.points.map { ($0.key, $0.metadata) }
        let pools = world.ownPools.map { ($0.key, $0.metadata) }
        for task in world.tasks where !task.metadata.isDeleting {
            decision.actions.append(.removeBlobs(prefix: "tasks/\(task.metadata.uid)"))
        }
        for (key, metadata) in children + pools where !metadata.isDeleting {
            decision.actions.append(.delete(key, reason: "its plan is deleted"))
        }
        guard children.isEmpty, pools.isEmpty else {
            set(Condition(.reconciling, .yes, .deleting, "\(children.count + pools.count) objects left"))
            return
        }
        decision.finalizer = false
    }

    // MARK: Folding states back

    private mutating func fold() {
        let counts = PlanFold.counts(world.tasks)
        decision.status.counts = counts
        decision.status.counts.total = max(counts.total, plan.spec.allTasks.count)
        decision.status.regions = PlanFold.regions(plan, world)
        decision.status.cost = PlanFold.cost(plan, world, now: now)
        decision.status.recoveries = PlanRecoveries.update(plan.status.recoveries, world: world)
        for record in decision.status.recoveries where record.running != nil {
            guard plan.status.recoveries.first(where: { $0.worker == record.worker })?.running == nil else { continue }
            let tasks = TaskReadiness.list(record.tasks)
            let message = "\(tasks) run again after \(record.worker) was lost, down \(record.downtimeSeconds ?? "?") s"
            decision.events.append(.init(.normal, .recovered, message))
        }
        placement()
        if !plan.status.phase.isTerminal { phase(counts) }
        if let eta = PlanFold.estimate(plan, world, now: now) { decision.status.estimatedCompletion = eta }
        if decision.status.phase.isTerminal { decision.status.estimatedCompletion = nil }
        summarise()
    }

    private mutating func placement() {
        var placement = PlanPlacement()
        placement.strategy = plan.spec.scheduling.algorithm
        let current = world.tasks.compactMap(\.status.assignment?.worker)
        let past = world.tasks.flatMap { $0.status.attempts.map(\.worker) }
        placement.workers = Array(Set(current + past).sorted().prefix(100))
        decision.status.placement = placement
    }

    private mutating func phase(_ counts: TaskCounts) {
        if let timeout = plan.spec.scheduling.timeout, let started = decision.status.startedAt,
            counts.finished < plan.spec.allTasks.count
        {
            let left = started + timeout - now.wall
            if left <= .zero { return finish(.failed, .timedOut, "longer than \(timeout.text) in all") }
            decision.next = sooner(decision.next, left + .milliseconds(1))
        }
        guard counts.total >= plan.spec.allTasks.count, counts.finished == counts.total else { return progress(counts) }
        if plan.spec.cancel { return finish(.cancelled, .cancelled, "cancelled by spec.cancel") }
        let bad = world.tasks.filter { $0.status.phase == .failed || $0.status.phase == .timedOut }
        if let first = bad.first {
            let names = TaskReadiness.list(bad.map(\.spec.task))
            return finish(.failed, .failed, "failed: \(names) (\(first.status.message ?? first.status.reason ?? ""))")
        }
        let skipped = world.tasks.filter { $0.status.phase == .cancelled && $0.spec.runWhen == .succeeded }
        if let first = skipped.first {
            return finish(.failed, .failed, "never ran: \(first.spec.task) (\(first.status.message ?? ""))")
        }
        finish(.succeeded, .completed, "all \(counts.total) tasks succeeded")
    }

    private mutating func progress(_ counts: TaskCounts) {
        let stuck = PlanFold.blockers(world)
        if plan.spec.cancel {
            say(.running, .cancelled, "stopping \(counts.running + counts.assigned) tasks")
        } else if counts.running + counts.assigned > 0 {
            say(.running, .running, "\(counts.finished) of \(counts.total) tasks finished, \(counts.running) running")
        } else if plan.spec.suspend {
            say(.blocked, .suspended, "suspended; nothing new starts")
        } else if let (reason, message) = stuck {
            say(.blocked, reason, message)
        } else {
            let started = counts.finished > 0
            say(started ? .running : .planning, started ? .running : .planning, "\(counts.pending) tasks pending")
        }
    }

    private mutating func say(_ phase: PlanPhase, _ reason: Reason, _ message: String) {
        decision.status.phase = phase
        decision.status.reason = reason.rawValue
        decision.status.message = message
        set(Condition(.succeeded, .unknown, reason, message))
        if phase == .blocked {
            set(Condition(.stalled, .yes, reason, message))
        } else {
            decision.status.conditions.remove(.stalled)
        }
    }

    private mutating func finish(_ phase: PlanPhase, _ reason: Reason, _ message: String) {
        say(phase, reason, message)
        decision.status.finishedAt = now.wall
        set(Condition(.succeeded, phase == .succeeded ? .yes : .no, reason, message))
        if phase == .failed { set(Condition(.failed, .yes, reason, message)) }
        let word: Reason = phase == .succeeded ? .succeeded : reason
        decision.events.append(.init(phase == .failed ? .warning : .normal, word, message))
        decision.next = .awaitChange
    }

    private mutating func summarise() {
        let counts = decision.status.counts
        var summary = PlanSummary()
        summary.tasks = "\(counts.succeeded)/\(counts.total)"
        summary.running = String(counts.running)
        summary.cost = decision.status.cost.accrued.description
        decision.status.summary = summary
        let fields = unsupportedFields(in: plan.tree, of: .executionPlan)
        if fields.isEmpty {
            decision.status.conditions.remove(.partlySupported)
        } else {
            let names = TaskReadiness.list(fields.map(\.description))
            set(Condition(.partlySupported, .yes, .notYetSupported, "accepted and not acted on yet: \(names)"))
        }
    }

    private mutating func set(_ condition: Condition) {
        decision.status.conditions.set(condition, generation: generation, at: now.wall)
    }

    private func sooner(_ next: Next, _ delay: Duration) -> Next {
        if case .after(let standing) = next, standing <= delay { return next }
        return .after(delay)
    }
}
