import Model
import Tree

/// The state of a run at one moment: plans, tasks in the order of their plans, sync points, and what else was applied.
struct RunBoard: Sendable {
    struct TaskRow: Sendable, Hashable {
        var key: ObjectKey
        var plan: String
        var name: String
        var region: String
        var worker: String
        var phase: TaskPhase
        var attempt: Int
        var reason: String
        var message: String
        var startedAt: Timestamp?
        var finishedAt: Timestamp?
        var cost: Money

        func duration(_ now: Timestamp) -> Duration? {
            guard let startedAt, phase == .running || phase.isTerminal else { return nil }
            return max(.zero, (finishedAt ?? now) - startedAt)
        }
    }

    struct PointRow: Sendable, Hashable {
        var key: ObjectKey
        /// Within its plan, where it belongs to one.
        var name: String
        var state: SyncPointState
        var arrived: String
        var releasedAt: Timestamp?
        var firstArrivalAt: Timestamp?
    }

    var plans: [ExecutionPlan] = []
    var tasks: [TaskRow] = []
    var points: [PointRow] = []
    /// Regions, pools and sync points that were applied themselves, each with its verdict.
    var others: [ObjectKey: RunVerdict] = [:]
    /// Why they are not ready, as they say themselves.
    private var sentences: [ObjectKey: String] = [:]
    let scope: RunScope

    init(_ objects: [Tree], scope: RunScope) {
        self.scope = scope
        var tasks: [ObjectKey: WorkTask] = [:]
        for object in objects {
            guard let key = ObjectKey(object: object), isWanted(key, object) else { continue }
            do throws(DecodingIssue) {
                switch key.kind {
                case .executionPlan: plans.append(try ExecutionPlan(tree: object))
                case .task: tasks[key] = try WorkTask(tree: object)
                case .syncPoint: add(try SyncPoint(tree: object))
                default:
                    others[key] = RunVerdict.of(object)
                    sentences[key] = try [Condition](tree: object["status"]?["conditions"] ?? [])[.ready]?.sentence
                }
            } catch {
                others[key] = .failed("it can't be read: \(error.description)")
            }
        }
        order(tasks)
    }

    private func isWanted(_ key: ObjectKey, _ object: Tree) -> Bool {
        switch key.kind {
        case .executionPlan: scope.plans.contains(key)
        case .task: scope.contains(plan: object["spec"]?["plan"]?.string ?? "", namespace: key.namespace)
        case .syncPoint: true
        case .region, .workerPool: scope.keys.contains(key)
        default: false
        }
    }

    func plan(_ name: String, _ namespace: String) -> ExecutionPlan? {
        plans.first { $0.metadata.name == name && $0.metadata.namespace == namespace }
    }

    /// What something that was applied says of itself, for somebody who wonders why it is not done.
    func sentence(of key: ObjectKey) -> String? {
        key.kind == .executionPlan ? plan(key.name, key.namespace)?.status.message : sentences[key]
    }

    var finished: Int { tasks.count { $0.phase.isTerminal } }
    var running: Int { tasks.count { $0.phase == .running } }
    var cost: Money { tasks.reduce(.zero) { $0 + $1.cost } }

    private mutating func add(_ point: SyncPoint) {
        let key = point.key
        let plan = point.spec.plan ?? ""
        let belongs = scope.contains(plan: plan, namespace: key.namespace)
        guard belongs || scope.keys.contains(key) else { return }
        let name = belongs && key.name.hasPrefix(plan + "-") ? String(key.name.dropFirst(plan.count + 1)) : key.name
        points.append(
            PointRow(
                key: key, name: name, state: point.status.state, arrived: point.status.summary?.arrived ?? "0",
                releasedAt: point.status.releasedAt, firstArrivalAt: point.status.firstArrivalAt))
        if scope.keys.contains(key) { others[key] = RunVerdict.of(point) }
    }

    /// The plan's own order, which is the order its author thinks in.
    private mutating func order(_ tasks: [ObjectKey: WorkTask]) {
        var left = tasks
        for plan in plans {
            for (_, task) in plan.spec.allTasks {
                let name = "\(plan.metadata.name)-\(task.name)"
                guard let found = left.removeValue(forKey: ObjectKey(.task, plan.metadata.namespace ?? "", name)) else {
                    continue
                }
                self.tasks.append(Self.row(found))
            }
        }
        for key in left.keys.sorted() { if let task = left[key] { self.tasks.append(Self.row(task)) } }
    }

    static func row(_ task: WorkTask) -> TaskRow {
        let status = task.status
        let isPlaced = status.phase.isBound || status.phase.isTerminal
        return TaskRow(
            key: task.key, plan: task.spec.plan, name: task.spec.task,
            region: (isPlaced ? status.assignment?.region : nil) ?? task.spec.region ?? "",
            worker: (isPlaced ? status.assignment?.worker : nil) ?? "", phase: status.phase, attempt: status.attempt,
            reason: status.reason ?? "", message: status.message ?? "", startedAt: status.startedAt,
            finishedAt: status.phase.isTerminal ? status.finishedAt : nil, cost: status.cost)
    }
}
