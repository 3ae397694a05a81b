import Engine
import Model
import Placement

/// The tasks of unfinished plans that a pool's idle workers could run next: those that are ready, and those whose
/// last open dependencies run now.
///
/// A task whose predecessor will hand it a place on the same pool needs no idle worker, nor do more tasks than a plan
/// may run at once.
struct NextTasks {
    let cache: Cache
    let pool: ObjectKey

    /// Nearest first: what is ready, then by the time it will be.
    func uses() -> [IdleWorkers.Use] {
        var uses: [IdleWorkers.Use] = []
        for key in cache.plans(using: pool) {
            guard let plan = cache.plans[key]?.object, !plan.spec.suspend, !plan.spec.cancel else { continue }
            let counts = plan.status.counts
            if counts.total >= plan.spec.taskCount, counts.total > 0, counts.pending == 0 { continue }
            uses += self.uses(of: plan)
        }
        let now = Timestamp(milliseconds: 0)
        return uses.enumerated().sorted { a, b in
            let (left, right) = (a.element.at ?? now, b.element.at ?? now)
            return left != right ? left < right : a.offset < b.offset
        }.map(\.element)
    }

    /// Told apart by the round or by a person: they wait for something else than a worker.
    private static let hindered: Set<String> = Set(
        [Reason.budgetExceeded, .residencyBlocked, .notAllowed, .waitingForExternal, .migrationLimit].map(\.rawValue))

    private func uses(of plan: ExecutionPlan) -> [IdleWorkers.Use] {
        let tasks = cache.tasks(of: plan.key)
        var bound: [String: WorkTask] = [:]
        var open: Set<String> = []
        for task in tasks where !task.status.phase.isTerminal {
            open.insert(task.spec.task)
            if task.status.phase.isBound { bound[task.spec.task] = task }
        }
        var room = plan.spec.scheduling.maxConcurrentTasks.map { max(0, $0 - bound.count) } ?? Int.max
        var handedOn: Set<String> = []
        var uses: [IdleWorkers.Use] = []
        for task in tasks where task.status.phase == .pending && mayRunHere(task) {
            guard room > 0 else { break }
            guard !Self.hindered.contains(task.status.reason ?? ""), isReleased(task) else { continue }
            let waitsFor = task.spec.dependsOn.filter(open.contains)
            guard waitsFor.allSatisfy({ bound[$0] != nil }) else { continue }
            let heir = waitsFor.first { name in
                guard let before = bound[name], before.status.assignment?.pool == pool.name else { return false }
                return !handedOn.contains(name) && before.spec.requires.covers(task.spec.requires)
            }
            if let heir {
                handedOn.insert(heir)
                continue
            }
            room -= 1
            let ends = waitsFor.compactMap { bound[$0] }.map(end)
            // One that nobody can say the end of may end any moment.
            let at = ends.contains(nil) ? nil : ends.compactMap { $0 }.max() ?? task.status.retryAt
            uses.append(.init(task.spec.requires, needsEngine: task.spec.run.image != nil, at: at))
        }
        return uses
    }

    private func mayRunHere(_ task: WorkTask) -> Bool {
        if let wanted = task.spec.pool { return wanted == pool.name }
        guard let region = task.spec.region else { return true }
        return cache.pools[pool]?.object.spec.region == region
    }

    private func isReleased(_ task: WorkTask) -> Bool {
        task.spec.waitFor.allSatisfy { name in
            cache.syncPoints[ObjectKey(.syncPoint, pool.namespace, name)]?.object.status.state == .released
        }
    }

    private func end(_ task: WorkTask) -> Timestamp? {
        guard let length = task.spec.estimatedDuration,
            let from = task.status.startedAt ?? task.status.assignment?.assignedAt
        else { return nil }
        return from + length
    }
}
