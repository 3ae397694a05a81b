import Coordinator
import Engine
import Gateway
import Model
import Ports
import Storage
import WorkerProtocol

// Controllers: their starts, what they are told, what becomes of what they ask for.
extension World {
    private static let secrets = WorkerSecrets(
        joinToken: { secret("join \($0)") }, credential: { secret("credential \($0)") })

    /// Every so many seeds, what the engine takes to be at rest is decided all the same.
    private static let auditEvery: UInt64 = 8

    private static func secret(_ text: String) -> NewCredential {
        NewCredential(secret: BearerSecret(text), hash: hash(text))
    }
    static func hash(_ text: String) -> SecretHash { SecretHash(Array(text.utf8)) }

    mutating func startController() {
        guard storeFailure == nil else { return add(.startController, after: .milliseconds(500)) }
        let epoch = store.claimEpoch()
        witness.epoch = max(witness.epoch, epoch)
        var settings = Settings(clusterID: World.cluster, epoch: epoch, rehearsal: scenario.rehearsal)
        settings.assumesExternals = scenario.assumesExternals
        if scenario.kind.isDrawnWide {
            settings.providers = Set(ProviderKind.allCases)
            settings.containerEngine = scenario.engines
        }
        let skew = chance.milliseconds(0...2000)
        let moment = Moment(instant: now, wall: wall(skew))
        guard let watch = try? store.watch(StoreQuery()) else { return }
        cores.append(
            CoordinatorCore(
                settings: settings, secrets: World.secrets, seed: chance.number(), now: moment,
                auditsRest: scenario.seed % World.auditEvery == 0))
        controllers.append(SimulatedController(epoch: epoch, skew: skew, watch: watch, at: now))
        trace.say(now, "controller \(controllers.count - 1) starts, epoch \(epoch)")
        pullWatch(controllers.count - 1)
        scheduleWake(controllers.count - 1)
    }

    var aliveControllers: [Int] { controllers.indices.filter { controllers[$0].isAlive } }

    mutating func wakeController(_ index: Int) {
        guard controllers[index].wakeAt <= now else { return }
        controllers[index].wakeAt = .distantFuture
        tell(index, .tick)
    }

    /// One input to one controller, as its shell hands it in.
    mutating func tell(_ index: Int, _ input: CoordinatorCore.Input) {
        guard controllers[index].isAlive else { return }
        if controllers[index].frozenUntil > now {
            return agenda.add(.toController(index, input), at: controllers[index].frozenUntil)
        }
        let moment = Moment(instant: now, wall: wall(controllers[index].skew))
        noteCalled(index, input)
        let (effects, problem) = cores[index].judged(input, now: moment)
        noteHeard(index, input, effects)
        judgeCircuit(index, input)
        if case .tick = input { judgeWakes(index) }
        if explains { explain(index, input, effects) }
        if let problem { fail(problem.law, problem.message) }
        for effect in effects {
            guard controllers[index].isAlive else { return }
            perform(effect, index)
        }
        if let awaited = controllers[index].diesAfter, Self.answers(input, awaited) { return crash(index) }
        scheduleWake(index)
    }

    private static func answers(_ input: CoordinatorCore.Input, _ awaited: SimulatedController.Awaited) -> Bool {
        switch (input, awaited) {
        case (.committed(let id, _), .commit(let other)): id == other
        case (.called(let call, _), .call(let uid)): call.workerUID == uid
        default: false
        }
    }

    private mutating func scheduleWake(_ index: Int) {
        guard controllers[index].isAlive else { return }
        let next = max(cores[index].nextWake(), now + .milliseconds(1))
        guard next < controllers[index].wakeAt else { return }
        controllers[index].wakeAt = next
        agenda.add(.wakeController(index), at: next)
    }

    // MARK: Crashes

    /// Its process is gone; what it has sent is still under way.
    mutating func crash(_ index: Int, restart: Bool = true) {
        guard controllers[index].isAlive else { return }
        trace.say(now, "controller \(index) dies")
        controllers[index].isAlive = false
        controllers[index].undelivered = []
        for id in requests.keys.sorted() where requests[id]?.controller == index && requests[id]?.isAnswered == false {
            requests[id]?.isAnswered = true
            add(.answerArrives(id, .unreachable), after: chance.milliseconds(1...20))
        }
        if restart, aliveControllers.isEmpty { add(.startController, after: chance.milliseconds(200...3000)) }
    }

    private mutating func perform(_ effect: CoordinatorCore.Effect, _ index: Int) {
        guard var armed = armedCrash, index == aliveControllers.last else { return carryOut(effect, index) }
        switch effect {
        case .reply, .notice: return carryOut(effect, index)
        default: break
        }
        armed.countdown -= 1
        armedCrash = armed.countdown > 0 ? armed : nil
        guard armed.countdown <= 0 else { return carryOut(effect, index) }
        switch armed.point {
        case .before: crash(index)
        case .applied:
            carryOut(effect, index)
            crash(index)
        case .replied:
            carryOut(effect, index)
            switch effect {
            case .commit(let id, _): controllers[index].diesAfter = .commit(id)
            case .create(let call, _), .release(let call, _), .observe(let call, _):
                controllers[index].diesAfter = .call(call.workerUID)
            default: crash(index)
            }
        }
    }

    private mutating func carryOut(_ effect: CoordinatorCore.Effect, _ index: Int) {
        switch effect {
        case .commit(let id, let batch):
            judgeKnowing(batch, index)
            controllers[index].decided[id] = now
            add(.commitArrives(index, id, batch), after: commitLatency())
        case .refresh(let keys): add(.readArrives(index, keys), after: storeLatency())
        case .create(let call, let request):
            judgeCall(index, call)
            send(.create(call, request, checked: false), index)
        case .release(let call, let worker):
            judgeCall(index, call)
            send(.release(call, worker), index)
        case .observe(let call, let worker):
            judgeCall(index, call)
            send(.observe(call, worker), index)
        case .inventory(let region, let keeps):
            send(.inventory(region: region, since: now, keepsSupplies: keeps), index)
        case .releaseOrphan(let region, let worker): send(.releaseOrphan(region: region, worker), index)
        case .probe(let endpoint):
            let isUp = !endpoint.contains("down") && (!endpoint.contains("late") || now - .origin > scenario.calm / 2)
            if isUp { witness.answered.insert(endpoint) }
            let state = ExternalState(available: isUp, message: isUp ? "answers" : "is silent", checkedAt: now)
            add(.toController(index, .probed(endpoint: endpoint, state)), after: .milliseconds(5))
        case .removeBlobs: break
        case .reply(let call, let answer): reply(call, answer)
        case .notice(let text): fail(.rest, text)
        case .stop(let reason):
            trace.say(now, "controller \(index) stops: \(reason)")
            if scenario.kind.isDrawnWide, controllers[index].epoch == witness.epoch {
                fail(.belief, "the leader ends, and nobody else leads: \(reason)")
            }
            crash(index)
        }
    }

    private mutating func send(_ call: ProviderCall, _ index: Int) {
        add(.callArrives(index, call), after: chance.milliseconds(1...30))
    }
}
