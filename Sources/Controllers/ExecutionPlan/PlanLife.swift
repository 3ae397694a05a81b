package import Model

/// The life of a plan as one table: what a pass over it finds, in which phases that counts, and which phase follows.
/// What is not here does not happen. The page "The life of a plan" has the same rows.
package enum PlanLife {
    package enum Event: String, Sendable, CaseIterable {
        case isRefused = "its spec makes no sense, and it has not begun"
        case unfolds = "its tasks are being made or wait, and none has begun"
        case goesOn = "a task runs, or has run"
        case isHeld = "nothing moves until a person or another party does something"
        case succeeds = "every task succeeded or was not needed"
        case fails = "all tasks ended and one failed or could not run, or the time for the plan is over"
        case isCancelled = "`spec.cancel`, and every task has ended"
        case begins = "its spec asks for other work than before"
    }

    package typealias Row = LifeRow<Event, PlanPhase>

    package static let rows: [Row] = [
        Row(.isRefused, [.pending, .blocked], .pending),
        Row(.unfolds, [.pending, .planning, .blocked], .planning),
        Row(.goesOn, [.pending, .planning, .running, .blocked], .running),
        Row(.isHeld, [.pending, .planning, .running, .blocked], .blocked),
        Row(.succeeds, [.planning, .running, .blocked], .succeeded),
        Row(.fails, [.planning, .running, .blocked], .failed),
        Row(.isCancelled, [.pending, .planning, .running, .blocked], .cancelled),
        Row(.begins, [.succeeded, .failed, .cancelled], .planning),
    ]

    /// Nil: in that phase it is nothing.
    package static func after(_ phase: PlanPhase, _ event: Event) -> PlanPhase? {
        rows.after(phase, event)
    }
}
