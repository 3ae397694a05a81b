import Model
import Tree

// What people do while plans run.
extension WideScript {
    mutating func people() {
        let span = isSmall ? 2000...9000 : 3000...25_000
        for _ in 0..<(isSmall ? chance.below(3) : chance.within(3...6)) { deed(in: span) }
        for (point, party) in arrivals { add(span.lowerBound...span.upperBound + 5000, .arrive(point, party)) }
        settle()
    }

    private mutating func deed(in span: ClosedRange<Int>) {
        switch chance.below(12) {
        case 0, 1, 2, 3: onPool(span)
        case 4, 5, 6, 7, 8: onPlan(span)
        case 9: onRegion(span)
        case 10: add(span, .deleteWorker(chance.below(4)))
        default:
            let at = chance.within(span)
            let worker = chance.below(4)
            add(at: at, .maintain(worker, true))
            if chance.percent(50) { add(at: at + chance.within(1000...12_000), .maintain(worker, false)) }
        }
    }

    private mutating func onPool(_ span: ClosedRange<Int>) {
        let drawn = chance.pick(pools)
        let key = ObjectKey(.workerPool, drawn.namespace, drawn.name)
        switch chance.below(10) {
        case 0, 1: add(span, .scale(key, chance.below(4)))
        case 2, 3: toggle(key, span)
        case 4: add(span, .set(key, ["budget"], budget(price: Money(dollars: 1)).tree))
        case 5: add(span, .set(key, ["worker", "costPerHour"], chance.dollars("0", "1", "2", "3600").tree))
        case 6: add(span, .set(key, ["worker", "maxConcurrentTasks"], .int(Int64(chance.within(1...3)))))
        case 7: add(span, .set(key, ["autoscaling"], chance.percent(50) ? Autoscaling().tree : nil))
        case 8:
            let again = pool(drawn.name, drawn.namespace, in: drawn.region)
            pools.removeLast()
            add(span, .recreate(key, again.tree))
        default:
            if chance.percent(30) { return add(span, .forge(key, chance.below(6))) }
            add(span, .delete(key))
        }
    }

    private mutating func onPlan(_ span: ClosedRange<Int>) {
        let plan = chance.pick(plans)
        let key = plan.key
        switch chance.below(12) {
        case 0, 1, 2: toggle(key, span)
        case 3: add(span, .cancel(key))
        case 4:
            let at = chance.within(span)
            add(at: at, .suspend(key, true))
            add(at: at + chance.within(0...4000), .cancel(key))
            if chance.percent(50) { add(at: at + chance.within(0...6000), .suspend(key, false)) }
        case 5: add(span, .set(key, ["budget"], budget(price: Money(dollars: 1)).tree))
        case 6: add(span, .apply(key, plan.tree))
        case 7: add(span, .apply(key, edited(plan).tree))
        case 8: add(span, .set(key, ["scheduling", "maxConcurrentTasks"], .int(Int64(chance.within(1...3)))))
        case 9: add(span, .recreate(key, remade(plan).tree))
        case 10: add(span, .set(key, ["scheduling", "timeout"], chance.seconds(4, 30).tree))
        default: add(span, .delete(key))
        }
    }

    private mutating func onRegion(_ span: ClosedRange<Int>) {
        let index = chance.below(regions.count)
        let key = ObjectKey(.region, "", regions[index].name)
        switch chance.below(5) {
        case 0: add(span, .set(key, ["budget"], budget(price: Money(dollars: 1)).tree))
        case 1: add(span, .set(key, ["allowedNamespaces"], [.string(Self.neighbour)]))
        case 2: add(span, .set(key, ["regulations"], ["gdpr"]))
        case 3:
            let again = region(index)
            regions.removeLast()
            add(span, .recreate(key, again.tree))
        default: add(span, .delete(key))
        }
    }

    /// Suspended, and mostly resumed; now and then long after everything ended.
    private mutating func toggle(_ key: ObjectKey, _ span: ClosedRange<Int>) {
        let at = chance.within(span)
        add(at: at, .suspend(key, true))
        if chance.percent(75) { add(at: at + chance.within(500...Int(calm.milliseconds)), .suspend(key, false)) }
    }

    private mutating func edited(_ plan: ExecutionPlan) -> ExecutionPlan {
        var plan = plan
        let extra = PlanTask(named: "extra", runs: ["work", "500", "0"])
        switch chance.below(5) {
        case 0: plan.spec.tasks.append(extra)
        case 4:
            for index in plan.spec.regions.indices { plan.spec.regions[index].poolTemplate?.maxWorkers = 4 }
            plan.spec.tasks.append(extra)
        case 1:
            // What nothing depends on can go.
            let needed = Set(plan.spec.allTasks.flatMap(\.task.dependsOn))
            let after = Set(plan.spec.synchronization?.points.flatMap(\.after) ?? [])
            for index in plan.spec.regions.indices {
                guard let last = plan.spec.regions[index].tasks.last, !needed.contains(last.name),
                    !after.contains(last.name), plan.spec.taskCount > 1
                else { continue }
                plan.spec.regions[index].tasks.removeLast()
                break
            }
        case 2:
            for index in plan.spec.regions.indices where !plan.spec.regions[index].tasks.isEmpty {
                plan.spec.regions[index].tasks[0].run.command = ["work", "700", "0"]
            }
        default:
            // A cycle: a spec that makes no sense is not followed.
            var cyclic = extra
            cyclic.dependsOn = ["other"]
            var other = PlanTask(named: "other", runs: ["work", "500", "0"])
            other.dependsOn = ["extra"]
            plan.spec.tasks += [cyclic, other]
        }
        return plan
    }

    /// Another plan under the same name.
    private mutating func remade(_ plan: ExecutionPlan) -> ExecutionPlan {
        var again = plan
        again.metadata = metadata(plan.metadata.name, Scenario.namespace)
        again.spec.suspend = false
        again.spec.cancel = false
        return again
    }

    /// What never ends by itself is taken out before the world is judged.
    private mutating func settle() {
        let end = Int(calm.milliseconds)
        for drawn in pools {
            let key = ObjectKey(.workerPool, drawn.namespace, drawn.name)
            add(at: end - 1500, .limitAge(key))
        }
    }
}

extension PlanTask {
    fileprivate init(named name: String, runs command: [String]) {
        self.init()
        self.name = name
        run.command = command
    }
}
