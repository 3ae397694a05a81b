import Coordinator
import Engine
import Model
import Ports
import Storage
import Tree

/// What a controller's shell holds. The production core stands beside it (`World.cores`): whoever asks whether a
/// controller is alive copies the whole of its entry.
struct SimulatedController: Sendable {
    let epoch: UInt64
    /// Its wall clock against the world's.
    let skew: Duration
    var isAlive = true
    var frozenUntil = Instant.origin
    /// When it was last seen whether a change woke nobody.
    var wakesJudgedAt = Instant.origin
    let startedAt: Instant
    /// Since when it has been heard and heard others without a break.
    var awakeSince: Instant
    var wakeAt = Instant.distantFuture
    var watch: WatchState
    var watchIsBroken = false
    /// Said by the watch and not delivered yet.
    var undelivered: [[StoreEvent]] = []
    var lastDelivery = Instant.origin
    /// When commits that are on their way were decided.
    var decided: [UInt64: Instant] = [:]
    /// Ends when the answer to that has been handled.
    var diesAfter: Awaited?

    init(epoch: UInt64, skew: Duration, watch: WatchState, at now: Instant) {
        (self.epoch, self.skew, self.watch) = (epoch, skew, watch)
        (startedAt, awakeSince) = (now, now)
    }

    enum Awaited: Sendable, Equatable {
        case commit(UInt64)
        case call(String)
    }

}

// A core asked in its place, and the laws that hold of one controller.
extension CoordinatorCore {
    /// One input, as its shell hands it in, and the law that handling it broke.
    mutating func judged(
        _ input: Input, now: Moment
    ) -> (effects: [Effect], problem: (law: Violation.Law, message: String)?) {
        let before = versions(named: input)
        let effects = handle(input, now: now)
        return (effects, restless() ?? returned(before))
    }

    /// What it takes to be at rest and is not.
    private mutating func restless() -> (law: Violation.Law, message: String)? {
        guard let key = engine.restless.first else { return nil }
        let message =
            "\(key) was taken to be at rest, and a decision would have changed something: "
            + changes(of: key, to: engine.restlessTree)
        return (.rest, message)
    }

    /// What would be written of an object otherwise than it knows it.
    func changes(of key: ObjectKey, to tree: Tree?) -> String {
        guard let tree else { return "it would have acted" }
        return engine.cache.stored(key).map { World.differences($0.tree, tree).joined(separator: ", ") } ?? ""
    }

    /// S6: what it knows of an object never becomes older.
    private mutating func returned(_ before: [(ObjectKey, UInt64)]) -> (law: Violation.Law, message: String)? {
        for (key, version) in before {
            guard let after = engine.cache.version(of: key), after < version else { continue }
            return (.noTimeTravel, "\(key) went from version \(version) back to \(after)")
        }
        return nil
    }

    private mutating func versions(named input: Input) -> [(ObjectKey, UInt64)] {
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
        return keys.compactMap { key in engine.cache.version(of: key).map { (key, $0) } }
    }
}
