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

    /// Tasks that nothing in their region fits, and something in others: in one of the same provider, and in one of
    /// another, under rules that lead to one of them first, to one alone, or nowhere.
    mutating func elsewhere() {
        for index in 1...2 {
            var other = Region(metadata: metadata(Scenario.region(index), nil), spec: RegionSpec())
            if index == 1 {
                other.spec.provider.local = LocalRegion()
            } else {
                other.spec.provider.docker = DockerRegion()
            }
            add(0...500, Manifest.create(other))
            focusPool("pool-\(index)", in: index, least: 1, most: 1, slots: 2) { $0.worker.capabilities = ["gpu"] }
        }
        focusPool("pool-0", least: 1, most: 1, slots: 2) { _ in }
        var tasks = (0..<chance.within(1...3)).map { task("t\($0)", cpu: nil, priority: 0) }
        tasks[0].requires.capabilities = ["gpu"]
        let rules = Self.rules(variant)
        focusPlan("elsewhere", tasks, in: "pool-0", at: 5000...7000) { plan in
            for index in 1...2 {
                var entry = PlanRegion()
                (entry.region, entry.pool) = (Scenario.region(index), "pool-\(index)")
                plan.regions.append(entry)
            }
            plan.faultTolerance.failover = rules
        }
    }

    private static func rules(_ variant: UInt64) -> [FailoverRule] {
        func rule(_ strategy: FailoverRule.Strategy, _ priority: Int, _ when: [FailoverRule.When]) -> FailoverRule {
            var rule = FailoverRule()
            (rule.strategy, rule.priority, rule.when) = (strategy, priority, when)
            return rule
        }
        return switch variant % 6 {
        case 0: [rule(.otherProvider, 10, []), rule(.otherRegion, 50, [])]
        case 1: [rule(.otherRegion, 10, []), rule(.otherProvider, 50, [])]
        case 2: [rule(.otherProvider, 50, [.noCapacity]), rule(.sameRegion, 100, [])]
        case 3: [rule(.otherRegion, 50, [.workerLost])]
        case 4: [rule(.otherProvider, 50, [.workerLost, .regionDown]), rule(.otherRegion, 10, [.noCapacity])]
        default: [rule(.sameRegion, 50, [])]
        }
    }
}
