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
/// input.
final class ControlLoop: Sendable {
    private let store: any ResourceStore
    private let providers: Providers
    private let blobs: any BlobStore
    private let clock: any Ports.Clock
    private let prober: Prober
    private let logger: Logger
    private let inputs: AsyncStream<CoordinatorCore.Input>
    private let post: AsyncStream<CoordinatorCore.Input>.Continuation
    private let calls = Mutex<(last: UInt64, waiting: [UInt64: CheckedContinuation<GatewayAnswer, Never>])>((0, [:]))
    /// A snapshot for `/metrics` and the end of `--once`.
    let figures = Mutex(Figures())

    struct Figures: Sendable {
        var stats = Engine.Stats()
        var unreadable: [ObjectKey: String] = [:]
        /// As of the last input: whether a log may be written is asked beside the loop.
        var core: GatewayCore?
    }

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
        (inputs, post) = AsyncStream.makeStream(of: CoordinatorCore.Input.self)
    }

    /// Runs until cancelled, or until it must not go on; then the reason.
    func run(_ settings: Settings, secrets: WorkerSecrets, seed: UInt64) async -> String? {
        var core = CoordinatorCore(settings: settings, secrets: secrets, seed: seed, now: clock.now)
        let alarm = Alarm(clock: clock) { [post] in post.yield(.tick) }
        let reason = await withTaskGroup(of: Void.self, returning: String?.self) { group in
            group.addTask { await self.follow() }
            group.addTask { await self.watchProviders() }
            post.yield(.tick)
            var stopReason: String?
            loop: for await input in inputs {
                for effect in core.handle(input, now: clock.now) {
                    if case .stop(let reason) = effect {
                        stopReason = reason
                        break loop
                    }
                    perform(effect, in: &group)
                }
                alarm.set(core.nextWake())
                publish(core)
                if Task.isCancelled { break }
            }
            for effect in core.handle(.stop, now: clock.now) { perform(effect, in: &group) }
            group.cancelAll()
            return stopReason
        }
        alarm.cancel()
        post.finish()
        failWaiting()
        return reason
    }

    /// Wakes the loop so that it notices its cancellation.
    func nudge() { post.yield(.tick) }

    private func publish(_ core: CoordinatorCore) {
        figures.withLock {
            $0.stats = core.engine.stats
            $0.unreadable = core.engine.unreadable
            $0.core = core.gateway
        }
    }

    // MARK: The gateway's side

    /// One request of an agent, answered when the coordinator says; cancelled: nobody waits for it any more.
    func call(_ make: (CallID) -> CoordinatorCore.Input) async -> GatewayAnswer {
        let number = calls.withLock { calls in
            calls.last += 1
            return calls.last
        }
        let input = make(CallID(number))
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                calls.withLock { $0.waiting[number] = continuation }
                if case .terminated = post.yield(input) { answer(number, .refused(Self.ending)) }
            }
        } onCancel: {
            post.yield(.abandoned(CallID(number)))
            answer(number, .refused(Self.ending))
        }
    }

    private static let ending = Refusal(.notLeading, "this controller is ending: come again")

    private func answer(_ number: UInt64, _ answer: GatewayAnswer) {
        calls.withLock { $0.waiting.removeValue(forKey: number) }?.resume(returning: answer)
    }

    private func failWaiting() {
        let left = calls.withLock { calls in
            defer { calls.waiting = [:] }
            return calls.waiting.keys.sorted().compactMap { calls.waiting[$0] }
        }
        for continuation in left { continuation.resume(returning: .refused(Self.ending)) }
    }

    let logs = LogKeeper()

    /// Why that worker may not write that piece of log; nil where it may.
    func authorise(_ chunk: LogChunk, _ credential: SecretHash) async -> Refusal? {
        guard let gateway = figures.withLock({ $0.core }) else { return Self.ending }
        do throws(Refusal) {
            try gateway.authoriseLog(chunk, credential: credential)
            return nil
        } catch { return error }
    }

    // MARK: Effects

    private func perform(_ effect: CoordinatorCore.Effect, in group: inout TaskGroup<Void>) {
        switch effect {
        case .reply(let call, let answer): self.answer(call.number, answer)
        case .stop: break
        default: group.addTask { await self.carryOut(effect) }
        }
    }

    private func carryOut(_ effect: CoordinatorCore.Effect) async {
        switch effect {
        case .commit(let id, let batch):
            do throws(StoreError) {
                post.yield(.committed(id, .success(try await store.commit(batch))))
            } catch {
                logger.debug("commit refused", metadata: ["error": "\(error)"])
                post.yield(.committed(id, .failure(error)))
            }
        case .refresh(let keys): await refresh(keys)
        case .create(let call, let request): await create(call, request)
        case .release(let call, let worker):
            post.yield(
                .called(
                    call,
                    await result { () async throws(ProviderError) in
                        try await self.providers.provider(of: call.region).release(worker)
                    }))
        case .observe(let call, let worker):
            do throws(ProviderError) {
                let seen = try await providers.provider(of: call.region).observe(worker)
                post.yield(.called(call, .success(seen)))
            } catch { post.yield(.called(call, .failure(error))) }
        case .inventory(let region): await inventory(region)
        case .releaseOrphan(let region, let worker): await releaseOrphan(region, worker)
        case .probe(let endpoint): post.yield(.probed(endpoint: endpoint, await prober.probe(endpoint)))
        case .removeBlobs(let prefix):
            do throws(BlobError) { try await blobs.remove(prefix: prefix) } catch {
                logger.warning("logs not removed", metadata: ["prefix": "\(prefix)", "error": "\(error)"])
            }
        case .reply, .stop: break
        }
    }

    private func result(
        _ body: () async throws(ProviderError) -> Void
    ) async -> Result<Observation?, ProviderError> {
        do throws(ProviderError) {
            try await body()
            return .success(nil)
        } catch { return .failure(error) }
    }

    /// The door's last look (S6): an uncached read must still show this Worker, and show it wanted.
    private func create(_ call: WorkerCall, _ request: WorkerRequest) async {
        let standing = try? await store.get(call.worker)
        guard let standing, standing.uid == call.workerUID, standing.tree["metadata"]?["deletionTimestamp"] == nil
        else {
            return _ = post.yield(
                .called(call, .failure(ProviderError(.conflict, "the Worker changed before it was created"))))
        }
        if let objection = await objection(to: standing) {
            return _ = post.yield(.called(call, .failure(objection)))
        }
        let outcome = await result { () async throws(ProviderError) in
            try await self.providers.provider(of: call.region).create(request)
        }
        if case .failure(let error) = outcome {
            logger.warning("worker not created", metadata: ["worker": "\(call.worker)", "error": "\(error)"])
        }
        post.yield(.called(call, outcome))
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
        guard let workers = try? await store.list(StoreQuery(kinds: [.worker])) else { return }
        guard !workers.objects.contains(where: { $0.uid == worker.workerUID }) else { return }
        logger.info("releasing an orphan", metadata: ["worker": "\(worker.workerUID)"])
        do throws(ProviderError) { try await providers.provider(of: region).release(worker) } catch {
            logger.warning("orphan not released", metadata: ["worker": "\(worker.workerUID)", "error": "\(error)"])
        }
    }

    private func refresh(_ keys: [ObjectKey]) async {
        guard let version = try? await store.list(StoreQuery(kinds: [.lease])).version else { return }
        for key in keys {
            do throws(StoreError) {
                post.yield(.refreshed(key, try await store.get(key), asOf: version))
            } catch {
                // Not read is not absent: what the cache holds stands until the store answers.
                logger.warning("not read again", metadata: ["object": "\(key)", "error": "\(error)"])
            }
        }
    }

    private func inventory(_ region: String) async {
        let began = clock.now.instant
        post.yield(.inventoried(region: region, await list(region), took: clock.now.instant - began))
    }

    private func list(_ region: String) async -> Result<[Observation], ProviderError> {
        do throws(ProviderError) {
            return .success(try await providers.provider(of: region).inventory(clusterID: providers.clusterID))
        } catch { return .failure(error) }
    }

    // MARK: Sources

    /// The store's changes; a broken watch is followed by a whole list.
    private func follow() async {
        var from: UInt64?
        while !Task.isCancelled {
            do throws(StoreError) {
                let watch = try store.watch(StoreQuery(), from: from)
                defer { watch.close() }
                while let events = try await watch.next() { post.yield(.store(events)) }
                return
            } catch {
                logger.warning("watch broke off", metadata: ["error": "\(error)"])
                guard let list = try? await store.list(StoreQuery()) else { return }
                post.yield(.relisted(list))
                from = list.version
            }
        }
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
            regions: { await self.providers.regions(of: found) }, list: { await self.list($0) },
            post: { [post] in post.yield($0) }
        ).run()
    }
}
