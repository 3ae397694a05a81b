package import Model
package import Ports

// MARK: The door

extension Engine {
    /// Answers of endpoints kept before old ones go.
    private static let externalsKept = 1024
    private static let observePause = Duration.milliseconds(100)
    /// How soon whoever waits behind a probe through a half-open circuit asks again.
    private static let probePause = Duration.seconds(1)
    private static let callBackoff = BackoffSchedule(initial: .seconds(1), maximum: .minutes(5))

    mutating func perform(_ action: Action, now: Moment) {
        switch action {
        case .call(let call): admit(call, now: now)
        case .inventory(let region, let keepsSupplies):
            var state = live.providers[region] ?? ProviderState()
            guard !state.inFlight else { return }
            state.inFlight = true
            state.isTidying = !keepsSupplies
            live.providers[region] = state
            effects.append(.inventory(region: region, keepsSupplies: keepsSupplies))
        case .releaseOrphan(let region, let observation):
            // Once for each list that shows it: the next one tells whether it is gone.
            live.providers[region]?.unclaimed.removeAll { $0.workerUID == observation.workerUID }
            effects.append(.releaseOrphan(region: region, observation))
        case .probe(let endpoint): if probes.ask(endpoint) { effects.append(.probe(endpoint: endpoint)) }
        case .removeBlobs(let prefix): effects.append(.removeBlobs(prefix: prefix))
        case .create, .replaceSpec, .delete, .deleteIdle, .setTaskStatus: break
        }
    }

    /// One call a worker at a time, none before its back-off is over, none through an open circuit.
    private mutating func admit(_ call: WorkerCall, now: Moment) {
        var state = live.calls[call.workerUID] ?? CallState()
        guard state.inFlight == nil else { return }
        if let retryAt = state.retryAt, retryAt > now.instant {
            wake(.object(call.worker), now: now, after: retryAt - now.instant)
            return
        }
        guard turnCircuits(of: call.region, now: now, { $0.admits(region: call.region, now: now) }) else {
            let until = breakers.opensAt(region: call.region) ?? now.instant
            wake(.object(call.worker), now: now, after: max(until - now.instant, Self.probePause))
            return
        }
        state.inFlight = call.verb
        live.calls[call.workerUID] = state
        if call.verb == .create {
            live.providers[call.region, default: ProviderState()].isTidying = false
            live.providers[call.region]?.isTidy = false
        }
        stats.calls += 1
        let id = nextID
        nextID += 1
        effects.append(.call(id, call))
    }

    /// The answer to a call; `observation` where the verb was `observe`.
    package mutating func called(
        _ call: WorkerCall, _ result: Result<Observation?, ProviderError>, now: Moment
    ) {
        meter.input(on: call.worker)
        // Of a worker that is gone meanwhile too: its call may have been the probe that others wait for.
        judge(call, result, now: now)
        guard cache.worker(uid: call.workerUID) != nil || live.calls[call.workerUID] != nil else { return }
        var state = live.calls[call.workerUID] ?? CallState()
        state.inFlight = nil
        switch result {
        case .success(let observation):
            if let observation { note(observation, now: now) }
            state.failures = 0
            // An answer wakes the worker, which may ask again at once: not faster than this.
            state.retryAt = call.verb == .observe ? now.instant + Self.observePause : nil
            state.lastError = nil
            switch call.verb {
            case .create:
                state.createAccepted = true
                state.createdAt = now.instant
            case .release:
                state.releaseAccepted = true
                state.releasedAt = now.instant
                switch live.observations[call.workerUID]?.state {
                case .exited, .absent: state.releaseConfirmed = true
                case .starting, .running, .stopping, nil: break
                }
            case .observe: break
            }
        case .failure(let error):
            state.failures += 1
            state.lastError = error
            let delay = Engine.callBackoff.delay(failures: state.failures, random: &random)
            state.retryAt = now.instant + max(delay, error.retryAfter ?? .zero)
        }
        live.calls[call.workerUID] = state
        wake(.object(call.worker), now: now)
    }

    private mutating func judge(
        _ call: WorkerCall, _ result: Result<Observation?, ProviderError>, now: Moment
    ) {
        let region = call.region
        switch result {
        case .success where call.verb == .create: turnCircuits(of: region, now: now) { $0.succeeded(region: region) }
        case .success: turnCircuits(of: region, now: now) { $0.answered(region: region) }
        case .failure(let error):
            let policy = Breakers.policy(region: region, cache)
            turnCircuits(of: region, now: now) {
                $0.failed(region: region, code: error.code, now: now, policy: policy)
            }
        }
    }

    /// The region says what becomes of its circuits: one that opens, is tried, opens again or closes.
    @discardableResult
    private mutating func turnCircuits<Answer>(
        of region: String, now: Moment, _ turn: (inout Breakers) -> Answer
    ) -> Answer {
        let before = breakers.records(of: region, now: now)
        defer {
            if breakers.records(of: region, now: now) != before {
                wake(.object(ObjectKey(.region, "", region)), now: now)
            }
        }
        return turn(&breakers)
    }

    private mutating func note(_ observation: Observation, now: Moment) {
        live.observations[observation.workerUID] = observation
        live.observedAt[observation.workerUID] = now.instant
    }

    /// The answer to an inventory: what exists, observed at once. A known worker that it does not show is absent.
    package mutating func inventoried(
        region: String, _ result: Result<[Observation], ProviderError>, took: Duration, now: Moment
    ) {
        var state = live.providers[region] ?? ProviderState()
        state.inFlight = false
        state.lastInventory = now.instant
        switch result {
        case .success(let observations):
            turnCircuits(of: region, now: now) { $0.answered(region: region) }
            state.failures = 0
            state.lastError = nil
            state.latency = took
            if state.isTidying { state.isTidy = true }
            if let since = state.unsureSince, now.instant - took >= since { state.unsureSince = nil }
            state.unclaimed = []
            var seen: Set<String> = []
            for observation in observations where observation.clusterID == settings.clusterID {
                seen.insert(observation.workerUID)
                if let key = cache.workerKey(uid: observation.workerUID) {
                    observe(observation, key, now: now)
                } else {
                    state.unclaimed.append(observation)
                }
            }
            for worker in cache.workers(in: region) where !seen.contains(worker.metadata.uid) {
                askAfter(worker, listedAt: now.instant - took, now: now)
            }
        case .failure(let error):
            state.failures += 1
            state.lastError = error
            turnCircuits(of: region, now: now) { $0.failed(region: region, code: error.code, now: now) }
        }
        let before = live.providers[region]
        live.providers[region] = state
        let worthSaying =
            before?.lastError != state.lastError || before?.unclaimed != state.unclaimed
            || before?.isTidy != state.isTidy
        if worthSaying || before?.lastInventory == nil { wake(.object(ObjectKey(.region, "", region)), now: now) }
    }

    /// Whether the region's provider tells of changes by itself from now on. What happened before that is not told.
    package mutating func followed(region: String, _ isFollowed: Bool, since: Instant, now: Moment) {
        var state = live.providers[region] ?? ProviderState()
        guard state.isFollowed != isFollowed || isFollowed else { return }
        state.isFollowed = isFollowed
        state.unsureSince = since
        live.providers[region] = state
        wake(.object(ObjectKey(.region, "", region)), now: now)
    }

    /// A provider's own word of one worker. A stranger, or a worker whose object is gone, is left to the next list.
    package mutating func observed(_ observation: Observation, now: Moment) {
        guard observation.clusterID == settings.clusterID,
            let key = cache.workerKey(uid: observation.workerUID), let worker = cache.workers[key]?.object,
            worker.spec.slot == observation.slot, worker.spec.attempt == observation.attempt
        else { return }
        observe(observation, key, now: now)
    }

    private mutating func observe(_ observation: Observation, _ key: ObjectKey, now: Moment) {
        let isNews = live.observations[observation.workerUID] != observation
        note(observation, now: now)
        guard isNews else { return }
        meter.input(on: key)
        wake(.object(key), now: now)
    }

    /// A list may lag behind a create (S1): what it does not show and was seen before is asked after by name.
    private mutating func askAfter(_ worker: Worker, listedAt: Instant, now: Moment) {
        let uid = worker.metadata.uid
        guard let last = live.observations[uid], last.state != .absent,
            live.observedAt[uid].map({ $0 <= listedAt }) ?? true
        else { return }
        admit(WorkerCall(.observe, worker, reason: "the provider's list does not show it"), now: now)
    }

    package mutating func probed(endpoint: String, _ state: ExternalState, now: Moment) {
        if let next = probes.answered(endpoint) { effects.append(.probe(endpoint: next)) }
        let before = live.externals[endpoint]
        if live.externals.count >= Self.externalsKept {
            // Of plans that are over: whoever still needs one has it checked again.
            live.externals = live.externals.filter { now.instant - $0.value.checkedAt < .minutes(1) }
        }
        live.externals[endpoint] = state
        guard before?.available != state.available else { return }
        for key in cache.keys(of: .executionPlan) {
            meter.input(on: key)
            wake(.object(key), now: now)
            let plan = cache.plans[key]?.object.spec
            guard plan?.regions.contains(where: { $0.externals.contains { $0.endpoint == endpoint } }) == true else {
                continue
            }
            // What waits for it says so, or is ready now.
            for task in cache.taskKeys(of: key) { wake(.object(task), now: now) }
            wake(.round, now: now)
        }
    }
}

// MARK: What comes in from the gateway

extension Engine {
    /// `signs`: how many renewals it sent since the last that was heard. Those that lay unread while this process was
    /// asleep are dated by their number: they come at equal distances.
    package mutating func renewed(_ workerUID: String, signs: Int = 1, now: Moment) {
        let before = live.leases[workerUID]
        let first = before == nil
        var wall = now.wall
        if let before, let woke = live.wokeAt, now.instant - woke < Self.readingLate {
            let interval = cache.workerKey(uid: workerUID).flatMap { cache.workers[$0]?.object.spec.lease.renew }
            let count = Int64(min(max(signs, 0), Self.mostSigns))
            wall = min(wall, before.lastRenewalWall + .milliseconds(count * (interval ?? .zero).milliseconds))
        }
        live.leases[workerUID] = Lease(lastRenewal: now.instant, wall: wall)
        guard let key = cache.workerKey(uid: workerUID), let worker = cache.workers[key]?.object else { return }
        // One that was thought unwell is well again as soon as it is heard.
        guard first || worker.status.health < 100 else { return }
        meter.input(on: key)
        wake(.object(key), now: now)
    }

    /// A worker's agent said which container engine it has, or that it has none.
    package mutating func saw(containerEngine version: String?, on workerUID: String, now: Moment) {
        live.containerEngines.updateValue(version, forKey: workerUID)
        guard let key = cache.workerKey(uid: workerUID) else { return }
        meter.input(on: key)
        wake(.object(key), now: now)
    }

    /// A worker's agent was told to end by somebody else than its controller.
    package mutating func leaves(_ workerUID: String, now: Moment) {
        guard let key = cache.workerKey(uid: workerUID) else { return }
        live.leaving.insert(workerUID)
        roundChanges.workers.insert(key)
        meter.input(on: key)
        wake(.object(key), now: now)
    }

    /// A worker said what can't be true. It is given up.
    package mutating func misbehaved(_ workerUID: String, _ why: String, now: Moment) {
        guard live.misbehaving[workerUID] == nil, let key = cache.workerKey(uid: workerUID) else { return }
        live.misbehaving[workerUID] = why
        stats.misbehaviours += 1
        wake(.object(key), now: now)
    }

    package mutating func reported(_ reports: [TaskReport], now: Moment) {
        for report in reports {
            if report.reason.harmsWorker, let key = cache.workerKey(uid: report.workerUID) {
                live.exhausted[report.workerUID] = now.instant
                wake(.object(key), now: now)
            }
            live.reports[report.task, default: []].append(report)
            meter.input(on: report.task)
            wake(.object(report.task), now: now)
        }
    }

    /// What came while this process was asleep is read within so long after it.
    private static let readingLate = Duration.seconds(1)
    /// More than a day of renewals is no count to believe.
    private static let mostSigns = 1 << 16

    /// A new leader, or one that was itself asleep, has heard nothing: every lease starts from now (L3).
    package mutating func restartLeases(now: Moment) {
        live.leadingSince = now.instant
        live.wokeAt = now.instant
        for uid in live.leases.keys.sorted() { live.leases[uid]?.lastRenewal = now.instant }
        for key in cache.keys(of: .worker) { wake(.object(key), now: now) }
    }
}
