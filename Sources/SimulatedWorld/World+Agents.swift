import Agent
import Coordinator
import Gateway
import Model
import WorkerProtocol

// Agents: their processes, disks and clocks.
extension World {
    mutating func startAgent(_ uid: String, _ place: Int) {
        let identity = identity(uid)
        let lease = LeaseSpec()
        // Of every two agents one has a clock that is about right.
        let ahead = chance.milliseconds(0...60_000) - .seconds(30)
        agents.append(
            SimulatedAgent(
                uid: uid, region: place, core: AgentCore(identity, state: AgentState(), now: now), disk: AgentState(),
                skew: agents.count % 2 == 0 ? ahead : .milliseconds(ahead.milliseconds / 60),
                leaseDuration: lease.lostAfter - lease.renew))
        wires.append(AgentWire())
        trace.say(now, "agent \(agents.count - 1) starts for \(uid.prefix(8))")
        tellAgent(agents.count - 1, .tick)
    }

    private func identity(_ uid: String) -> AgentIdentity {
        var identity = AgentIdentity(
            workerUID: uid, bootID: "boot", pid: agents.count + 100, version: "1", token: BearerSecret("join \(uid)"))
        if scenario.engines { identity.containerEngine = "1.41" }
        return identity
    }

    /// Its process dies, and another starts on the same disk.
    mutating func beginRestart(_ index: Int) {
        let (uid, place) = (agents[index].uid, agents[index].region)
        guard agents[index].terms != nil, providers[place].resources[uid]?.releasedAt == nil else { return }
        providers[place].resources[uid]?.restarts = true
        agentGone(index, "dies and will start again")
        add(.restart(index), after: chance.milliseconds(100...4000))
    }

    mutating func restart(_ old: Int) {
        let (uid, place) = (agents[old].uid, agents[old].region)
        guard let resource = providers[place].resources[uid], resource.isAlive, resource.restarts else { return }
        providers[place].resources[uid]?.restarts = false
        guard resource.releasedAt == nil else { return settleResource(uid, place) }
        providers[place].resources[uid]?.agents.append(agents.count)
        var agent = agents[old]
        agent.core = AgentCore(identity(uid), state: agent.disk, resuming: agent.terms, now: now)
        (agent.isAlive, agent.wakeAt, agent.frozenUntil) = (true, .distantFuture, now)
        (agent.leaseFrom, agent.terminateOnStart, agent.isStopped) = (nil, [], false)
        agents.append(agent)
        wires.append(AgentWire())
        witness.restartedAt[uid] = now
        trace.say(now, "agent \(agents.count - 1) starts again for \(uid.prefix(8))")
        tellAgent(agents.count - 1, .tick)
    }

    mutating func wakeAgent(_ index: Int) {
        guard agents[index].wakeAt <= now else { return }
        agents[index].wakeAt = .distantFuture
        tellAgent(index, .tick)
    }

    mutating func tellAgent(_ index: Int, _ input: AgentInput) {
        guard agents[index].isAlive else { return }
        if agents[index].frozenUntil > now { return agenda.add(.toAgent(index, input), at: agents[index].frozenUntil) }
        let moment = Moment(instant: now, wall: wall(agents[index].skew))
        wires[index].told(input)
        for effect in agents[index].core.handle(input, now: moment, random: chance.number()) {
            guard agents[index].isAlive else { return }
            perform(effect, index)
        }
        guard agents[index].isAlive, let due = agents[index].core.nextDeadline else { return }
        let next = max(due, now + .milliseconds(1))
        guard next < agents[index].wakeAt else { return }
        agents[index].wakeAt = next
        agenda.add(.wakeAgent(index), at: next)
    }

    private mutating func perform(_ effect: AgentEffect, _ index: Int) {
        judgeSaid(index, effect)
        switch effect {
        case .persist(let state): agents[index].disk = state
        case .sendJoin(let request, let number): ask(index, .join, number, .join(request))
        case .sendExchange(let request, let credential):
            ask(index, .exchange, request.number, .exchange(request, World.hash(credential.text)))
        case .sendRenew(let request, let credential):
            ask(index, .renew, request.number, .renew(request, World.hash(credential.text)))
        case .start(let assignment): add(.spawn(index, assignment), after: chance.milliseconds(1...60))
        case .terminate(let id):
            guard let attempt = attempt(id, of: index) else { return _ = agents[index].terminateOnStart.insert(id) }
            terminate(attempt, killAt: now + attempts[attempt].killGrace)
        case .kill(let id):
            if let attempt = attempt(id, of: index) { add(.attemptEnds(attempt, signal: 9), after: .milliseconds(2)) }
        case .renewLease(let from):
            agents[index].leaseFrom = from
            for attempt in living where attempts[attempt].agent == index && attempts[attempt].exclusive {
                let end = from + agents[index].leaseDuration
                attempts[attempt].leaseEnd = max(attempts[attempt].leaseEnd ?? end, end)
            }
        case .uploadLog(let id, let offset, _):
            let ended = attempt(id, of: index) == nil
            add(.toAgent(index, .logUploaded(id, next: offset, atEnd: ended)), after: .milliseconds(5))
        case .discard: break
        case .exit(let reason): agentGone(index, "exits: \(reason)")
        }
    }

    private func attempt(_ id: AttemptID, of agent: Int) -> Int? {
        living.first { attempts[$0].agent == agent && attempts[$0].id == id }
    }

    /// Its process is gone. Local guards see their pipe close; a container takes everything with it.
    mutating func agentGone(_ index: Int, _ how: String) {
        guard agents[index].isAlive else { return }
        trace.say(now, "agent \(index) \(how)")
        agents[index].isAlive = false
        let place = agents[index].region
        for attempt in living where attempts[attempt].agent == index {
            if providers[place].naming == .tombstones {
                terminate(attempt, killAt: now + attempts[attempt].killGrace)
            } else {
                attemptEnds(attempt, signal: 9)
            }
        }
        for id in requests.keys.sorted() where requests[id]?.agent == index {
            guard let request = requests[id], let controller = request.controller, !request.isAnswered else { continue }
            add(.toController(controller, .abandoned(.init(id))), after: chance.milliseconds(1...500))
        }
        settleResource(agents[index].uid, place)
        changed(place)
    }
}

// Attempts: processes of tasks under their guards.
extension World {
    mutating func spawn(_ index: Int, _ assignment: AssignmentMessage) {
        guard agents[index].isAlive else { return }
        if agents[index].frozenUntil > now {
            return agenda.add(.spawn(index, assignment), at: agents[index].frozenUntil)
        }
        let leaseEnd = assignment.exclusive ? (agents[index].leaseFrom ?? now) + agents[index].leaseDuration : nil
        if let leaseEnd, leaseEnd <= now, scenario.mutant != .exclusive {
            // As the guard does.
            let end = AttemptEnd(
                finishedAt: wall(agents[index].skew), couldNotStart: "its lease ran out before")
            return add(.toAgent(index, .ended(assignment.id, end)), after: .milliseconds(1))
        }
        // A mutant that lets attempts overlap shows in long ones.
        let length = scenario.mutant == .exclusive ? 9 : chance.below(10)
        var seconds = chance.within(length < 2 ? 100...1500 : length < 9 ? 1000...12_000 : 12_000...40_000)
        let roll = chance.below(100)
        let work = Work(assignment.run.command)
        if let work { seconds = Int(work.length.milliseconds) }
        let failures = witness.failures[assignment.taskUID] ?? 0
        let succeeds = work.map { failures >= $0.failures } ?? (roll < 85)
        let place = attempts.count
        let stubborn = scenario.focus == .failover ? 70 : 20
        attempts.append(
            SimulatedAttempt(
                id: assignment.id, agent: index, exclusive: assignment.exclusive, killGrace: assignment.killGrace,
                limit: assignment.timeout, ignoresTerm: chance.percent(stubborn), isPoison: work?.isPoison == true,
                exitCode: succeeds ? 0 : 1,
                startedAt: now, leaseEnd: leaseEnd))
        trace.say(
            now, "agent \(index) starts \(assignment.name) attempt \(assignment.attempt) fence \(assignment.fence)")
        judgeStart(assignment, index)
        living.append(place)
        add(.attemptEnds(place, signal: nil), after: .milliseconds(Int64(seconds)))
        if let leaseEnd { agenda.add(.guardWakes(place), at: leaseEnd) }
        add(.toAgent(index, .started(assignment.id, at: wall(agents[index].skew))), after: .milliseconds(1))
        if agents[index].terminateOnStart.remove(assignment.id) != nil {
            terminate(place, killAt: now + assignment.killGrace)
        }
    }

    private func outputs(_ code: Int?) -> [String: String] {
        scenario.kind.isDrawnWide && code == 0 ? ["result": World.output] : [:]
    }

    /// SIGTERM: most end soon, some only by SIGKILL.
    mutating func terminate(_ place: Int, killAt: Instant) {
        guard attempts[place].isAlive, attempts[place].killAt == nil else { return }
        attempts[place].killAt = killAt
        if !attempts[place].ignoresTerm { add(.attemptEnds(place, signal: 15), after: chance.milliseconds(1...1500)) }
        agenda.add(.attemptEnds(place, signal: 9), at: max(killAt, now))
    }

    /// A guard's lease: it counts on whatever its agent does.
    mutating func guardWakes(_ place: Int) {
        guard attempts[place].isAlive, let end = attempts[place].leaseEnd else { return }
        guard end <= now else { return agenda.add(.guardWakes(place), at: end) }
        terminate(place, killAt: end + attempts[place].killGrace)
    }

    mutating func attemptEnds(_ place: Int, signal: Int?) {
        guard attempts[place].isAlive else { return }
        if signal == nil, attempts[place].isPoison, agents[attempts[place].agent].isAlive { return poison(place) }
        attempts[place].endedAt = now
        let code = signal == nil ? attempts[place].exitCode : nil
        attempts[place].endedWith = (code, signal)
        living.removeAll { $0 == place }
        let attempt = attempts[place]
        judgeLength(place)
        witness.ended(attempt.id, code: code, lostAt: agents[attempt.agent].isAlive ? nil : now)
        trace.say(
            now,
            "attempt \(attempt.id.taskUID.prefix(8))/\(attempt.id.fence) ends \(code.map { "\($0)" } ?? "by signal \(signal ?? 0)")"
        )
        let end = AttemptEnd(
            finishedAt: wall(agents[attempt.agent].skew), exitCode: code, signal: signal, outputs: outputs(code))
        add(.toAgent(attempt.agent, .ended(attempt.id, end)), after: .milliseconds(2))
        if !agents[attempt.agent].isAlive { settleResource(agents[attempt.agent].uid, agents[attempt.agent].region) }
    }

    /// A task that takes its agent along, wherever it runs: that has a bound.
    private mutating func poison(_ place: Int) {
        let task = attempts[place].id.taskUID
        witness.poisonings[task, default: 0] += 1
        witness.mark("fault poison")
        let most = scenario.isCalm ? World.poisonings : World.poisonings * 5
        if let count = witness.poisonings[task], count > most {
            fail(.result, "one task has taken \(count) workers along, and is run again")
        }
        agentGone(attempts[place].agent, "is killed by its task")
    }

    /// Losses in a row after which a task is not tried again.
    private static let poisonings = 8
}
