import Apply
import Controllers
import Engine
import Model
import Ports
import Storage
import Tree

/// A controller whose world is as it should be: every worker online, every task running, nothing left to write.
///
/// The real engine and reconcilers over the real store's core; providers and agents answer at once.
struct ConvergedWorld {
    struct Size {
        var regions: Int
        var poolsPerRegion: Int
        var workersPerPool: Int
        var tasksPerPlan: Int

        var pools: Int { regions * poolsPerRegion }
        /// A plan a pool.
        var tasks: Int { pools * tasksPerPlan }
    }

    private(set) var engine: Engine
    private var store = StoreCore()
    private var now = Moment(
        instant: Instant(nanoseconds: 1_000_000_000_000), wall: Timestamp(milliseconds: 1_767_225_600_000))
    private var observations: [String: Observation] = [:]
    private static let cluster = "bench"
    private static let namespace = "bench"

    init(_ size: Size) throws {
        let settings = Settings(clusterID: Self.cluster, epoch: 1, rehearsal: true)
        engine = Engine(
            settings: settings, reconcilers: Reconcilers.all, round: PlacementRound.reconciler, seed: 1,
            affected: Watches.affected)
        for (index, document) in Self.documents(size).enumerated() {
            guard
                let kind = Kind(apiVersion: document["apiVersion"]?.string ?? "", kind: document["kind"]?.string ?? "")
            else { throw Unmeasurable("a manifest of the bench is of no kind") }
            let name = document["metadata"]?["name"]?.string ?? ""
            let tree = try Admission(kind).prepareCreate(document, uid: "made-\(index)", WriteContext(now: now.wall))
                .tree
            let key = ObjectKey(kind, kind.namespaced ? Self.namespace : "", name)
            _ = try store.commit(Batch([.create(key, tree)])).get()
        }
        let list = store.list(StoreQuery())
        engine.ingest([.restarted] + list.objects.map { .initial($0) } + [.synced(version: list.version)], now: now)
        try converge(size)
    }

    /// Every object that has a reconciler.
    var keys: [WorkKey] { Kind.own.flatMap { engine.cache.keys(of: $0) }.map { .object($0) } }

    /// Wakes everything and decides it; how many keys that were. A write would mean that this was no world at rest.
    mutating func reconcileAll(_ keys: [WorkKey]) throws -> Int {
        let before = engine.stats
        for key in keys { engine.wake(key, now: now) }
        while engine.step(now: now) > 0 {}
        guard engine.stats.commits == before.commits else {
            throw Unmeasurable("the world is not at rest: \(engine.stats.commits - before.commits) writes")
        }
        _ = engine.takeEffects()
        return engine.stats.reconciles - before.reconciles
    }

    // MARK: Getting there

    /// At most this long, in the world's own time.
    private static let limit = 600

    private mutating func converge(_ size: Size) throws {
        for _ in 0..<Self.limit {
            let before = engine.stats.commits
            settle()
            let running = engine.cache.tasks.values.count { $0.object.status.phase == .running }
            if running == size.tasks, engine.stats.commits == before { return }
            now = now.advanced(by: .milliseconds(500))
            for uid in observations.keys.sorted() { engine.renewed(uid, now: now) }
        }
        throw Unmeasurable("the world did not come to rest within \(Self.limit / 2) s of its own time")
    }

    private mutating func settle() {
        while true {
            let decided = engine.step(now: now)
            let effects = engine.takeEffects()
            if decided == 0, effects.isEmpty { return }
            for effect in effects { perform(effect) }
        }
    }

    private mutating func perform(_ effect: Engine.Effect) {
        switch effect {
        case .commit(let id, let batch): engine.committed(id, store.commit(batch), now: now)
        case .refresh(let keys):
            for key in keys { engine.refreshed(key, store.get(key), asOf: store.version, now: now) }
        case .call(_, let call): answer(call)
        case .inventory(let region, _):
            let seen = engine.cache.workers(in: region).compactMap { observations[$0.metadata.uid] }
            engine.inventoried(region: region, .success(seen), took: .milliseconds(1), now: now)
        case .probe(let endpoint):
            let state = ExternalState(available: true, message: "answers", checkedAt: now.instant)
            engine.probed(endpoint: endpoint, state, now: now)
        case .assignmentsChanged(let workers): for worker in workers { run(on: worker) }
        case .releaseOrphan, .removeBlobs, .reportsHandled, .workerChanged, .leadConfirmed, .notice, .stop: break
        }
    }

    private mutating func answer(_ call: WorkerCall) {
        guard let worker = engine.cache.worker(uid: call.workerUID) else { return }
        let seen = Observation(
            workerUID: call.workerUID, clusterID: Self.cluster, slot: worker.spec.slot, attempt: worker.spec.attempt,
            state: call.verb == .release ? .absent : .running, providerID: "bench:\(call.workerUID)")
        observations[call.workerUID] = seen
        engine.called(call, .success(seen), now: now)
        if call.verb != .release { engine.renewed(call.workerUID, now: now) }
    }

    private mutating func run(on worker: ObjectKey) {
        let started = engine.cache.tasks(on: worker).filter { $0.status.phase == .assigned }.map { task in
            TaskReport(
                task: task.key, taskUID: task.metadata.uid, workerUID: task.status.assignment?.workerUID ?? "",
                attempt: task.status.attempt, fence: task.status.fence, sequence: 1, phase: .running,
                startedAt: now.wall,
                finishedAt: nil, exitCode: nil, signal: nil, reason: .running, message: nil, outputs: [:])
        }
        engine.reported(started, now: now)
    }

    // MARK: What is asked for

    private static func documents(_ size: Size) -> [Tree] {
        var documents: [Tree] = []
        for region in 0..<size.regions {
            documents.append(object("Region", "region-\(region)", ["provider": ["local": .emptyObject]]))
            for index in 0..<size.poolsPerRegion {
                let pool = region * size.poolsPerRegion + index
                let slots = (size.tasksPerPlan + size.workersPerPool - 1) / size.workersPerPool
                documents.append(
                    object(
                        "WorkerPool", "pool-\(pool)",
                        [
                            "region": .string("region-\(region)"), "minWorkers": .int(Int64(size.workersPerPool)),
                            "maxWorkers": .int(Int64(size.workersPerPool)),
                            "worker": ["type": "Local", "maxConcurrentTasks": .int(Int64(slots))],
                        ]))
                documents.append(object("ExecutionPlan", "plan-\(pool)", plan(region, pool, size)))
            }
        }
        return documents
    }

    private static func plan(_ region: Int, _ pool: Int, _ size: Size) -> Tree {
        let tasks = (0..<size.tasksPerPlan).map { index -> Tree in
            ["name": .string("task-\(index)"), "run": ["command": ["sleep", "3600"]]]
        }
        return [
            "scheduling": ["maxConcurrentTasks": .int(Int64(size.tasksPerPlan))],
            "regions": [
                ["region": .string("region-\(region)"), "pool": .string("pool-\(pool)"), "tasks": .array(tasks)]
            ],
        ]
    }

    private static func object(_ kind: String, _ name: String, _ spec: Tree) -> Tree {
        var metadata: Tree = ["name": .string(name)]
        if kind != "Region" { metadata["namespace"] = .string(namespace) }
        return ["apiVersion": "reconcile.dev/v1alpha1", "kind": .string(kind), "metadata": metadata, "spec": spec]
    }
}
