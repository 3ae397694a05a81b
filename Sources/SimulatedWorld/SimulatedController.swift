import Coordinator
import Engine
import Model
import Ports
import Storage

/// A controller's process: the production core, and what its shell holds. What asks the core is mutating: it is then
/// asked in its place, and not copied.
struct SimulatedController: Sendable {
    var core: CoordinatorCore
    let epoch: UInt64
    /// Its wall clock against the world's.
    let skew: Duration
    var isAlive = true
    var frozenUntil = Instant.origin
    var wakeAt = Instant.distantFuture
    var watch: WatchState
    var watchIsBroken = false
    /// Said by the watch and not delivered yet.
    var undelivered: [[StoreEvent]] = []
    var lastDelivery = Instant.origin
    /// Ends when the answer to that has been handled.
    var diesAfter: Awaited?

    enum Awaited: Sendable, Equatable {
        case commit(UInt64)
        case call(String)
    }

    /// One input, as its shell hands it in, and the law that handling it broke.
    mutating func handle(
        _ input: CoordinatorCore.Input, now: Instant, begins: Timestamp
    ) -> (effects: [CoordinatorCore.Effect], problem: (law: Violation.Law, message: String)?) {
        let before = versions(named: input)
        let wall = begins + .milliseconds((now - .origin).milliseconds) + skew
        let effects = core.handle(input, now: Moment(instant: now, wall: wall))
        return (effects, restless() ?? returned(before))
    }

    mutating func nextWake() -> Instant { core.nextWake() }
    mutating func isIdle() -> Bool { core.engine.isIdle }

    // MARK: Laws of one controller

    /// What it takes to be at rest and is not.
    private mutating func restless() -> (law: Violation.Law, message: String)? {
        guard !core.engine.restless.isEmpty, let key = core.engine.restless.first else { return nil }
        let changes = core.engine.restlessTree.map { tree in
            core.engine.cache.stored(key).map { World.differences($0.tree, tree) } ?? []
        }
        let message =
            "\(key) was taken to be at rest, and a decision would have changed something: "
            + (changes.map { $0.joined(separator: ", ") } ?? "it would have acted")
        return (.rest, message)
    }

    /// S6: what it knows of an object never becomes older.
    private mutating func returned(_ before: [(ObjectKey, UInt64)]) -> (law: Violation.Law, message: String)? {
        for (key, version) in before {
            guard let after = core.engine.cache.stored(key)?.version, after < version else { continue }
            return (.noTimeTravel, "\(key) went from version \(version) back to \(after)")
        }
        return nil
    }

    private mutating func versions(named input: CoordinatorCore.Input) -> [(ObjectKey, UInt64)] {
        let keys: [ObjectKey]
        switch input {
        case .store(let events):
            keys = events.prefix(8).compactMap { event in
                if case .applied(let object, _) = event { object.key } else { nil }
            }
        case .refreshed(let key, let object, _): keys = object == nil ? [] : [key]
        case .relisted(let list): keys = list.objects.prefix(16).map(\.key)
        default: return []
        }
        return keys.compactMap { key in core.engine.cache.stored(key).map { (key, $0.version) } }
    }
}
