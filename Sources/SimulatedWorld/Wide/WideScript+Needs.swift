import Model

// Small worlds in which there is less than is asked for.
extension WideScript {
    static let sharers = ["share-0", "share-1"]

    /// Two plans of equal tasks. What is expected of these says how long they take, or far too much.
    mutating func turns() {
        focusPool("pool-0", least: 1, most: 1, slots: 2) { _ in }
        for name in Self.sharers {
            var tasks = (0..<8).map { task("t\($0)", cpu: nil, priority: 0) }
            if variant % 2 == 1 { for index in tasks.indices { tasks[index].estimatedDuration = .minutes(10) } }
            focusPlan(name, tasks, in: "pool-0", at: 500...1500) { _ in }
        }
    }

    enum Payer { case region, pool }

    /// A cap that pays for one worker and not for two.
    func neededBudget(of payer: Payer) -> Budget? {
        guard variant % 6 == (payer == .region ? 1 : 5) else { return nil }
        var budget = Budget()
        budget.perHour = Money(dollars: 3)
        return budget
    }

    mutating func needs() {
        guard variant % 2 == 0 else { return growth() }
        // The dear one has more to give, and may be had by nobody who names a price.
        for (index, dollars) in [2, 3, 9].enumerated() {
            focusPool("pool-\(index)", least: 1, most: 2, slots: 1) { pool in
                pool.worker.costPerHour = Money(dollars: Int64(dollars))
                var resources = Resources()
                resources.cpu = Quantity(["1", "4", "8"][index])
                resources.memory = .gibibytes([1, 4, 8][index])
                pool.worker.resources = resources
            }
        }
        var tasks = (0..<6).map { task("t\($0)", cpu: nil, priority: 0) }
        for index in 0..<4 { tasks[index].requires.maxCostPerHour = Money(dollars: index % 2 == 0 ? 2 : 3) }
        tasks[4].requires.cpu = Quantity("3")
        tasks[5].requires.memory = .gibibytes(5)
        let algorithm = chance.pick([SchedulingAlgorithm.priority, .leastLoaded, .roundRobin])
        focusPlan("needs", tasks, in: nil, at: 4000...6000) { $0.scheduling.algorithm = algorithm }
    }

    /// More work at once than a limit or a cap lets the pool grow for.
    private mutating func growth() {
        for index in 0..<2 {
            let budget = neededBudget(of: .pool)
            focusPool("pool-\(index)", least: 0, most: 2, slots: chance.within(1...2)) { pool in
                pool.worker.costPerHour = Money(dollars: 2)
                pool.budget = budget
            }
        }
        for index in 0..<2 {
            let tasks = (0..<6).map { task("t\($0)", cpu: nil, priority: 0) }
            focusPlan("growth-\(index)", tasks, in: "pool-\(index)", at: 1000...1200) { _ in }
        }
    }
}
