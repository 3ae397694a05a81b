import Agent
import Model
import Ports

// Faults begin and end.
extension World {
    mutating func begin(_ fault: Fault) {
        trace.say(now, "FAULT \(fault.kind) for \(fault.lasts.text)")
        witness.mark("fault \(fault.kind.name)")
        switch fault.kind {
        case .crash(let effect, let point):
            witness.mark("crash \(point)")
            armedCrash = (effect, point)
        case .secondLeader:
            activeFaults.append(fault)
            startController()
        case .freezeController:
            guard let leader = aliveControllers.last else { return }
            let until = max(controllers[leader].frozenUntil, now + fault.lasts)
            (controllers[leader].frozenUntil, controllers[leader].awakeSince) = (until, until)
        case .brokenWatch: if let leader = aliveControllers.last { breakWatch(leader) }
        case .killAgent(let index):
            if let agent = pickAgent(index) { agentGone(agent, "is killed") }
        case .freezeAgent(let index):
            if let agent = pickAgent(index) { agents[agent].frozenUntil = now + fault.lasts }
        case .restartAgent(let index): if let agent = pickAgent(index) { beginRestart(agent) }
        case .stopWorker(let index):
            guard let agent = pickAgent(index) else { return }
            agents[agent].isStopped = true
            tellAgent(agent, .shutDown)
        case .culling: cull(fault)
        case .gap: if let leader = aliveControllers.last { breakWatch(leader, for: fault.lasts) }
        case .killAttempt(let index):
            guard !living.isEmpty else { return }
            let attempt = living[index % living.count]
            witness.killed(attempts[attempt].id)
            attemptEnds(attempt, signal: 9)
        case .liar(let index):
            guard let agent = pickAgent(index) else { return }
            activeFaults.append(Fault(at: fault.at, lasts: fault.lasts, kind: .liar(agent)))
        case .partition(let which):
            let agent = which.flatMap(pickAgent)
            if which != nil, agent == nil { return }
            activeFaults.append(Fault(at: fault.at, lasts: fault.lasts, kind: .partition(agent: agent)))
        default: activeFaults.append(fault)
        }
    }

    /// One more of many.
    mutating func cull(_ fault: Fault) {
        guard case .culling(let every) = fault.kind, now - .origin < fault.at + fault.lasts else { return }
        if let agent = pickAgent(chance.below(8)) { agentGone(agent, "is killed") }
        add(.cull(fault), after: every)
    }

    private func pickAgent(_ index: Int) -> Int? {
        let alive = agents.indices.filter { agents[$0].isAlive }
        return alive.isEmpty ? nil : alive[index % alive.count]
    }

    mutating func end(_ fault: Fault) {
        switch fault.kind {
        case .crash: armedCrash = nil
        case .secondLeader:
            // The old one has had its time: its process ends, whether it noticed or not.
            for index in aliveControllers.dropLast() { crash(index) }
        default: break
        }
        activeFaults.removeAll { $0.at == fault.at && $0.lasts == fault.lasts }
    }
}
