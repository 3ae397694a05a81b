import Engine
import Model

/// One pass over one plan.
struct PlanStep {
    let world: PlanReconciler.World
    let now: Moment
    var decision: Decision<ExecutionPlan>
    /// Whether the spec came to make no sense while the plan runs: what runs of it goes on.
    private var isNotFollowed = false

    private var plan: ExecutionPlan { world.plan }
    private var generation: Int { plan.metadata.generation }
    /// Whether the spec was not looked at before: what follows from it alone is found out once.
    private var isNew: Bool { plan.status.observedGeneration != generation }

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
        guard isSound() else { return }
        if plan.status.phase.isTerminal, reopen() { return }
        if isNamesake() { return }
        if decision.status.executionID == nil {
            decision.status.executionID = "\(plan.metadata.uid.prefix(8))-\(generation)"
        }
        unfold()
        keepTime()
        probe()
        fold()
    }

    /// What the plan is to do, and how long it was suspended: that does not count against its time limit.
    private mutating func keepTime() {
        guard decision.status.startedAt != nil, !decision.status.phase.isTerminal else { return }
        if isNew || decision.status.specHash == nil { decision.status.specHash = SpecHash.of(plan.spec) }
        if plan.spec.suspend {
            decision.status.suspendedAt = decision.status.suspendedAt ?? now.wall
        } else if let since = decision.status.suspendedAt {
            let before = decision.status.suspendedFor ?? .zero
            decision.status.suspendedFor = before + max(.zero, now.wall - since)
            decision.status.suspendedAt = nil
        }
        if plan.spec.cancel { noteEnd(.cancelled) }
    }

    /// From now on it ends, and what runs always cleans up.
    private mutating func noteEnd(_ reason: Reason) {
        guard decision.status.endingSince == nil else { return }
        decision.status.endingSince = now.wall
        decision.status.endingReason = reason.rawValue
    }

    /// Nothing is made out of a spec that makes no sense. One that came to make none while the plan runs is not
    /// followed: what runs goes on.
    private mutating func isSound() -> Bool {
        let runs = plan.status.startedAt != nil && !plan.status.phase.isTerminal
        // To be cancelled it need not make sense: nothing is made out of it any more.
        if runs, plan.spec.cancel { return true }
        if isNew {
            guard let issue = plan.spec.validate().first else { return true }
            refuse(issue)
        } else if plan.status.conditions[.stalled]?.reason != Reason.invalidGraph.rawValue {
            return true
        }
        if runs { goOn() }
        return false
    }

    /// Says how far what runs has come, beside that the changed spec is not followed.
    private mutating func goOn() {
        isNotFollowed = true
        probe()
        count()
        let counts = PlanFold.counts(world.tasks)
        guard counts.finished == counts.total else { return progress(counts) }
        let why = decision.status.conditions[.stalled]?.message ?? "the changed spec is not followed"
        say(.isHeld, .invalidGraph, "all that ran has ended; \(why)")
    }

    /// A changed spec gives a plan that ended another run, of the tasks that changed, are new, or had not succeeded.
    /// One that is only suspended, resumed or cancelled has ended, and stays so.
    private mutating func reopen() -> Bool {
        guard isNew, !plan.spec.cancel, plan.status.specHash != SpecHash.of(plan.spec) else { return false }
        let standing = Dictionary(world.tasks.map { ($0.metadata.name, $0) }) { first, _ in first }
        let stale = stale(PlanChildren.tasks(of: plan), standing)
        guard !stale.isEmpty else { return false }
        for task in stale { if let held = standing[task.metadata.name] { delete(held, reason: "the plan runs anew") } }
        decision.status.specHash = SpecHash.of(plan.spec)
        decision.status.suspendedAt = nil
        decision.status.suspendedFor = nil
        decision.status.endingSince = nil
        decision.status.endingReason = nil
        decision.status.phase = PlanLife.after(decision.status.phase, .begins) ?? decision.status.phase
        decision.status.executionID = nil
        decision.status.startedAt = nil
        decision.status.finishedAt = nil
        decision.status.conditions.remove(.failed)
        return true
    }

    /// What is to run again: also what was not needed, where something that it depends on runs again.
    private func stale(_ wanted: [WorkTask], _ standing: [String: WorkTask]) -> [WorkTask] {
        var names: Set<String> = []
        var grew = true
        while grew {
            grew = false
            for task in wanted where !names.contains(task.spec.task) {
                let held = standing[task.metadata.name]
                let keeps = held?.spec == task.spec && held?.status.phase.satisfies == true
                let isDragged = held?.status.phase == .skipped && task.spec.dependsOn.contains(where: names.contains)
                guard !keeps || isDragged else { continue }
                names.insert(task.spec.task)
                grew = true
            }
        }
        return wanted.filter { names.contains($0.spec.task) }
    }

    /// A plan whose objects can't be made under their names does not begin; it does once the names are free.
    private mutating func isNamesake() -> Bool {
        guard let key = world.taken.first, plan.status.startedAt == nil || isNew else { return false }
        let more = world.taken.count > 1 ? " and \(world.taken.count - 1) more" : ""
        let message =
            "\(key.kind.rawValue) \(key.name)\(more) stands already and is not this plan's: delete it, or rename the plan or what "
            + "is called so in it"
        decision.next = .after(.seconds(30))
        guard plan.status.startedAt == nil else {
            set(Condition(.stalled, .yes, .nameTaken, message))
            return false
        }
        if plan.status.reason != Reason.nameTaken.rawValue {
            decision.events.append(.init(.warning, .nameTaken, message))
        }
        say(.isHeld, .nameTaken, message)
        decision.finalizer = nil
        return true
    }

    private mutating func refuse(_ issue: DecodingIssue) {
        guard plan.status.startedAt == nil else {
            return set(
                Condition(.stalled, .yes, .invalidGraph, "the changed spec is not followed: \(issue.description)"))
        }
        decision.status.phase = PlanLife.after(decision.status.phase, .isRefused) ?? decision.status.phase
        decision.status.reason = Reason.invalidGraph.rawValue
        decision.status.message = issue.description
        set(Condition(.stalled, .yes, .invalidGraph, issue.description))
        set(Condition(.succeeded, .unknown, .invalidGraph, issue.description))
        decision.finalizer = nil
    }

    // MARK: Children

    private mutating func unfold() {
        guard !decision.status.phase.isTerminal, !plan.spec.cancel else { return }
        let count = plan.spec.taskCount
        let begins = decision.status.startedAt == nil
        if begins {
            decision.status.startedAt = now.wall
            decision.events.append(
                .init(.normal, .planning, "Unfolding into \(count) \(count == 1 ? "task" : "tasks")"))
        }
        // At rest nothing is compared: what stands was made from this spec.
        guard isNew || begins || world.tasks.count != count || !isComplete else { return }
        unfoldPools()
        unfoldPoints()
        unfoldTasks()
    }

    /// Whether every pool and sync point of the plan stands.
    private var isComplete: Bool {
        world.ownPools.count >= plan.spec.regions.count { $0.poolTemplate != nil }
            && ownPoints.count >= plan.spec.synchronization?.points.count ?? 0
    }

    /// Sync points that this plan made; others of the same plan are the user's.
    private var ownPoints: [SyncPoint] { world.points.filter { $0.metadata.controllerOwner?.uid == plan.metadata.uid } }

    private mutating func unfoldPools() {
        let standing = Dictionary(world.ownPools.map { ($0.metadata.name, $0) }) { first, _ in first }
        var wanted: Set<String> = []
        for var pool in PlanChildren.pools(of: plan) {
            wanted.insert(pool.metadata.name)
            guard let held = standing[pool.metadata.name] else {
                decision.actions.append(.create(NewObject(pool)))
                continue
            }
            // A size set by hand stays where the template names none.
            pool.spec.replicas = pool.spec.replicas ?? held.spec.replicas
            if held.spec != pool.spec { decision.actions.append(.replaceSpec(held.key, NewObject(pool))) }
        }
        for pool in world.ownPools where !wanted.contains(pool.metadata.name) && !pool.metadata.isDeleting {
            decision.actions.append(.delete(pool.key, reason: "no longer in the plan"))
        }
    }

    private mutating func unfoldPoints() {
        let standing = Dictionary(ownPoints.map { ($0.metadata.name, $0) }) { first, _ in first }
        var wanted: Set<String> = []
        for point in PlanChildren.syncPoints(of: plan) {
            wanted.insert(point.metadata.name)
            guard let held = standing[point.metadata.name] else {
                decision.actions.append(.create(NewObject(point)))
                continue
            }
            if held.spec != point.spec { decision.actions.append(.replaceSpec(held.key, NewObject(point))) }
        }
        for point in ownPoints where !wanted.contains(point.metadata.name) && !point.metadata.isDeleting {
            decision.actions.append(.delete(point.key, reason: "no longer in the plan"))
        }
    }

    /// Tasks made by one decision, which looks at all of the plan's: fewer cost more of them, more hold up others.
    private static let madeAtOnce = 500

    private mutating func unfoldTasks() {
        let wanted = PlanChildren.tasks(of: plan)
        let standing = Dictionary(world.tasks.map { ($0.metadata.name, $0) }) { first, _ in first }
        var created = 0
        for task in wanted {
            if let held = standing[task.metadata.name] {
                // A task that has not begun follows its manifest; one that has keeps what it began with.
                if held.status.attempt == 0, held.status.phase == .pending, held.spec != task.spec {
                    decision.actions.append(.replaceSpec(held.key, NewObject(task)))
                }
            } else if created < Self.madeAtOnce {
                decision.actions.append(.create(NewObject(begun(task, standing))))
                created += 1
            }
        }
        let names = Set(wanted.map(\.metadata.name))
        for task in world.tasks where !names.contains(task.metadata.name) {
            delete(task, reason: "no longer in the plan")
        }
    }

    /// The task with the status that its own first decision comes to: thousands are made at once, and none is written
    /// a second time to say what it waits for.
    private func begun(_ task: WorkTask, _ standing: [String: WorkTask]) -> WorkTask {
        var begun = task
        begun.metadata.generation = 1
        var first = TaskReconciler.World(
            task: begun, plan: plan, dependencies: [], points: [], worker: nil, reports: [], externalsMissing: [],
            settings: world.settings)
        first.dependencies = task.spec.dependsOn.map { name in
            let key = TaskNames.object(plan: plan.metadata.name, task: name)
            return TaskReconciler.Dependency(name: name, phase: standing[key]?.status.phase)
        }
        first.points = task.spec.waitFor.map { name in
            let point = world.points.first { $0.metadata.name == name }
            return TaskReconciler.Point(
                name: name, state: point?.status.state, arrived: point?.status.summary?.arrived ?? "0/0")
        }
        let entry = plan.spec.regions.first { $0.region == task.spec.region }
        first.externalsMissing = (entry?.externals ?? []).filter { external in
            guard !world.settings.assumesExternals, let endpoint = external.endpoint else { return false }
            return world.externals[endpoint]?.available != true
        }.map(\.name)
        let decided = TaskReconciler().decide(first, now: now)
        if decided.status.phase == .pending, decided.actions.isEmpty { begun.status = decided.status }
        return begun
    }

    /// A task's logs go with it.
    private mutating func delete(_ task: WorkTask, reason: String) {
        guard !task.metadata.isDeleting else { return }
        decision.actions.append(.delete(task.key, reason: reason))
        decision.actions.append(.removeBlobs(prefix: "tasks/\(task.metadata.uid)"))
    }

    /// Declared externals are checked every 30 s while the plan runs, unless the controller was told to assume them.
    private mutating func probe() {
        var statuses: [ExternalStatus] = []
        for entry in plan.spec.regions {
            for external in entry.externals {
                var status = ExternalStatus()
                status.name = external.name
                status.region = entry.region
                if world.settings.assumesExternals {
                    status.message = "not checked: assumed by --assume-externals"
                } else if let endpoint = external.endpoint {
                    let state = world.externals[endpoint]
                    status.available = state?.available ?? false
                    status.state = state.map { $0.available ? .available : .unavailable } ?? .unknown
                    status.message = state?.message ?? "not checked yet"
                    if !plan.status.phase.isTerminal {
                        let left = state.map { Self.probeInterval - (now.instant - $0.checkedAt) } ?? .zero
                        if left <= .zero { decision.actions.append(.probe(endpoint: endpoint)) }
                        decision.next = sooner(decision.next, left > .zero ? left : Self.probeInterval)
                    }
                } else {
                    status.message = "not checked: declared without an endpoint"
                }
                statuses.append(status)
            }
        }
        decision.status.externals = statuses
    }

    private static let probeInterval = Duration.seconds(30)

    // MARK: Deletion

    /// Attempts first, each with its grace; then what the plan made; the finalizer goes when the last of it is gone.
    private mutating func end() {
        let held = world.tasks.filter { isStopping($0) }
        if !held.isEmpty {
            set(Condition(.reconciling, .yes, .deleting, "stopping \(TaskReadiness.list(held.map(\.spec.task)))"))
            return
        }
        for task in world.tasks { delete(task, reason: "its plan is deleted") }
        let others = ownPoints.map { ($0.key, $0.metadata) } + world.ownPools.map { ($0.key, $0.metadata) }
        for (key, metadata) in others where !metadata.isDeleting {
            decision.actions.append(.delete(key, reason: "its plan is deleted"))
        }
        let left = world.tasks.count + others.count
        guard left == 0 else { return set(Condition(.reconciling, .yes, .deleting, "\(left) objects left")) }
        decision.finalizer = false
    }

    /// Whether an attempt still has time to end in order; an agent that does not answer is not waited for.
    private mutating func isStopping(_ task: WorkTask) -> Bool {
        guard task.status.phase.isBound else { return false }
        let asked = task.status.assignment?.stopAt ?? plan.metadata.deletionTimestamp ?? now.wall
        let left = asked + task.spec.killGrace + TaskStep.controllerGrace - now.wall
        guard left > .zero else { return false }
        decision.next = sooner(decision.next, left + .milliseconds(1))
        return true
    }

    // MARK: Folding states back

    private mutating func count() {
        let counts = PlanFold.counts(world.tasks)
        decision.status.counts = counts
        decision.status.counts.total = max(counts.total, plan.spec.taskCount)
        summarise()
    }

    private mutating func fold() {
        let counts = PlanFold.counts(current)
        count()
        decision.status.regions = PlanFold.regions(plan, world, now: now)
        decision.status.recoveries = PlanRecoveries.update(plan.status.recoveries, world: world)
        for record in decision.status.recoveries where record.running != nil {
            guard plan.status.recoveries.first(where: { $0.worker == record.worker })?.running == nil else { continue }
            let tasks = TaskReadiness.list(record.tasks)
            let message = "\(tasks) run again after \(record.worker) was lost, down \(record.downtimeSeconds ?? "?") s"
            decision.events.append(.init(.normal, .recovered, message))
        }
        placement()
        if !decision.status.phase.isTerminal { phase(counts) }
        // Anew when something moved, not when time passes: at rest nothing is written (L5).
        let isAnew = plan.status.counts != decision.status.counts
        if isAnew || plan.status.estimatedCompletion == nil {
            if let eta = PlanFold.estimate(plan, world, now: now) { decision.status.estimatedCompletion = eta }
        }
        if decision.status.phase.isTerminal { decision.status.estimatedCompletion = nil }
        decision.status.cost = PlanFold.cost(
            plan, world, isAnew: isAnew, end: decision.status.estimatedCompletion, now: now)
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

    /// The plan's tasks without those that its changed spec no longer lists: these don't end it.
    private var current: [WorkTask] {
        // One that has just been given another run has looked at its spec, and not yet made of it what it says.
        let isFresh = isNew || plan.status.startedAt == nil
        guard isFresh || world.tasks.count != plan.spec.taskCount else { return world.tasks }
        let names = Set(plan.spec.taskNames)
        return world.tasks.filter { names.contains($0.spec.task) && !$0.metadata.isDeleting }
    }

    private mutating func phase(_ counts: TaskCounts) {
        let isOut = decision.status.endingReason == Reason.timedOut.rawValue
        if isOut, !plan.spec.cancel { return runOut() }
        if let timeout = plan.spec.scheduling.timeout, let started = decision.status.startedAt,
            counts.finished < plan.spec.taskCount, decision.status.suspendedAt == nil, !plan.spec.cancel
        {
            let left = started + timeout + (decision.status.suspendedFor ?? .zero) - now.wall
            if left > .zero {
                decision.next = sooner(decision.next, left + .milliseconds(1))
            } else if !plan.spec.cancel {
                return runOut()
            }
        }
        // A plan that is cancelled before all of it was unfolded ends with what there is.
        guard counts.total >= plan.spec.taskCount || plan.spec.cancel, counts.finished == counts.total else {
            return progress(counts)
        }
        if plan.spec.cancel { return finish(.isCancelled, .cancelled, "cancelled by spec.cancel") }
        let bad = current.filter { $0.status.phase == .failed || $0.status.phase == .timedOut }
        if let first = bad.first {
            let names = TaskReadiness.list(bad.map(\.spec.task))
            return finish(.fails, .failed, "failed: \(names) (\(first.status.message ?? first.status.reason ?? ""))")
        }
        let skipped = current.filter { $0.status.phase == .cancelled && $0.spec.runWhen == .succeeded }
        if let first = skipped.first {
            return finish(.fails, .failed, "never ran: \(first.spec.task) (\(first.status.message ?? ""))")
        }
        let unneeded = counts.skipped == 0 ? "" : ", \(counts.skipped) not needed"
        finish(.succeeds, .completed, "all \(counts.total - counts.skipped) tasks succeeded\(unneeded)")
    }

    /// Its time is up: it has failed as soon as what runs always has cleaned up, or had its time to.
    private mutating func runOut() {
        let why = "longer than \(plan.spec.scheduling.timeout?.text ?? "it may take") in all"
        noteEnd(.timedOut)
        let ending = PlanEnding(reason: .timedOut, since: decision.status.endingSince)
        let left = plan.cleanupLeft(ending, now: now.wall)
        let cleaning = current.filter { $0.spec.runWhen == .always && !$0.status.phase.isTerminal }
        guard left > .zero, !cleaning.isEmpty else {
            return finish(.fails, .timedOut, why)
        }
        if plan.status.endingSince == nil { decision.events.append(.init(.warning, .timedOut, why)) }
        decision.next = sooner(decision.next, left + .milliseconds(1))
        say(.goesOn, .timedOut, "its time is up; cleaning up: \(TaskReadiness.list(cleaning.map(\.spec.task)))")
    }

    private mutating func progress(_ counts: TaskCounts) {
        let stuck = PlanFold.blockers(world)
        if plan.spec.cancel {
            say(.goesOn, .cancelled, "stopping \(counts.running + counts.assigned) tasks")
        } else if counts.running + counts.assigned > 0 {
            let trouble = counts.pending > 0 ? PlanTrouble.of(world).map { "; \($0.message)" } ?? "" : ""
            say(
                .goesOn, .running,
                "\(counts.finished) of \(counts.total) tasks finished, \(counts.running) running\(trouble)")
        } else if plan.spec.suspend {
            say(.isHeld, .suspended, "suspended; nothing new starts")
        } else if let refusal = world.refusal {
            say(.isHeld, .quotaExceeded, refusal)
        } else if let (reason, message) = stuck {
            say(.isHeld, reason, message)
        } else {
            // One that has begun has, also where all that ran waits for another attempt.
            let hasBegun = counts.finished > 0 || current.contains { $0.status.attempt > 0 }
            let pending = "\(counts.pending) \(counts.pending == 1 ? "task" : "tasks") pending"
            guard let trouble = PlanTrouble.of(world) else {
                return say(hasBegun ? .goesOn : .unfolds, hasBegun ? .running : .planning, pending)
            }
            say(hasBegun ? .goesOn : .unfolds, trouble.reason, "\(pending); \(trouble.message)")
        }
    }

    private mutating func say(_ event: PlanLife.Event, _ reason: Reason, _ message: String) {
        let phase = PlanLife.after(decision.status.phase, event) ?? decision.status.phase
        decision.status.phase = phase
        decision.status.reason = reason.rawValue
        decision.status.message = message
        set(Condition(.succeeded, .unknown, reason, message))
        // That the spec is not followed outlives what its tasks wait for.
        if isNotFollowed { return }
        if phase == .blocked {
            set(Condition(.stalled, .yes, reason, message))
        } else if let refusal = world.refusal {
            set(Condition(.stalled, .yes, .quotaExceeded, refusal))
        } else if world.taken.isEmpty {
            decision.status.conditions.remove(.stalled)
        }
    }

    private mutating func finish(_ event: PlanLife.Event, _ reason: Reason, _ message: String) {
        say(event, reason, message)
        let phase = decision.status.phase
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
        PartlySupported.note(plan, seen: plan.status.observedGeneration, in: &decision.status.conditions, at: now.wall)
    }

    private mutating func set(_ condition: Condition) {
        decision.status.conditions.set(condition, generation: generation, at: now.wall)
    }

    private func sooner(_ next: Next, _ delay: Duration) -> Next {
        if case .after(let standing) = next, standing <= delay { return next }
        return .after(delay)
    }
}
