/// What waits for what in a plan: tasks for tasks (`dependsOn`), tasks for the plan's own sync points
/// (`waitFor`), and points for the tasks by which their regions arrive.
///
/// A region arrives at a point when those of the point's `after` tasks that it owns have succeeded; if it
/// owns none of them, when all of them have; with none named, when its tasks that do not, transitively, wait
/// for the point have. That "transitively" goes from task to task, by `dependsOn`, and not through other
/// points: two points could each be excused by the other. A plan where that matters has a cycle here, which
/// naming the `after` tasks dissolves.
package struct PlanGraph: Sendable {
    /// Tasks in the order of the manifest, then points; a node is an index in it. Of equal names the first
    /// counts.
    let names: [String]
    let taskCount: Int
    private var indices: [String: Int] = [:]
    private var pointIndices: [String: Int] = [:]
    /// For each node, the nodes that it waits for, in the order written.
    private(set) var needs: [[Int]]
    private let owner: [String?]
    private let points: [PlanPoint]
    /// For each point without `after`, whether a task waits for it, itself or by `dependsOn`.
    private var reaches: [[Bool]] = []

    package init(_ spec: ExecutionPlanSpec) {
        points = spec.synchronization?.points ?? []
        taskCount = spec.taskCount
        var names: [String] = []
        var owner: [String?] = []
        names.reserveCapacity(taskCount + points.count)
        owner.reserveCapacity(taskCount)
        PlanGraph.visit(spec) { region, task in
            names.append(task.name)
            owner.append(region)
        }
        for point in points { names.append(point.name) }
        self.names = names
        self.owner = owner
        needs = Array(repeating: [], count: names.count)
        for (index, name) in names.prefix(taskCount).enumerated() where indices[name] == nil { indices[name] = index }
        for (index, point) in points.enumerated() where pointIndices[point.name] == nil {
            pointIndices[point.name] = taskCount + index
        }
        var index = 0
        PlanGraph.visit(spec) { _, task in
            for name in task.dependsOn {
                if let needed = indices[name], needed != index { needs[index].append(needed) }
            }
            for name in task.waitFor { if let needed = pointIndices[name] { needs[index].append(needed) } }
            index += 1
        }
        reaches = points.indices.map { offset in
            points[offset].after.isEmpty ? tasksBehind(taskCount + offset) : []
        }
        for (offset, point) in points.enumerated() {
            needs[taskCount + offset] = unique(point.regions.flatMap { awaited(by: offset, region: $0) })
        }
    }

    /// Every task with its region, in the order of the manifest. No task is copied: each is large.
    private static func visit(_ spec: ExecutionPlanSpec, _ body: (String?, PlanTask) -> Void) {
        for region in spec.regions { for task in region.tasks { body(region.region, task) } }
        for task in spec.tasks { body(nil, task) }
    }

    /// The tasks by whose success `region` arrives at the plan's point of that name; empty where there is
    /// none.
    package func awaited(by point: String, region: String) -> [String] {
        guard let node = pointIndices[point] else { return [] }
        return awaited(by: node - taskCount, region: region).map { names[$0] }
    }

    private func awaited(by offset: Int, region: String) -> [Int] {
        let named = points[offset].after.compactMap { indices[$0] }
        if points[offset].after.isEmpty {
            return (0..<taskCount).filter { owner[$0] == region && !reaches[offset][$0] }
        }
        let own = named.filter { owner[$0] == region }
        return own.isEmpty ? named : own
    }

    /// Which tasks wait for a point, themselves or by others. Called while points need nothing yet, so that
    /// the way back from a point leads through tasks alone.
    private func tasksBehind(_ point: Int) -> [Bool] {
        var waiting: [[Int]] = Array(repeating: [], count: names.count)
        for (node, nodes) in needs.enumerated() { for needed in nodes { waiting[needed].append(node) } }
        var seen = Array(repeating: false, count: names.count)
        var stack = [point]
        while let node = stack.popLast() {
            for next in waiting[node] where !seen[next] {
                seen[next] = true
                stack.append(next)
            }
        }
        return seen
    }

    private func unique(_ nodes: [Int]) -> [Int] {
        var seen = Set<Int>()
        return nodes.filter { seen.insert($0).inserted }
    }
}

extension PlanGraph {
    /// Cycles, none sharing a node with another: each as nodes in the direction of waiting, beginning with
    /// the one that stands first in the manifest. Empty exactly when the plan can run.
    func cycles() -> [[Int]] {
        enum Colour { case white, grey, black }
        var colours = Array(repeating: Colour.white, count: names.count)
        var reported = Array(repeating: false, count: names.count)
        var cycles: [[Int]] = []
        for root in names.indices where colours[root] == .white {
            var path = [(node: root, next: 0)]
            colours[root] = .grey
            while let top = path.last {
                guard top.next < needs[top.node].count else {
                    colours[top.node] = .black
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let needed = needs[top.node][top.next]
                switch colours[needed] {
                case .white:
                    colours[needed] = .grey
                    path.append((needed, 0))
                case .grey:
                    guard let start = path.firstIndex(where: { $0.node == needed }) else { continue }
                    let cycle = path[start...].map(\.node)
                    if cycle.contains(where: { reported[$0] }) { continue }
                    for node in cycle { reported[node] = true }
                    cycles.append(rotated(cycle))
                case .black: break
                }
            }
        }
        return cycles
    }

    private func rotated(_ cycle: [Int]) -> [Int] {
        guard let first = cycle.min(), let start = cycle.firstIndex(of: first) else { return cycle }
        return Array(cycle[start...] + cycle[..<start])
    }

    /// For each task, the tasks that come before it by `dependsOn` alone, as a bit set; meaningful without
    /// cycles only.
    func ancestors() -> [[UInt64]] {
        let words = (taskCount + 63) / 64
        var sets: [[UInt64]?] = Array(repeating: nil, count: taskCount)
        for root in 0..<taskCount where sets[root] == nil {
            var path = [(node: root, next: 0, set: [UInt64](repeating: 0, count: words))]
            while let top = path.last {
                let dependencies = needs[top.node]
                guard top.next < dependencies.count else {
                    sets[top.node] = top.set
                    path.removeLast()
                    continue
                }
                let needed = dependencies[top.next]
                guard needed < taskCount else {
                    path[path.count - 1].next += 1
                    continue
                }
                guard let known = sets[needed] else {
                    path.append((needed, 0, [UInt64](repeating: 0, count: words)))
                    continue
                }
                path[path.count - 1].next += 1
                for word in 0..<words { path[path.count - 1].set[word] |= known[word] }
                path[path.count - 1].set[needed / 64] |= 1 << UInt64(needed % 64)
            }
        }
        return sets.map { $0 ?? [] }
    }

    func index(ofTask name: String) -> Int? { indices[name] }
}
