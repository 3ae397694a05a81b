extension PlanGraph {
    /// How much hangs on a task: the highest priority among it and all that wait for it, and the longest chain of
    /// tasks that begins with it, in time.
    package struct Weight: Sendable, Hashable {
        package var priority: Int
        package var path: Duration
    }

    /// By task, in the order of the manifest. What waits for a sync point of the plan waits for the tasks by which
    /// its regions arrive. In a cycle, which nothing runs, each task has its own priority and length.
    package func weights(_ spec: ExecutionPlanSpec, unknown: Duration) -> [Weight] {
        let own = spec.allTasks.map {
            Weight(priority: $0.task.priority, path: $0.task.estimatedDuration ?? unknown)
        }
        let point = Weight(priority: .min, path: .zero)
        var weights = own + Array(repeating: point, count: names.count - own.count)
        var waiting = Array(repeating: 0, count: names.count)
        for node in names.indices { for needed in Set(needs[node]) { waiting[needed] += 1 } }
        // From the ends of the graph backwards: a node is settled once all that wait for it are.
        var settled = names.indices.filter { waiting[$0] == 0 }
        var longest = Array(repeating: Duration.zero, count: names.count)
        var next = 0
        while next < settled.count {
            let node = settled[next]
            next += 1
            if node < own.count {
                weights[node].path = own[node].path + longest[node]
            } else {
                weights[node].path = longest[node]
            }
            for needed in Set(needs[node]) {
                weights[needed].priority = max(weights[needed].priority, weights[node].priority)
                longest[needed] = max(longest[needed], weights[node].path)
                waiting[needed] -= 1
                if waiting[needed] == 0 { settled.append(needed) }
            }
        }
        return Array(weights.prefix(own.count))
    }
}
