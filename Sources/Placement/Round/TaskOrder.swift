import Model

/// The order in which a round decides.
///
/// 1. Priority, highest first; a task has that of the most urgent one that waits for it.
/// 2. Between plans at equal priority, turns by what they were given (start-time fair queueing, Goyal, Vin and Cheng
///    1996, with the median times of tasks as their sizes): a plan's next task is due when the time of all that it was
///    given before has passed, and who is due first comes first. A plan that is new, or comes back, is due with those
///    that are served now; it makes up for what others have in flight, and for nothing longer ago.
/// 3. Within a plan, the longest chain of tasks first; then by creation, then by key. Between plans that are due alike
///    the one created first.
enum TaskOrder {
    struct Order {
        /// Indices of the tasks in the order to decide them.
        var tasks: [Int32] = []
        /// When each of the tasks is due, by its index, in milliseconds of service.
        var due: [Int64] = []
    }

    private struct Entry {
        let task: Int32
        let plan: Int32
        let created: Int
        let priority: Int
        let path: Int64
        var due: Int64 = 0
    }

    /// Plans are numbered in their order.
    static func order(_ tasks: [PlacementTask], planOf: [Int32], plans: [PlacementPlan], turn: Duration) -> Order {
        var entries: [Entry] = []
        entries.reserveCapacity(tasks.count)
        for index in tasks.indices {
            entries.append(
                Entry(
                    task: Int32(index), plan: planOf[index], created: tasks[index].createdOrder,
                    priority: tasks[index].priority, path: tasks[index].path.milliseconds))
        }
        func isFirst(_ a: Entry, _ b: Entry) -> Bool {
            if a.path != b.path { return a.path > b.path }
            if a.created != b.created { return a.created < b.created }
            return tasks[Int(a.task)].precedes(tasks[Int(b.task)])
        }
        entries.sort { a, b in
            if a.priority != b.priority { return a.priority > b.priority }
            if a.plan != b.plan { return a.plan < b.plan }
            return isFirst(a, b)
        }
        var next = starts(plans, turn: turn)
        var order = Order()
        order.due = [Int64](repeating: 0, count: tasks.count)
        for index in entries.indices {
            let (task, plan) = (Int(entries[index].task), Int(entries[index].plan))
            entries[index].due = next[plan]
            order.due[task] = next[plan]
            next[plan] += size(tasks[task])
        }
        entries.sort { a, b in
            if a.priority != b.priority { return a.priority > b.priority }
            if a.due != b.due { return a.due < b.due }
            return a.plan < b.plan
        }
        order.tasks = entries.map(\.task)
        return order
    }

    /// The service a task is, in milliseconds.
    static func size(_ task: PlacementTask) -> Int64 { max(1, task.duration.p50.milliseconds) }

    /// When each plan's next task is due.
    private static func starts(_ plans: [PlacementPlan], turn: Duration) -> [Int64] {
        let inFlight = plans.map { plan in
            (plan.inFlight ?? .milliseconds(DurationEstimate.unknown.p50.milliseconds * Int64(max(0, plan.running))))
                .milliseconds
        }
        let base = max(0, turn.milliseconds - (inFlight.max() ?? 0))
        return zip(plans, inFlight).map { max($0.served?.milliseconds ?? 0, base + $1) }
    }
}
