import Apply
import Controllers
import Coordinator
import Engine
import Gateway
import HTTP
import Logging
import Model
import Ports
import Synchronization
import Tree
import WorkerProtocol

/// The shell around a coordinator: one task takes inputs in order, every effect runs beside it and comes back as an
/// input. So many effects run at once (`EffectLanes`), so many requests of agents wait for an answer
/// (`mostCalls`); nothing else is kept here, and nobody holds a second reference to what the loop changes.
final class ControlLoop: Sendable {
    private let store: any ResourceStore
    private let providers: Providers
    private let blobs: any BlobStore
    private let clock: any Ports.Clock
    private let prober: Prober
    private let logger: Logger
    private let inbox = Inbox<Message>()
    private let lanes = Mutex(EffectLanes<Job>())
    private let calls = Mutex<(last: UInt64, waiting: [UInt64: CheckedContinuation<GatewayAnswer, Never>])>((0, [:]))
    /// A snapshot for `/metrics` and the end of `--once`.
    let figures = Mutex(Figures())
    let meter = LoopMeter()

    struct Figures: Sendable {
        var stats = Engine.Stats()
        var unreadable: [ObjectKey: String] = [:]
        /// Effects that are being carried out, and those that wait for their turn.
        var effects = (running: 0, waiting: 0)
        /// Keys that wait to be decided.
        var queued = 0
        var queueAdds: UInt64 = 0
        /// Requests of agents that wait for an answer.
        var calls = 0
    }

    /// What the loop takes, in order. No more than the effects that run, the agents that wait for an answer, and what
    /// the store and the providers told since it last looked.
    private enum Message: Sendable {
        case input(CoordinatorCore.Input)
        /// The store tells on when this was taken: what comes meanwhile waits in its history, which has a bound.
        case changes([StoreEvent], CheckedContinuation<Void, Never>)
    }

    /// Inputs that are taken before anything is decided: however long the decisions take that a neighbour's plans ask
    /// for, what has come meanwhile is known before the next of them.
    private static let takenAtOnce = 256
    /// Requests of agents that may wait for an answer, held polls included: three each of ten thousand agents.
    private static let mostCalls = 32_768

    init(
        store: any ResourceStore, providers: Providers, blobs: any BlobStore, clock: any Ports.Clock,
        egress: AddressRule, logger: Logger
    ) {
        self.store = store
        self.providers = providers
        self.blobs = blobs
        self.clock = clock
        self.logger = logger
        prober = Prober(clock: clock, egress: egress)
    }

    /// Runs until cancelled, or until it must not go on; then the reason. `deciding` is called once it has read the
    /// whole state.
    func run(
        _ settings: Settings, secrets: WorkerSecrets, seed: UInt64, deciding: @Sendable () -> Void
    ) async -> String? {
        var isDeciding = false
        var core = CoordinatorCore(
            settings: settings, secrets: secrets, seed: seed, now: clock.now, stopwatch: meter.stopwatch)
        let alarm = Alarm(clock: clock) { [inbox] in inbox.put(.input(.tick)) }
        // One that discards: what a child of another group leaves is kept until somebody asks for it, and here nobody
        // does.
        let reason = await withDiscardingTaskGroup(returning: String?.self) { group in
            group.addTask { await self.follow() }
            group.addTask { await self.watchProviders() }
            tell(.tick)
            var stopReason: String?
            loop: for await _ in inbox.bell {
                while case let messages = inbox.take(upTo: Self.takenAtOnce), !messages.isEmpty {
                    let began = LoopMeter.now
                    let effects = core.handle(messages.map(input(of:)), now: clock.now)
                    meter.step(since: began)
                    for effect in effects {
                        if case .stop(let reason) = effect {
                            stopReason = reason
                            break loop
                        }
                        perform(Job(effect, core.engine), in: &group)
                    }
                    alarm.set(core.nextWake())
                    publish(core)
                    if !isDeciding, core.isDeciding {
                        isDeciding = true
                        deciding()
                    }
                    if Task.isCancelled { break loop }
                }
            }
            for effect in core.handle(.stop, now: clock.now) { perform(Job(effect, core.engine), in: &group) }
            group.cancelAll()
            stopTaking()
            return stopReason
        }
        alarm.cancel()
        failWaiting()
        return reason
    }

    /// Wakes the loop so that it notices its cancellation.
    func nudge() { tell(.tick) }

    private func tell(_ input: CoordinatorCore.Input) { inbox.put(.input(input)) }

    private func input(of message: Message) -> CoordinatorCore.Input {
        switch message {
        case .input(let input): return input
        case .changes(let events, let taken):
            taken.resume()
            return .store(events)
        }
    }

    private func publish(_ core: CoordinatorCore) {
        let effects = lanes.withLock { ($0.running, $0.waiting) }
        let waiting = calls.withLock { $0.waiting.count }
        figures.withLock {
            $0.stats = core.engine.stats
            $0.unreadable = core.engine.unreadable
            $0.effects = effects
            $0.queued = core.engine.queued
            $0.queueAdds = core.engine.queueAdds
            $0.calls = waiting
        }
    }

    // MARK: The gateway's side

    /// One request of an agent, answered when the coordinator says; cancelled: nobody waits for it any more.
    func call(_ make: (CallID) -> CoordinatorCore.Input) async -> GatewayAnswer {
        let number: UInt64? = calls.withLock { calls in
            guard calls.waiting.count < Self.mostCalls else { return nil }
            calls.last += 1
            return calls.last
        }
        guard let number else { return .refused(Self.busy) }
        let input = make(CallID(number))
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                calls.withLock { $0.waiting[number] = continuation }
                // Cancelled before this line, the handler below has run and found nobody waiting.
                if Task.isCancelled { return answer(number, .refused(Self.ending)) }
                if !inbox.put(.input(input)) { answer(number, .refused(Self.ending)) }
            }
        } onCancel: {
            tell(.abandoned(CallID(number)))
            answer(number, .refused(Self.ending))
        }
    }

    private static let busy = Refusal(
        .notLeading, "\(mostCalls) requests wait for this controller, as many as it takes: come again")

    private static let ending = Refusal(.notLeading, "this controller is ending: come again")

    private func answer(_ number: UInt64, _ answer: GatewayAnswer) {
        calls.withLock { $0.waiting.removeValue(forKey: number) }?.resume(returning: answer)
    }

    /// Who tells of changes waits until they are taken. What came between the last look and the end is given back, and
    /// what comes later is refused: the loop, which waits for all that it began, would wait for ever.
    private func stopTaking() {
        for case .changes(_, let taken) in inbox.close() { taken.resume() }
    }

    /// Whoever still waits when the loop is over.
    private func failWaiting() {
        let left = calls.withLock { calls in
            defer { calls.waiting = [:] }
            return calls.waiting.keys.sorted().compactMap { calls.waiting[$0] }
        }
        for continuation in left { continuation.resume(returning: .refused(Self.ending)) }
    }

    let logs = LogKeeper()

    /// Why that worker may not write that piece of log; nil where it may. Asked in the loop, which alone holds the
    /// gateway's state.
    func authorise(_ chunk: LogChunk, _ credential: SecretHash) async -> Refusal? {
        if case .refused(let refusal) = await call({ .log($0, chunk, credential: credential) }) { refusal } else { nil }
    }

    // MARK: Effects

    /// An effect, and of a commit the objects that it replaces, as the engine saw them: who wrote what is told from the
    /// difference, and the store would have to read each of them again to show it.
    private struct Job: Sendable {
        let effect: CoordinatorCore.Effect
        /// Nil: it takes no time, and is carried out at once.
        let lane: EffectLane?
        var replaced: [ObjectKey: Tree] = [:]

        init(_ effect: CoordinatorCore.Effect, _ engine: Engine) {
            self.effect = effect
            lane = EffectLane(effect, engine)
            guard case .commit(_, let batch) = effect else { return }
            for case .update(let key, _, let version) in batch.writes where Attribution.concerns(key.kind) {
                if let held = engine.cache.stored(key), held.version == version { replaced[key] = held.tree }
            }
        }
    }

    private func perform(_ job: Job, in group: inout DiscardingTaskGroup) {
        guard let lane = job.lane else {
            switch job.effect {
            case .reply(let call, let answer): self.answer(call.number, answer)
            case .notice(let text): logger.warning("\(text)")
            default: break
            }
            return
        }
        guard lanes.withLock({ $0.begin(job, on: lane) }) else { return }
        group.addTask {
            var next: Job? = job
            while let job = next {
                await self.carryOut(job)
                next = Task.isCancelled ? nil : self.lanes.withLock { $0.end(on: lane) }
            }
        }
    }

    /// The batch with a record of who wrote, where people write too.
    private func attributed(_ batch: Batch, _ replaced: [ObjectKey: Tree]) -> Batch {
        var batch = batch
        for (index, write) in batch.writes.enumerated() {
            guard case .update(let key, let tree, let version) = write, let old = replaced[key] else { continue }
            let recorded = Attribution.recorded(tree, old: old, key.kind, now: clock.now.wall)
            batch.writes[index] = .update(key, recorded, expecting: version)
        }
        return batch
    }

    private func carryOut(_ job: Job) async {
        switch job.effect {
        case .commit(let id, let batch):
            do throws(StoreError) {
                tell(.committed(id, .success(try await store.commit(attributed(batch, job.replaced)))))
            } catch {
                logger.debug("commit refused", metadata: ["error": "\(error)"])
                tell(.committed(id, .failure(error)))
            }
        case .refresh(let keys): await refresh(keys)
        case .create(let call, let request): await create(call, request)
        case .release(let call, let worker):
            let outcome = await meter.call(.release) { () async throws(ProviderError) in
                try await self.providers.provider(of: call.region).release(worker)
            }
            tell(.called(call, outcome.map { nil }))
        case .observe(let call, let worker):
            let seen = await meter.call(.observe) { () async throws(ProviderError) in
                try await self.providers.provider(of: call.region).observe(worker)
            }
            tell(.called(call, seen.map { $0 }))
        case .inventory(let region, let keeps): await inventory(region, keepsSupplies: keeps)
        case .releaseOrphan(let region, let worker): await releaseOrphan(region, worker)
        case .probe(let endpoint): tell(.probed(endpoint: endpoint, await prober.probe(endpoint)))
        case .removeBlobs(let prefix):
            do throws(BlobError) { try await blobs.remove(prefix: prefix) } catch {
                logger.warning("logs not removed", metadata: ["prefix": "\(prefix)", "error": "\(error)"])
            }
        case .reply, .notice, .stop: break
        }
    }

    /// The door's last look (S6): an uncached read must still show this Worker, and show it wanted.
    private func create(_ call: WorkerCall, _ request: WorkerRequest) async {
        let standing: StoredObject?
        do throws(StoreError) { standing = try await store.get(call.worker) } catch {
            let why = ProviderError(.unavailable, "the Worker can't be read before it is created: \(error)")
            return tell(.called(call, .failure(why)))
        }
        guard let standing, standing.uid == call.workerUID, standing.tree["metadata"]?["deletionTimestamp"] == nil
        else {
            return tell(.called(call, .failure(ProviderError(.conflict, "the Worker changed before it was created"))))
        }
        if let objection = await objection(to: standing) {
            return tell(.called(call, .failure(objection)))
        }
        let outcome = await meter.call(.create) { () async throws(ProviderError) in
            try await self.providers.provider(of: call.region).create(request)
        }
        if case .failure(let error) = outcome {
            logger.warning("worker not created", metadata: ["worker": "\(call.worker)", "error": "\(error)"])
        }
        tell(.called(call, outcome.map { nil }))
    }

    /// Over what the store says now, not the cache: a region may have been closed, a pool have gone.
    private func objection(to standing: StoredObject) async -> ProviderError? {
        do {
            let worker = try Worker(tree: standing.tree)
            let pool = try await store.get(ObjectKey(.workerPool, worker.key.namespace, worker.spec.pool))
            let region = try await store.get(ObjectKey(.region, "", worker.spec.region))
            return WorkerAdmission.objection(
                to: worker, pool: try pool.map { try WorkerPool(tree: $0.tree) },
                region: try region.map { try Region(tree: $0.tree) }
            ).map { ProviderError(.invalid, $0.message) }
        } catch {
            return ProviderError(.unavailable, "what it stands on can't be read: \(error)")
        }
    }

    private func releaseOrphan(_ region: String, _ worker: WorkerRef) async {
        // S4: an uncached read made after the list that showed it.
        let workers: ListResult
        do throws(StoreError) { workers = try await store.list(StoreQuery(kinds: [.worker])) } catch {
            return logger.warning(
                "orphan not released: whether it is one can't be read",
                metadata: ["worker": "\(worker.workerUID)", "error": "\(error)"])
        }
        guard !workers.objects.contains(where: { $0.uid == worker.workerUID }) else { return }
        logger.info("releasing an orphan", metadata: ["worker": "\(worker.workerUID)"])
        let outcome = await meter.call(.releaseOrphan) { () async throws(ProviderError) in
            try await self.providers.provider(of: region).release(worker)
        }
        if case .failure(let error) = outcome {
            logger.warning("orphan not released", metadata: ["worker": "\(worker.workerUID)", "error": "\(error)"])
        }
    }

    private func refresh(_ keys: [ObjectKey]) async {
        let version: UInt64
        do throws(StoreError) { version = try await store.list(StoreQuery(kinds: [.lease])).version } catch {
            return logger.warning("not read again", metadata: ["objects": "\(keys.count)", "error": "\(error)"])
        }
        for key in keys {
            do throws(StoreError) {
                tell(.refreshed(key, try await store.get(key), asOf: version))
            } catch {
                // Not read is not absent: what the cache holds stands until the store answers.
                logger.warning("not read again", metadata: ["object": "\(key)", "error": "\(error)"])
            }
        }
    }

    private func inventory(_ region: String, keepsSupplies: Bool) async {
        let began = clock.now.instant
        let seen = await list(region, keepsSupplies: keepsSupplies)
        tell(.inventoried(region: region, seen, took: clock.now.instant - began))
    }

    private func list(_ region: String, keepsSupplies: Bool) async -> Result<[Observation], ProviderError> {
        await meter.call(.inventory) { () async throws(ProviderError) in
            let provider = try await self.providers.provider(of: region)
            return try await provider.inventory(clusterID: self.providers.clusterID, keepsSupplies: keepsSupplies)
        }
    }

    // MARK: Sources

    /// The store's changes; a broken watch is followed by a whole list.
    private func follow() async {
        var from: UInt64?
        while !Task.isCancelled {
            do throws(StoreError) {
                let watch = try store.watch(StoreQuery(), from: from)
                defer { watch.close() }
                while let events = try await watch.next() {
                    await withCheckedContinuation { taken in
                        if !inbox.put(.changes(events, taken)) { taken.resume() }
                    }
                }
                return
            } catch {
                logger.warning("watch broke off", metadata: ["error": "\(error)"])
                guard error.code != .closed else { return }
                from = await relist()
            }
        }
    }

    /// Tried until the store answers: a loop that hears nothing any more would look as if it were at rest. Nil when
    /// it is cancelled, or the store closed.
    private func relist() async -> UInt64? {
        while !Task.isCancelled {
            do throws(StoreError) {
                let list = try await store.list(StoreQuery())
                tell(.relisted(list))
                return list.version
            } catch {
                if error.code == .closed { return nil }
                logger.warning("the store can't be read", metadata: ["error": "\(error)"])
                await clock.sleep(until: clock.now.instant + .seconds(1))
            }
        }
        return nil
    }

    /// A provider's own word that something changed makes a death visible at once. One that serves several regions is
    /// listened to once.
    private func watchProviders() async {
        await withDiscardingTaskGroup { group in
            for await found in providers.found { group.addTask { await self.watch(found) } }
        }
    }

    private func watch(_ found: Providers.Found) async {
        await ProviderWatch(
            provider: found.provider, isLasting: found.isLasting, clock: clock,
            regions: { await self.providers.regions(of: found) }, list: { await self.list($0, keepsSupplies: true) },
            post: { self.tell($0) }
        ).run()
    }
}
