import Model

/// When a graph of tasks will be done: deterministic list scheduling on a fixed number of slots.
///
/// A slot that falls free takes the ready task with the longest path still behind it (Hu's highest level
/// first; Graham's bound: at most 2 − 1/slots times the best possible). p50 runs every task at its median,
/// p90 every task at its 90th percentile, so the latter is a cautious end of the range, not the percentile of
/// the sum.
package struct CompletionForecast: Sendable, Hashable {
    package let p50: Duration
    package let p90: Duration

    package struct Work: Sendable {
        /// Unique; names a dependency.
        package var name: String
        package var duration: DurationEstimate
        package var dependsOn: [String]
        /// How long it has run already; nil: not started. A running task has a slot from the start.
        package var running: Duration?
        /// Where it must run: a pool or region of `slots`; nil: anywhere.
        package var lane: String?

        package init(
            _ name: String, _ duration: DurationEstimate, dependsOn: [String] = [], running: Duration? = nil,
            lane: String? = nil
        ) {
            self.name = name
            self.duration = duration
            self.dependsOn = dependsOn
            self.running = running
            self.lane = lane
        }
    }

    /// Finished tasks are left out of `work`; dependencies on names not in it count as done. Nil where it
    /// never ends: no slot for a task, or a cycle.
    ///
    /// - Parameters:
    ///   - slots: Tasks at once in all.
    ///   - lanes: Tasks at once by lane; a lane that is not named has no limit of its own.
    package static func estimate(_ work: [Work], slots: Int, lanes: [String: Int] = [:])
        -> CompletionForecast?
    {
        guard let graph = Graph(work, lanes: lanes) else { return nil }
        guard let p50 = graph.makespan(slots: slots, { $0.p50 }),
            let p90 = graph.makespan(slots: slots, { $0.p90 })
        else { return nil }
        return CompletionForecast(p50: .milliseconds(p50), p90: .milliseconds(max(p50, p90)))
    }
}

/// The work by index, in an order in which dependencies come first.
private struct Graph {
    let work: [CompletionForecast.Work]
    var dependents: [[Int]]
    var waiting: [Int]
    var order: [Int] = []
    var laneOf: [Int]
    var laneSlots: [Int]

    init?(_ input: [CompletionForecast.Work], lanes: [String: Int]) {
        work = input.sorted { $0.name < $1.name }
        var index: [String: Int] = [:]
        for (position, task) in work.enumerated() { index[task.name] = position }
        dependents = [[Int]](repeating: [], count: work.count)
        waiting = [Int](repeating: 0, count: work.count)
        for (position, task) in work.enumerated() where task.running == nil {
            for name in Set(task.dependsOn).sorted() {
                guard let before = index[name] else { continue }
                dependents[before].append(position)
                waiting[position] += 1
            }
        }
        let names = lanes.keys.sorted()
        laneSlots = names.map { max(0, lanes[$0] ?? 0) }
        laneOf = work.map { task in task.lane.flatMap { names.firstIndex(of: $0) } ?? -1 }

        var left = waiting
        order = work.indices.filter { left[$0] == 0 }
        var next = 0
        while next < order.count {
            for dependent in dependents[order[next]] {
                left[dependent] -= 1
                if left[dependent] == 0 { order.append(dependent) }
            }
            next += 1
        }
        if order.count < work.count { return nil }
    }

    struct Ready: Comparable {
        let level: Int64
        let task: Int
        static func < (a: Ready, b: Ready) -> Bool {
            a.level != b.level ? a.level > b.level : a.task < b.task
        }
    }

    struct End: Comparable {
        let time: Int64
        let task: Int
        static func < (a: End, b: End) -> Bool { a.time != b.time ? a.time < b.time : a.task < b.task }
    }

    /// Milliseconds until all is done; nil where some task never gets a slot.
    func makespan(slots: Int, _ pick: (DurationEstimate) -> Duration) -> Int64? {
        let length = work.map { max(0, pick($0.duration).milliseconds - ($0.running?.milliseconds ?? 0)) }
        var level = length
        for task in order.reversed() {
            level[task] += dependents[task].map { level[$0] }.max() ?? 0
        }
        var waiting = waiting
        var ready: [MinHeap<Ready>] = (0...laneSlots.count).map { _ in MinHeap([]) }
        var laneFree = laneSlots
        var free = slots
        var ends = MinHeap<End>([])
        var (now, done): (Int64, Int) = (0, 0)

        func queue(_ task: Int) -> Int { laneOf[task] < 0 ? laneSlots.count : laneOf[task] }
        func start(_ task: Int) {
            free -= 1
            if laneOf[task] >= 0 { laneFree[laneOf[task]] -= 1 }
            ends.insert(End(time: now + length[task], task: task))
        }
        for task in work.indices where waiting[task] == 0 {
            if work[task].running != nil {
                start(task)
            } else {
                ready[queue(task)].insert(Ready(level: level[task], task: task))
            }
        }
        while true {
            while free > 0 {
                let open = ready.indices.filter { $0 == laneSlots.count || laneFree[$0] > 0 }
                let best = open.compactMap { lane in ready[lane].first.map { (lane, $0) } }.min {
                    $0.1 < $1.1
                }
                guard let (lane, next) = best else { break }
                ready[lane].removeFirst()
                start(next.task)
            }
            guard let end = ends.first else { break }
            ends.removeFirst()
            now = end.time
            done += 1
            free += 1
            if laneOf[end.task] >= 0 { laneFree[laneOf[end.task]] += 1 }
            for dependent in dependents[end.task] {
                waiting[dependent] -= 1
                if waiting[dependent] == 0 {
                    ready[queue(dependent)].insert(Ready(level: level[dependent], task: dependent))
                }
            }
        }
        return done == work.count ? now : nil
    }
}
