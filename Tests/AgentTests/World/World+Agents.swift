import Agent
import Gateway
import Model
import WorkerProtocol

// The agents' side: effects done, processes run, crashes.
extension World {
    mutating func tell(_ uid: String, _ input: AgentInput) {
        guard var agent = agents[uid], agent.isAlive else { return }
        if case .renewed(let reply, let number) = input, reply.known, reply.epoch >= agent.core.state.epoch,
            let sentAt = agent.renewalsSent[number]
        {
            witness.acknowledged(uid, sentAt)
        }
        if case .joined(let reply, _) = input { agent.credential = reply }
        let effects = agent.core.handle(input, now: now, random: dice.next())
        agents[uid] = agent
        for effect in effects { perform(effect, uid) }
    }

    private mutating func perform(_ effect: AgentEffect, _ uid: String) {
        let process = agents[uid]?.process ?? 0
        switch effect {
        case .persist(let state): agents[uid]?.disk = state
        case .sendJoin(let request, let number):
            witness.acknowledged(uid, now.instant)
            send(Request(worker: uid, process: process, body: .join(request, number)))
        case .sendExchange(let request, let credential):
            send(Request(worker: uid, process: process, body: .exchange(request, credential)))
        case .sendRenew(let request, let credential):
            agents[uid]?.renewalsSent[request.number] = now.instant
            send(Request(worker: uid, process: process, body: .renew(request, credential)))
        case .start(let message):
            if agents[uid]?.disk.fences.contains(TaskFence(taskUID: message.taskUID, fence: message.fence)) != true {
                witness.fault("\(message.id) was started before its fence was durable")
            }
            witness.start(message, on: uid, now.instant)
            agents[uid]?.runners[message.id] = Runner(message: message, stubborn: dice.chance(50))
            schedule(.runnerStarts(uid, process: process, message.id), in: dice.milliseconds(1...200))
        case .terminate(let id):
            guard let runner = agents[uid]?.runners[id] else { return }
            agents[uid]?.runners[id]?.killAt = now.instant + runner.message.killGrace
            let wait = runner.stubborn ? runner.message.killGrace + .seconds(30) : dice.milliseconds(1...400)
            schedule(.runnerEnds(uid, process: process, id, code: nil, signal: 15), in: wait)
        case .kill(let id):
            schedule(.runnerEnds(uid, process: process, id, code: nil, signal: 9), in: dice.milliseconds(1...50))
        case .renewLease, .discard: break
        case .uploadLog(let id, let offset, _):
            schedule(
                .input(uid, process: process, .logUploaded(id, next: offset, atEnd: true)),
                in: dice.milliseconds(1...20))
        case .exit: dieWithGuards(uid)
        }
    }

    /// The process is gone; each guard sees its pipe close and gives its attempt the kill grace.
    mutating func dieWithGuards(_ uid: String) {
        guard let agent = agents[uid], agent.isAlive else { return }
        agents[uid]?.isAlive = false
        for id in agent.runners.keys.sorted() {
            guard let runner = agent.runners[id] else { continue }
            let left = max(.zero, (runner.killAt ?? now.instant + runner.message.killGrace) - now.instant)
            let wait = runner.stubborn ? left : min(left, dice.milliseconds(1...400))
            schedule(.runnerEnds(uid, process: agent.process, id, code: nil, signal: 9), in: wait)
        }
    }

    mutating func crash(_ uid: String) {
        dieWithGuards(uid)
        schedule(.restart(uid), in: dice.milliseconds(10...8000))
    }

    mutating func restart(_ uid: String) {
        guard var agent = agents[uid], !agent.isAlive, let credential = agent.credential else { return }
        let identity = AgentIdentity(workerUID: uid, bootID: "boot", pid: 2, version: "1", token: nil)
        agent.process += 1
        agent.isAlive = true
        agent.core = AgentCore(identity, state: agent.disk, resuming: credential, now: now.instant)
        agent.renewalsSent = [:]
        agents[uid] = agent
        tell(uid, .tick)
    }

    mutating func runnerStarts(_ uid: String, _ process: Int, _ id: AttemptID) {
        guard agents[uid]?.runners[id] != nil, let index = controller.place(of: id.taskUID) else { return }
        let task = controller.tasks[index]
        schedule(.runnerEnds(uid, process: process, id, code: task.fails ? 1 : 0, signal: nil), in: task.duration)
        tellProcess(uid, process, .started(id, at: now.wall))
    }

    mutating func runnerEnds(_ uid: String, _ process: Int, _ id: AttemptID, _ code: Int?, _ signal: Int?) {
        guard let runner = agents[uid]?.runners.removeValue(forKey: id) else { return }
        witness.end(runner.message, on: uid)
        tellProcess(uid, process, .ended(id, AttemptEnd(finishedAt: now.wall, exitCode: code, signal: signal)))
    }

    /// Only the process that was meant hears it.
    mutating func tellProcess(_ uid: String, _ process: Int, _ input: AgentInput) {
        if agents[uid]?.process == process { tell(uid, input) }
    }
}
