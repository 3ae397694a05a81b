import Model
import Ports
import Storage
import Tree
import WorkerProtocol

// What every write of a plan, and every binding of its tasks, must keep.
extension World {
    // MARK: Cleaning up

    /// What runs always cleans up after a plan that was cancelled or whose time was up, within the time for that.
    mutating func judgeCleanup(_ change: StoredChange, _ tasks: [StoredObject], _ seen: PlanSeen) {
        guard seen.beganAt != nil, now - seen.editedAt > .seconds(5) || seen.wasCancelled else { return }
        let text = change.spec?["scheduling"]?["cleanupTimeout"]?.string
        let limit = text.flatMap { Duration(text: $0) } ?? .minutes(5)
        // From when its end began by what it said itself, and at the latest by now.
        let began = change.status?["endingSince"]?.string.flatMap { Timestamp($0) } ?? wall()
        let spent = wall() - began
        guard spent + .seconds(4) < limit else { return }
        for task in tasks where task.tree["spec"]?["runWhen"] == "Always" {
            guard let status = task.tree["status"], status["phase"] == "Cancelled", status["attempt"]?.int ?? 0 == 0,
                status["reason"] == "Cancelled" || status["reason"] == "TimedOut"
            else { continue }
            fail(
                .result,
                "\(change.key) gave \(task.key.name) up, which runs always, after \(spent.text) of \(limit.text)")
        }
    }

    // MARK: Caps

    /// S8: what is rented for a plan is paid for by it whole, and stays under its cap, and under those of its regions.
    mutating func judgePlanRate(_ plan: StoredObject) {
        guard now - (witness.plans[plan.uid]?.editedAt ?? .origin) > .seconds(5) else { return }
        let spec = plan.tree["spec"]
        var caps: [(region: String?, cap: Money)] = []
        func add(_ budget: Tree?, _ region: String?) {
            if let tree = budget?["perHour"], let cap = try? Money(tree: tree) { caps.append((region, cap)) }
        }
        add(spec?["budget"], nil)
        for entry in spec?["regions"]?.array ?? [] { add(entry["budget"], entry["region"]?.string ?? "") }
        guard !caps.isEmpty else { return }
        var workers: Set<String> = []
        for task in store.list(StoreQuery(kinds: [.task])).objects where task.isOwned(by: plan.uid) {
            if let worker = witness.workerOf[task.uid] { workers.insert(worker) }
        }
        for (region, cap) in caps {
            var rate = Money.zero
            for uid in workers {
                guard let seen = witness.workers[uid], region == nil || seen.region == region else { continue }
                rate += seen.price
            }
            guard rate > cap else { continue }
            let place = region.map { " in \($0)" } ?? ""
            fail(.budget, "\(plan.key) is bound to workers of \(rate)/h\(place) under a cap of \(cap)/h")
        }
    }

    // MARK: Recoveries

    /// How long tasks were down, by a stopwatch outside: from the end of the process that was lost with its agent to
    /// the start of the next. A record may say more, where the loss was felt before, and never much less.
    mutating func judgeDowntime(_ change: StoredChange) {
        guard let after = change.after, let records = change.status?["recoveries"]?.array,
            change.before?.tree["status"]?["recoveries"] != change.status?["recoveries"]
        else { return }
        let known = change.before?.tree["status"]?["recoveries"]?.array ?? []
        // Where the worker itself was gone before anybody looked, nobody knows more than when that was found.
        for record in records where record["running"] != nil && record["lastSeen"] != nil && !known.contains(record) {
            guard let text = record["downtimeSeconds"]?.string, let down = Money(text),
                let lost = record["worker"]?.string
            else { continue }
            for name in record["tasks"]?.array ?? [] {
                guard let measured = downtime(of: name.string ?? "", lostOn: lost, plan: after) else { continue }
                witness.mark("downtime measured")
                // Leaders' wall clocks differ by up to two seconds, and an agent's word takes its time.
                if measured.milliseconds > down.micros / 1000 + 6000 {
                    fail(
                        .result,
                        "\(change.key) says that \(name.string ?? "") was down for \(text) s, and it was for "
                            + measured.text)
                }
            }
        }
    }

    private func downtime(of task: String, lostOn worker: String, plan: StoredObject) -> Duration? {
        let name = TaskNames.object(plan: plan.key.name, task: task)
        guard let object = store.get(ObjectKey(.task, plan.key.namespace, name)), object.isOwned(by: plan.uid),
            let attempt = object.tree["status"]?["attempts"]?.array?.first(where: {
                $0["worker"]?.string == worker && $0["reason"] == "WorkerLost"
            }),
            let fence = attempt["fence"]?.int.map(Int.init),
            let ended = witness.lostAt[object.uid]?[fence], let next = witness.begins[object.uid]?[fence + 1]
        else { return nil }
        // An agent that started again knows no more than that it ended before, and by a clock of its own.
        let party = attempts.last { $0.id.taskUID == object.uid && $0.id.fence == fence }.map { agents[$0.agent] }
        let restarted = (party?.uid).flatMap { witness.restartedAt[$0] }
        let ahead = restarted == nil ? .zero : max(.zero, party?.skew ?? .zero)
        return next - max(ended, restarted ?? ended) - ahead
    }
}
