import Model

extension WideScript {
    /// A plan that makes its own pool, and what people do to it and to what it made.
    mutating func upkeep() {
        let plan = upkeptPlan()
        let (key, name) = (plan.key, plan.metadata.name)
        var first = plan
        switch variant % 8 {
        case 0:
            var changed = plan
            changed.spec.regions[0].poolTemplate?.maxWorkers = 3
            changed.spec.regions[0].poolTemplate?.worker.maxConcurrentTasks = 3
            add(3000...5000, .apply(key, changed.tree))
        case 1: add(3000...6000, .delete(key))
        case 2:
            let pool = TaskNames.pool(plan: name, region: Scenario.region(0))
            add(3000...6000, .delete(ObjectKey(.workerPool, Scenario.namespace, pool)))
        case 3:
            let task = TaskNames.object(plan: name, task: "t3")
            add(1500...4500, .delete(ObjectKey(.task, Scenario.namespace, task)))
        case 4:
            // Nothing is made of it before it makes sense.
            first.spec.regions[0].tasks[0].dependsOn = ["t2"]
            add(5000...8000, .apply(key, plan.tree))
        case 5:
            first.spec.regions[0].tasks[1].dependsOn = ["nobody"]
            add(5000...8000, .apply(key, plan.tree))
        case 6:
            var changed = plan
            changed.spec.regions[0].tasks.removeLast()
            changed.spec.regions[0].tasks.append(task("t4", cpu: nil, priority: 0))
            add(2500...5000, .apply(key, changed.tree))
        default:
            var again = plan
            again.metadata = metadata(name, Scenario.namespace)
            add(3000...6000, .recreate(key, again.tree))
        }
        add(500...1000, Manifest.create(first))
    }

    mutating func drain() {
        let allowed = chance.seconds(1, 3)
        focusPool("pool-0", least: 2, most: 2, slots: 2) { pool in
            pool.disruption.drainDeadline = allowed
            pool.worker.costPerHour = Money(dollars: 36)
        }
        var tasks = (0..<4).map { task("t\($0)", cpu: nil, priority: 0) }
        for index in tasks.indices { tasks[index].run.command[1] = "\(chance.within(9000...12_000))" }
        focusPlan("drain", tasks, in: "pool-0", at: 500...1000) { $0.faultTolerance.killGrace = .seconds(1) }
        let at = chance.within(3500...5000)
        switch variant % 4 {
        case 0: add(at: at, .deleteWorker(0))
        case 1: add(at: at, .scale(ObjectKey(.workerPool, Scenario.namespace, "pool-0"), 1))
        default:
            add(at: at, .maintain(0, true))
            if variant % 4 == 2 { add(at: at + chance.within(6000...8000), .maintain(0, false)) }
        }
    }

    private mutating func upkeptPlan() -> ExecutionPlan {
        var template = WorkerPoolSpec()
        (template.minWorkers, template.maxWorkers) = (1, 2)
        template.worker.maxConcurrentTasks = chance.within(1...2)
        var tasks = (0..<4).map { task("t\($0)", cpu: nil, priority: 0) }
        tasks[2].dependsOn = ["t0"]
        tasks[3].dependsOn = ["t1"]
        var entry = PlanRegion()
        (entry.region, entry.poolTemplate, entry.tasks) = (Scenario.region(0), template, tasks)
        var spec = ExecutionPlanSpec()
        spec.regions = [entry]
        return ExecutionPlan(metadata: metadata("upkeep", Scenario.namespace), spec: spec)
    }
}
