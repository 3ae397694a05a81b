import Agent
import Model
import WorkerProtocol

// What an agent would do, were it answered otherwise (S5, S10, S11).
extension World {
    /// One of so many answers is also answered otherwise.
    private static let every: UInt64 = 6

    /// In place of the answer to the exchange under way.
    mutating func tryAgent(_ index: Int, number: Int) {
        guard scenario.kind.isDrawnWide, agents[index].isAlive, agents[index].frozenUntil <= now,
            agents[index].core.exchangeUnderWay == number
        else { return }
        tries += 1
        guard tries % Self.every == 0 else { return }
        let double = AgentDouble(agents[index].core, now: now, wall: wall(agents[index].skew))
        let trial = AgentTrial(
            index: index, wire: wires[index], disk: agents[index].disk, terms: agents[index].terms,
            cutOff: agents[index].leaseFrom.map { $0 + agents[index].leaseDuration })
        if let (law, message) = trial.fault(of: double) { fail(law, message) }
    }
}

/// The answers that are tried on the double of one agent.
private struct AgentTrial {
    typealias Fault = (Violation.Law, String)

    let index: Int
    let wire: AgentWire
    let disk: AgentState
    let terms: JoinReply?
    /// Nil where its lease has not begun.
    let cutOff: Instant?

    func fault(of double: AgentDouble) -> Fault? {
        let trials = [
            forgets, exits, isLeft, keeps, runsTwo, takesLower, drains, obeysTheOld, goesOn, asksAtOnce, startsAgain,
            keepsWaiting,
        ]
        for trial in trials { if let fault = trial(double) { return fault } }
        return nil
    }

    private var epoch: Int { disk.epoch }

    private var assignments: [AssignmentMessage] { wire.holdings.map(\.assignment) }

    /// A task that it never heard of.
    private func stranger(_ fence: Int = 1, of task: String = "double", exclusive: Bool = false) -> AssignmentMessage? {
        guard var made = wire.lastStarted else { return nil }
        (made.name, made.taskUID, made.fence, made.attempt) = ("double", task, fence, max(fence, 1))
        (made.exclusive, made.stop) = (exclusive, nil)
        return made
    }

    private func starts(_ effects: [AgentEffect]) -> [AssignmentMessage] {
        effects.compactMap { if case .start(let assignment) = $0 { assignment } else { nil } }
    }

    private func isToldToEnd(_ id: AttemptID, _ effects: [AgentEffect]) -> Bool {
        effects.contains { $0 == .terminate(id) || $0 == .kill(id) }
    }

    /// Reports are forgotten by their numbers.
    private func forgets(_ double: AgentDouble) -> Fault? {
        guard let first = wire.shown.first, first > wire.acknowledged else { return nil }
        var double = double
        let before = double.core.unacknowledgedReports
        _ = double.answer(epoch: epoch, acknowledged: first - 1, assignments)
        guard double.core.unacknowledgedReports < before else { return nil }
        return (.oneResult, "agent \(index) would forget report \(first), were those before it acknowledged")
    }

    /// A drained agent stays until its reports are taken, at least a while.
    private func exits(_ double: AgentDouble) -> Fault? {
        guard double.core.unacknowledgedReports > 0, wire.held.isEmpty, !wire.wasShutDown else { return nil }
        var double = double
        let left = double.tell(.shutDown).contains { if case .exit = $0 { true } else { false } }
        return left ? (.oneResult, "agent \(index) would end with reports that nobody has acknowledged") : nil
    }

    /// Given up, it ends what it runs, and itself.
    private func isLeft(_ double: AgentDouble) -> Fault? {
        var double = double
        let reply = RenewReply(epoch: epoch, known: false)
        let effects = double.tell(.renewed(reply, number: wire.lastRenewal))
        let left = effects.contains { if case .exit = $0 { true } else { false } }
        let ends = wire.holdings.allSatisfy { effects.contains(.kill($0.assignment.id)) }
        guard left || !wire.held.isEmpty && ends else {
            return (.fencing, "agent \(index) would go on, told that its worker is given up")
        }
        return nil
    }

    /// What it is not to hold it stops, and kills when its grace is over.
    private func keeps(_ double: AgentDouble) -> Fault? {
        guard let held = wire.holdings.first, !held.isStopping else { return nil }
        var double = double
        let (id, name) = (held.assignment.id, held.assignment.name)
        var effects = double.answer(epoch: epoch, assignments.filter { $0.id != id })
        guard isToldToEnd(id, effects) else {
            return (.fencing, "agent \(index) would run \(name) on, which it is not to hold")
        }
        guard !effects.contains(.kill(id)) else { return nil }
        // A second cause puts nothing off, and is not what is told.
        let grace = held.assignment.killGrace
        effects = wire.wasShutDown ? [] : double.tell(.shutDown, after: grace / 2)
        effects += double.tell(.tick, after: grace + .milliseconds(1))
        guard effects.contains(.kill(id)) else {
            return (.limit, "agent \(index) would not kill \(name) after its grace of \(grace.text)")
        }
        effects = double.tell(.ended(id, AttemptEnd(finishedAt: double.time, signal: 9)), after: .milliseconds(10))
        let asked = effects.lazy.compactMap { if case .sendExchange(let request, _) = $0 { request } else { nil } }
            .first
        guard let told = (asked ?? double.asks(within: .seconds(20)))?.reports.first(where: { $0.id == id }) else {
            return nil
        }
        guard told.phase != .ended || told.reason == .fenced else {
            return (.oneResult, "agent \(index) would say \(told.reason.rawValue) of \(name), which it was not to hold")
        }
        return nil
    }

    /// An exclusive attempt may outlive the process that began it, by its grace: until then nobody says that it is
    /// lost.
    private func startsAgain(_ double: AgentDouble) -> Fault? {
        guard let terms, let held = wire.holdings.first(where: { $0.assignment.exclusive })?.assignment else {
            return nil
        }
        let core = AgentCore(double.core.identity, state: disk, resuming: terms, now: double.now)
        var born = AgentDouble(core, now: double.now, wall: double.time)
        _ = born.tell(.tick)
        _ = born.answer(epoch: epoch, [held], after: min(held.killGrace, .seconds(30)))
        guard born.core.unacknowledgedReports > 0 else { return nil }
        return (.exclusive, "agent \(index), started again, would call \(held.name) lost within its grace")
    }

    /// Whoever was answered waits anew when nobody answers.
    private func keepsWaiting(_ double: AgentDouble) -> Fault? {
        guard let cutOff, cutOff > double.now + .seconds(8) else { return nil }
        var double = double
        for _ in 0..<4 {
            double.fails()
            guard double.asks(within: .seconds(3)) != nil else { return nil }
        }
        _ = double.answer(epoch: epoch, assignments)
        guard double.asks(within: .seconds(2)) != nil else { return nil }
        let asked = double.now
        double.fails()
        guard double.asks(within: .seconds(5)) == nil || double.now - asked > .milliseconds(400) else { return nil }
        return (.placement, "agent \(index) would wait \((double.now - asked).text) after one failure")
    }

    /// One attempt of a task at a time.
    private func runsTwo(_ double: AgentDouble) -> Fault? {
        guard let held = wire.holdings.first else { return nil }
        var double = double
        let next = assignments.map { assignment in
            var next = assignment
            if next.id == held.assignment.id { (next.fence, next.attempt) = (next.fence + 1, next.attempt + 1) }
            return next
        }
        let begun = starts(double.answer(epoch: epoch, next)).contains { $0.taskUID == held.assignment.taskUID }
        return begun ? (.fencing, "agent \(index) would run two attempts of \(held.assignment.name)") : nil
    }

    /// No fence below one that it took, or the same again.
    private func takesLower(_ double: AgentDouble) -> Fault? {
        guard let known = disk.fences.first(where: { wire.held[$0.taskUID] == nil }) else { return nil }
        for fence in [known.fence - 1, known.fence] {
            guard let old = stranger(fence, of: known.taskUID) else { return nil }
            var double = double
            guard starts(double.answer(epoch: epoch, assignments + [old])).isEmpty else {
                return (.fencing, "agent \(index) would start fence \(fence), and has taken \(known.fence)")
            }
        }
        return nil
    }

    private func drains(_ double: AgentDouble) -> Fault? {
        guard let new = stranger() else { return nil }
        var double = double
        _ = double.tell(.shutDown)
        guard starts(double.answer(epoch: epoch, assignments + [new])).isEmpty else {
            return (.meeting, "agent \(index) would begin something new while it drains")
        }
        return nil
    }

    /// A leader that a later one has replaced says nothing.
    private func obeysTheOld(_ double: AgentDouble) -> Fault? {
        guard epoch > 0, let new = stranger() else { return nil }
        var double = double
        let before = double.core.unacknowledgedReports
        let effects = double.answer(epoch: epoch - 1, acknowledged: .max, assignments + [new])
        if !starts(effects).isEmpty { return (.fencing, "agent \(index) would obey epoch \(epoch - 1) after \(epoch)") }
        guard double.core.unacknowledgedReports < before else { return nil }
        return (.oneResult, "agent \(index) would forget its reports by the word of epoch \(epoch - 1) after \(epoch)")
    }

    /// Cut off, it stops what is exclusive by the end of its lease, and begins nothing that is.
    private func goesOn(_ double: AgentDouble) -> Fault? {
        guard let cutOff, cutOff > double.now, let new = stranger(exclusive: true) else { return nil }
        let exclusive = wire.holdings.filter { $0.assignment.exclusive && !$0.isStopping }.map(\.assignment)
        for held in exclusive {
            var late = double
            let told = late.tell(.tick, after: cutOff + held.killGrace - late.now + .milliseconds(1))
            guard !told.contains(.kill(held.id)) else { continue }
            return (.exclusive, "agent \(index), asleep, would give \(held.name) more than its grace")
        }
        var double = double
        let effects = double.tell(.tick, after: cutOff - double.now + .milliseconds(1))
        if let held = exclusive.first(where: { !isToldToEnd($0.id, effects) }) {
            return (.exclusive, "agent \(index) would run \(held.name) on after its lease")
        }
        if double.core.exchangeUnderWay == nil, double.asks(within: .seconds(15)) == nil { return nil }
        let begun = starts(double.answer(epoch: epoch, assignments + [new])).contains { $0.taskUID == new.taskUID }
        return begun ? (.exclusive, "agent \(index) would begin something exclusive after its lease") : nil
    }

    /// An answer that comes at once and changes nothing is not asked for again at once.
    private func asksAtOnce(_ double: AgentDouble) -> Fault? {
        let mayStop = wire.holdings.contains { $0.isStopping || $0.assignment.timeout != nil }
        guard !mayStop, let cutOff, cutOff > double.now + .seconds(8) else { return nil }
        var double = double
        _ = double.answer(epoch: epoch, assignments)
        guard let first = double.asks(within: .seconds(3)) else { return nil }
        let asked = double.now
        _ = double.answer(epoch: epoch, assignments, after: .milliseconds(1))
        guard let second = double.asks(within: .seconds(3)), first.holding == second.holding,
            first.reports == second.reports, double.now - asked < .milliseconds(900)
        else { return nil }
        return (.rest, "agent \(index) would ask again for nothing \((double.now - asked).text) later")
    }
}
