import Agent
import Model
import WorkerProtocol

/// A copy of an agent that is told what nobody tells the agent itself: an answer that is late, false or from a leader
/// that was replaced. What it does then is judged, and the copy is dropped.
struct AgentDouble {
    private(set) var core: AgentCore
    private(set) var now: Instant
    private let wall: Timestamp
    private let began: Instant

    init(_ core: AgentCore, now: Instant, wall: Timestamp) {
        self.core = core
        (self.now, self.wall, began) = (now, wall, now)
    }

    mutating func tell(_ input: AgentInput, after delay: Duration = .zero) -> [AgentEffect] {
        now = now + delay
        return core.handle(input, now: Moment(instant: now, wall: time), random: 1)
    }

    var time: Timestamp { wall + (now - began) }

    /// Nobody answers the exchange under way.
    mutating func fails() {
        guard let number = core.exchangeUnderWay else { return }
        _ = tell(.failed(.exchange, number: number, .unreachable("no answer")))
    }

    /// An answer to the exchange under way, if there is one.
    mutating func answer(
        epoch: Int, acknowledged: Int = 0, _ assignments: [AssignmentMessage], after delay: Duration = .zero
    ) -> [AgentEffect] {
        guard let number = core.exchangeUnderWay else { return [] }
        let reply = ExchangeReply(epoch: epoch, acknowledged: acknowledged, assignments: assignments)
        return tell(.exchanged(reply, number: number), after: delay)
    }

    /// Lets time go by until it asks again.
    mutating func asks(within limit: Duration) -> ExchangeRequest? {
        let end = now + limit
        for _ in 0..<100 {
            guard let due = core.nextDeadline, due <= end else { return nil }
            for case .sendExchange(let request, _) in tell(.tick, after: max(due - now, .zero)) { return request }
            now = now + .milliseconds(1)
        }
        return nil
    }
}
