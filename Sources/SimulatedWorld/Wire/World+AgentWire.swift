import Agent
import Model
import WorkerProtocol

// What an agent does by what it was told, judged by what an outsider read.
extension World {
    mutating func judgeSaid(_ index: Int, _ effect: AgentEffect) {
        switch effect {
        case .sendJoin(_, let number): wires[index].joins(number, at: now)
        case .sendRenew(let request, _): wires[index].renews(request.number, at: now)
        case .sendExchange(let request, _): judgeShown(index, request)
        case .start(let assignment): judgeTaken(index, assignment)
        case .terminate(let id), .kill(let id): wires[index].stops(id)
        case .renewLease(let from): judgeLease(index, from)
        case .exit(let reason): if reason == .drained { judgeExit(index) }
        case .persist, .uploadLog, .discard: break
        }
    }

    /// S5: an attempt begins under a fence above all that were taken for its task, once that is on the disk.
    private mutating func judgeTaken(_ index: Int, _ assignment: AssignmentMessage) {
        let name = assignment.name
        if let other = wires[index].held[assignment.taskUID] {
            fail(
                .fencing,
                "agent \(index) starts fence \(assignment.fence) of \(name) while it holds \(other.assignment.fence)")
        }
        let key = "\(agents[index].uid)/\(assignment.taskUID)"
        if let taken = witness.takenFences[key], assignment.fence <= taken {
            fail(.fencing, "agent \(index) starts fence \(assignment.fence) of \(name), and has taken \(taken)")
        }
        witness.takenFences[key] = assignment.fence
        let kept = agents[index].disk.fences.first { $0.taskUID == assignment.taskUID }?.fence ?? 0
        if kept < assignment.fence {
            fail(.fencing, "agent \(index) starts fence \(assignment.fence) of \(name), and its disk says \(kept)")
        }
        if wires[index].wasShutDown {
            fail(.meeting, "agent \(index) was told to end, and starts \(name)")
        }
        wires[index].starts(assignment)
    }

    /// L3: its lease runs from the sending of what was answered.
    private mutating func judgeLease(_ index: Int, _ from: Instant) {
        guard let asked = wires[index].askedAt, from > asked else { return }
        fail(
            .exclusive,
            "agent \(index) counts its lease from \((from - asked).text) after the renewal that was answered")
    }

    /// S10: what ended is told until somebody has it, under numbers that rise over all starts of the agent.
    private mutating func judgeShown(_ index: Int, _ request: ExchangeRequest) {
        let sequences = request.reports.map(\.sequence)
        let acknowledged = wires[index].acknowledged
        if let lost = wires[index].shown.first(where: { $0 > acknowledged && !sequences.contains($0) }) {
            fail(.oneResult, "agent \(index) no longer tells report \(lost), which nobody has acknowledged")
        }
        wires[index].shows(sequences)
        var seen = witness.reports[agents[index].uid] ?? ReportsSeen()
        if request.incarnation > seen.incarnation {
            (seen.incarnation, seen.former) = (request.incarnation, seen.highest)
        }
        if let low = sequences.first(where: { $0 <= seen.former }) {
            fail(
                .oneResult, "agent \(index) numbers a report \(low), and an earlier start of it came to \(seen.former)")
        }
        seen.highest = max(seen.highest, sequences.max() ?? 0)
        witness.reports[agents[index].uid] = seen
    }

    /// Whoever is told to end first tells what became of what it ran.
    private mutating func judgeExit(_ index: Int) {
        let wire = wires[index]
        guard scenario.faults.isEmpty, wire.wasShutDown, wire.held.isEmpty,
            let last = wire.shown.last(where: { $0 > wire.acknowledged })
        else { return }
        fail(.oneResult, "agent \(index) ends with report \(last) that nobody has acknowledged")
    }
}
