import Model
import Ports
import Storage
import Tree

// What a status says is so, by itself and beside what it is about.
extension World {
    // MARK: Tasks

    /// What of a task's status goes with its phase.
    mutating func judgeShape(_ change: StoredChange) {
        guard change.by != nil, let after = change.after, let task = try? WorkTask(tree: after.tree) else { return }
        let status = task.status
        func check(_ isRight: Bool, _ what: String) {
            if !isRight { fail(.result, "\(change.key) is \(status.phase.rawValue), and \(what)") }
        }
        check(status.fence == status.attempt, "its fence is \(status.fence) at attempt \(status.attempt)")
        switch status.phase {
        case .pending:
            check(status.assignment == nil, "it is assigned to \(status.assignment?.worker ?? "")")
            check(status.startedAt == nil && status.finishedAt == nil, "it has the times of an attempt")
        case .assigned, .running:
            check(status.assignment != nil, "it has no worker")
            check(status.retryAt == nil, "it is to be tried again at a time")
            check(status.reservation == nil, "a place is kept for it elsewhere")
            check(status.finishedAt == nil && status.exitCode == nil, "it has ended")
            check(status.phase == .assigned || status.startedAt != nil, "it never started")
        default:
            check(status.finishedAt != nil, "it says not when it ended")
            check(status.retryAt == nil, "it is to be tried again")
        }
        let attempts = status.attempts
        for (one, next) in zip(attempts, attempts.dropFirst()) where one.attempt >= next.attempt {
            check(false, "its attempts are not in their order")
        }
        if let last = attempts.last { check(last.attempt <= status.attempt, "an attempt ended before it began") }
        guard attempts.count < 10 else { return }
        let sum = attempts.reduce(Money.zero) { $0 + $1.cost }
        check(sum == status.cost, "its attempts cost \(sum), and it says \(status.cost)")
    }

    // MARK: Plans

    /// The counts of a plan's tasks as they are now.
    private func counts(of plan: String) -> TaskCounts {
        var counts = TaskCounts()
        for object in store.list(StoreQuery(kinds: [.task])).objects where object.isOwned(by: plan) {
            counts.total += 1
            counts.add(1, in: Self.phase(of: object))
        }
        return counts
    }

    private static func phase(of object: StoredObject?) -> TaskPhase {
        object?.tree["status"]?["phase"]?.string.flatMap(TaskPhase.init(rawValue:)) ?? .pending
    }

    /// What a plan counts was so at some time.
    mutating func judgePlanCounts(_ changes: [StoredChange]) {
        var plans: Set<String> = []
        for change in changes where change.key.kind == .task {
            let (from, to) = (Self.phase(of: change.before), Self.phase(of: change.after))
            for owner in (change.after ?? change.before)?.tree["metadata"]?["ownerReferences"]?.array ?? [] {
                guard let uid = owner["uid"]?.string else { continue }
                plans.insert(uid)
                guard change.before != nil, change.after != nil, from != to else { continue }
                witness.losses.steps[uid, default: []].append((now, from, to))
            }
        }
        for uid in plans { witness.losses.counts[uid, default: [TaskCounts()]].insert(counts(of: uid)) }
        guard isBeforeFaults else { return }
        for change in changes where change.key.kind == .executionPlan && change.by != nil {
            guard let after = change.after, change.status?["counts"] != change.before?.tree["status"]?["counts"],
                let plan = try? ExecutionPlan(tree: after.tree)
            else { continue }
            let counts = plan.status.counts
            // Before all of them are there it says how many there are to be.
            guard counts.total == counts.pending + counts.assigned + counts.running + counts.finished,
                witness.losses.counts[after.uid]?.contains(counts) == false, !mayLookLike(counts, after.uid)
            else { continue }
            fail(.result, "\(change.key) counts \(Witness.text(counts.tree)), which its tasks never were")
        }
    }

    /// Answers to two commits may overtake each other: each of the last steps may be known without the others.
    private func mayLookLike(_ counts: TaskCounts, _ plan: String) -> Bool {
        let last = (witness.losses.steps[plan] ?? []).filter { now - $0.at < .milliseconds(20) }.suffix(8)
        let current = self.counts(of: plan)
        return (0..<(1 << last.count)).contains { choice in
            var other = current
            for (number, step) in last.enumerated() where choice >> number & 1 == 1 {
                other.add(-1, in: step.to)
                other.add(1, in: step.from)
            }
            return other == counts
        }
    }

    /// A forecast that moves by less than a tenth stays as it was said.
    mutating func judgeEstimate(_ change: StoredChange) {
        guard change.by != nil, let before = change.before?.tree["status"]?["estimatedCompletion"],
            let after = change.status?["estimatedCompletion"]
        else { return }
        for name in ["p50", "p90"] {
            guard let old = before[name]?.string.flatMap({ Timestamp($0) }),
                let new = after[name]?.string.flatMap({ Timestamp($0) }), old != new
            else { continue }
            // Said in whole seconds, by clocks that differ by up to two.
            let moved = abs((new - old).milliseconds) + 1000
            guard moved * 10 < max(10_000, abs((new - wall()).milliseconds) - 5000) else { continue }
            fail(.rest, "\(change.key) moves its \(name) from \(old) to \(new) at \(wall()): less than a tenth")
        }
    }

    /// The last recoveries are kept: a worker whose loss was found after all that a plan remembers is not forgotten.
    mutating func judgeRecoveries(_ change: StoredChange) {
        guard change.by != nil, let after = change.after,
            change.status?["recoveries"] != change.before?.tree["status"]?["recoveries"],
            let plan = try? ExecutionPlan(tree: after.tree)
        else { return }
        let records = plan.status.recoveries
        if records.count > 10 { fail(.bounded, "\(change.key) remembers \(records.count) recoveries") }
        let known = Set(records.map(\.worker))
        guard records.count == 10, let first = records.compactMap(\.detected).min() else { return }
        for object in store.list(StoreQuery(kinds: [.task])).objects where object.isOwned(by: after.uid) {
            for attempt in (try? WorkTask(tree: object.tree))?.status.attempts ?? [] {
                guard attempt.reason == Reason.workerLost.rawValue, !known.contains(attempt.worker),
                    let found = attempt.detectedAt, found > first,
                    now - (witness.writtenAt[object.key] ?? now) > .seconds(1)
                else { continue }
                return fail(
                    .result, "\(change.key) remembers what was lost at \(first), and not \(attempt.worker) at \(found)")
            }
        }
    }

    // MARK: At rest

    /// What is said of workers, pools, regions and plans, counted anew.
    mutating func judgeSums(_ objects: [StoredObject]) {
        let workers = objects.filter { $0.key.kind == .worker && !witness.forged.contains($0.uid) }
        let read = workers.compactMap { try? Worker(tree: $0.tree) }
        let forged = witness.forged
        let hasForged = objects.contains { forged.contains($0.uid) }
        for object in objects {
            switch object.key.kind {
            case .worker where !forged.contains(object.uid): judgeLoad(object)
            case .workerPool where !hasForged:
                judgePoolSums(
                    object,
                    read.filter { $0.key.namespace == object.key.namespace && $0.spec.pool == object.key.name })
            case .region where !hasForged: judgeRegionSums(object, read.filter { $0.spec.region == object.key.name })
            case .executionPlan:
                judgeRows(object, objects.filter { $0.key.kind == .task && $0.isOwned(by: object.uid) })
            case .syncPoint: judgeArrived(object)
            default: break
            }
        }
    }

    private mutating func judgeLoad(_ object: StoredObject) {
        guard let worker = try? Worker(tree: object.tree) else { return }
        let held = witness.bound[object.uid]?.count ?? 0
        if worker.status.tasks != held {
            fail(.result, "\(object.key) says that it has \(worker.status.tasks) tasks, and \(held) are bound to it")
        }
        let isFull = held >= worker.spec.maxConcurrentTasks
        let state = worker.status.state
        if state == .online && isFull || state == .busy && !isFull {
            fail(.result, "\(object.key) is \(state.rawValue) with \(held) of \(worker.spec.maxConcurrentTasks) tasks")
        }
        if (state == .maintenance) != worker.spec.maintenance, state != .failed, state != .provisioning {
            fail(.result, "\(object.key) is \(state.rawValue), and maintenance is \(worker.spec.maintenance)")
        }
        let load = "\(held)/\(worker.spec.maxConcurrentTasks)"
        if let said = worker.status.summary?.load, said != load {
            fail(.result, "\(object.key) shows a load of \(said)")
        }
    }

    private mutating func judgePoolSums(_ object: StoredObject, _ workers: [Worker]) {
        guard let pool = try? WorkerPool(tree: object.tree), !pool.metadata.isDeleting else { return }
        let live = workers.filter { !$0.status.gone }
        let active = workers.filter { !$0.metadata.isDeleting && $0.status.state != .failed }
        let status = pool.status
        func check(_ said: Int, _ found: Int, _ what: String) {
            if said != found { fail(.result, "\(object.key) says \(what) \(said), and there are \(found)") }
        }
        check(status.replicas, live.count, "replicas")
        check(status.readyReplicas, active.count { $0.status.state.takesTasks }, "readyReplicas")
        check(status.busyReplicas, active.count { $0.status.state == .busy }, "busyReplicas")
        let rate = live.reduce(Money.zero) { $0 + $1.spec.price.perHour }
        if status.costPerHour != rate {
            fail(.budget, "\(object.key) says \(status.costPerHour)/h, and what it rents costs \(rate)/h")
        }
    }

    private mutating func judgeRegionSums(_ object: StoredObject, _ workers: [Worker]) {
        guard let region = try? Region(tree: object.tree), !region.metadata.isDeleting else { return }
        let live = workers.filter { !$0.status.gone }
        let ready = live.count { $0.status.state.takesTasks }
        if region.status.workers != live.count || region.status.readyWorkers != ready {
            fail(
                .result,
                "\(object.key) counts \(region.status.readyWorkers) of \(region.status.workers) workers, and \(ready) of "
                    + "\(live.count) are there")
        }
        let rate = live.reduce(Money.zero) { $0 + $1.spec.price.perHour }
        if region.status.costPerHour != rate {
            fail(.budget, "\(object.key) says \(region.status.costPerHour)/h, and what is rented costs \(rate)/h")
        }
    }

    /// A plan's rows, a region each, hold each task once.
    private mutating func judgeRows(_ object: StoredObject, _ own: [StoredObject]) {
        guard let plan = try? ExecutionPlan(tree: object.tree), !plan.status.regions.isEmpty, !own.isEmpty,
            plan.status.conditions[.stalled] == nil
        else { return }
        let tasks = own.compactMap { try? WorkTask(tree: $0.tree) }
        for row in plan.status.regions {
            let here = tasks.filter {
                ($0.status.assignment?.region ?? $0.status.attempts.last?.region ?? $0.spec.region) == row.region
            }
            let succeeded = here.count { $0.status.phase == .succeeded }
            if row.tasks != here.count || row.succeeded != succeeded {
                fail(
                    .result,
                    "\(object.key) counts \(row.succeeded) of \(row.tasks) tasks in \(row.region), and \(succeeded) of "
                        + "\(here.count) are there")
            }
            let cost = here.reduce(Money.zero) { $0 + $1.status.cost }
            if row.cost != cost {
                fail(.result, "\(object.key) counts \(row.cost) in \(row.region), and it is \(cost)")
            }
        }
    }

    private mutating func judgeArrived(_ object: StoredObject) {
        guard let point = try? SyncPoint(tree: object.tree), let said = point.status.summary?.arrived else { return }
        let all = point.spec.participants.count
        let wanted = point.spec.quorum > 0 ? min(point.spec.quorum, all) : all
        let found = "\(Set(point.status.arrivals.map(\.participant)).count)/\(wanted)"
        if said != found { fail(.syncPoint, "\(object.key) says \(said) arrived, and it is \(found)") }
    }
}

extension TaskCounts {
    fileprivate mutating func add(_ count: Int, in phase: TaskPhase) {
        switch phase {
        case .pending: pending += count
        case .assigned: assigned += count
        case .running: running += count
        case .succeeded: succeeded += count
        case .failed: failed += count
        case .timedOut: timedOut += count
        case .cancelled: cancelled += count
        case .skipped: skipped += count
        }
    }
}
