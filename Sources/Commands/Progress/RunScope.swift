import Model
import Tree

/// What a run is about: the objects that were applied, and what their plans make of them.
struct RunScope: Sendable {
    let keys: Set<ObjectKey>
    let plans: Set<ObjectKey>

    init(_ keys: [ObjectKey]) {
        self.keys = Set(keys)
        plans = Set(keys.filter { $0.kind == .executionPlan })
    }

    /// What to watch for it.
    var sources: [Mirror.Source] {
        let namespaces = Set(keys.filter { $0.kind.isOwn && $0.kind.namespaced }.map(\.namespace)).sorted()
        var sources: [Mirror.Source] = []
        if keys.contains(where: { $0.kind == .region }) { sources.append(Mirror.Source(.region)) }
        for namespace in namespaces {
            for kind in [Kind.workerPool, .executionPlan, .syncPoint, .task] {
                sources.append(Mirror.Source(kind, namespace: namespace))
            }
        }
        return sources
    }

    func contains(plan name: String, namespace: String) -> Bool {
        plans.contains(ObjectKey(.executionPlan, namespace, name))
    }
}
