import Agent
import Coordinator
import Engine
import Model
import Ports
import Storage
import Tree
import WorkerProtocol

// Providers of the class "unique live name": at most one resource is alive under a worker's uid.
extension World {
    /// Foreign things that nobody may touch, and now and then an orphan of ours that must go.
    mutating func seedForeigners() {
        for index in providers.indices {
            add(
                SimulatedResource(
                    uid: "foreign-\(index)", clusterID: "other", pool: "", slot: 0, attempt: 1,
                    createdAt: .origin - .hours(2),
                    state: .running, isLate: true), to: index)
            guard chance.percent(30) else { continue }
            add(
                SimulatedResource(
                    uid: chance.uid(), clusterID: World.cluster, pool: "former", slot: 0, attempt: 1,
                    createdAt: .origin - .hours(1), state: .running, isLate: true), to: index)
        }
    }

    private mutating func add(_ resource: SimulatedResource, to index: Int) { providers[index].add(resource) }

    // MARK: Calls

    mutating func callArrives(_ index: Int, _ call: ProviderCall) {
        guard let place = provider(call.region) else { return }
        if index < 0 { stragglers -= 1 }
        if case .create(let worker, let request, false) = call { return lastLook(index, worker, request) }
        if let error = failure(of: place) { return refuse(call, error, index) }
        switch call {
        case .create(let worker, let request, _):
            create(request, place)
            answer(index, worker, .success(nil), place)
        case .release(let worker, let reference):
            judgeRelease(reference, place)
            release(reference, place)
            answer(index, worker, .success(nil), place)
        case .observe(let worker, let reference):
            answer(index, worker, .success(observe(reference, place)), place)
        case .inventory(let region, let since, let keeps):
            providers[place].tidy(keepsSupplies: keeps)
            let took = now - since
            let delay = chance.milliseconds(1...50)
            add(
                .toController(index, .inventoried(region: region, .success(list(place)), took: took + delay)),
                after: delay)
        case .releaseOrphan(_, let reference):
            judgeOrphan(reference.workerUID)
            // The shell's uncached read (S4).
            let workers = store.list(StoreQuery(kinds: [.worker])).objects
            guard storeFailure == nil, !workers.contains(where: { $0.uid == reference.workerUID }) else { return }
            judgeSweep(reference, place)
            release(reference, place)
        }
    }

    /// The door's uncached read before a create, and the way to the provider, on which a request may outlive its
    /// caller.
    private mutating func lastLook(_ index: Int, _ call: WorkerCall, _ request: WorkerRequest) {
        let standing = storeFailure == nil ? store.get(call.worker) : nil
        guard let standing, standing.uid == call.workerUID, standing.tree["metadata"]?["deletionTimestamp"] == nil
        else {
            let error = ProviderError(.conflict, "the Worker changed before it was created")
            return add(.toController(index, .called(call, .failure(error))), after: .milliseconds(1))
        }
        let checked = ProviderCall.create(call, request, checked: true)
        for fault in activeFaults {
            guard case .lateCreates(let region, let delay) = fault.kind, Scenario.region(region) == call.region else {
                continue
            }
            let error = ProviderError(.unknownOutcome, "no answer within 5s")
            add(.toController(index, .called(call, .failure(error))), after: .seconds(5))
            stragglers += 1
            return add(.callArrives(-1, checked), after: delay)
        }
        add(.callArrives(index, checked), after: chance.milliseconds(1...100))
    }

    private mutating func failure(of place: Int) -> ProviderError? {
        for fault in activeFaults {
            guard case .providerFails(let region, let code, let share) = fault.kind, region == place else { continue }
            if chance.percent(share) { return ProviderError(code, "\(code.rawValue) in \(providers[place].region)") }
        }
        return nil
    }

    private mutating func refuse(_ call: ProviderCall, _ error: ProviderError, _ index: Int) {
        guard index >= 0 else { return }
        witness.mark("provider \(error.code.rawValue)")
        switch call {
        case .create(let worker, _, _), .release(let worker, _), .observe(let worker, _):
            add(.toController(index, .called(worker, .failure(error))), after: chance.milliseconds(1...30))
        case .inventory(let region, _, _):
            add(
                .toController(index, .inventoried(region: region, .failure(error), took: .milliseconds(5))),
                after: .milliseconds(5))
        case .releaseOrphan: break
        }
    }

    private mutating func answer(
        _ index: Int, _ call: WorkerCall, _ result: Result<Observation?, ProviderError>, _ place: Int
    ) {
        guard index >= 0 else { return }
        let isLost = activeFaults.contains { fault in
            if case .repliesLost(let region) = fault.kind { region == place } else { false }
        }
        if isLost {
            let error = ProviderError(.unknownOutcome, "no answer within 2s")
            add(.toController(index, .called(call, .failure(error))), after: .seconds(2))
        } else {
            add(.toController(index, .called(call, result)), after: chance.milliseconds(1...30))
        }
    }

    // MARK: What a provider does

    private mutating func create(_ request: WorkerRequest, _ place: Int) {
        let uid = request.workerUID
        let resource: SimulatedResource
        switch providers[place].make(request, now: now) {
        case .new(let made): resource = made
        case .stands(let standing):
            guard scenario.mutant == .twice, standing.isAlive else { return }
            providers[place].resources[uid]?.state = .starting
            return add(.boot(region: request.region, uid: uid), after: .milliseconds(100))
        case .refused, .taken: return
        }
        if witness.forged.contains(uid) { fail(.belief, "\(request.key), which a person made by hand, is rented") }
        let isLate = resource.isLate
        trace.say(now, "\(request.region) creates \(request.key.name)\(isLate ? ", late" : "")")
        if !isLate { judgeCreate(resource, place) }
        let isDead = activeFaults.contains { fault in
            if case .deadOnArrival(let region) = fault.kind { region == place } else { false }
        }
        if !isDead { add(.boot(region: request.region, uid: uid), after: chance.milliseconds(200...2500)) }
        changed(place)
    }

    mutating func boot(_ region: String, _ uid: String) {
        guard let place = provider(region), let resource = providers[place].resources[uid], resource.isAlive,
            resource.releasedAt == nil
        else { return }
        providers[place].resources[uid]?.state = .running
        providers[place].resources[uid]?.agents.append(agents.count)
        let running = resource.agents.filter { agents[$0].isAlive }
        if !running.isEmpty {
            fail(.noDoubleCreate, "\(running.count + 1) processes are alive under the name of \(uid)")
        }
        startAgent(uid, place)
        changed(place)
    }

    /// Asks for the end: politely first, by force when asked again after a while.
    private mutating func release(_ reference: WorkerRef, _ place: Int) {
        let uid = reference.workerUID
        providers[place].released.insert(uid)
        switch providers[place].release(uid, now: now) {
        case .nothing, .waits: break
        case .removed(let resource): cleaned(resource, place)
        case .told(let resource):
            for agent in resource.agents { add(.toAgent(agent, .shutDown), after: .milliseconds(1)) }
            add(.killResource(region: providers[place].region, uid: uid), after: chance.milliseconds(3000...10_000))
            if !resource.agents.contains(where: { agents[$0].isAlive }) { settleResource(uid, place) }
        case .forced: killResource(providers[place].region, uid)
        }
        providers[place].tidy(keepsSupplies: reference.keepsSupplies)
    }

    mutating func killResource(_ region: String, _ uid: String) {
        guard let place = provider(region), let resource = providers[place].resources[uid], resource.isAlive else {
            return
        }
        providers[place].resources[uid]?.restarts = false
        for agent in resource.agents { agentGone(agent, "is killed by its provider") }
        settleResource(uid, place)
    }

    /// Ended is what has neither an agent nor a guard left.
    mutating func settleResource(_ uid: String, _ place: Int) {
        guard let resource = providers[place].resources[uid], resource.isAlive, !resource.restarts,
            resource.state == .running || resource.releasedAt != nil,
            !resource.agents.contains(where: { agents[$0].isAlive }),
            !living.contains(where: { attempt in resource.agents.contains(attempts[attempt].agent) })
        else { return }
        providers[place].resources[uid]?.state = .exited
        if resource.releasedAt != nil { clean(uid, place) }
        changed(place)
    }

    private mutating func clean(_ uid: String, _ place: Int) {
        guard let resource = providers[place].resources[uid] else { return }
        providers[place].remove(uid)
        cleaned(resource, place)
    }

    private mutating func cleaned(_ resource: SimulatedResource, _ place: Int) {
        for fault in activeFaults {
            guard case .listLag(let region, let lag) = fault.kind, region == place else { continue }
            providers[place].ghosts.append((observation(resource, .running), now + lag))
        }
        changed(place)
    }

    // MARK: What a provider shows

    private func observe(_ reference: WorkerRef, _ place: Int) -> Observation {
        providers[place].observe(reference) { observation($0) }
    }

    private func observation(_ resource: SimulatedResource, _ forced: Observation.State? = nil) -> Observation {
        var state: Observation.State
        switch resource.state {
        case .starting: state = .starting
        case .running:
            let hasAgent = resource.agents.isEmpty || resource.agents.contains { agents[$0].isAlive }
            state = resource.releasedAt == nil && hasAgent ? .running : .stopping
        case .exited: state = .exited(code: resource.exit.code, signal: resource.exit.signal)
        }
        if scenario.mutant == .gone, state == .stopping { state = .absent }
        let age = scenario.mutant == .sweep ? Duration.hours(1) : .zero
        return Observation(
            workerUID: resource.uid, clusterID: scenario.mutant == .foreign ? World.cluster : resource.clusterID,
            slot: resource.slot, attempt: resource.attempt, state: forced ?? state, providerID: "sim:\(resource.uid)",
            createdAt: scenario.begins + .milliseconds((resource.createdAt - .origin).milliseconds) - age)
    }

    /// What a list shows.
    func list(_ place: Int) -> [Observation] {
        var lag = Duration.zero
        for fault in activeFaults {
            if case .listLag(let region, let more) = fault.kind, region == place { lag = max(lag, more) }
        }
        return providers[place].list(lag: lag, now: now) { observation($0) }
    }

    /// Shells hear of changes, and list.
    mutating func changed(_ place: Int) {
        trace.mix(UInt64(place) &+ 77)
        if let at = providers[place].noticeAt, at >= now { return }
        let at = now + chance.milliseconds(20...200)
        providers[place].noticeAt = at
        agenda.add(.notice(region: providers[place].region), at: at)
    }

    mutating func notice(_ region: String) {
        guard let place = provider(region) else { return }
        providers[place].noticeAt = nil
        for index in aliveControllers {
            if failure(of: place) != nil { continue }
            add(
                .toController(index, .inventoried(region: region, .success(list(place)), took: .milliseconds(3))),
                after: .milliseconds(3))
        }
    }

    mutating func providerChanged(_ region: String) {
        if let place = provider(region) { changed(place) }
    }
}
