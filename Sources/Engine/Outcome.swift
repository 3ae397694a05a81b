package import Model
package import Ports
package import Tree

/// A decision with its object's type taken away: what the engine works on.
package struct Outcome: Sendable {
    package var key: ObjectKey?
    package var uid = ""
    /// The object's own tree with the new status and finalizers; nil where nothing changed.
    package var ownTree: Tree?
    package var ownVersion: UInt64 = 0
    package var actions: [Action] = []
    package var events: [EventRecord] = []
    package var next: Next = .awaitChange
    package var drawsFrom: [ObjectKey] = []
    package var standing: [Standing] = []
    package init() {}

    package init<Object>(_ decision: Decision<Object>, of held: Cached<Object>) {
        key = held.object.key
        uid = held.object.metadata.uid
        ownVersion = held.version
        actions = decision.actions
        events = decision.events
        next = decision.next
        drawsFrom = decision.drawsFrom
        standing = decision.standing
        ownTree = Self.changed(held, decision)
    }

    package var changesNothing: Bool { ownTree == nil && actions.isEmpty && events.isEmpty }

    /// The stored tree with the decision's status and finalizer, or nil if both stand already.
    private static func changed<Object>(_ held: Cached<Object>, _ decision: Decision<Object>) -> Tree? {
        var finalizers = held.object.metadata.finalizers
        switch decision.finalizer {
        case true where !finalizers.contains(Names.finalizer): finalizers.append(Names.finalizer)
        // Nothing that the object made is left: who waits for its dependents need not wait any longer.
        case false: finalizers.removeAll { $0 == Names.finalizer || $0 == "foregroundDeletion" }
        default: break
        }
        let sameFinalizers = finalizers == held.object.metadata.finalizers
        guard decision.status != held.object.status || !sameFinalizers else { return nil }
        var tree = held.tree
        tree["status"] = decision.status.tree
        if !sameFinalizers {
            var metadata = tree["metadata"] ?? .emptyObject
            metadata["finalizers"] = finalizers.isEmpty ? nil : finalizers.tree
            tree["metadata"] = metadata
        }
        return tree
    }
}

/// Any reconciler, by kind.
package struct AnyReconciler: Sendable {
    package enum Answer: Sendable {
        /// There is nothing to decide: the object is gone.
        case gone
        /// What was decided to leave as it is, still stands.
        case quiet(Rest)
        /// `rest`, where the decision leaves everything as it is: to be handed in with the next call.
        case decided(Outcome, rest: Rest?)

        /// Whether time alone makes the object due again.
        var comesAgain: Bool {
            switch self {
            case .gone: false
            case .quiet(let rest): rest.until < .distantFuture
            case .decided(let outcome, _): if case .after = outcome.next { true } else { false }
            }
        }
    }

    package let kind: Kind
    @usableFromInline let run: @Sendable (ObjectKey, Snapshot, Moment, Rest?) -> Answer

    /// `table` is where the cache holds objects of that kind. Inlinable, so that what runs for every key is compiled
    /// for its reconciler's own types.
    @inlinable
    package init<R: Reconciler>(
        _ reconciler: R, in table: @escaping @Sendable (Cache) -> [ObjectKey: Cached<R.Object>]
    ) {
        kind = R.Object.kind
        run = { key, snapshot, now, rest in
            guard let world = reconciler.gather(key, from: snapshot) else { return .gone }
            if let rest, now.instant < rest.until, let held = rest.world as? Resting<R.World>, held.world == world {
                return .quiet(rest.looked(at: snapshot.revisions))
            }
            guard let held = table(snapshot.cache)[key] else { return .gone }
            let outcome = Outcome(reconciler.decide(world, now: now), of: held)
            guard outcome.changesNothing else { return .decided(outcome, rest: nil) }
            return .decided(
                outcome,
                rest: Rest(
                    Resting(world), until: outcome.next.due(from: now.instant), reads: reconciler.reads,
                    seen: snapshot.revisions))
        }
    }
}

/// The placement round: one decision over every task that waits.
package struct RoundReconciler: Sendable {
    package struct Result: Sendable {
        /// New statuses of tasks, each a binding or a reason to wait.
        package var statuses: [(key: ObjectKey, status: TaskStatus)] = []
        package var events: [(key: ObjectKey, event: EventRecord)] = []
        package var cursor: ObjectKey?
        /// Turns of plans after it, and how far they have come; nil: as before.
        package var turns: (served: [ObjectKey: Duration], turn: Duration)?
        /// Pending tasks by the pool that could take them if it grew.
        package var demand: [ObjectKey: Demand] = [:]
        /// When a task that waits for a time may be placed.
        package var next: Next = .awaitChange
        /// How much later the next round is to come at least.
        package var pause = Duration.zero
        package init() {}
    }
    package typealias Keeping =
        @Sendable (Snapshot, Set<ObjectKey>, Moment, RoundChanges, inout (any RoundMemory)?) -> Result
    package let run: Keeping

    /// `run` gets the keys that are locked by a commit in flight: they sit this round out.
    package init(run: @escaping @Sendable (Snapshot, Set<ObjectKey>, Moment) -> Result) {
        self.run = { snapshot, locked, now, _, _ in run(snapshot, locked, now) }
    }

    /// The same with what changed since the last round, and what that one left to be handed to this one.
    package init(keeping run: @escaping Keeping) { self.run = run }
}

/// What a round keeps for the next. It follows from the snapshot: without it the same is decided, at a higher cost.
package protocol RoundMemory: Sendable {}

/// What changed since the last round looked, by key.
package struct RoundChanges: Sendable {
    package var tasks: Set<ObjectKey> = []
    /// Their own objects, or which tasks are bound to them.
    package var workers: Set<ObjectKey> = []
    package var plans: Set<ObjectKey> = []
    /// A pool or a region.
    package var places = false
    /// What was kept is not to be relied on: at the start, and from time to time in case a change was missed.
    package var isEverything: Bool

    package init(isEverything: Bool = false) { self.isEverything = isEverything }

    /// `holders`: workers that the task is or was bound to. `followers`: tasks that may be ready since.
    mutating func note(_ key: ObjectKey, holders: [ObjectKey], followers: [ObjectKey]) {
        tasks.formUnion(followers)
        switch key.kind {
        case .task:
            tasks.insert(key)
            workers.formUnion(holders)
        case .worker: workers.insert(key)
        case .executionPlan: plans.insert(key)
        case .workerPool, .region: places = true
        default: break
        }
    }
}
