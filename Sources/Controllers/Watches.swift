package import Engine
import Model

/// Which keys a change concerns: the one place that knows how kinds depend on each other.
package enum Watches {
    package static func affected(_ change: Change, _ cache: Cache) -> [WorkKey] {
        let key = change.key
        switch key.kind {
        case .task: return task(key, change.before as? WorkTask, cache)
        case .worker: return worker(key, change.before as? Worker, cache)
        case .workerPool: return pool(key, change.before as? WorkerPool, cache)
        case .region: return region(key, cache)
        case .syncPoint:
            guard let plan = (cache.syncPoints[key]?.object ?? change.before as? SyncPoint)?.spec.plan else {
                return waiters(on: key, cache)
            }
            return [.object(ObjectKey(.executionPlan, key.namespace, plan))] + waiters(on: key, cache)
        case .executionPlan: return plan(key, change.before as? ExecutionPlan, cache)
        default: return []
        }
    }

    private static func task(_ key: ObjectKey, _ before: WorkTask?, _ cache: Cache) -> [WorkKey] {
        guard let task = cache.tasks[key]?.object ?? before else { return [] }
        let plan = ObjectKey(.executionPlan, key.namespace, task.spec.plan)
        var keys: [WorkKey] = [.object(plan)]
        let after = cache.tasks[key]?.object
        for assignment in [before?.status.assignment, after?.status.assignment] where assignment != nil {
            keys.append(.object(ObjectKey(.worker, key.namespace, assignment?.worker ?? "")))
        }
        // A slot came free, or something new is ready: both concern the round.
        if before?.status.phase.isBound == true || after?.status.phase == .pending { keys.append(.round) }
        let ended = after?.status.phase.isTerminal == true && before?.status.phase.isTerminal != true
        guard ended || after == nil || before == nil else { return keys }
        for sibling in cache.tasks(of: plan) where sibling.status.phase == .pending {
            if sibling.spec.dependsOn.contains(task.spec.task) { keys.append(.object(sibling.key)) }
        }
        for point in cache.syncPoints(of: plan) where point.status.state != .released {
            keys.append(.object(point.key))
        }
        return keys
    }

    private static func worker(_ key: ObjectKey, _ before: Worker?, _ cache: Cache) -> [WorkKey] {
        guard let worker = cache.workers[key]?.object ?? before else { return [] }
        let after = cache.workers[key]?.object
        var keys: [WorkKey] = [
            .object(ObjectKey(.workerPool, key.namespace, worker.spec.pool)),
            .object(ObjectKey(.region, "", worker.spec.region)),
        ]
        if before?.status.state != after?.status.state || before?.status.tasks != after?.status.tasks
            || before?.status.containerEngine != after?.status.containerEngine
        {
            keys.append(.round)
        }
        if before?.status.state != after?.status.state || after == nil {
            keys += cache.taskKeys(on: key).map { .object($0) }
        }
        if (before?.committedRate ?? .zero) != (after?.committedRate ?? .zero) {
            keys += payers(of: ObjectKey(.workerPool, key.namespace, worker.spec.pool), cache)
        }
        return keys
    }

    /// Plans whose bill changes with what is rented in a pool.
    private static func payers(of pool: ObjectKey, _ cache: Cache) -> [WorkKey] {
        (cache.plans(using: pool) + cache.settlingPlans(of: pool)).map { .object($0) }
    }

    private static func pool(_ key: ObjectKey, _ before: WorkerPool?, _ cache: Cache) -> [WorkKey] {
        let after = cache.pools[key]?.object
        guard let pool = after ?? before else { return [] }
        var keys: [WorkKey] = [.round]
        if before == nil || after == nil || before?.metadata.isDeleting != after?.metadata.isDeleting {
            keys += cache.workers(of: key).map { .object($0.key) }
            keys.append(.object(ObjectKey(.region, "", pool.spec.region)))
            // Plans that name it may go on; its own plan may end.
            keys += cache.keys(of: .executionPlan).filter { $0.namespace == key.namespace }.map { .object($0) }
        }
        return keys
    }

    private static func region(_ key: ObjectKey, _ cache: Cache) -> [WorkKey] {
        cache.pools(in: key.name).map { .object($0.key) }
            + cache.keys(of: .executionPlan).filter { plan in
                cache.plans[plan]?.object.spec.regions.contains { $0.region == key.name } ?? false
            }.map { .object($0) } + [.round]
    }

    private static func plan(_ key: ObjectKey, _ before: ExecutionPlan?, _ cache: Cache) -> [WorkKey] {
        let after = cache.plans[key]?.object
        let same =
            before?.spec == after?.spec && before?.metadata.isDeleting == after?.metadata.isDeleting
            && before?.status.phase == after?.status.phase
        guard !same else { return [] }
        var keys: [WorkKey] = cache.taskKeys(of: key).map { .object($0) }
        keys += cache.syncPoints(of: key).map { .object($0.key) }
        let pools = cache.keys(of: .workerPool).filter { $0.namespace == key.namespace }
        keys += pools.map { .object($0) }
        // Whoever paid for the idle workers of its pools pays less now, or again.
        if before?.status.phase.isTerminal != after?.status.phase.isTerminal {
            keys += Set(pools.flatMap { cache.plans(using: $0) + cache.settlingPlans(of: $0) }).sorted().filter {
                $0 != key
            }.map { .object($0) }
        }
        // Sync points elsewhere may list this plan as a participant.
        for other in cache.keys(of: .syncPoint) where other.namespace == key.namespace {
            let participants = cache.syncPoints[other]?.object.spec.participants ?? []
            if participants.contains(where: { $0.plan == key.name }) { keys.append(.object(other)) }
        }
        return keys + [.round]
    }

    private static func waiters(on point: ObjectKey, _ cache: Cache) -> [WorkKey] {
        cache.tasks.values.filter {
            $0.object.status.phase == .pending && $0.object.metadata.namespace == point.namespace
                && $0.object.spec.waitFor.contains(point.name)
        }.map { .object($0.object.key) }.sorted()
    }
}
