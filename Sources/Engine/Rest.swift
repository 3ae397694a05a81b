package import Model

/// That a decision left everything as it was, and what it had looked at.
///
/// A decision is a function of its world and of the time, and says itself when time alone will change it: while the
/// same world stands and that time has not come, deciding again can come to nothing else. And while nothing was written
/// to what a world is gathered from, it is the same without a look. So a resync over objects at rest costs next to
/// nothing.
package struct Rest: Sendable {
    /// When deciding again may come to something else.
    package let until: Instant
    /// What the world is gathered from, and where that stood; nil where it has to be gathered to be known.
    let reads: LiveParts?
    var seen: Revisions
    @usableFromInline let world: any RestingWorld

    @usableFromInline
    init(_ world: any RestingWorld, until: Instant, reads: LiveParts?, seen: Revisions) {
        self.world = world
        self.until = until
        self.reads = reads
        self.seen = seen
    }

    /// The same, seen to stand once more.
    @usableFromInline
    func looked(at revisions: Revisions) -> Rest {
        var rest = self
        rest.seen = revisions
        return rest
    }

    /// Whether its world is known to stand.
    func stands(at now: Instant, _ revisions: Revisions) -> Bool {
        guard let reads, now < until else { return false }
        return seen.agree(with: revisions, on: reads)
    }
}

package protocol RestingWorld: AnyObject, Sendable {}

@usableFromInline
final class Resting<World: Equatable & Sendable>: RestingWorld {
    @usableFromInline let world: World
    @usableFromInline
    init(_ world: World) { self.world = world }
}

/// Parts of the live state that worlds are gathered from by key.
package struct LiveParts: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let reports = LiveParts(rawValue: 1)
    package static let externals = LiveParts(rawValue: 2)
    package static let demand = LiveParts(rawValue: 4)
}

/// Numbers that rise with every write of the cache and of parts of the live state. Equal ones mean an equal state, of
/// one engine.
package struct Revisions: Sendable, Hashable {
    var cache: UInt64 = 0
    var reports: UInt64 = 0
    var externals: UInt64 = 0
    var demand: UInt64 = 0

    package init() {}

    func agree(with other: Revisions, on parts: LiveParts) -> Bool {
        cache == other.cache && (reports == other.reports || !parts.contains(.reports))
            && (externals == other.externals || !parts.contains(.externals))
            && (demand == other.demand || !parts.contains(.demand))
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
