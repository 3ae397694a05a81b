import Model

/// The order in which a round decides.
///
/// 1. Priority, highest first.
/// 2. Between plans at equal priority, turns: a plan's n-th waiting task has turn `running + n`, lowest turn
///    first, so that the plan with least running catches up and equal plans alternate.
/// 3. Plans by creation, then by key; tasks of a plan by creation, then by key.
enum TaskOrder {
    private struct Entry {
        let task: Int32
        let plan: Int32
        let created: Int
        let priority: Int
        var turn: Int
    }

    /// Indices of `tasks` in the order to decide them. Plans are numbered in their order; `running` is by
    /// plan.
    static func order(_ tasks: [PlacementTask], planOf: [Int32], running: [Int]) -> [Int32] {
        var entries: [Entry] = []
        entries.reserveCapacity(tasks.count)
        for index in tasks.indices {
            entries.append(
                Entry(
                    task: Int32(index), plan: planOf[index], created: tasks[index].createdOrder,
                    priority: tasks[index].priority, turn: running[Int(planOf[index])]))
        }
        func created(_ a: Entry, _ b: Entry) -> Bool {
            if a.created != b.created { return a.created < b.created }
            return tasks[Int(a.task)].precedes(tasks[Int(b.task)])
        }
        entries.sort { a, b in
            if a.priority != b.priority { return a.priority > b.priority }
            if a.plan != b.plan { return a.plan < b.plan }
            return created(a, b)
        }
        for index in entries.indices.dropFirst()
        where entries[index].priority == entries[index - 1].priority
            && entries[index].plan == entries[index - 1].plan
        {
            entries[index].turn = entries[index - 1].turn + 1
        }
        entries.sort { a, b in
            if a.priority != b.priority { return a.priority > b.priority }
            if a.turn != b.turn { return a.turn < b.turn }
            return a.plan < b.plan
        }
        return entries.map(\.task)
    }
}
