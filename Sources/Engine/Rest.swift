package import Model

/// That a decision left everything as it was, and what it had looked at.
///
/// A decision is a function of its world and of the time, and says itself when time alone will change it: while the
/// same world stands and that time has not come, deciding again can come to nothing else. So a resync over a world
/// at rest costs a look at it and no decision.
package protocol Rest: AnyObject, Sendable {}

package final class RestOf<World: Equatable & Sendable>: Rest {
    package let world: World
    /// When deciding again may come to something else.
    package let until: Instant

    package init(_ world: World, until: Instant) {
        self.world = world
        self.until = until
    }
}

extension Next {
    package func due(from now: Instant) -> Instant {
        switch self {
        case .awaitChange: .distantFuture
        case .after(let delay): now + delay
        }
    }
}
