import Apply
import Coordinator
import Engine
import Gateway
import Model
import Ports
import Storage
import Tree
import WorkerProtocol

/// A coordinator with the real store's core, a provider that makes workers at once and agents that do what they are
/// told: all of it synchronous, in virtual time.
struct House {
    var core: CoordinatorCore
    var store = StoreCore()
    var now = Moment(instant: .origin + .hours(1), wall: Timestamp(milliseconds: 1_700_000_000_000))
    /// How long an attempt runs.
    var runs = Duration.seconds(3)
    /// What agents say of their container engine.
    var containerEngine: String?
    /// Every batch that was committed.
    private(set) var batches: [Batch] = []
    private(set) var stopped: String?
    private(set) var notices: [String] = []
    private var watch: WatchState
    private var agents: [String: Agent] = [:]
    private var calls: UInt64 = 0
    private(set) var answers: [UInt64: GatewayAnswer] = [:]
    private static let cluster = "c"

    fileprivate struct Agent {
        var number = 0
        var sequence = 0
        var renewedAt = Instant.origin
        var isSilent = false
        var isAlive = true
        var credential = ""
        var holding: [String: (message: AssignmentMessage, since: Instant)] = [:]
        var unacknowledged: [AttemptReport] = []
    }

    init(_ objects: [Tree], rehearsal: Bool = false) throws {
        core = CoordinatorCore(
            settings: Settings(clusterID: Self.cluster, epoch: 1, rehearsal: rehearsal),
            secrets: WorkerSecrets(
                joinToken: { Self.secret("join \($0)") }, credential: { Self.secret("credential \($0)") }),
            seed: 1, now: now)
        watch = try StoreCore().watch(StoreQuery())
        for document in objects { try make(document) }
        watch = try store.watch(StoreQuery())
    }

    private static func secret(_ text: String) -> NewCredential {
        NewCredential(secret: BearerSecret(text), hash: hash(text))
    }
    static func hash(_ text: String) -> SecretHash { SecretHash(Array(text.utf8)) }

    // MARK: What tests do

    /// A write of a user.
    mutating func write(_ write: Write) throws { _ = try store.commit(Batch([write])).get() }

    mutating func make(_ document: Tree) throws {
        guard let kind = Kind(apiVersion: "reconcile.dev/v1alpha1", kind: document["kind"]?.string ?? "") else {
            return
        }
        let uid = "made-\(store.version)"
        let tree = try Admission(kind).prepareCreate(document, uid: uid, WriteContext(now: now.wall)).tree
        let namespace = kind.namespaced ? "shop" : ""
        try write(.create(ObjectKey(kind, namespace, document["metadata"]?["name"]?.string ?? ""), tree))
    }

    /// A person's deletion of an object that a controller cleans up after.
    mutating func end(_ key: ObjectKey) throws {
        let time = Tree.string(now.wall.wholeSeconds.description)
        try change(key) { tree in
            var metadata = tree["metadata"] ?? .emptyObject
            metadata["deletionTimestamp"] = time
            tree["metadata"] = metadata
        }
    }

    /// The wall clock is set; the clock that leases run on is not.
    mutating func jump(_ by: Duration) { now = Moment(instant: now.instant, wall: now.wall + by) }

    mutating func change(_ key: ObjectKey, _ change: (inout Tree) -> Void) throws {
        guard let object = store.get(key) else { return }
        var tree = object.tree
        change(&tree)
        try write(.update(key, tree, expecting: object.version))
    }

    mutating func silence(_ worker: String) {
        guard let uid = core.engine.cache.workers[ObjectKey(.worker, "shop", worker)]?.object.metadata.uid else {
            return
        }
        agents[uid]?.isSilent = true
    }

    mutating func kill(_ worker: String) {
        guard let uid = core.engine.cache.workers[ObjectKey(.worker, "shop", worker)]?.object.metadata.uid else {
            return
        }
        agents[uid]?.isAlive = false
        inventory("east")
    }

    /// Lets time pass in steps of 250 ms; ends early when `done` holds. Whether it did.
    @discardableResult
    mutating func pass(_ duration: Duration, until done: (House) -> Bool = { _ in false }) -> Bool {
        let end = now.instant + duration
        while now.instant < end {
            if done(self) { return true }
            now = now.advanced(by: .milliseconds(250))
            for uid in agents.keys.sorted() { act(uid) }
            pull()
            tell(.tick)
        }
        return done(self)
    }

    /// What one with a worker's credential says, and what it is told at once; nil where its call is held.
    mutating func say(_ make: (CallID) -> CoordinatorCore.Input) -> GatewayAnswer? {
        let id = call()
        tell(make(id))
        return answers.removeValue(forKey: id.number)
    }

    static func credential(_ uid: String) -> SecretHash { hash("credential \(uid)") }

    func task(_ name: String) -> WorkTask? { core.engine.cache.tasks[ObjectKey(.task, "shop", "site-\(name)")]?.object }
    func worker(_ name: String) -> Worker? { core.engine.cache.workers[ObjectKey(.worker, "shop", name)]?.object }
    /// As an agent has it.
    func held(_ name: String) -> AssignmentMessage? {
        agents.values.lazy.flatMap { $0.holding.values }.first { $0.message.name == "site-\(name)" }?.message
    }
    var anyWorker: String? {
        core.engine.cache.workers.values.map(\.object).filter { $0.status.state.takesTasks }.map(\.metadata.name).min()
    }
    var plan: ExecutionPlan? { core.engine.cache.plans[ObjectKey(.executionPlan, "shop", "site")]?.object }
    var processes: Int { agents.values.count { $0.isAlive } }

    // MARK: The world

    mutating func tell(_ input: CoordinatorCore.Input) {
        for effect in core.handle(input, now: now) { perform(effect) }
    }

    private mutating func pull() {
        while let events = try? watch.pull(from: store, limit: 500), !events.isEmpty { tell(.store(events)) }
    }

    private mutating func perform(_ effect: CoordinatorCore.Effect) {
        switch effect {
        case .commit(let id, let batch):
            batches.append(batch)
            tell(.committed(id, store.commit(batch)))
        case .refresh(let keys): for key in keys { tell(.refreshed(key, store.get(key), asOf: store.version)) }
        case .create(let call, let request):
            agents[request.workerUID] = Agent()
            tell(.called(call, .success(nil)))
            join(request)
        case .release(let call, _):
            agents[call.workerUID]?.isAlive = false
            tell(.called(call, .success(nil)))
        case .observe(let call, _): tell(.called(call, .success(observation(call.workerUID))))
        case .inventory(let region, _): inventory(region)
        case .releaseOrphan(_, let worker): agents[worker.workerUID] = nil
        case .probe(let endpoint):
            tell(
                .probed(endpoint: endpoint, ExternalState(available: true, message: "answers", checkedAt: now.instant)))
        case .removeBlobs: break
        case .reply(let call, let answer): answers[call.number] = answer
        case .notice(let text): notices.append(text)
        case .stop(let reason): stopped = reason
        }
    }

    private func observation(_ uid: String) -> Observation {
        let alive = agents[uid]?.isAlive == true
        let state: Observation.State = alive ? .running : agents[uid] == nil ? .absent : .exited(code: nil, signal: 9)
        return Observation(
            workerUID: uid, clusterID: Self.cluster, slot: 0, attempt: 1, state: state, providerID: "process:\(uid)",
            createdAt: now.wall)
    }

    private mutating func inventory(_ region: String) {
        let seen = agents.keys.sorted().map { observation($0) }
        tell(.inventoried(region: region, .success(seen), took: .milliseconds(1)))
    }

    private mutating func call() -> CallID {
        calls += 1
        return CallID(calls)
    }

    private mutating func join(_ request: WorkerRequest) {
        let id = call()
        var join = JoinRequest(
            token: BearerSecret(request.joinToken), workerUID: request.workerUID, bootID: "boot", pid: 1,
            agentVersion: "1")
        join.containerEngine = containerEngine
        tell(.join(id, join, token: Self.hash(request.joinToken)))
        if case .joined(let reply)? = answers[id.number] {
            agents[request.workerUID]?.credential = reply.credential.text
        }
    }

    /// One step of an agent: it renews, ends what is over, and says what it holds.
    private mutating func act(_ uid: String) {
        guard var agent = agents[uid], agent.isAlive, !agent.isSilent else { return }
        if now.instant - agent.renewedAt >= .seconds(2) {
            agent.renewedAt = now.instant
            agent.number += 1
            let request = RenewRequest(workerUID: uid, incarnation: 1, number: agent.number, epoch: 1)
            tell(.renew(call(), request, credential: Self.hash(agent.credential)))
        }
        for held in agent.holding.keys.sorted() {
            guard let (message, since) = agent.holding[held], now.instant - since >= runs else { continue }
            agent.holding[held] = nil
            agent.report(message, .ended, .completed, now)
        }
        agents[uid] = agent
        exchange(uid)
    }

    private mutating func exchange(_ uid: String) {
        guard var agent = agents[uid] else { return }
        agent.number += 1
        var request = ExchangeRequest()
        (request.workerUID, request.incarnation, request.number, request.epoch) = (uid, 1, agent.number, 1)
        request.reports = agent.unacknowledged
        request.containerEngine = containerEngine
        request.holding = agent.holding.values.map {
            Holding(taskUID: $0.message.taskUID, fence: $0.message.fence, stopping: false)
        }.sorted { $0.taskUID < $1.taskUID }
        let id = call()
        agents[uid] = agent
        tell(.exchange(id, request, credential: Self.hash(agent.credential)))
        guard case .exchanged(let reply)? = answers.removeValue(forKey: id.number) else { return tell(.abandoned(id)) }
        guard var agent = agents[uid] else { return }
        agent.unacknowledged.removeAll { $0.sequence <= reply.acknowledged }
        let wanted = reply.assignments ?? []
        for held in agent.holding.keys.sorted() where !wanted.contains(where: { $0.taskUID == held && $0.stop == nil })
        {
            guard let (message, _) = agent.holding.removeValue(forKey: held) else { continue }
            agent.report(message, .ended, .cancelled, now)
        }
        for message in wanted where message.stop == nil && agent.holding[message.taskUID] == nil {
            agent.holding[message.taskUID] = (message, now.instant)
            agent.report(message, .running, .running, now)
        }
        agents[uid] = agent
    }
}

extension House.Agent {
    fileprivate mutating func report(
        _ message: AssignmentMessage, _ phase: AttemptReport.Phase, _ reason: Reason, _ now: Moment
    ) {
        sequence += 1
        var report = AttemptReport(of: message, phase, reason)
        report.sequence = sequence
        report.startedAt = now.wall
        if phase == .ended {
            report.finishedAt = now.wall
            report.exitCode = reason == .completed ? 0 : nil
        }
        unacknowledged.append(report)
    }
}

enum Manifest {
    static func region(_ name: String = "east", _ more: [String: Tree] = [:]) -> Tree {
        var spec: Tree = ["provider": ["local": .emptyObject]]
        for (name, value) in more.sorted(by: { $0.key < $1.key }) { spec[name] = value }
        return object("Region", name, spec)
    }

    static func pool(workers: Int64 = 2, slots: Int64 = 2, _ more: [String: Tree] = [:]) -> Tree {
        var spec: Tree = [
            "region": "east", "minWorkers": .int(workers), "maxWorkers": .int(workers),
            "worker": ["type": "Local", "maxConcurrentTasks": .int(slots), "costPerHour": "0.5"],
        ]
        for (name, value) in more.sorted(by: { $0.key < $1.key }) { spec[name] = value }
        return object("WorkerPool", "web", spec)
    }

    static func plan(_ tasks: [Tree], _ more: Tree = .emptyObject) -> Tree {
        var spec = more
        spec["regions"] = [["region": "east", "pool": "web", "tasks": .array(tasks)]]
        return object("ExecutionPlan", "site", spec)
    }

    /// A task that its plan lets go anywhere once its own region has nothing for it.
    static func wandering(requires: Tree) -> Tree {
        var task = task("a")
        task["requires"] = requires
        return object(
            "ExecutionPlan", "site",
            [
                "regions": [
                    ["region": "east", "pool": "web", "tasks": .array([task])], ["region": "west", "pool": "web"],
                ],
                "faultTolerance": [
                    "autoFailover": true,
                    "failover": [["strategy": "OtherRegion", "when": ["NoCapacity"], "priority": 1]],
                ],
            ])
    }

    static func task(_ name: String, after: [Tree] = []) -> Tree {
        ["name": .string(name), "run": ["command": ["true"]], "dependsOn": .array(after)]
    }

    private static func object(_ kind: String, _ name: String, _ spec: Tree) -> Tree {
        var metadata: Tree = ["name": .string(name)]
        if kind != "Region" { metadata["namespace"] = "shop" }
        return ["apiVersion": "reconcile.dev/v1alpha1", "kind": .string(kind), "metadata": metadata, "spec": spec]
    }
}
