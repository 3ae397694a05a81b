import Model
package import Tree

extension PlanReport {
    /// The word by which `apply` knows a saved plan.
    static let kindWord = "PlanReport"

    /// The report for programs: money as decimal strings of dollars, spans as Kubernetes' durations.
    package var tree: Tree {
        var tree: Tree = [
            "apiVersion": .string(Kind.executionPlan.apiVersion), "kind": .string(Self.kindWord),
            "changes": .array(changes.map(\.tree)), "pools": .array(pools.map(\.tree)),
            "placements": .array(placements.map(\.tree)), "pending": .array(pending.map(\.tree)),
            "rate": ["before": .string(rateBefore.decimal), "after": .string(rateAfter.decimal)],
            "counts": [
                "add": .int(Int64(count(.create) + count(.replace))), "change": .int(Int64(count(.update))),
                "destroy": .int(Int64(count(.delete) + count(.replace))),
            ],
            "basis": .array(
                basis.map { $0.key.reference(["uid": .string($0.uid), "generation": .int(Int64($0.generation))]) }),
            "notes": .array(notes.map { .string($0.text) }),
        ]
        if let estimate {
            tree["estimate"] = [
                "p50": .string(estimate.p50.text), "p90": .string(estimate.p90.text),
                "cost": .string(estimate.cost.decimal), "costP90": .string(estimate.costP90.decimal),
            ]
            if let share = estimate.share { tree["estimate"]?["share"] = .string(share.decimal) }
        }
        if let gaveUp { tree["gaveUp"] = .string(gaveUp) }
        if !failures.isEmpty { tree["failures"] = .array(failures.map(\.tree)) }
        return tree
    }
}

extension ObjectKey {
    /// Kind, namespace and name, with further members.
    fileprivate func reference(_ members: Members = Members()) -> Tree {
        var tree = Tree.object(members)
        tree["kind"] = .string(kind.rawValue)
        if !namespace.isEmpty { tree["namespace"] = .string(namespace) }
        tree["name"] = .string(name)
        return tree
    }

    fileprivate func reference(_ tree: Tree) -> Tree { reference(tree.object ?? Members()) }
}

extension PlanReport.Basis {
    /// What `tree` wrote; nil for anything else.
    init?(_ tree: Tree) {
        guard let kind = tree["kind"]?.string.flatMap(Kind.init(rawValue:)), let name = tree["name"]?.string,
            let uid = tree["uid"]?.string, let generation = tree["generation"]?.int
        else { return nil }
        self.init(ObjectKey(kind, tree["namespace"]?.string ?? "", name), uid: uid, generation: Int(generation))
    }
}

extension PlanReport.Change {
    fileprivate var tree: Tree {
        var tree = key.reference(["action": .string(action.rawValue), "reason": .string(reason)])
        tree["costBefore"] = costBefore.map { .string($0.decimal) }
        tree["costAfter"] = costAfter.map { .string($0.decimal) }
        tree["fields"] = .array(
            fields.map { field in
                var tree: Tree = ["path": .string(field.path)]
                tree["old"] = field.old.map { .string($0) }
                tree["new"] = field.new.map { .string($0) }
                return tree
            })
        return tree
    }
}

extension PlanReport.PoolForecast {
    fileprivate var tree: Tree {
        pool.reference([
            "region": .string(region), "backend": .string(backend), "choice": .string(choice),
            "workersBefore": .int(Int64(workersBefore)), "workersAfter": .int(Int64(workersAfter)),
            "offerings": .array(offerings.map(\.tree)),
        ])
    }
}

extension PlanReport.Offering {
    fileprivate var tree: Tree {
        var tree: Tree = [
            "name": .string(name), "resources": .string(resources), "perHour": .string(perHour.decimal),
            "source": .string(source), "chosen": .bool(isChosen),
        ]
        tree["rejection"] = rejection.map { .string($0) }
        return tree
    }
}

extension PlanReport.Placement {
    fileprivate var tree: Tree {
        task.reference(["region": .string(region), "worker": .string(worker), "reason": .string(reason)])
    }
}

extension PlanReport.PendingTask {
    fileprivate var tree: Tree {
        var tree = task.reference(["reason": .string(reason.rawValue), "message": .string(message)])
        tree["nearestOffering"] = nearestOffering.map { .string($0) }
        return tree
    }
}

extension PlanReport.FailureForecast {
    fileprivate var tree: Tree {
        var tree: Tree = [
            "failure": .string(failure), "extraCost": .string(extraCost.decimal),
            "moved": .array(moved.map { .string($0) }), "blocked": .array(blocked.map { .string($0) }),
        ]
        tree["downtime"] = downtime.map { .string($0.text) }
        return tree
    }
}
