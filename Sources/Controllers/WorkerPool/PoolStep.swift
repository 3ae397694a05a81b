import Engine
import Model
import Placement
import Ports

/// One pass over one pool.
struct PoolStep {
    let world: PoolReconciler.World
    let now: Moment
    var decision: Decision<WorkerPool>
    /// Why the pool can't be ready, where this pass found that out.
    private var explanation: Condition?

    private var pool: WorkerPool { world.pool }
    private var spec: WorkerPoolSpec { world.pool.spec }

    init(world: PoolReconciler.World, now: Moment) {
        self.world = world
        self.now = now
        decision = Decision(status: world.pool.status)
    }

    /// Workers that count towards the size: not failed, not on their way out.
    private var active: [Worker] {
        world.workers.filter { !$0.metadata.isDeleting && $0.status.state != .failed }
    }

    mutating func run() {
        decision.finalizer = true
        decision.status.observedGeneration = pool.metadata.generation
        if let asked = pool.metadata.annotations[Names.requestedAt] { decision.status.lastHandledReconcileAt = asked }
        if pool.metadata.isDeleting || world.ownerGone { return end() }
        retireFailed()
        guard let region = world.region else {
            let message = "region \"\(spec.region)\" does not exist; the pool starts when it does"
            explain(Condition(.ready, .no, .regionNotFound, message))
            return count()
        }
        guard admitted(region) else { return count() }
        choose(region)
        resize(region)
        expire(region)
        count()
    }

    private mutating func admitted(_ region: Region) -> Bool {
        let allowed = region.spec.allowedNamespaces
        if !allowed.isEmpty, !allowed.contains(pool.metadata.namespace ?? "") {
            explain(Condition(.ready, .no, .notAllowed, "region \(spec.region) does not allow this namespace"))
            return false
        }
        guard world.settings.serving(region.spec.provider.kind) != nil else {
            let declared = region.spec.provider.kind?.rawValue ?? "unnamed"
            let message = "this build has no \(declared) provider; `--local` rehearses it on this machine"
            explain(Condition(.ready, .no, .providerNotBuiltIn, message))
            return false
        }
        return true
    }

    // MARK: Size

    private mutating func resize(_ region: Region) {
        if region.metadata.isDeleting {
            decision.status.desiredReplicas = 0
            guard !active.isEmpty else { return }
            return shrink(by: active.count, reason: "the region is deleted")
        }
        guard !spec.suspend else {
            // What load and budgets would make of it moves with time, and is not followed.
            let fixed = spec.autoscaling == nil ? spec.replicas : nil
            decision.status.desiredReplicas = spec.bounded(fixed ?? active.count)
            return explain(Condition(.ready, .unknown, .suspended, "spec.suspend: the size stays \(active.count)"))
        }
        let price = decision.status.price?.perHour ?? .zero
        let wanted = PoolSize.desired(world, active: active, price: price, now: now)
        decision.status.desiredReplicas = wanted.count
        if let again = wanted.again { wait(again) }
        advise(wanted)
        if wanted.cause == .budgetExceeded {
            let standing = world.pool.status.conditions[.withinBudget]
            if standing?.status != .no {
                decision.events.append(.init(.warning, .budgetExceeded, wanted.reason))
            }
            // What a day's cap leaves falls with every moment in which something runs: that alone is no news (L5).
            let isNews = standing.map { Self.words($0.message) != Self.words(wanted.reason) } ?? true
            let message = isNews ? wanted.reason : standing?.message ?? wanted.reason
            set(Condition(.withinBudget, .no, .budgetExceeded, message))
            // What a day's cap leaves changes with time: a new day begins, and what runs has cost more.
            wait(world.settings.resync)
        } else if wanted.isBroke, world.inUse, let standing = world.pool.status.conditions[.withinBudget],
            standing.status == .no
        {
            // Rounds ask nothing of a pool that says so: that nothing is asked must not take it back.
            set(standing)
            wait(world.settings.resync)
        } else if spec.budget != nil || region.spec.budget != nil {
            set(Condition(.withinBudget, .yes, .withinBudget, "inside every cap"))
        }
        if wanted.count > active.count {
            grow(by: wanted.count - active.count, region, reason: wanted.reason)
        } else if wanted.count < active.count {
            shrink(by: active.count - wanted.count, first: wanted.idle, reason: wanted.reason)
        }
    }

    /// Says which size would fit the work, where it is left to a person to set it.
    private mutating func advise(_ wanted: PoolSize.Wanted) {
        switch wanted.advice {
        case .nothing: decision.status.conditions.remove(.scaleRecommended)
        case .asBefore: break
        case .size(let size, let reason):
            let head = "\(size) \(size == 1 ? "worker" : "workers") instead of \(wanted.count)"
            let cause =
                world.isManual || world.demand.advisedTasks > 0
                ? "`scaling: Manual` of a plan leaves that to you" : "autoscaling is switched off in \(spec.region)"
            let message =
                "\(head): \(reason). \(cause): reconcile scale wpool/\(pool.metadata.name) "
                + "-n \(pool.metadata.namespace ?? "default") --replicas \(size)"
            if pool.status.conditions[.scaleRecommended]?.message.hasPrefix(head) != true {
                decision.events.append(.init(.normal, .scaleRecommended, message))
            }
            set(Condition(.scaleRecommended, .yes, .scaleRecommended, message))
        }
    }

    /// A sentence about a budget without its amounts, where those move with time.
    private static func words(_ sentence: String) -> [Substring] {
        let words = sentence.split(separator: " ")
        return sentence.contains(" perHour ") ? words : words.filter { !$0.hasPrefix("$") }
    }

    private mutating func grow(by count: Int, _ region: Region, reason: String) {
        guard decision.status.price != nil else { return }
        var taken = Set(world.workers.map(\.spec.slot))
        var slot = 0
        var (made, handled) = (0, standing(wanted: active.count + count))
        while handled < count, slot < 10_000 {
            defer { slot += 1 }
            guard !taken.contains(slot) else { continue }
            taken.insert(slot)
            handled += 1
            if let retryAt = record(slot).retryAt, retryAt > now.wall {
                // A slot that backs off is not stepped over: another one would fail alike.
                wait(retryAt - now.wall + .milliseconds(1))
                continue
            }
            create(slot, region)
            made += 1
        }
        guard made > 0 else { return }
        decision.standing.append(Standing(region.key, uid: region.metadata.uid))
        // Pools of one region see what others have, and not what they are just getting.
        if region.spec.budget != nil { decision.drawsFrom.append(region.key) }
        scaled(from: active.count, to: active.count + made, .scalingUp, reason)
    }

    /// How many slots are left empty because of failed workers that are not yet confirmed gone.
    ///
    /// One that never joined keeps its slot: another would fail alike, and while its provider is away one a minute
    /// would come to it for each slot. One that was lost is replaced beside its slot at once, for its tasks; so many
    /// may be on their way out as the pool may have, no more.
    private func standing(wanted: Int) -> Int {
        let leaving = world.workers.filter { $0.status.state == .failed && !$0.status.gone }
        let strangers = leaving.count { $0.status.onlineAt == nil }
        return strangers + max(0, leaving.count - strangers - max(spec.maxWorkers, wanted))
    }

    private mutating func create(_ slot: Int, _ region: Region) {
        var record = record(slot)
        record.attempt += 1
        put(record)
        let worker = PoolWorker.make(
            pool, region.spec, slot: slot, attempt: record.attempt, type: world.demand.types[slot])
        decision.actions.append(.create(NewObject(worker)))
    }

    /// Those that are idle for good go first, then those with the least to do, the highest slot before others; busy
    /// ones are drained.
    private mutating func shrink(by count: Int, first idle: [Worker] = [], reason: String) {
        let chosen = Set(idle.map(\.metadata.uid))
        let others = active.filter { !chosen.contains($0.metadata.uid) }.sorted { a, b in
            let (left, right) = (world.bound[a.metadata.name] ?? 0, world.bound[b.metadata.name] ?? 0)
            return left != right ? left < right : a.spec.slot > b.spec.slot
        }
        let order = idle + others
        for worker in order.prefix(count) {
            let isIdle = world.bound[worker.metadata.name] == nil
            decision.actions.append(
                isIdle ? .deleteIdle(worker.key, reason: reason) : .delete(worker.key, reason: reason))
        }
        scaled(from: active.count, to: active.count - count, .scalingDown, reason)
    }

    /// Workers past their age are replaced, the oldest first, and never more of the pool away at once than
    /// `maxUnavailable`: those that are missing or not ready count too. Each drains as any other that is deleted.
    private mutating func expire(_ region: Region) {
        guard let limit = spec.disruption.expireAfter, !spec.suspend, !region.metadata.isDeleting else { return }
        let standing = active
        guard standing.count == decision.status.desiredReplicas else { return }
        var room = spec.disruption.maxUnavailable - standing.count { !$0.status.state.takesTasks }
        let byAge = standing.sorted {
            ($0.metadata.creationTimestamp ?? now.wall, $0.spec.slot) < (
                $1.metadata.creationTimestamp ?? now.wall, $1.spec.slot
            )
        }
        for worker in byAge {
            let left = (worker.metadata.creationTimestamp ?? now.wall) + limit - now.wall
            guard left <= .zero else { return wait(left + .milliseconds(1)) }
            guard room > 0 else { return }
            room -= 1
            decision.actions.append(.delete(worker.key, reason: "older than \(limit.text)"))
            decision.events.append(
                .init(.normal, .expired, "Replacing \(worker.metadata.name): older than \(limit.text)"))
        }
    }

    private mutating func scaled(from: Int, to: Int, _ word: Reason, _ reason: String) {
        var record = ScaleRecord()
        record.time = now.wall
        record.from = from
        record.to = to
        record.reason = reason
        decision.status.lastScale = record
        decision.events.append(.init(.normal, word, "From \(from) to \(to) workers: \(reason)"))
    }

    // MARK: Failed workers

    /// A failed worker whose tasks were taken over is deleted; its slot is tried again once it is gone, later and
    /// later if it never joined.
    private mutating func retireFailed() {
        for worker in world.workers where worker.status.state == .failed && !worker.metadata.isDeleting {
            guard world.bound[worker.metadata.name] == nil else { continue }
            decision.status.lost += 1
            var record = record(worker.spec.slot)
            // What made one lie would make the next one lie as soon as it is there.
            let lied = worker.status.failure?.reason == Reason.misbehaving.rawValue
            if worker.status.onlineAt == nil || lied {
                record.failures += 1
                record.retryAt = now.wall + .seconds(1 << Int64(min(record.failures, 8)))
            } else {
                record.failures = 0
                record.retryAt = nil
            }
            put(record)
            decision.actions.append(.delete(worker.key, reason: worker.status.failure?.message ?? "failed"))
            decision.events.append(
                .init(
                    .normal, .replaced,
                    "Replacing \(worker.metadata.name): \(worker.status.failure?.message ?? "failed")"))
        }
    }

    private func record(_ slot: Int) -> SlotRecord {
        if let standing = decision.status.slots.first(where: { $0.slot == slot }) { return standing }
        var fresh = SlotRecord()
        fresh.slot = slot
        return fresh
    }

    private mutating func put(_ record: SlotRecord) {
        decision.status.slots.removeAll { $0.slot == record.slot }
        decision.status.slots.append(record)
        decision.status.slots.sort { $0.slot < $1.slot }
    }

    // MARK: Price and status

    private mutating func choose(_ region: Region) {
        let choice = PoolWorker.choose(spec.worker, region.spec)
        decision.status.backend = choice.backend.rawValue
        decision.status.instanceType = choice.instanceType
        decision.status.choice = choice.reason
        decision.status.price = choice.price
        if choice.price == nil {
            set(Condition(.stalled, .yes, .noOffering, choice.reason))
        } else {
            decision.status.conditions.remove(.stalled)
        }
        if let warning = PoolWorker.underuse(choice, spec.worker) {
            set(Condition(.underused, .yes, .mostlyUnusable, warning))
        } else {
            decision.status.conditions.remove(.underused)
        }
    }

    private mutating func end() {
        for worker in world.workers where !worker.metadata.isDeleting {
            decision.actions.append(.delete(worker.key, reason: "its pool is deleted"))
        }
        if world.ownerGone, !pool.metadata.isDeleting {
            decision.actions.append(.delete(pool.key, reason: "its plan is gone"))
            return
        }
        decision.status.desiredReplicas = 0
        if world.workers.isEmpty { decision.finalizer = false }
        count()
    }

    private mutating func count() {
        let live = world.workers.filter { !$0.status.gone }
        let ready = active.filter { $0.status.state.takesTasks }
        decision.status.replicas = live.count
        decision.status.readyReplicas = ready.count
        decision.status.busyReplicas = active.filter { $0.status.state == .busy }.count
        decision.status.selector = "\(Names.poolLabel)=\(pool.metadata.name)"
        let rate = Ledger.rate(of: live)
        decision.status.accrued = Ledger.advance(
            decision.status.accrued, from: decision.status.costPerHour, to: rate, now: now)
        decision.status.costPerHour = rate
        let desired = decision.status.desiredReplicas
        PartlySupported.note(pool, seen: pool.status.observedGeneration, in: &decision.status.conditions, at: now.wall)
        // Said once: a condition that is set and set back changes its time at every look.
        if let explanation, ready.count < max(desired, 1) { return set(explanation) }
        if ready.count >= desired {
            set(Condition(.ready, .yes, .atSize, "\(ready.count) of \(desired) workers ready"))
        } else {
            let count = "\(ready.count) of \(desired) workers ready"
            if let cause = WorkerTrouble.cause(of: pool, world.workers) {
                set(Condition(.ready, .no, .provisioningFailed, count + WorkerTrouble.separator + cause))
            } else {
                set(Condition(.ready, .no, .belowSize, count))
            }
        }
    }

    private mutating func explain(_ condition: Condition) { explanation = condition }

    private mutating func set(_ condition: Condition) {
        decision.status.conditions.set(condition, generation: pool.metadata.generation, at: now.wall)
    }

    private mutating func wait(_ duration: Duration) {
        if case .after(let standing) = decision.next, standing <= duration { return }
        decision.next = .after(duration)
    }
}
