import Coordinator
import Engine
import Gateway
import HeapModule
import Model
import Ports
import Storage
import Tree
import WorkerProtocol

/// One run of the production coordinator over a copy of the store in virtual time: commits succeed at once, workers
/// come up after their usual time and do what they are told, and nothing has an effect.
struct Rehearsal {
    let request: PreviewRequest
    var store: StoreCore
    var core: CoordinatorCore
    private var watch: WatchState
    private let epoch: Int
    var now: Moment
    let began: Moment
    private var agenda = Heap<Entry>()
    private var order: UInt64 = 0
    var workers: [String: IdealWorker] = [:]
    private var calls: [UInt64: String] = [:]
    private var lastCall: UInt64 = 0
    private var restless: Set<String> = []
    /// Workers that the simulated failure took.
    private(set) var struck: Set<ObjectKey> = []
    var ledger: Ledger
    private var steps = 0
    /// When something last came further.
    private var lastProgress: Instant
    /// The same, of tasks alone.
    private var lastTaskProgress: Instant
    /// Steps since then, or since the hour before: what only looks at the clock may do so for as long as a task takes.
    private var idleSteps = 0
    private var countedSince: Instant
    private(set) var end = End.over

    /// How a run ended.
    enum End: Equatable {
        case over
        /// Nothing that is under way or will come by itself changes anything: what waits, waits for good.
        case stuck
        /// Work was still being done, or so it seemed: a bound was reached.
        case gaveUp(why: String)
    }

    private struct Entry: Comparable {
        let at: Instant
        let order: UInt64
        let event: Event
        static func < (a: Entry, b: Entry) -> Bool { a.at != b.at ? a.at < b.at : a.order < b.order }
        static func == (a: Entry, b: Entry) -> Bool { a.order == b.order }
    }

    private enum Event {
        case input(CoordinatorCore.Input)
        case up(String)
        case speaks(String)
        case ended(worker: String, task: String, fence: Int)
        case fails(PreviewRequest.Failure.Part)
        case noticeDeath(String)
    }

    /// No worker is silent in a preview: a lease that never runs out saves the time of renewing it.
    private static let endlessLease: Tree = ["renew": "1h", "lostAfter": "87600h"]
    private static let unknownDuration = Duration.minutes(10)
    /// Longer than any pause that ends by itself: a day's budget, a migration limit, a usual timeout.
    private static let longestPause = Duration.hours(8 * 24)
    /// In an outage: where no task runs and none has come further for that long, none is taken to. Every region brings
    /// a worker up in less; what would go on when an hour's moves or a day's budget begin anew is told as waiting.
    private static let outageCounts = Duration.minutes(15)

    init(_ request: PreviewRequest) {
        self.request = request
        now = request.now
        began = request.now
        lastProgress = request.now.instant
        lastTaskProgress = request.now.instant
        countedSince = request.now.instant
        ledger = Ledger(request)
        let highest = request.standing.map(\.version).max() ?? 0
        let standing = request.standing.map {
            StoredObject(key: $0.key, uid: $0.uid, version: $0.version, tree: Rehearsal.relaxed($0.key, $0.tree))
        }
        store = StoreCore(restoring: standing, version: highest, epoch: request.settings.epoch)
        var settings = request.settings
        settings.epoch = store.claimEpoch()
        settings.sweepInterval = .hours(1000)
        // Nothing is missed here: what looks again by the clock alone need not look often.
        settings.resync = .hours(1)
        epoch = Int(settings.epoch)
        // try?: a store in memory, whose snapshot can always be read.
        guard let initial = try? store.watch(StoreQuery()) else { preconditionFailure("a snapshot can always be read") }
        core = CoordinatorCore(settings: settings, secrets: Self.secrets, seed: 1, now: request.now)
        watch = initial
        for object in standing where object.key.kind == .worker { adopt(object) }
    }

    private static let secrets = WorkerSecrets(
        joinToken: { NewCredential(secret: BearerSecret("join \($0)"), hash: hash("join \($0)")) },
        credential: { NewCredential(secret: BearerSecret("member \($0)"), hash: hash("member \($0)")) })
    private static func hash(_ text: String) -> SecretHash { SecretHash(Array(text.utf8)) }

    static func relaxed(_ key: ObjectKey, _ tree: Tree) -> Tree {
        guard key.kind == .workerPool || key.kind == .worker || key.kind == .executionPlan else { return tree }
        var changed = tree
        if key.kind == .executionPlan {
            guard let regions = tree["spec"]?["regions"]?.array, var spec = tree["spec"] else { return tree }
            spec["regions"] = .array(
                regions.map { entry in
                    guard var template = entry["poolTemplate"], !template.isNull else { return entry }
                    template["lease"] = endlessLease
                    var entry = entry
                    entry["poolTemplate"] = template
                    return entry
                })
            changed["spec"] = spec
        } else {
            var spec = tree["spec"] ?? .emptyObject
            spec["lease"] = endlessLease
            changed["spec"] = spec
        }
        return changed
    }

    // MARK: The run

    mutating func run() {
        tell(.tick)
        flushWatch()
        for document in request.documents { apply(document.key, document.tree) }
        for key in request.deletions { delete(key) }
        if let failure = request.failure { add(.fails(failure.part), after: failure.at) }
        while !isSettled {
            let due = core.nextDue()
            guard let next = [agenda.min?.at, due].compactMap({ $0 }).min() else { return }
            if let reached = limit(before: next) { return end = reached }
            advance(to: next)
            happenAll(until: next)
            steps += 1
            idleSteps += 1
        }
    }

    /// All that happens at one moment is told at once: what it leads to is decided once for all of it.
    private mutating func happenAll(until moment: Instant) {
        var inputs: [CoordinatorCore.Input] = []
        var speakers: Set<String> = []
        while let first = agenda.min, first.at <= moment {
            agenda.removeMin()
            happen(first.event, &inputs, &speakers)
        }
        for uid in speakers.sorted() { if let exchange = exchange(uid) { inputs.append(exchange) } }
        tell(inputs.isEmpty ? [.tick] : inputs)
    }

    /// Why not to go on to the next thing that happens; nil: go on. What a step may cost is bounded by what there is.
    private func limit(before next: Instant) -> End? {
        let size = ledger.taskCount + workers.count
        let pause = next - lastProgress
        if agenda.isEmpty, restless.isEmpty, pause > Self.longestPause { return .stuck }
        // Where a provider does not answer, workers are asked for again and again, and none comes.
        if isOut, !isWorking, next - lastTaskProgress > Self.outageCounts { return .stuck }
        if idleSteps > 2_000 + 40 * size, !isWorking {
            return .gaveUp(why: "\(idleSteps) steps on end in which no task and no worker came further")
        }
        if steps >= request.stepLimit + 200 * size { return .gaveUp(why: "\(steps) steps") }
        if next - began.instant > request.limit { return .gaveUp(why: "\(request.limit.text) of the plan's time") }
        return nil
    }

    /// A region's or a provider's failure has begun: it lasts as long as the preview.
    private var isOut: Bool {
        guard let failure = request.failure, now.instant >= began.instant + failure.at else { return false }
        switch failure.part {
        case .region, .provider: return true
        case .pool, .worker: return false
        }
    }

    /// A task runs: there is something to wait for.
    private var isWorking: Bool { workers.values.contains { $0.isUp && !$0.held.isEmpty } }

    /// Nothing is under way, all plans are over, and what was rented for them is released.
    private var isSettled: Bool {
        mutating get {
            guard ledger.openPlans.isEmpty else { return false }
            // What a region that failed holds is released when it answers again, and it does not here.
            switch request.failure?.part {
            case .region, .provider: return true
            case .pool, .worker, nil: break
            }
            guard agenda.isEmpty, restless.isEmpty else { return false }
            guard let due = core.nextDue() else { return true }
            guard due - now.instant > .seconds(30) else { return false }
            if ledger.settlingPlans.isEmpty { return true }
            // From here on nothing is shown but what it costs.
            ledger.isTail = true
            return now.instant - lastProgress > .hours(24)
        }
    }

    private mutating func advance(to instant: Instant) {
        guard instant > now.instant else { return }
        now = now.advanced(by: instant - now.instant)
        guard now.instant - countedSince >= .hours(1) else { return }
        countedSince = now.instant
        idleSteps = 0
    }

    private mutating func add(_ event: Event, after delay: Duration) {
        order += 1
        agenda.insert(Entry(at: now.instant + delay, order: order, event: event))
    }

    private mutating func happen(
        _ event: Event, _ inputs: inout [CoordinatorCore.Input], _ speakers: inout Set<String>
    ) {
        switch event {
        case .input(let input): inputs.append(input)
        case .up(let uid):
            guard let join = comeUp(uid) else { return }
            inputs.append(join)
            speakers.insert(uid)
        case .speaks(let uid): speakers.insert(uid)
        case .ended(let uid, let task, let fence): if end(uid, task, fence) { speakers.insert(uid) }
        case .fails(let part): fail(part)
        case .noticeDeath(let uid): if let death = noticeDeath(uid) { inputs.append(death) }
        }
    }

    private mutating func tell(_ input: CoordinatorCore.Input) { tell([input]) }

    private mutating func tell(_ inputs: [CoordinatorCore.Input]) {
        for effect in core.handle(inputs, now: now) { perform(effect) }
        let waiting = restless.sorted()
        restless = []
        for uid in waiting { add(.speaks(uid), after: .milliseconds(1)) }
    }

    // MARK: Effects

    private mutating func perform(_ effect: CoordinatorCore.Effect) {
        switch effect {
        case .commit(let id, let batch):
            let result = commit(batch)
            add(.input(.committed(id, result)), after: .zero)
        case .refresh(let keys):
            for key in keys { add(.input(.refreshed(key, store.get(key), asOf: store.version)), after: .zero) }
        case .create(let call, let request): create(call, request)
        case .release(let call, let worker):
            if let error = outage(call.region) {
                return add(.input(.called(call, .failure(error))), after: .seconds(1))
            }
            workers[worker.workerUID]?.isReleased = true
            add(.input(.called(call, .success(nil))), after: .milliseconds(100))
        case .observe(let call, let worker):
            if let error = outage(call.region) {
                return add(.input(.called(call, .failure(error))), after: .seconds(1))
            }
            add(.input(.called(call, .success(observation(worker)))), after: .milliseconds(100))
        case .inventory(let region, _):
            let seen = workers.keys.sorted().compactMap { workers[$0] }.filter { $0.region == region && !$0.isReleased }
            let result: Result<[Observation], ProviderError> =
                outage(region).map { .failure($0) }
                ?? .success(seen.map { observation($0) })
            add(.input(.inventoried(region: region, result, took: .milliseconds(1))), after: .milliseconds(1))
        case .probe(let endpoint):
            ledger.unchecked.insert(endpoint)
            let again = now.instant + request.limit
            let state = ExternalState(available: true, message: "not checked by a preview", checkedAt: again)
            add(.input(.probed(endpoint: endpoint, state)), after: .milliseconds(1))
        case .reply(let call, let answer): answered(call, answer)
        case .releaseOrphan, .removeBlobs, .notice, .stop: break
        }
    }

    private mutating func commit(_ batch: Batch) -> Result<CommitReceipt, StoreError> {
        let before = batch.writes.map { store.get($0.key) }
        let result = store.commit(batch)
        guard case .success(let receipt) = result else { return result }
        for (index, write) in batch.writes.enumerated() {
            if ledger.saw(write.key, before: before[index], after: receipt.objects[index], at: now) {
                idleSteps = 0
                countedSince = now.instant
                lastProgress = now.instant
                if write.key.kind == .task { lastTaskProgress = now.instant }
            }
            guard write.key.kind == .task, let status = receipt.objects[index]?.tree["status"],
                let uid = status["assignment"]?["workerUID"]?.string, workers[uid]?.isUp == true
            else { continue }
            restless.insert(uid)
        }
        ledger.measure()
        return result
    }

    private mutating func flushWatch() {
        // try?: the watch of a store in memory, read to its end after each step.
        while let events = try? watch.pull(from: store, limit: 500), !events.isEmpty { tell(.store(events)) }
    }

    // MARK: What the user does

    private mutating func apply(_ key: ObjectKey, _ tree: Tree) {
        let relaxed = Self.relaxed(key, tree)
        let standing = store.get(key)
        let write: Write
        if let standing {
            var metadata = relaxed["metadata"] ?? .emptyObject
            metadata["uid"] = .string(standing.uid)
            metadata["finalizers"] = metadata["finalizers"] ?? standing.tree["metadata"]?["finalizers"]
            var whole = relaxed
            whole["metadata"] = metadata
            if whole["status"] == nil { whole["status"] = standing.tree["status"] }
            write = .update(key, whole, expecting: standing.version)
        } else {
            var metadata = relaxed["metadata"] ?? .emptyObject
            if metadata["uid"]?.string?.isEmpty != false {
                metadata["uid"] = .string("preview-\(key.kind.singular)-\(key.name)")
            }
            if metadata["generation"] == nil { metadata["generation"] = 1 }
            var whole = relaxed
            whole["metadata"] = metadata
            write = .create(key, whole)
        }
        ledger.isUsers = true
        _ = commit(Batch([write]))
        ledger.isUsers = false
        flushWatch()
    }

    private mutating func delete(_ key: ObjectKey) {
        guard let standing = store.get(key) else { return }
        ledger.isUsers = true
        defer { ledger.isUsers = false }
        if standing.tree["metadata"]?["finalizers"]?.array?.isEmpty == false {
            var tree = standing.tree
            var metadata = tree["metadata"] ?? .emptyObject
            metadata["deletionTimestamp"] = .string(now.wall.wholeSeconds.description)
            tree["metadata"] = metadata
            ledger.deletes(standing)
            _ = commit(Batch([.update(key, tree, expecting: standing.version)]))
        } else {
            _ = commit(Batch([.remove(key, expecting: standing.version)]))
        }
        flushWatch()
    }
}

// MARK: Workers

extension Rehearsal {
    /// A worker that runs now goes on: what it holds ends when its estimate says.
    private mutating func adopt(_ object: StoredObject) {
        // try?: what can't be read is left alone, as by the controllers.
        guard let worker = try? Worker(tree: object.tree), !worker.status.gone, worker.status.state != .failed,
            worker.status.createdAt != nil
        else { return }
        var ideal = IdealWorker(
            uid: object.uid, key: object.key, pool: worker.spec.pool, region: worker.spec.region, createdAt: now.instant
        )
        ideal.isJoined = worker.status.onlineAt != nil
        ideal.containerEngine = worker.status.containerEngine
        workers[object.uid] = ideal
        if ideal.isJoined { restless.insert(object.uid) } else { add(.up(object.uid), after: .seconds(1)) }
    }

    private mutating func create(_ call: WorkerCall, _ request: WorkerRequest) {
        if let error = outage(call.region) { return add(.input(.called(call, .failure(error))), after: .seconds(1)) }
        if workers[request.workerUID] == nil {
            var worker = IdealWorker(
                uid: request.workerUID, key: request.key, pool: request.spec.pool, region: request.region,
                createdAt: now.instant)
            let settings = self.request.settings
            if settings.containerEngine, settings.rehearsal || request.spec.backend == .process {
                worker.containerEngine = "preview"
            }
            workers[request.workerUID] = worker
            add(.up(request.workerUID), after: Self.provisioningTime(request.spec.backend, self.request.settings))
        }
        add(.input(.called(call, .success(nil))), after: .milliseconds(100))
    }

    /// The usual time from the call to the first report.
    private static func provisioningTime(_ backend: Backend, _ settings: Settings) -> Duration {
        if settings.rehearsal { return .seconds(1) }
        return switch backend {
        case .process, .device: .seconds(1)
        case .container: .seconds(3)
        case .pod, .cloudRun, .containerInstances, .fargate, .ecs: .seconds(30)
        case .ec2, .computeEngine: .seconds(60)
        }
    }

    private func outage(_ region: String) -> ProviderError? {
        guard let failure = request.failure, now.instant >= began.instant + failure.at else { return nil }
        switch failure.part {
        case .region(region): break
        case .provider(let kind) where self.kind(of: region) == kind: break
        case .region, .provider, .pool, .worker: return nil
        }
        return ProviderError(.unavailable, "the provider of \(region) does not answer")
    }

    private func observation(_ worker: IdealWorker) -> Observation {
        Observation(
            workerUID: worker.uid, clusterID: request.settings.clusterID, slot: 0, attempt: 1,
            state: worker.isDead ? .exited(code: nil, signal: 9) : worker.isJoined ? .running : .starting,
            providerID: "preview:\(worker.key.name)", createdAt: now.wall)
    }

    private func observation(_ reference: WorkerRef) -> Observation {
        if let worker = workers[reference.workerUID], !worker.isReleased { return observation(worker) }
        return Observation(
            workerUID: reference.workerUID, clusterID: request.settings.clusterID, slot: reference.slot,
            attempt: reference.attempt, state: .absent)
    }

    private mutating func comeUp(_ uid: String) -> CoordinatorCore.Input? {
        guard let worker = workers[uid], !worker.isJoined, !worker.isReleased, !worker.isDead else { return nil }
        workers[uid]?.isJoined = true
        var join = JoinRequest(
            token: BearerSecret("join \(uid)"), workerUID: uid, bootID: "preview", pid: 1, agentVersion: "preview")
        join.containerEngine = worker.containerEngine
        return .join(newCall(uid), join, token: Self.hash("join \(uid)"))
    }

    private mutating func newCall(_ uid: String) -> CallID {
        lastCall += 1
        calls[lastCall] = uid
        return CallID(lastCall)
    }

    private mutating func exchange(_ uid: String) -> CoordinatorCore.Input? {
        guard var worker = workers[uid], worker.isUp else { return nil }
        let request = worker.exchange(epoch: epoch)
        workers[uid] = worker
        return .exchange(newCall(uid), request, credential: Self.hash("member \(uid)"))
    }

    private mutating func answered(_ call: CallID, _ answer: GatewayAnswer) {
        guard let uid = calls.removeValue(forKey: call.number), case .exchanged(let reply) = answer,
            workers[uid]?.isUp == true
        else { return }
        workers[uid]?.reports.removeAll { $0.sequence <= reply.acknowledged }
        // One exchange carries so many: the rest goes with the next.
        if let left = workers[uid]?.reports.count, left > WireLimits.reports { restless.insert(uid) }
        guard let assignments = reply.assignments else { return }
        for assignment in assignments { take(assignment, uid) }
    }

    private mutating func take(_ assignment: AssignmentMessage, _ uid: String) {
        let task = assignment.taskUID
        if assignment.stop != nil {
            guard workers[uid]?.held.removeValue(forKey: task) != nil else { return }
            var report = AttemptReport(of: assignment, .ended, .cancelled)
            report.finishedAt = now.wall
            workers[uid]?.say(report)
            return _ = restless.insert(uid)
        }
        guard (workers[uid]?.taken[task] ?? 0) < assignment.fence else { return }
        workers[uid]?.taken[task] = assignment.fence
        workers[uid]?.held[task] = IdealWorker.Held(assignment: assignment)
        var report = AttemptReport(of: assignment, .running, .running)
        let status = store.get(assignment.task)?.tree["status"]
        let since = status?["phase"] == "Running" ? status?["startedAt"]?.string.flatMap(Timestamp.init) : nil
        report.startedAt = since ?? now.wall
        workers[uid]?.say(report)
        restless.insert(uid)
        let declared = store.get(assignment.task)?.tree["spec"]?["estimatedDuration"]?.string
        // try?: what can't be read is left alone, as by the controllers.
        let length = declared.flatMap { try? Duration(tree: .string($0)) } ?? Self.unknownDuration
        let spent = max(.zero, now.wall - (since ?? now.wall))
        add(.ended(worker: uid, task: task, fence: assignment.fence), after: max(.milliseconds(100), length - spent))
    }

    /// Whether the worker has that to tell.
    private mutating func end(_ uid: String, _ task: String, _ fence: Int) -> Bool {
        guard workers[uid]?.isUp == true, let held = workers[uid]?.held[task], held.assignment.fence == fence else {
            return false
        }
        workers[uid]?.held[task] = nil
        var report = AttemptReport(of: held.assignment, .ended, .completed)
        report.finishedAt = now.wall
        report.exitCode = 0
        let names = store.get(held.assignment.task)?.tree["spec"]?["outputs"]?.array ?? []
        for name in names.compactMap(\.string) { report.outputs[name] = "preview" }
        workers[uid]?.say(report)
        return true
    }

    // MARK: What fails

    private func kind(of region: String) -> ProviderKind? {
        core.engine.cache.region(region)?.spec.provider.kind
    }

    private func concerns(_ part: PreviewRequest.Failure.Part, _ worker: IdealWorker) -> Bool {
        switch part {
        case .region(let name): worker.region == name
        case .provider(let kind): self.kind(of: worker.region) == kind
        case .pool(let key): worker.pool == key
        case .worker(let key): worker.key == key
        }
    }

    private mutating func fail(_ part: PreviewRequest.Failure.Part) {
        for uid in workers.keys.sorted() {
            guard let worker = workers[uid], !worker.isReleased, concerns(part, worker) else { continue }
            struck.insert(worker.key)
            workers[uid]?.isDead = true
            workers[uid]?.held = [:]
            // Their silence is noticed when the lease is over; here, where leases never end, by word of it.
            add(.noticeDeath(uid), after: LeaseSpec().lostAfter)
        }
    }

    private func noticeDeath(_ uid: String) -> CoordinatorCore.Input? {
        guard let worker = workers[uid], let object = core.engine.cache.worker(uid: uid) else { return nil }
        let call = WorkerCall(.observe, object, reason: "silent past its lease")
        return .called(call, .success(observation(worker)))
    }
}
