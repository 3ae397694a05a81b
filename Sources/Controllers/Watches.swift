package import Engine
import Model

/// Which keys a change concerns: the one place that knows how kinds depend on each other. Each is asked of an index,
/// and only for what the other's decision looks at: what waits for nothing here costs nothing here.
package enum Watches {
    package static func affected(_ change: Change, _ cache: Cache) -> [Wake] {
        let key = change.key
        switch key.kind {
        case .task: return task(key, change.before as? WorkTask, cache)
        case .worker: return worker(key, change.before as? Worker, cache)
        case .workerPool: return pool(key, change.before as? WorkerPool, cache)
        case .region: return region(key, change.before as? Region, cache)
        case .syncPoint: return syncPoint(key, change.before as? SyncPoint, cache)
        case .executionPlan: return plan(key, change.before as? ExecutionPlan, cache)
        default: return []
        }
    }

    // MARK: Paces

    /// A plan's status is folded from all of its tasks, and the whole plan is written with it (some 30 µs a task, all
    /// in). For all plans together that run in one place a thirtieth of a core goes into that: a millisecond for each
    /// task, up to a second. Where there are more tasks a tenth does. When its last task has ended nobody waits.
    private static func foldPace(_ key: ObjectKey, _ cache: Cache) -> Duration {
        guard let plan = cache.plans[key]?.object, plan.spec.taskCount >= 20, cache.openTasks(of: key) > 0
        else { return .zero }
        let entry = plan.spec.regions.first
        let pool = entry.map { $0.pool ?? TaskNames.pool(plan: key.name, region: $0.region) }
        let place = ObjectKey(.workerPool, key.namespace, pool ?? "")
        let beside = pool == nil ? cache.plans(using: place) : cache.unfinishedPlans(using: place)
        // One that is still unfolding goes on with the next of its tasks.
        let isWhole = cache.taskKeys(of: key).count >= plan.spec.taskCount
        let tasks = plan.spec.taskCount * max(1, beside.count)
        let least = tasks * 300
        return .microseconds(
            isWhole ? max(min(tasks * 1_000, 1_000_000), min(least, 3_000_000)) : min(least, 20_000))
    }

    /// How often a worker's count of tasks is written for their coming and going alone: a hundred times a second for
    /// all workers of a pool together, and every two seconds at the least.
    private static func countPace(_ worker: ObjectKey, _ cache: Cache) -> Duration {
        guard let pool = cache.workers[worker]?.object.spec.pool else { return .zero }
        let workers = cache.workerCount(of: ObjectKey(.workerPool, worker.namespace, pool))
        return .milliseconds(min(max(100, workers * 10), 2_000))
    }

    /// How often a task's words about what it waits for follow what has ended of that: one that waits for hundreds is
    /// not written for each of them.
    private static let waitingPace = Duration.seconds(5)

    private static func pending(_ keys: [ObjectKey], _ cache: Cache) -> [Wake] {
        keys.filter { cache.tasks[$0]?.object.status.phase == .pending }.map { .object($0) }
    }

    // MARK: Tasks

    private static func task(_ key: ObjectKey, _ before: WorkTask?, _ cache: Cache) -> [Wake] {
        guard let task = cache.tasks[key]?.object ?? before else { return [] }
        let after = cache.tasks[key]?.object
        let plan = ObjectKey(.executionPlan, key.namespace, task.spec.plan)
        var wakes: [Wake] = [.object(plan, pace: foldPace(plan, cache))]
        for name in Set([before, after].compactMap { $0?.status.assignment?.worker }).sorted() {
            let worker = ObjectKey(.worker, key.namespace, name)
            // Its pool waits for its last task to go.
            let isLeaving =
                cache.workers[worker].map { $0.object.status.drainSince != nil || $0.object.status.state == .failed }
                ?? true
            wakes.append(.object(worker, pace: isLeaving ? .zero : countPace(worker, cache)))
            wakes += idlePayers(of: worker, moving: before?.status.assignment?.worker, cache).filter { $0 != plan }.map
            {
                .object($0, pace: foldPace($0, cache))
            }
        }
        let isEnd = after?.status.phase.isTerminal == true && before?.status.phase.isTerminal != true
        let dependents = isEnd || after == nil || before == nil ? cache.dependents(of: key) : []
        // The round first: what is ready now is its to take, with the slot that came free.
        if concernsRound(before, after) || isEnd && !dependents.isEmpty { wakes.append(.round) }
        guard isEnd || after == nil || before == nil else { return wakes }
        for dependent in dependents {
            guard let waiting = cache.tasks[dependent]?.object, waiting.status.phase == .pending else { continue }
            let isOfWords = after?.status.phase.satisfies == true && TaskReadiness.hasOpenDependency(waiting, cache)
            wakes.append(.object(dependent, pace: isOfWords ? waitingPace : .zero))
        }
        for point in cache.syncPointKeys(of: plan) where cache.syncPoints[point]?.object.status.state != .released {
            wakes.append(.object(point))
        }
        return wakes
    }

    /// A slot came free, or a task is ready that was not. What the round itself says of a task is no news to it.
    private static func concernsRound(_ before: WorkTask?, _ after: WorkTask?) -> Bool {
        if before?.status.phase.isBound == true { return true }
        guard let after, after.status.phase == .pending, PendingReasons.concernsRound(after.status.reason) else {
            return false
        }
        guard let before, before.status.phase == .pending else { return true }
        return before.parts.spec != after.parts.spec || !PendingReasons.mayConcernRound(before.status.reason)
    }

    private static func syncPoint(_ key: ObjectKey, _ before: SyncPoint?, _ cache: Cache) -> [Wake] {
        let after = cache.syncPoints[key]?.object
        var wakes: [Wake] = []
        if let plan = (after ?? before)?.spec.plan {
            wakes.append(.object(ObjectKey(.executionPlan, key.namespace, plan)))
        }
        let waiters = pending(cache.waiters(on: key), cache)
        if !waiters.isEmpty, after?.status.state == .released, before?.status.state != .released {
            wakes.append(.round)
        }
        return wakes + waiters
    }

    // MARK: Places

    private static func worker(_ key: ObjectKey, _ before: Worker?, _ cache: Cache) -> [Wake] {
        let after = cache.workers[key]?.object
        guard let worker = after ?? before else { return [] }
        let isOther = before == nil || after == nil || before?.metadata.uid != after?.metadata.uid
        let moved =
            isOther || before?.status.state != after?.status.state || before?.status.gone != after?.status.gone
            || before?.metadata.isDeleting != after?.metadata.isDeleting || before?.parts.spec != after?.parts.spec
        var wakes: [Wake] = []
        if moved || before?.status.tasks != after?.status.tasks {
            wakes.append(.object(ObjectKey(.workerPool, key.namespace, worker.spec.pool)))
        }
        let isTroubled = before.flatMap(WorkerTrouble.cause) != after.flatMap(WorkerTrouble.cause)
        if isTroubled, !moved { wakes.append(.object(ObjectKey(.workerPool, key.namespace, worker.spec.pool))) }
        if moved || isTroubled { wakes.append(.object(ObjectKey(.region, "", worker.spec.region))) }
        if moved || before?.status.containerEngine != after?.status.containerEngine { wakes.append(.round) }
        if moved { wakes += cache.taskKeys(on: key).map { .object($0) } }
        if (before?.committedRate ?? .zero) != (after?.committedRate ?? .zero)
            || before?.metadata.isDeleting != after?.metadata.isDeleting
        {
            wakes += payers(of: ObjectKey(.workerPool, key.namespace, worker.spec.pool), cache).map { .object($0) }
        }
        return wakes
    }

    /// Plans whose bill changes with what is rented in a pool.
    private static func payers(of pool: ObjectKey, _ cache: Cache) -> [ObjectKey] {
        cache.plans(using: pool) + cache.settlingPlans(of: pool)
    }

    /// Plans whose bill changes because this worker's first task came to it or its last has left: what is idle of a
    /// pool they pay for together.
    private static func idlePayers(of worker: ObjectKey, moving from: String?, _ cache: Cache) -> [ObjectKey] {
        guard let held = cache.workers[worker]?.object, held.committedRate > .zero else { return [] }
        guard cache.taskKeys(on: worker).count == (from == worker.name ? 0 : 1) else { return [] }
        return payers(of: ObjectKey(.workerPool, worker.namespace, held.spec.pool), cache)
    }

    private static func pool(_ key: ObjectKey, _ before: WorkerPool?, _ cache: Cache) -> [Wake] {
        let after = cache.pools[key]?.object
        guard let pool = after ?? before else { return [] }
        let isOther = before == nil || after == nil || before?.metadata.isDeleting != after?.metadata.isDeleting
        var wakes: [Wake] = []
        if isOther || before?.parts.spec != after?.parts.spec
            || before?.status.conditions[.withinBudget] != after?.status.conditions[.withinBudget]
        {
            wakes.append(.round)
        }
        if PlanTrouble.of(before) != PlanTrouble.of(after) {
            wakes += cache.plans(using: key).map { .object($0) }
        }
        // What it keeps by its minimum no plan pays for, and what it may grow to is part of their forecasts.
        if before?.parts.spec != after?.parts.spec || before?.status.price != after?.status.price {
            wakes += payers(of: key, cache).map { .object($0) }
        }
        guard isOther else { return wakes }
        wakes += cache.workers(of: key).map { .object($0.key) }
        wakes.append(.object(ObjectKey(.region, "", pool.spec.region)))
        // Plans that name it may go on; its own plan may end.
        wakes += cache.unfinishedPlans(using: key).map { .object($0) }
        if let owner = pool.metadata.controllerOwner {
            wakes.append(.object(ObjectKey(.executionPlan, key.namespace, owner.name)))
        }
        return wakes
    }

    private static func region(_ key: ObjectKey, _ before: Region?, _ cache: Cache) -> [Wake] {
        let after = cache.regions[key]?.object
        let isOther =
            before == nil || after == nil || before?.parts.spec != after?.parts.spec
            || before?.metadata.isDeleting != after?.metadata.isDeleting
        var wakes: [Wake] = []
        // Its workers' pools look at what it has spent, where there is a cap over them all.
        if isOther
            || (after?.spec.budget != nil
                && (before?.status.accrued != after?.status.accrued
                    || before?.status.costPerHour != after?.status.costPerHour))
        {
            wakes += cache.pools(in: key.name).map { .object($0.key) }
        }
        let isElsewhere = isOther || before?.status.latency != after?.status.latency
        if isElsewhere || PlanTrouble.of(before) != PlanTrouble.of(after) {
            wakes += cache.unfinishedPlans(naming: key.name).map { .object($0) }
        }
        if isElsewhere || before?.status.circuits != after?.status.circuits
            || before?.status.conditions.isTrue(.regionDown) != after?.status.conditions.isTrue(.regionDown)
        {
            wakes.append(.round)
        }
        return wakes
    }

    // MARK: Plans

    private static func plan(_ key: ObjectKey, _ before: ExecutionPlan?, _ cache: Cache) -> [Wake] {
        let after = cache.plans[key]?.object
        let isOther =
            before?.parts.spec != after?.parts.spec || before?.metadata.isDeleting != after?.metadata.isDeleting
            || before?.metadata.uid != after?.metadata.uid
            || before?.status.phase.isTerminal != after?.status.phase.isTerminal
            || before?.status.endingSince != after?.status.endingSince
        var wakes: [Wake] = []
        if isOther || before?.status.phase != after?.status.phase {
            wakes += cache.syncPointKeys(of: key).map { .object($0) }
            wakes += cache.syncPoints(withParticipant: key).map { .object($0) }
        }
        guard isOther else { return wakes }
        wakes += cache.taskKeys(of: key).map { .object($0) }
        let pools = pools(of: [before, after].compactMap { $0 }, cache)
        wakes += pools.map { .object($0) }
        // Whoever paid for the idle workers of its pools pays less now, or again.
        wakes += Set(pools.flatMap { payers(of: $0, cache) }).sorted().filter { $0 != key }.map { .object($0) }
        return wakes + [.round]
    }

    /// Pools that the plan uses or used: whether an unfinished plan does is a part of their size.
    private static func pools(of plans: [ExecutionPlan], _ cache: Cache) -> [ObjectKey] {
        var keys: Set<ObjectKey> = []
        for plan in plans {
            let namespace = plan.metadata.namespace ?? ""
            if !plan.spec.tasks.isEmpty {
                keys.formUnion(cache.pools.keys.filter { $0.namespace == namespace })
            }
            for entry in plan.spec.regions {
                let name = entry.pool ?? TaskNames.pool(plan: plan.metadata.name, region: entry.region)
                keys.insert(ObjectKey(.workerPool, namespace, name))
            }
        }
        return keys.sorted()
    }
}
