import Controllers
package import Engine
package import Gateway
package import Model
import Ports
import WorkerProtocol

/// A running controller as a value: the engine with its reconcilers and the gateway, each told what the other did.
/// Inputs come in one at a time with the time they came at; effects go out. The shell and the simulator drive the
/// same one.
package struct CoordinatorCore: Sendable {
    package private(set) var engine: Engine
    package private(set) var gateway: GatewayCore
    private let secrets: WorkerSecrets
    /// The workers the gateway was told of, by key.
    private var admitted: [ObjectKey: String] = [:]
    private var claims = LeadClaims()
    /// The latest wall clock so far: setting the clock back makes nobody a liar.
    private var latestWall = Timestamp(milliseconds: 0)
    private var isOpen = false
    private var isStopping = false
    private var lastTick: Instant
    private var out: [Effect] = []

    package static let tickInterval = Duration.milliseconds(500)
    /// A tick this late means that this process was itself asleep (L3).
    private static let stall = Duration.seconds(2)
    private static let tokenLife = Duration.minutes(10)

    /// `auditsRest`: also decides what is at rest, and names what was not.
    package init(
        settings: Settings, secrets: WorkerSecrets, seed: UInt64, now: Moment, auditsRest: Bool = false,
        stopwatch: Stopwatch? = nil
    ) {
        engine = Engine(
            settings: settings, reconcilers: Reconcilers.all, round: PlacementRound.reconciler, seed: seed,
            affected: Watches.affected)
        engine.auditsRest = auditsRest
        engine.stopwatch = stopwatch
        gateway = GatewayCore(epoch: Int(settings.epoch))
        self.secrets = secrets
        lastTick = now.instant
        engine.live.leadingSince = now.instant
    }

    /// Its first list is whole: from now on it decides and hears agents.
    package var isDeciding: Bool { isOpen && !isStopping }

    /// When to come with `.tick` if nothing else happens.
    package mutating func nextWake() -> Instant {
        var next = lastTick + Self.tickInterval
        if let due = engine.nextDue { next = min(next, due) }
        if let due = gateway.nextDeadline { next = min(next, due) }
        return next
    }

    /// The same without the ticks that watch this process's own clock: for virtual time, which never stalls.
    package mutating func nextDue() -> Instant? { [engine.nextDue, gateway.nextDeadline].compactMap { $0 }.min() }

    /// One thing that happened; what is to be done about it.
    package mutating func handle(_ input: Input, now: Moment) -> [Effect] { handle([input], now: now) }

    /// Several things that happened at one moment, decided about together.
    package mutating func handle(_ inputs: [Input], now: Moment) -> [Effect] {
        guard !isStopping else { return [] }
        watchOwnClock(now)
        for input in inputs where !isStopping { take(input, now) }
        // What is decided after the end would be written under nobody's eyes.
        if !isStopping { settle(now) }
        defer { out = [] }
        return out
    }

    private mutating func watchOwnClock(_ now: Moment) {
        if now.instant - lastTick > Self.stall {
            gateway.restartLeases(now: now)
            engine.restartLeases(now: now)
        }
        lastTick = max(lastTick, now.instant)
        latestWall = max(latestWall, now.wall)
    }

    private mutating func take(_ input: Input, _ now: Moment) {
        switch input {
        case .tick: serve(gateway.tick(now: now.instant), now)
        case .store(let events): engine.ingest(events, now: now)
        case .relisted(let list): engine.relisted(list, now: now)
        case .refreshed(let key, let object, let version):
            engine.refreshed(key, object, asOf: version, now: now)
        case .committed(let id, let result): engine.committed(id, result, now: now)
        case .called(let call, let result): engine.called(call, result, now: now)
        case .inventoried(let region, let result, let took):
            engine.inventoried(region: region, result, took: took, now: now)
        case .observed(let observation): engine.observed(observation, now: now)
        case .followed(let region, let isFollowed, let since):
            engine.followed(region: region, isFollowed, since: since, now: now)
        case .probed(let endpoint, let state): engine.probed(endpoint: endpoint, state, now: now)
        case .join(let call, let request, let token):
            let credential = secrets.credential(request.workerUID)
            serve(gateway.join(call, request, token: token, offering: credential, now: now), now)
        case .exchange(let call, let request, let credential):
            serve(gateway.exchange(call, request, credential: credential, now: now.instant), now)
        case .renew(let call, let request, let credential):
            let signs = request.number - gateway.renewals(of: request.workerUID)
            serve(
                gateway.renew(call, request, credential: credential, now: now), now, renewing: request.workerUID,
                signs: signs)
        case .log(let call, let chunk, let credential):
            serve(gateway.log(call, chunk, credential: credential), now)
        case .abandoned(let call): gateway.abandon(call)
        case .stop:
            isStopping = true
            serve(gateway.close(), now)
        }
    }

    /// Lets the engine decide until nothing is due, and passes on what it asks for. What is left after its share is
    /// due at once (`nextWake`), so that renewals are answered in between however much there is to decide.
    private mutating func settle(_ now: Moment) {
        var left = Self.share
        while left > 0 {
            let decided = engine.step(now: now, limit: left)
            left -= max(decided, 1)
            let effects = engine.takeEffects()
            if decided == 0, effects.isEmpty { break }
            for effect in effects { perform(effect, now) }
            openWhenSynced(now)
        }
    }

    /// Decisions between two inputs: some milliseconds. Whoever is answered waits for so much for each answer before
    /// his, however many decisions a neighbour's plans have brought.
    private static let share = 64

    // MARK: Engine to world

    private mutating func perform(_ effect: Engine.Effect, _ now: Moment) {
        switch effect {
        case .commit(let id, let batch): out.append(.commit(id, batch))
        case .refresh(let keys): out.append(.refresh(keys))
        case .call(_, let call): place(call, now)
        case .inventory(let region, let keeps): out.append(.inventory(region: region, keepsSupplies: keeps))
        case .releaseOrphan(let region, let orphan):
            let worker = WorkerRef(
                workerUID: orphan.workerUID, region: region, pool: "", slot: orphan.slot, attempt: orphan.attempt,
                providerID: orphan.providerID)
            out.append(.releaseOrphan(region: region, worker))
        case .probe(let endpoint): out.append(.probe(endpoint: endpoint))
        case .removeBlobs(let prefix): out.append(.removeBlobs(prefix: prefix))
        case .reportsHandled(let reports):
            for (worker, sequences) in Self.byWorker(reports) {
                serve(gateway.committed(worker, sequences, now: now.instant), now)
            }
        case .workerChanged(let key): reconcileGateway(key, now)
        case .assignmentsChanged(let keys): for key in keys { tellAssignments(key, now) }
        case .notice(let text): out.append(.notice(text))
        case .leadConfirmed(let isConfirmed):
            for (worker, epoch) in claims.answered(isConfirmed) {
                misbehave(worker, "it follows epoch \(epoch), and the store knows none after \(gateway.epoch)", now)
            }
            if claims.ask() { engine.confirmLead() }
        case .stop(let reason): out.append(.stop(reason: reason))
        }
    }

    private static func byWorker(_ reports: [TaskReport]) -> [(String, [Int])] {
        var order: [String] = []
        var sequences: [String: [Int]] = [:]
        for report in reports where report.sequence > 0 {
            if sequences[report.workerUID] == nil { order.append(report.workerUID) }
            sequences[report.workerUID, default: []].append(report.sequence)
        }
        return order.map { ($0, sequences[$0] ?? []) }
    }

    /// A call with all that its verb needs; one for a worker that is gone meanwhile is answered at once.
    private mutating func place(_ call: WorkerCall, _ now: Moment) {
        guard let worker = engine.cache.worker(uid: call.workerUID) else {
            return engine.called(call, .failure(ProviderError(.notFound, "the Worker object is gone")), now: now)
        }
        var reference = WorkerRef(
            workerUID: call.workerUID, region: worker.spec.region, pool: worker.spec.pool, slot: worker.spec.slot,
            attempt: worker.spec.attempt, providerID: worker.status.providerID)
        reference.keepsSupplies = call.keepsSupplies
        switch call.verb {
        case .release: out.append(.release(call, reference))
        case .observe: out.append(.observe(call, reference))
        case .create:
            let token = secrets.joinToken(call.workerUID)
            gateway.expect(
                call.workerUID, worker.key, lease: worker.spec.lease, token: token.hash,
                expiresAt: now.instant + Self.tokenLife)
            let request = WorkerRequest(
                key: worker.key, workerUID: call.workerUID, region: worker.spec.region, pool: worker.spec.pool,
                slot: worker.spec.slot, attempt: worker.spec.attempt, epoch: engine.settings.epoch,
                clusterID: engine.settings.clusterID, spec: worker.spec,
                local: engine.cache.region(worker.spec.region)?.spec.provider.local ?? LocalRegion(),
                joinToken: token.secret.text)
            admitted[worker.key] = call.workerUID
            out.append(.create(call, request))
            tellAssignments(worker.key, now)
        }
    }

    // MARK: Gateway and engine

    private mutating func openWhenSynced(_ now: Moment) {
        guard !isOpen, engine.synced else { return }
        isOpen = true
        for key in engine.cache.keys(of: .worker) { reconcileGateway(key, now) }
        gateway.open()
    }

    /// The gateway knows a worker from its creation until it failed or is gone.
    private mutating func reconcileGateway(_ key: ObjectKey, _ now: Moment) {
        guard isOpen || engine.synced else { return }
        let worker = engine.cache.workers[key]?.object
        let uid = worker?.metadata.uid
        if let former = admitted[key], former != uid || worker?.status.state == .failed || worker?.status.gone == true {
            admitted[key] = nil
            serve(gateway.forget(former), now)
        }
        guard let worker, let uid, admitted[key] == nil, worker.status.createdAt != nil, worker.status.state != .failed,
            !worker.status.gone
        else { return }
        admitted[key] = uid
        if worker.status.onlineAt != nil {
            gateway.restore(
                uid, key, lease: worker.spec.lease, credential: secrets.credential(uid).hash,
                containerEngine: worker.status.containerEngine, now: now)
        } else {
            gateway.expect(
                uid, key, lease: worker.spec.lease, token: secrets.joinToken(uid).hash,
                expiresAt: now.instant + Self.tokenLife)
        }
        tellAssignments(key, now)
    }

    private mutating func tellAssignments(_ key: ObjectKey, _ now: Moment) {
        guard let uid = admitted[key] else { return }
        let built = Assignments.build(for: key, uid: uid, cache: engine.cache)
        serve(gateway.setAssignments(uid, built.messages, now: now.instant), now)
        if !built.unstartable.isEmpty { engine.reported(built.unstartable, now: now) }
    }

    private mutating func serve(
        _ effects: [GatewayEffect], _ now: Moment, renewing worker: String? = nil, signs: Int = 1
    ) {
        for effect in effects {
            switch effect {
            case .reply(let call, let answer):
                // A late copy of a renewal is answered too, but prolongs nothing: the lease says which one counted.
                if case .renewed = answer, let worker, gateway.lease(of: worker)?.lastRenewal == now {
                    engine.renewed(worker, signs: signs, now: now)
                }
                if case .joined = answer { noteJoins(now) }
                out.append(.reply(call, answer))
            case .reports(let worker, let reports):
                for report in reports {
                    if let lie = Lie.inTimes(of: report, latest: latestWall) { misbehave(worker, lie, now) }
                }
                engine.reported(reports.map { Assignments.report($0, from: worker) }, now: now)
            // Credentials follow from the worker's uid: there is nothing to keep.
            case .credentialIssued: break
            case .draining(let uid): engine.leaves(uid, now: now)
            case .containerEngine(let uid, let version): engine.saw(containerEngine: version, on: uid, now: now)
            case .claims(let uid, let epoch):
                claims.heard(uid, epoch)
                if claims.ask() { engine.confirmLead() }
            case .lied(let uid, let why): misbehave(uid, why, now)
            case .foreign(let uid, let report):
                guard let lie = Lie.inForeign(report, of: uid, engine.cache) else { continue }
                misbehave(uid, lie, now)
            }
        }
    }

    /// The worker is believed no more: its agent, whoever it is, is told to go, and its tasks go elsewhere.
    private mutating func misbehave(_ uid: String, _ why: String, _ now: Moment) {
        engine.misbehaved(uid, why, now: now)
        serve(gateway.forget(uid), now)
    }

    /// A join is a sign of life too.
    private mutating func noteJoins(_ now: Moment) {
        for lease in gateway.leases where lease.lastRenewal == now && engine.live.leases[lease.workerUID] == nil {
            engine.renewed(lease.workerUID, now: now)
        }
    }
}
