import Coordinator
import Engine
import Gateway
import Model
import Ports
import Tree
import WorkerProtocol

// What a controller would answer, were it asked by a stranger, by a process that was replaced, or twice.
extension World {
    /// One of so many requests is also asked otherwise.
    private static let every: UInt64 = 8

    mutating func tryController(_ index: Int, _ request: SimulatedRequest) {
        guard scenario.kind.isDrawnWide, controllers[index].isAlive, controllers[index].frozenUntil <= now,
            cores[index].isDeciding
        else { return }
        tries += 1
        guard tries % Self.every == 0 else { return }
        let uid = agents[request.agent].uid
        let seen = witness.gateways[.init(controller: index, worker: uid)] ?? GatewayWire()
        let trial = GatewayTrial(
            index: index, uid: uid, epoch: Int(controllers[index].epoch), seen: seen,
            moment: Moment(instant: now, wall: wall(controllers[index].skew)))
        let found: GatewayTrial.Fault?
        switch request.payload {
        case .join: return
        case .exchange(let exchange, let credential):
            let ended = wall(agents[request.agent].skew)
            let reports = AttemptTrial(
                holdings: wires[request.agent].holdings.map(\.assignment), ended: ended,
                highest: witness.reports[uid]?.highest ?? 0)
            found = trial.fault(of: cores[index], exchange, credential, reports)
        case .renew(let renewal, let credential): found = trial.fault(of: cores[index], renewal, credential)
        }
        if let (law, message) = found { fail(law, message) }
    }
}

/// What the agent of a request could also report.
private struct AttemptTrial {
    let holdings: [AssignmentMessage]
    let ended: Timestamp
    /// Sequences come after it.
    let highest: Int

    func end(of assignment: AssignmentMessage, _ place: Int, code: Int) -> AttemptReport {
        var report = AttemptReport(of: assignment, .ended, .exitedNonZero)
        (report.sequence, report.exitCode) = (highest + place, code)
        (report.startedAt, report.finishedAt) = (ended, ended)
        return report
    }

    func running(_ assignment: AssignmentMessage, _ place: Int) -> AttemptReport {
        var report = AttemptReport(of: assignment, .running, .running)
        (report.sequence, report.startedAt) = (highest + place, ended)
        return report
    }
}

/// The requests that are tried on the double of one controller.
private struct GatewayTrial {
    typealias Fault = (Violation.Law, String)

    let index: Int
    let uid: String
    let epoch: Int
    let seen: GatewayWire
    let moment: Moment
    private let call = CallID(.max)

    init(index: Int, uid: String, epoch: Int, seen: GatewayWire, moment: Moment) {
        (self.index, self.uid, self.epoch, self.seen, self.moment) = (index, uid, epoch, seen, moment)
    }

    /// Nil where it is held.
    private func answer(_ effects: [CoordinatorCore.Effect]) -> GatewayAnswer? {
        for case .reply(call, let answer) in effects { return answer }
        return nil
    }

    private func isRefused(_ effects: [CoordinatorCore.Effect]) -> Bool {
        if case .refused = answer(effects) { true } else { false }
    }

    /// Neither a stranger nor a process that was replaced is heard for an agent. `ask`: the request of another start of
    /// it, nil for its own.
    private func impostor(
        _ core: CoordinatorCore, _ credential: SecretHash, _ ask: (Int?, SecretHash) -> CoordinatorCore.Input
    ) -> Fault? {
        var double = core
        guard isRefused(double.handle(ask(nil, World.hash("credential nobody")), now: moment)) else {
            return (.belief, "controller \(index) would hear a stranger for the agent of \(uid)")
        }
        guard seen.incarnation > 0 else { return nil }
        double = core
        guard !isRefused(double.handle(ask(seen.incarnation - 1, credential), now: moment)) else { return nil }
        return (.fencing, "controller \(index) would hear a start of the agent of \(uid) that was replaced")
    }

    // MARK: Exchanges

    func fault(
        of core: CoordinatorCore, _ exchange: ExchangeRequest, _ credential: SecretHash, _ attempts: AttemptTrial
    ) -> Fault? {
        let impostor = impostor(core, credential) { incarnation, credential in
            var asked = exchange
            asked.incarnation = incarnation ?? exchange.incarnation
            return .exchange(call, asked, credential: credential)
        }
        if let impostor { return impostor }
        var later = exchange
        later.epoch = epoch + 1
        var double = core
        guard isRefused(double.handle(.exchange(call, later, credential: credential), now: moment)) else {
            return (.fencing, "controller \(index) of epoch \(epoch) would lead an agent that follows \(epoch + 1)")
        }
        double = core
        let first = double.handle(.exchange(call, exchange, credential: credential), now: moment)
        guard !isRefused(first), exchange.incarnation >= seen.incarnation else { return nil }
        return overtaken(double, exchange, credential) ?? reported(double, exchange, credential, attempts)
            ?? believed(core, attempts) ?? noted(double, exchange, credential)
    }

    /// The exchange itself may be a copy that was overtaken.
    private func latest(_ exchange: ExchangeRequest) -> Int {
        exchange.incarnation > seen.incarnation ? exchange.number : max(exchange.number, seen.exchange)
    }

    /// A copy that was overtaken is answered, and displaces nothing.
    private func overtaken(_ core: CoordinatorCore, _ exchange: ExchangeRequest, _ credential: SecretHash) -> Fault? {
        guard exchange.number > 1 else { return nil }
        var (double, copy) = (core, exchange)
        (copy.number, copy.reports) = (exchange.number - 1, [])
        guard answer(double.handle(.exchange(call, copy, credential: credential), now: moment)) == nil else {
            return nil
        }
        return (.fencing, "controller \(index) would hold a poll of \(uid) that a later one overtook")
    }

    /// S10: of what is reported, each is taken in once, one end for each fence, and acknowledged when it is stored.
    private func reported(
        _ core: CoordinatorCore, _ exchange: ExchangeRequest, _ credential: SecretHash, _ attempts: AttemptTrial
    ) -> Fault? {
        guard let held = attempts.holdings.first else { return nil }
        func taken(_ double: CoordinatorCore, of task: AssignmentMessage) -> Int {
            double.engine.live.reports[task.task]?.count ?? 0
        }
        func tell(_ double: inout CoordinatorCore, _ number: Int, _ reports: [AttemptReport]) -> GatewayAnswer? {
            var next = exchange
            (next.number, next.reports) = (latest(exchange) + number, exchange.reports + reports)
            return answer(double.handle(.exchange(call, next, credential: credential), now: moment))
        }
        let before = taken(core, of: held)
        if held.fence > 1 {
            var (double, old) = (core, held)
            (old.fence, old.attempt) = (held.fence - 1, held.attempt - 1)
            _ = tell(&double, 1, [attempts.end(of: old, 1, code: 3)])
            guard taken(double, of: held) <= before else {
                return (.oneResult, "controller \(index) would take in the end of fence \(old.fence) of \(held.name)")
            }
        }
        var double = core
        let end = attempts.end(of: held, 1, code: 3)
        let other = attempts.holdings.dropFirst().first
        let reports = [end] + (other.map { [attempts.running($0, 2)] } ?? [])
        let answered = tell(&double, 1, reports)
        let once = taken(double, of: held)
        guard once > before else { return nil }
        if case .exchanged(let reply) = answered, reply.acknowledged >= end.sequence {
            return (.oneResult, "controller \(index) would acknowledge the end of \(held.name) before it is stored")
        }
        let others = other.map { taken(double, of: $0) } ?? 0
        _ = tell(&double, 2, reports)
        guard taken(double, of: held) <= once, other.map({ taken(double, of: $0) }) ?? 0 <= others else {
            return (.oneResult, "controller \(index) would take in what \(uid) reports a second time")
        }
        _ = tell(&double, 3, reports + [attempts.end(of: held, 3, code: 4)])
        guard taken(double, of: held) <= once else {
            return (.oneResult, "controller \(index) would take in a second end of \(held.name)")
        }
        return nil
    }

    /// A container engine comes and goes.
    private func noted(_ core: CoordinatorCore, _ exchange: ExchangeRequest, _ credential: SecretHash) -> Fault? {
        var (double, next) = (core, exchange)
        next.number = latest(exchange) + 1
        next.containerEngine = exchange.containerEngine == nil ? "9.9" : nil
        _ = double.handle(.exchange(call, next, credential: credential), now: moment)
        let known = double.engine.live.containerEngines[uid] ?? exchange.containerEngine
        guard known != next.containerEngine else { return nil }
        return (.belief, "controller \(index) would not hear that the container engine of \(uid) is another")
    }

    /// S10, had it passed the gateway: of another fence, or of another worker, nothing becomes the task's result.
    private func believed(_ core: CoordinatorCore, _ attempts: AttemptTrial) -> Fault? {
        guard let held = attempts.holdings.first, core.engine.isIdle else { return nil }
        for (fence, worker) in [(held.fence - 1, uid), (held.fence, "another")] {
            var engine = core.engine
            let report = TaskReport(
                task: held.task, taskUID: held.taskUID, workerUID: worker, attempt: held.attempt, fence: fence,
                sequence: 1, phase: .ended, startedAt: attempts.ended, finishedAt: attempts.ended, exitCode: 0,
                signal: nil, reason: .completed, message: nil, outputs: [:])
            engine.reported([report], now: moment)
            engine.step(now: moment)
            for case .commit(_, let batch) in engine.takeEffects() {
                for case .update(held.task, let tree, _) in batch.writes where tree["status"]?["phase"] == "Succeeded" {
                    return (.oneResult, "controller \(index) would take \(report.workerUID)'s end of fence \(fence)")
                }
            }
        }
        return nil
    }

    // MARK: Renewals

    func fault(of core: CoordinatorCore, _ renewal: RenewRequest, _ credential: SecretHash) -> Fault? {
        let impostor = impostor(core, credential) { incarnation, credential in
            var asked = renewal
            asked.incarnation = incarnation ?? renewal.incarnation
            return .renew(call, asked, credential: credential)
        }
        if let impostor { return impostor }
        var double = core
        guard !isRefused(double.handle(.renew(call, renewal, credential: credential), now: moment)),
            let lease = double.engine.live.leases[uid]
        else { return nil }
        let isNew =
            renewal.incarnation > seen.incarnation
            || renewal.incarnation == seen.incarnation && renewal.number > seen.renewal
        guard !isNew || lease.lastRenewal == moment.instant else {
            return (.fencing, "controller \(index) would not count a renewal of \(uid)")
        }
        let later = Moment(instant: moment.instant + .seconds(1), wall: moment.wall + .seconds(1))
        _ = double.handle(.renew(call, renewal, credential: credential), now: later)
        guard double.engine.live.leases[uid]?.lastRenewal == lease.lastRenewal else {
            return (.exclusive, "controller \(index) would prolong the lease of \(uid) for a late copy")
        }
        return nil
    }
}
