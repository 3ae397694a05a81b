import Model
import Ports

/// What an outsider noted of workers and attempts that were lost, and of what came next.
struct LossesSeen: Sendable {
    struct Eviction: Sendable {
        let at: Instant
        let region: String
        let by: Int
    }

    /// Workers that were given up for silence.
    var evictions: [Eviction] = []
    /// When each task was taken off a worker that was silent and no more, by uid.
    var moves: [String: [Instant]] = [:]
    /// Tasks that may run once at a time, until their next attempt: since when, and for how long, they must wait.
    var holds: [String: (since: Instant, wait: Duration)] = [:]
    /// Attempts of slots that were ordered.
    var attempts: Set<String> = []
    /// Who wrote each task last: nil a person.
    var writer: [ObjectKey: Int?] = [:]
    /// Counts that each plan's tasks ever had, by the plan's uid.
    var counts: [String: Set<TaskCounts>] = [:]
    /// Steps of tasks from one phase to another, the last few of each plan, by the plan's uid.
    var steps: [String: [(at: Instant, from: TaskPhase, to: TaskPhase)]] = [:]
    /// Tasks that plans were given while others waited too.
    var turns: [String: Int] = [:]
}
