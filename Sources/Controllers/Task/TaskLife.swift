package import Model

/// The life of a task as one table: what happens to it, in which phases that counts, and which phase follows. What is
/// not here does not happen. The page "The life of a plan" has the same rows.
package enum TaskLife {
    package enum Event: String, Sendable, CaseIterable {
        case isBound = "the placement round binds it to a worker"
        case begins = "its agent says that it runs"
        case succeeds = "its attempt ends with 0"
        case retries = "its attempt fails, with a retry left"
        case fails = "its attempt fails, with no retry left"
        case timesOut = "its attempt runs longer than its `timeout`, or than its plan's"
        case isStopped = "its attempt is stopped because its plan was ended"
        case isLost = "its attempt is lost with its worker, or ended from outside"
        case isLostForGood = "its attempt is lost so, once too often in a row"
        case neverStarts = "its plan was ended, or what it depends on did not succeed"
        case isUnneeded = "nothing it depends on failed, and it has `runWhen: Failed`"
    }

    package typealias Row = LifeRow<Event, TaskPhase>

    package static let rows: [Row] = [
        Row(.isBound, [.pending], .assigned),
        Row(.begins, [.assigned], .running),
        Row(.succeeds, [.assigned, .running], .succeeded),
        Row(.retries, [.assigned, .running], .pending),
        Row(.fails, [.assigned, .running], .failed),
        Row(.timesOut, [.assigned, .running], .timedOut),
        Row(.isStopped, [.assigned, .running], .cancelled),
        Row(.isLost, [.assigned, .running], .pending),
        Row(.isLostForGood, [.assigned, .running], .failed),
        Row(.neverStarts, [.pending], .cancelled),
        Row(.isUnneeded, [.pending], .skipped),
    ]

    /// Nil: in that phase it is nothing.
    package static func after(_ phase: TaskPhase, _ event: Event) -> TaskPhase? {
        rows.after(phase, event)
    }
}
