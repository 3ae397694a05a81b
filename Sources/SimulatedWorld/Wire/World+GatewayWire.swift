import Agent
import Coordinator
import Engine
import Gateway
import Model
import Ports
import Storage
import Tree
import WorkerProtocol

// What a controller answers, judged by what an outsider read and by what the store holds.
extension World {
    /// What a controller was asked, and whether it took it.
    mutating func noteHeard(_ index: Int, _ input: CoordinatorCore.Input, _ effects: [CoordinatorCore.Effect]) {
        func isRefused(_ call: CallID) -> Bool {
            effects.contains { if case .reply(call, .refused) = $0 { true } else { false } }
        }
        switch input {
        case .exchange(let call, let request, _) where !isRefused(call):
            requests[call.number]?.arrivedAt = now
            witness.gateways[.init(controller: index, worker: request.workerUID), default: GatewayWire()].heard(
                incarnation: request.incarnation, exchange: request.number)
        case .renew(let call, let request, _) where !isRefused(call):
            witness.gateways[.init(controller: index, worker: request.workerUID), default: GatewayWire()].heard(
                incarnation: request.incarnation, renewal: request.number)
        default: break
        }
    }

    /// An answer on its way out.
    mutating func judgeAnswer(_ index: Int, _ request: SimulatedRequest, _ answer: GatewayAnswer) {
        let uid = agents[request.agent].uid
        switch (request.payload, answer) {
        case (.exchange(let exchange, _), .exchanged(let reply)):
            judgeHeard(index, uid)
            judgeAcknowledged(.init(controller: index, worker: uid), exchange, reply)
        case (.renew, .renewed): judgeHeard(index, uid)
        case (_, .refused(let refusal)):
            if refusal.code == .gone { judgeSentAway(index, uid) }
        default: break
        }
    }

    /// S18: whose worker has failed, as the leader knows, is heard no more.
    private mutating func judgeHeard(_ index: Int, _ uid: String) {
        guard let worker = cores[index].engine.cache.worker(uid: uid), worker.status.state == .failed else { return }
        fail(.belief, "controller \(index) answers the agent of \(worker.key), which has failed")
    }

    /// S10: acknowledged is what is stored, or is refused for good; and that is never taken back.
    private mutating func judgeAcknowledged(
        _ key: GatewayWire.Key, _ request: ExchangeRequest, _ reply: ExchangeReply
    ) {
        let before = witness.gateways[key]?.acknowledged ?? 0
        if reply.acknowledged < before {
            fail(
                .oneResult, "controller \(key.controller) acknowledged report \(before), and then \(reply.acknowledged)"
            )
        }
        witness.gateways[key, default: GatewayWire()].acknowledged = reply.acknowledged
        for report in request.reports where report.phase == .ended && report.sequence <= reply.acknowledged {
            judgeStored(report, key)
            judgeTold(report)
        }
    }

    private mutating func judgeStored(_ report: AttemptReport, _ key: GatewayWire.Key) {
        guard let task = store.get(report.task), task.uid == report.taskUID, let status = task.tree["status"],
            status["phase"] == "Assigned" || status["phase"] == "Running",
            Int(status["fence"]?.int ?? 0) == report.fence, status["assignment"]?["workerUID"]?.string == key.worker
        else { return }
        fail(.oneResult, "the end of \(report.task) under fence \(report.fence) is acknowledged and stored nowhere")
    }

    /// Where nothing goes wrong, an agent hears soon that what it told is stored.
    private mutating func judgeTold(_ report: AttemptReport) {
        let id = "\(report.taskUID)/\(report.fence)"
        guard scenario.faults.isEmpty, let stored = witness.storedEnds.removeValue(forKey: id),
            now - stored > .seconds(2)
        else { return }
        fail(.rest, "the end of \(report.task) was acknowledged \((now - stored).text) after it was stored")
    }

    /// The end of an attempt, as the store took it.
    mutating func noteStoredEnd(_ change: StoredChange) {
        guard change.key.kind == .task, let after = change.after, let status = change.status else { return }
        let phase = status["phase"]?.string
        let former = change.before?.tree["status"]
        guard former?["phase"] == "Assigned" || former?["phase"] == "Running", phase != "Assigned", phase != "Running"
        else { return }
        witness.storedEnds["\(after.uid)/\(former?["fence"]?.int ?? 0)"] = now
    }

    /// S4, S5: who leads knows every worker that stands, and sends its agent away only for lies: a change of leaders
    /// ends nobody's attempts. Of one that is on its way it knows what stood before it began.
    private mutating func judgeSentAway(_ index: Int, _ uid: String) {
        guard scenario.kind.isDrawnWide, controllers[index].epoch == witness.epoch, !witness.forged.contains(uid),
            cores[index].engine.live.misbehaving[uid] == nil
        else { return }
        let worker = store.list(StoreQuery(kinds: [.worker])).objects.first { $0.uid == uid }
        guard let worker, worker.tree["metadata"]?["deletionTimestamp"] == nil, let status = worker.tree["status"],
            status["state"] != "Failed", status["gone"] != true, status["createdAt"] != nil
        else { return }
        let isThere = ["Online", "Busy", "Maintenance"].contains(status["state"]?.string ?? "")
        guard isThere || witness.createdAt[uid].map({ $0 < controllers[index].startedAt }) ?? false else { return }
        fail(.fencing, "\(worker.key) stands, and its agent is told that it is gone")
    }

    /// A poll is answered within the time that it may be held.
    mutating func judgePoll(_ request: SimulatedRequest) {
        guard request.call == .exchange, !request.isAnswered, !request.isCopy, agents[request.agent].isAlive,
            let index = request.controller,
            controllers[index].isAlive, let arrived = request.arrivedAt
        else { return }
        let since = max(arrived, controllers[index].awakeSince)
        guard now - since > WireLimits.hold + .seconds(2) else { return }
        fail(.rest, "controller \(index) has held a poll of agent \(request.agent) for \((now - since).text)")
    }
}
