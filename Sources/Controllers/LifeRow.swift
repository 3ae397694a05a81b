/// One row of a table that says what a life consists of: in these phases that event counts, and that phase follows.
package struct LifeRow<Event: Sendable & Equatable, Phase: Sendable & Equatable>: Sendable {
    package let event: Event
    package let from: [Phase]
    package let to: Phase

    init(_ event: Event, _ from: [Phase], _ to: Phase) {
        self.event = event
        self.from = from
        self.to = to
    }
}

extension Array {
    /// The phase that follows; nil: in that phase the event is nothing.
    func after<Event, Phase>(_ phase: Phase, _ event: Event) -> Phase? where Element == LifeRow<Event, Phase> {
        first { $0.event == event && $0.from.contains(phase) }?.to
    }
}
