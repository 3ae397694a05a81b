import Controllers
import Engine
import Model
import Ports
import Tree

/// The time every table starts at.
let start = Moment(instant: .origin + .hours(1), wall: Timestamp(milliseconds: 1_700_000_000_000))

extension ObjectMeta {
    static func sample(_ name: String, namespace: String? = "shop") -> ObjectMeta {
        var metadata = ObjectMeta()
        metadata.name = name
        metadata.namespace = namespace
        metadata.uid = "uid-\(name)"
        metadata.generation = 1
        return metadata
    }
}

extension Region {
    static func sample(_ name: String = "east", _ change: (inout Region) -> Void = { _ in }) -> Region {
        var region = Region(metadata: .sample(name, namespace: nil), spec: RegionSpec())
        region.spec.provider.local = LocalRegion()
        change(&region)
        return region
    }
}

extension WorkerPool {
    static func sample(_ name: String = "web", _ change: (inout WorkerPool) -> Void = { _ in }) -> WorkerPool {
        var pool = WorkerPool(metadata: .sample(name), spec: WorkerPoolSpec())
        pool.spec.region = "east"
        pool.spec.minWorkers = 2
        pool.spec.worker.costPerHour = Money(dollars: 1)
        change(&pool)
        return pool
    }
}

extension Worker {
    /// One that is online since long, of slot 0.
    static func sample(_ name: String = "web-0-1", _ change: (inout Worker) -> Void = { _ in }) -> Worker {
        var worker = Worker(metadata: .sample(name), spec: WorkerSpec())
        worker.metadata.ownerReferences = [WorkerPool.sample().ownerReference]
        worker.metadata.finalizers = [Names.finalizer]
        worker.spec.pool = "web"
        worker.spec.region = "east"
        worker.spec.price.perHour = Money(dollars: 1)
        worker.status.state = .online
        worker.status.createdAt = start.wall - .hours(1)
        worker.status.onlineAt = start.wall - .hours(1)
        worker.status.providerID = "process:\(name)"
        change(&worker)
        return worker
    }
}

extension ExecutionPlan {
    static func sample(_ tasks: [PlanTask] = [.sample("a")], _ change: (inout ExecutionPlan) -> Void = { _ in })
        -> ExecutionPlan
    {
        var plan = ExecutionPlan(metadata: .sample("site"), spec: ExecutionPlanSpec())
        var entry = PlanRegion()
        entry.region = "east"
        entry.pool = "web"
        entry.tasks = tasks
        plan.spec.regions = [entry]
        change(&plan)
        return plan
    }
}

extension PlanTask {
    static func sample(_ name: String, after: [String] = []) -> PlanTask {
        var task = PlanTask()
        task.name = name
        task.run.command = ["true"]
        task.dependsOn = after
        return task
    }
}

extension WorkTask {
    static func sample(_ name: String = "a", _ change: (inout WorkTask) -> Void = { _ in }) -> WorkTask {
        var task = WorkTask(metadata: .sample("site-\(name)"), spec: TaskSpec())
        task.metadata.ownerReferences = [ExecutionPlan.sample().ownerReference]
        task.spec.plan = "site"
        task.spec.task = name
        task.spec.region = "east"
        task.spec.pool = "web"
        task.spec.run.command = ["true"]
        task.spec.killGrace = .seconds(10)
        change(&task)
        return task
    }

    /// Running its first attempt on `web-0-1`.
    static func running(_ name: String = "a", _ change: (inout WorkTask) -> Void = { _ in }) -> WorkTask {
        sample(name) { task in
            var assignment = Assignment()
            assignment.worker = "web-0-1"
            assignment.workerUID = "uid-web-0-1"
            assignment.region = "east"
            assignment.pool = "web"
            assignment.assignedAt = start.wall - .minutes(30)
            task.status.assignment = assignment
            task.status.phase = .running
            task.status.startedAt = start.wall - .minutes(30)
            task.status.attempt = 1
            task.status.fence = 1
            change(&task)
        }
    }

    static func ended(_ name: String, _ phase: TaskPhase) -> WorkTask { sample(name) { $0.status.phase = phase } }
}

extension Settings {
    static let sample = Settings(clusterID: "c", epoch: 3)
}

extension Cache {
    static func holding(_ objects: any Resource...) -> Cache {
        var cache = Cache()
        for (index, object) in objects.enumerated() {
            let kind = type(of: object).kind
            let key = ObjectKey(kind, object.metadata.namespace ?? "", object.metadata.name)
            let stored = StoredObject(
                key: key, uid: object.metadata.uid, version: UInt64(index + 1), tree: tree(of: object))
            do { _ = try cache.apply(stored) } catch { preconditionFailure("a sample can't be read: \(error)") }
        }
        return cache
    }

    private static func tree(of object: any Resource) -> Tree { object.tree }
}

extension Decision {
    var calls: [CallState.Verb] { actions.compactMap { if case .call(let call) = $0 { call.verb } else { nil } } }
    var created: [String] { actions.compactMap { if case .create(let new) = $0 { new.key.name } else { nil } } }
    var deleted: [String] {
        actions.compactMap { action in
            switch action {
            case .delete(let key, _), .deleteIdle(let key, _): key.name
            default: nil
            }
        }
    }
    var replaced: [String] { actions.compactMap { if case .replaceSpec(let key, _) = $0 { key.name } else { nil } } }
    var said: [Reason] { events.map(\.reason) }
    var after: Duration? { if case .after(let delay) = next { delay } else { nil } }
}

extension Cache {
    mutating func add(_ object: any Resource, version: UInt64) {
        let key = ObjectKey(type(of: object).kind, object.metadata.namespace ?? "", object.metadata.name)
        _ = try? apply(StoredObject(key: key, uid: object.metadata.uid, version: version, tree: object.tree))
    }
}
