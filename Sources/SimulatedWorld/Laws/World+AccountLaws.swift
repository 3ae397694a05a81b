import Model
import Ports
import Storage
import Tree

// What things came to, against a meter of our own: each worker costs its price from the write that orders it to the one
// that says it is gone.
extension World {
    /// What is said of numbers once a world has come to rest.
    mutating func judgeAccounts(_ objects: [StoredObject]) {
        let touched = Set(scenario.deeds.compactMap { $0.deed.changesPlan })
        for object in objects where object.key.kind == .executionPlan && !touched.contains(object.key) {
            judgeCounts(object, objects.filter { $0.key.kind == .task && $0.isOwned(by: object.uid) })
        }
        // A frozen or replaced leader books late, by another clock.
        guard scenario.faults.isEmpty else { return }
        for object in objects {
            switch object.key.kind {
            case .workerPool: judgeSpending(object) { $0.pool == object.key }
            case .region: judgeSpending(object) { $0.region == object.key.name }
            default: break
            }
        }
    }

    /// A plan's counts are those of its tasks, and what they cost adds up.
    private mutating func judgeCounts(_ object: StoredObject, _ own: [StoredObject]) {
        guard let plan = try? ExecutionPlan(tree: object.tree) else { return }
        let tasks = own.compactMap { try? WorkTask(tree: $0.tree) }
        func count(_ phase: TaskPhase) -> Int { tasks.count { $0.status.phase == phase } }
        var counts = TaskCounts()
        counts.total = tasks.count
        (counts.pending, counts.assigned, counts.running) = (count(.pending), count(.assigned), count(.running))
        (counts.succeeded, counts.failed) = (count(.succeeded), count(.failed))
        (counts.timedOut, counts.cancelled) = (count(.timedOut), count(.cancelled))
        counts.skipped = count(.skipped)
        // A plan that is refused, or over before it began, counts what it says alone.
        guard !tasks.isEmpty else { return }
        if plan.status.counts != counts {
            let (said, found) = (Witness.text(plan.status.counts.tree), Witness.text(counts.tree))
            fail(.result, "\(object.key) counts \(said), and has \(found)")
        }
        if plan.status.cost.accrued != plan.status.cost.accrual?.total ?? .zero {
            fail(.budget, "\(object.key) says that it cost \(plan.status.cost.accrued), and its account another sum")
        }
        let share = tasks.reduce(Money.zero) { $0 + $1.status.cost }
        if plan.status.cost.share != share {
            fail(.result, "\(object.key) says that its tasks cost \(plan.status.cost.share), and they cost \(share)")
        }
    }

    private mutating func judgeSpending(_ object: StoredObject, _ isMember: (WorkerSeen) -> Bool) {
        let status = object.tree["status"]
        let isPool = object.key.kind == .workerPool
        guard let created = witness.createdAt[object.uid] else { return }
        let booked = status?["accrued"].flatMap { try? Accrual(tree: $0) }
        let rate = status?["costPerHour"].flatMap { try? Money(tree: $0) } ?? .zero
        var total = booked?.total ?? .zero
        if let since = booked?.asOf { total += rate.perHour(over: max(.zero, wall() - since)) }
        var (least, most) = (Money.zero, Money.zero)
        for uid in witness.workers.keys.sorted() {
            guard let seen = witness.workers[uid], isMember(seen), !witness.forged.contains(uid),
                let from = witness.orderedAt[uid], from >= created
            else { continue }
            let to = witness.goneAt[uid] ?? now
            least += seen.price.perHour(over: max(.zero, to - from - Self.slack))
            most += seen.price.perHour(over: to - from + Self.slack)
        }
        // Each of the few sums is rounded.
        let cent = Money(micros: 1000)
        guard total + cent < least || total > most + cent else { return }
        fail(
            .budget,
            "\(isPool ? "pool" : "region") \(object.key.name) says that it spent \(total), and what it rented cost "
                + "\(least) to \(most)")
    }

    /// Leaders' wall clocks differ by up to two seconds, and what is decided is booked a little later.
    private static let slack = Duration.seconds(4)

    mutating func noteRent(_ change: StoredChange) {
        if change.before == nil, let after = change.after { witness.orderedAt[after.uid] = now }
        let isGone = change.after == nil || change.status?["gone"] == true
        if isGone, let uid = change.after?.uid ?? change.before?.uid, witness.goneAt[uid] == nil {
            witness.goneAt[uid] = now
        }
    }

    /// An attempt costs its part of its worker for as long as it held it, or less where its agent's clock is slow.
    mutating func judgeCost(_ change: StoredChange) {
        guard let after = change.after, let name = change.before?.tree["status"]?["assignment"]?["worker"]?.string,
            change.before?.tree["status"]?["phase"] == "Assigned"
                || change.before?.tree["status"]?["phase"] == "Running",
            let from = witness.boundAt[after.uid],
            let worker = store.get(ObjectKey(.worker, change.key.namespace, name)),
            let seen = witness.workers[worker.uid]
        else { return }
        func cost(_ object: StoredObject?) -> Money {
            object?.tree["status"]?["cost"].flatMap { try? Money(tree: $0) } ?? .zero
        }
        let slots = max(1, worker.tree["spec"]?["maxConcurrentTasks"]?.int ?? 1)
        let share = seen.price.scaled(by: 1, over: slots)
        let booked = cost(after) - cost(change.before)
        let most = share.perHour(over: now - from + .seconds(3)) + Money(micros: 10)
        if booked > most {
            fail(.budget, "\(change.key) held a slot for \((now - from).text) and was booked \(booked)")
        }
        guard scenario.faults.isEmpty, let agent = agents.last(where: { $0.uid == worker.uid }),
            abs(agent.skew.milliseconds) < 1000
        else { return }
        let least = share.perHour(over: max(.zero, now - from - .seconds(4)))
        if booked + Money(micros: 10) < least {
            fail(.budget, "\(change.key) held a slot for \((now - from).text) and was booked \(booked) alone")
        }
    }
}
