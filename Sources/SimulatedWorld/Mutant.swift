/// A deliberate bug, made at a seam of the world without touching the code under test: it shows that the checkers would
/// see its like.
package enum Mutant: String, Sendable, Hashable, CaseIterable {
    /// An agent reports the end of an old attempt once more, under the fence that is current.
    case fence
    /// The store does not look at epochs.
    case epoch
    /// Whatever a provider lists looks an hour old: the orphan sweep has no grace.
    case sweep
    /// Everything in the account looks like ours.
    case foreign
    /// Reports are acknowledged when they arrive, not when they are durable.
    case acknowledge
    /// A provider says "gone" of what is still ending.
    case gone
    /// A repeated arrival at a barrier counts again.
    case barrier
    /// Tasks forget what they depend on.
    case order
    /// Agents are not told that a task is exclusive.
    case exclusive
    /// A repeated create makes another worker.
    case twice
}
