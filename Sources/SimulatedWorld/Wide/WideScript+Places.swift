import Model

extension WideScript {
    /// A pool of a size that people set, some of whose workers are busy for long when it is made smaller.
    mutating func shrink() {
        let size = chance.within(3...5)
        focusPool("pool-0", least: 1, most: size, slots: 1) { $0.replicas = size }
        var tasks = (0..<chance.within(1...2)).map { task("t\($0)", cpu: nil, priority: 0) }
        for index in tasks.indices { tasks[index].run.command[1] = "\(chance.within(9000...11_000))" }
        // When all workers have long been there, and any of them may get a task.
        let algorithm = chance.pick([SchedulingAlgorithm.roundRobin, .leastLoaded, .costOptimized])
        focusPlan("shrink", tasks, in: "pool-0", at: 5000...5500) { $0.scheduling.algorithm = algorithm }
        add(9500...11_000, .scale(ObjectKey(.workerPool, Scenario.namespace, "pool-0"), tasks.count))
    }

    /// Tasks that nothing in their region fits, and something in another of the same provider or of another one, under
    /// rules that lead there or don't.
    mutating func elsewhere() {
        var second = Region(metadata: metadata(Scenario.region(1), nil), spec: RegionSpec())
        if chance.percent(50) {
            second.spec.provider.local = LocalRegion()
        } else {
            second.spec.provider.docker = DockerRegion()
        }
        add(0...500, Manifest.create(second))
        focusPool("pool-0", least: 1, most: 1, slots: 2) { _ in }
        focusPool("pool-1", in: 1, least: 1, most: 1, slots: 2) { $0.worker.capabilities = ["gpu"] }
        var tasks = (0..<chance.within(1...3)).map { task("t\($0)", cpu: nil, priority: 0) }
        tasks[0].requires.capabilities = ["gpu"]
        var rule = FailoverRule()
        rule.strategy = chance.pick([.otherRegion, .otherProvider, .sameRegion])
        rule.when = chance.pick([[], [.noCapacity], [.workerLost]])
        focusPlan("elsewhere", tasks, in: "pool-0", at: 3000...5000) { plan in
            var other = PlanRegion()
            (other.region, other.pool) = (Scenario.region(1), "pool-1")
            plan.regions.append(other)
            plan.faultTolerance.failover = [rule]
        }
    }
}
