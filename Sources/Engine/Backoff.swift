import Model

/// Exponential back-off with jitter in [½, 1) of the step ("Exponential Backoff And Jitter", AWS Architecture Blog,
/// 2015).
package struct BackoffSchedule: Sendable, Hashable {
    package var initial: Duration
    package var maximum: Duration

    package init(initial: Duration, maximum: Duration) {
        self.initial = initial
        self.maximum = maximum
    }

    /// The wait after that many failures in a row (1 is the first).
    package func delay(failures: Int, random: inout Randomness) -> Duration {
        let doublings = min(max(failures - 1, 0), 20)
        let step = min(initial.milliseconds << Int64(doublings), maximum.milliseconds)
        return .milliseconds(step / 2 + Int64(random.below(UInt64(max(1, step - step / 2)))))
    }
}
