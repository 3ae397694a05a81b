import Apply
import Controllers
import Engine
import Model
import Ports
import Storage
import Tree

/// A controller whose providers and agents answer at once: the real engine and reconcilers over the real store's core.
/// What is left is what deciding costs.
struct AnsweringWorld {
    /// What an agent says of each task that it is given.
    enum Saying {
        case running, ended
    }

    var engine: Engine
    private(set) var store = StoreCore()
    private(set) var now = Moment(
        instant: Instant(nanoseconds: 1_000_000_000_000), wall: Timestamp(milliseconds: 1_767_225_600_000))
    private let saying: Saying
    private var observations: [String: Observation] = [:]
    private var sequence = 0
    private static let cluster = "bench"
    static let namespace = "bench"

    init(saying: Saying) {
        self.saying = saying
        engine = Engine(
            settings: Settings(clusterID: Self.cluster, epoch: 1, rehearsal: true), reconcilers: Reconcilers.all,
            round: PlacementRound.reconciler, seed: 1, affected: Watches.affected)
    }

    /// The same state before a controller that has read nothing of it.
    func restarted() -> AnsweringWorld {
        var world = AnsweringWorld(saying: saying)
        (world.store, world.now) = (store, now)
        return world
    }

    static func object(_ kind: String, _ name: String, _ spec: Tree) -> Tree {
        var metadata: Tree = ["name": .string(name)]
        if kind != "Region" { metadata["namespace"] = .string(namespace) }
        return ["apiVersion": "reconcile.dev/v1alpha1", "kind": .string(kind), "metadata": metadata, "spec": spec]
    }

    mutating func make(_ document: Tree) throws {
        guard let kind = Kind(apiVersion: document["apiVersion"]?.string ?? "", kind: document["kind"]?.string ?? "")
        else { throw Unmeasurable("a manifest of the bench is of no kind") }
        let uid = "made-\(store.version)"
        let tree = try Admission(kind).prepareCreate(document, uid: uid, WriteContext(now: now.wall)).tree
        let key = ObjectKey(kind, kind.namespaced ? Self.namespace : "", document["metadata"]?["name"]?.string ?? "")
        let receipt = try store.commit(Batch([.create(key, tree)])).get()
        guard engine.synced, let object = receipt.objects.first.flatMap({ $0 }) else { return }
        engine.ingest([.applied(object, created: true)], now: now)
    }

    /// Hands over the whole state, as after a start.
    mutating func start() {
        let list = store.list(StoreQuery())
        engine.ingest([.restarted] + list.objects.map { .initial($0) } + [.synced(version: list.version)], now: now)
    }

    mutating func advance(by time: Duration) {
        now = now.advanced(by: time)
        for uid in observations.keys.sorted() { engine.renewed(uid, now: now) }
    }

    mutating func settle() {
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
        for task in engine.cache.tasks(on: worker) where task.status.phase == .assigned {
            guard engine.live.reports[task.key] == nil else { continue }
            sequence += 1
            engine.reported([report(on: task)], now: now)
        }
    }

    private func report(on task: WorkTask) -> TaskReport {
        let isOver = saying == .ended
        return TaskReport(
            task: task.key, taskUID: task.metadata.uid, workerUID: task.status.assignment?.workerUID ?? "",
            attempt: task.status.attempt, fence: task.status.fence, sequence: sequence,
            phase: isOver ? .ended : .running, startedAt: now.wall, finishedAt: isOver ? now.wall : nil,
            exitCode: isOver ? 0 : nil, signal: nil, reason: isOver ? .completed : .running, message: nil, outputs: [:])
    }
}
