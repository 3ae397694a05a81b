package import Model

/// Who is told how long decisions took. Nothing that is decided depends on it: it is handed in by who runs the engine,
/// and where there is none, nothing is measured.
package struct Stopwatch: Sendable {
    /// Nanoseconds since some beginning.
    package let now: @Sendable () -> Int64
    /// One decision of a kind's reconciler, or, where that is nil, one placement round; with when it began.
    package let decided: @Sendable (Kind?, _ began: Int64, _ comesAgain: Bool) -> Void

    package init(
        now: @escaping @Sendable () -> Int64, decided: @escaping @Sendable (Kind?, Int64, Bool) -> Void
    ) {
        self.now = now
        self.decided = decided
    }
}
