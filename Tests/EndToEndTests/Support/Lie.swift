import Synchronization

/// What the listener of a test answers, until it is told another.
final class Lie: Sendable {
    private let told = Mutex("")

    var text: String {
        get { told.withLock { $0 } }
        set { told.withLock { $0 = newValue } }
    }
}
