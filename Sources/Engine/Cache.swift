import HeapModule
package import Model
package import Ports
package import Tree

/// An object as the cache holds it: typed for deciding, and the stored tree, whose user-written parts a status
/// write must not touch.
///
/// A class, so that a snapshot hands out a reference and not a copy of some hundred fields.
package final class Cached<Object: Resource>: Sendable {
    package let object: Object
    package let version: UInt64
    package let tree: Tree

    init(object: Object, version: UInt64, tree: Tree) {
        self.object = object
        self.version = version
        self.tree = tree
    }
}

/// What the store said last, typed and indexed. A value: the engine mutates it between decisions, reconcilers read it.
///
/// Invariant: per object the version never falls (S6), whichever of watch and commit receipt arrives first.
package struct Cache: Sendable {
    package private(set) var regions: [ObjectKey: Cached<Region>] = [:]
    package private(set) var pools: [ObjectKey: Cached<WorkerPool>] = [:]
    package private(set) var plans: [ObjectKey: Cached<ExecutionPlan>] = [:]
    package private(set) var syncPoints: [ObjectKey: Cached<SyncPoint>] = [:]
    package private(set) var workers: [ObjectKey: Cached<Worker>] = [:]
    package private(set) var tasks: [ObjectKey: Cached<WorkTask>] = [:]
    /// Secrets and events, untyped.
    package private(set) var others: [ObjectKey: StoredObject] = [:]
    /// Highest version applied per removed object, so that a late event of an older state does not revive it.
    private var removed: [ObjectKey: UInt64] = [:]
    /// Rises with every write.
    private(set) var revision: UInt64 = 0

    private var tasksOfPlan: [ObjectKey: SortedKeys] = [:]
    private var tasksOfWorker: [ObjectKey: SortedKeys] = [:]
    private var workersOfPool: [ObjectKey: SortedKeys] = [:]
    private var workersOfRegion: [String: SortedKeys] = [:]
    private var poolsOfRegion: [String: SortedKeys] = [:]
    private var pointsOfPlan: [ObjectKey: SortedKeys] = [:]
    /// Tasks that an agent holds or is to get, by plan.
    private var boundOfPlan: [ObjectKey: SortedKeys] = [:]
    /// How many tasks of a plan have not ended; none where there is no such task.
    private var openOfPlan: [ObjectKey: Int] = [:]
    /// Tasks by each task that they depend on, and by each sync point that they wait for.
    private var dependentsOfTask: [ObjectKey: SortedKeys] = [:]
    private var waitersOfPoint: [ObjectKey: SortedKeys] = [:]
    /// Sync points by each plan that takes part in them.
    private var pointsOfParticipant: [ObjectKey: SortedKeys] = [:]
    /// Unfinished plans by each region that they name.
    private var plansOfRegion: [String: SortedKeys] = [:]
    private var workerOfUID: [String: ObjectKey] = [:]
    /// Unfinished plans that name a pool or make it, by pool, and those whose tasks may run on any, by namespace.
    private var plansOfPool: [ObjectKey: SortedKeys] = [:]
    private var roamingPlans: [String: SortedKeys] = [:]
    /// Plans that ended while something rented for them is not yet released, by namespace.
    private var settlingPlans: [String: SortedKeys] = [:]
    private var ratesOfRegion: [String: Money] = [:]
    /// Events of each namespace, the longest unchanged first; entries that were overtaken stay until they come up.
    private var eventAges: [String: Heap<EventAge>] = [:]
    private var eventCounts: [String: Int] = [:]

    private struct EventAge: Sendable, Comparable {
        let version: UInt64
        let key: ObjectKey
        static func < (a: EventAge, b: EventAge) -> Bool { a.version < b.version }
    }

    package init() {}
}

// MARK: Reading

extension Cache {
    package func region(_ name: String) -> Region? { regions[ObjectKey(.region, "", name)]?.object }
    package func tasks(of plan: ObjectKey) -> [WorkTask] { resolve(tasksOfPlan[plan], tasks) }
    package func tasks(on worker: ObjectKey) -> [WorkTask] { resolve(tasksOfWorker[worker], tasks) }
    package func workers(of pool: ObjectKey) -> [Worker] { resolve(workersOfPool[pool], workers) }
    package func workers(in region: String) -> [Worker] { resolve(workersOfRegion[region], workers) }
    /// Without copying them.
    package func heldWorkers(in region: String) -> [Cached<Worker>] {
        workersOfRegion[region]?.keys.compactMap { workers[$0] } ?? []
    }
    package func pools(in region: String) -> [WorkerPool] { resolve(poolsOfRegion[region], pools) }
    package func syncPoints(of plan: ObjectKey) -> [SyncPoint] { resolve(pointsOfPlan[plan], syncPoints) }
    package func taskKeys(of plan: ObjectKey) -> [ObjectKey] { tasksOfPlan[plan]?.keys ?? [] }
    package func taskKeys(on worker: ObjectKey) -> [ObjectKey] { tasksOfWorker[worker]?.keys ?? [] }
    /// How many of the plan's tasks that stand have not ended.
    package func openTasks(of plan: ObjectKey) -> Int { openOfPlan[plan] ?? 0 }
    package func workerCount(of pool: ObjectKey) -> Int { workersOfPool[pool]?.keys.count ?? 0 }
    package func boundTasks(of plan: ObjectKey) -> [WorkTask] { resolve(boundOfPlan[plan], tasks) }
    /// Tasks that depend on a task, and those that wait for a sync point.
    package func dependents(of task: ObjectKey) -> [ObjectKey] { dependentsOfTask[task]?.keys ?? [] }
    package func waiters(on point: ObjectKey) -> [ObjectKey] { waitersOfPoint[point]?.keys ?? [] }
    package func syncPointKeys(of plan: ObjectKey) -> [ObjectKey] { pointsOfPlan[plan]?.keys ?? [] }
    package func syncPoints(withParticipant plan: ObjectKey) -> [ObjectKey] { pointsOfParticipant[plan]?.keys ?? [] }
    package func unfinishedPlans(naming region: String) -> [ObjectKey] { plansOfRegion[region]?.keys ?? [] }
    /// Unfinished plans that name a pool or make it.
    package func unfinishedPlans(using pool: ObjectKey) -> [ObjectKey] { plansOfPool[pool]?.keys ?? [] }
    /// What is committed to a region: the sum of its workers' rates.
    package func rate(ofRegion region: String) -> Money { ratesOfRegion[region] ?? .zero }
    /// Whether an unfinished plan uses the pool.
    package func isInUse(_ pool: ObjectKey) -> Bool {
        plansOfPool[pool]?.keys.isEmpty == false || roamingPlans[pool.namespace]?.keys.isEmpty == false
    }
    /// Unfinished plans that name the pool or make it, or have tasks that may run on any.
    package func plans(using pool: ObjectKey) -> [ObjectKey] {
        let named = plansOfPool[pool]?.keys ?? []
        let roaming = roamingPlans[pool.namespace]?.keys.filter { !named.contains($0) } ?? []
        return named + roaming
    }
    /// Plans that ended and still pay for workers of the pool until those are released.
    package func settlingPlans(of pool: ObjectKey) -> [ObjectKey] {
        settlingPlans[pool.namespace]?.keys.filter { plans[$0].map { Cache.uses($0.object, pool) } ?? false } ?? []
    }
    private static func uses(_ plan: ExecutionPlan, _ pool: ObjectKey) -> Bool {
        !plan.spec.tasks.isEmpty
            || plan.spec.regions.contains {
                ($0.pool ?? TaskNames.pool(plan: plan.metadata.name, region: $0.region)) == pool.name
            }
    }
    package func worker(uid: String) -> Worker? { workerOfUID[uid].flatMap { workers[$0]?.object } }
    package func workerKey(uid: String) -> ObjectKey? { workerOfUID[uid] }

    private func resolve<Object>(_ keys: SortedKeys?, _ table: [ObjectKey: Cached<Object>]) -> [Object] {
        keys?.keys.compactMap { table[$0]?.object } ?? []
    }

    /// The version held under a key, of whatever kind: unlike `stored`, nothing has to be unpacked for it.
    package func version(of key: ObjectKey) -> UInt64? {
        switch key.kind {
        case .region: regions[key]?.version
        case .workerPool: pools[key]?.version
        case .executionPlan: plans[key]?.version
        case .syncPoint: syncPoints[key]?.version
        case .worker: workers[key]?.version
        case .task: tasks[key]?.version
        default: others[key]?.version
        }
    }

    /// The stored tree and version under a key, of whatever kind.
    package func stored(_ key: ObjectKey) -> (tree: Tree, version: UInt64)? {
        func pair<Object>(_ entry: Cached<Object>?) -> (Tree, UInt64)? { entry.map { ($0.tree, $0.version) } }
        switch key.kind {
        case .region: return pair(regions[key])
        case .workerPool: return pair(pools[key])
        case .executionPlan: return pair(plans[key])
        case .syncPoint: return pair(syncPoints[key])
        case .worker: return pair(workers[key])
        case .task: return pair(tasks[key])
        default: return others[key].map { ($0.tree, $0.version) }
        }
    }

    /// The typed object under a key, of whatever kind of ours.
    package func object(_ key: ObjectKey) -> (any Resource)? {
        switch key.kind {
        case .region: regions[key]?.object
        case .workerPool: pools[key]?.object
        case .executionPlan: plans[key]?.object
        case .syncPoint: syncPoints[key]?.object
        case .worker: workers[key]?.object
        case .task: tasks[key]?.object
        default: nil
        }
    }

    /// Every key of a kind, sorted.
    package func keys(of kind: Kind) -> [ObjectKey] {
        switch kind {
        case .region: regions.keys.sorted()
        case .workerPool: pools.keys.sorted()
        case .executionPlan: plans.keys.sorted()
        case .syncPoint: syncPoints.keys.sorted()
        case .worker: workers.keys.sorted()
        case .task: tasks.keys.sorted()
        default: others.keys.filter { $0.kind == kind }.sorted()
        }
    }
}

// MARK: Writing

extension Cache {
    /// Takes in a state; false if it is not newer than what is held. Throws what the typed form can't hold.
    package mutating func apply(_ object: StoredObject) throws(DecodingIssue) -> Bool {
        if let held = version(of: object.key), held >= object.version { return false }
        if let gone = removed[object.key], gone >= object.version { return false }
        removed[object.key] = nil
        revision += 1
        switch object.key.kind {
        case .region: try put(object, in: \.regions)
        case .workerPool: try put(object, in: \.pools)
        case .executionPlan: try put(object, in: \.plans)
        case .syncPoint: try put(object, in: \.syncPoints)
        case .worker: try put(object, in: \.workers)
        case .task: try put(object, in: \.tasks)
        case .secret: others[object.key] = object
        case .event: putEvent(object)
        default: break
        }
        return true
    }

    /// Forgets an object; false if a newer state is held.
    package mutating func remove(_ key: ObjectKey, version: UInt64) -> Bool {
        if let held = self.version(of: key), held > version { return false }
        removed[key] = max(removed[key] ?? 0, version)
        revision += 1
        // Tombstones only bridge the gap between a receipt and its watch event.
        if removed.count > 20_000 { removed = removed.filter { $0.value + 10_000 > version } }
        unindex(key)
        regions[key] = nil
        pools[key] = nil
        plans[key] = nil
        syncPoints[key] = nil
        workers[key] = nil
        tasks[key] = nil
        if others.removeValue(forKey: key) != nil, key.kind == .event { eventCounts[key.namespace, default: 1] -= 1 }
        return true
    }

    private mutating func putEvent(_ object: StoredObject) {
        let namespace = object.key.namespace
        if others.updateValue(object, forKey: object.key) == nil { eventCounts[namespace, default: 0] += 1 }
        var ages = eventAges[namespace] ?? Heap()
        eventAges[namespace] = nil
        ages.insert(EventAge(version: object.version, key: object.key))
        // One entry for each state of an event would grow without end where nothing is ever removed.
        if ages.count > 2 * (eventCounts[namespace] ?? 0) + 64 {
            ages = Heap(ages.unordered.filter { others[$0.key]?.version == $0.version })
        }
        eventAges[namespace] = ages
    }

    /// Up to `limit` events of a namespace that nobody needs any more: last repeated before `time`, or the oldest
    /// of more than `bound`.
    package mutating func spentEvents(
        in namespace: String, before time: Timestamp, beyond bound: Int, limit: Int
    ) -> [(key: ObjectKey, version: UInt64)] {
        guard var ages = eventAges[namespace] else { return [] }
        eventAges[namespace] = nil
        defer { eventAges[namespace] = ages }
        var found: [EventAge] = []
        while found.count < limit, let oldest = ages.popMin() {
            guard let event = others[oldest.key], event.version == oldest.version else { continue }
            found.append(oldest)
            let last = event.tree["lastTimestamp"]?.string.flatMap(Timestamp.init)
            if let last, last >= time, (eventCounts[namespace] ?? 0) - found.count < bound { break }
        }
        ages.insert(contentsOf: found)
        let excess = (eventCounts[namespace] ?? 0) - bound
        return found.enumerated().compactMap { index, entry in
            let last = others[entry.key]?.tree["lastTimestamp"]?.string.flatMap(Timestamp.init)
            return index < excess || last.map { $0 < time } ?? true ? (entry.key, entry.version) : nil
        }
    }

    /// Keys held that a fresh list does not name: what was deleted while the watch was broken.
    package func keysMissing(from listed: Set<ObjectKey>) -> [ObjectKey] {
        Kind.allCases.flatMap { keys(of: $0) }.filter { !listed.contains($0) }
    }

    private mutating func put<Object: Resource>(
        _ stored: StoredObject, in table: WritableKeyPath<Cache, [ObjectKey: Cached<Object>]>
    ) throws(DecodingIssue) {
        let tree = stored.tree
        var object: Object
        if let held = self[keyPath: table][stored.key] {
            object = try Object(tree: tree, after: held.object, readFrom: held.tree)
        } else {
            object = try Object(tree: tree)
        }
        object.metadata.resourceVersion = String(stored.version)
        let entry = Cached(object: object, version: stored.version, tree: tree)
        // Most writes change nothing that an index is made of, and moving a key within thousands costs.
        if let held = self[keyPath: table][stored.key]?.object, IndexFacts.same(held, object) {
            self[keyPath: table][stored.key] = entry
            return
        }
        unindex(stored.key)
        self[keyPath: table][stored.key] = entry
        index(stored.key)
    }

    private mutating func index(_ key: ObjectKey) { updateIndices(key, .add) }
    private mutating func unindex(_ key: ObjectKey) { updateIndices(key, .remove) }

    private mutating func updateIndices(_ key: ObjectKey, _ change: IndexChange) {
        switch key.kind {
        case .task:
            guard let task = tasks[key]?.object else { return }
            updateTaskIndices(task, key, change)
        case .worker:
            guard let worker = workers[key]?.object else { return }
            change(&workersOfPool, ObjectKey(.workerPool, key.namespace, worker.spec.pool), key)
            change(&workersOfRegion, worker.spec.region, key)
            workerOfUID[worker.metadata.uid] = change == .add ? key : nil
            let rate = worker.committedRate
            ratesOfRegion[worker.spec.region, default: .zero] += change == .add ? rate : -rate
        case .workerPool:
            guard let pool = pools[key]?.object else { return }
            change(&poolsOfRegion, pool.spec.region, key)
        case .syncPoint:
            guard let spec = syncPoints[key]?.object.spec else { return }
            if let plan = spec.plan {
                change(&pointsOfPlan, ObjectKey(.executionPlan, key.namespace, plan), key)
            }
            for plan in Set(spec.participants.compactMap(\.plan)) {
                change(&pointsOfParticipant, ObjectKey(.executionPlan, key.namespace, plan), key)
            }
        case .executionPlan:
            guard let plan = plans[key]?.object, !plan.metadata.isDeleting else { return }
            guard !plan.status.phase.isTerminal else {
                if plan.status.cost.ratePerHour > .zero {
                    change(&settlingPlans, key.namespace, key)
                }
                return
            }
            if !plan.spec.tasks.isEmpty { change(&roamingPlans, key.namespace, key) }
            for entry in plan.spec.regions {
                let name = entry.pool ?? TaskNames.pool(plan: key.name, region: entry.region)
                change(&plansOfPool, ObjectKey(.workerPool, key.namespace, name), key)
                change(&plansOfRegion, entry.region, key)
            }
        default: break
        }
    }

    private mutating func updateTaskIndices(_ task: WorkTask, _ key: ObjectKey, _ change: IndexChange) {
        let plan = ObjectKey(.executionPlan, key.namespace, task.spec.plan)
        change(&tasksOfPlan, plan, key)
        if !task.status.phase.isTerminal {
            let open = (openOfPlan[plan] ?? 0) + (change == .add ? 1 : -1)
            openOfPlan[plan] = open > 0 ? open : nil
        }
        if let assignment = task.status.assignment, task.status.phase.isBound {
            change(&tasksOfWorker, ObjectKey(.worker, key.namespace, assignment.worker), key)
            change(&boundOfPlan, plan, key)
        }
        for name in Set(task.spec.dependsOn) {
            let other = TaskNames.object(plan: task.spec.plan, task: name)
            change(&dependentsOfTask, ObjectKey(.task, key.namespace, other), key)
        }
        for point in Set(task.spec.waitFor) {
            change(&waitersOfPoint, ObjectKey(.syncPoint, key.namespace, point), key)
        }
    }
}
