import Model
import Ports
import Storage
import Tree

// What a plan makes, and what becomes of it.
extension World {
    /// Of all that one commit wrote, once it stands.
    mutating func judgeChildren(_ changes: [StoredChange]) {
        guard scenario.kind.isDrawnWide else { return }
        judgeAgeing(changes)
        judgePlanCounts(changes)
        judgeTelling(changes)
        for change in changes where change.by != nil {
            switch change.key.kind {
            case .executionPlan where change.after == nil: judgePlanRemoval(change)
            case .executionPlan where isHeard(change): judgeTemplates(change)
            case .task where change.before == nil: judgeUnfolding(change)
            case .task: keepsWhatBegan(change)
            default: break
            }
        }
    }

    /// A plan goes when nothing that it made is left.
    private mutating func judgePlanRemoval(_ change: StoredChange) {
        guard let uid = change.before?.uid else { return }
        let left = store.list(StoreQuery(kinds: [.task, .workerPool, .syncPoint])).objects.first { $0.isOwned(by: uid) }
        if let left { fail(.deletion, "\(change.key) is gone, and \(left.key) of it is there") }
    }

    /// Pools follow the templates that they were made from.
    private mutating func judgeTemplates(_ change: StoredChange) {
        guard let after = change.after, let plan = try? ExecutionPlan(tree: after.tree),
            !plan.status.phase.isTerminal, plan.status.startedAt != nil, !plan.spec.cancel,
            plan.status.conditions[.stalled] == nil,
            // One that is on its way out makes nothing any more, whatever is written into it.
            !plan.metadata.isDeleting
        else { return }
        for entry in plan.spec.regions {
            guard let template = entry.poolTemplate else { continue }
            let name = TaskNames.pool(plan: plan.metadata.name, region: entry.region)
            guard let object = store.get(ObjectKey(.workerPool, change.key.namespace, name)),
                object.isOwned(by: after.uid), object.tree["metadata"]?["deletionTimestamp"] == nil,
                let pool = try? WorkerPool(tree: object.tree)
            else { continue }
            var (held, wanted) = (pool.spec, template)
            (held.region, wanted.region) = (entry.region, entry.region)
            wanted.healthCheck = wanted.healthCheck ?? plan.spec.faultTolerance.healthCheck
            wanted.budget = wanted.budget ?? entry.budget
            // A size set by hand stays where the template names none.
            wanted.replicas = wanted.replicas ?? held.replicas
            if held != wanted { fail(.kept, "\(object.key) is not what the template of \(change.key) says") }
        }
    }

    /// Nothing is made of tasks that wait for each other.
    private mutating func judgeUnfolding(_ change: StoredChange) {
        guard let name = change.spec?["task"]?.string, let planName = change.spec?["plan"]?.string,
            let object = store.get(ObjectKey(.executionPlan, change.key.namespace, planName)),
            let plan = try? ExecutionPlan(tree: object.tree)
        else { return }
        let tasks = Dictionary(plan.spec.allTasks.map { ($0.task.name, $0.task.dependsOn) }) { first, _ in first }
        if let nobody = tasks[name]?.first(where: { tasks[$0] == nil }) {
            return fail(.result, "\(change.key) was made, and depends on \(nobody), of which its plan knows nothing")
        }
        var open = tasks[name] ?? []
        var seen: Set<String> = []
        while let next = open.popLast() {
            if next == name { return fail(.result, "\(change.key) was made, and it waits for itself") }
            if seen.insert(next).inserted { open += tasks[next] ?? [] }
        }
    }

    /// What has begun goes on as it was, whatever its plan says by now.
    private mutating func keepsWhatBegan(_ change: StoredChange) {
        guard let before = change.before, let after = change.after, before.uid == after.uid,
            before.tree["status"]?["attempt"]?.int ?? 0 > 0, before.tree["spec"] != after.tree["spec"]
        else { return }
        for field in ["run", "timeout", "exclusive", "killGrace", "dependsOn", "requires"] {
            guard before.tree["spec"]?[field] != after.tree["spec"]?[field] else { continue }
            return fail(.kept, "\(change.key) has begun, and its \(field) was changed")
        }
    }
}
