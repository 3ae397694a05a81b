import Model
package import Tree

extension PlanReport {
    /// The part that some documents touch: what is made or ended of them and because of them. The rate stays that of
    /// the whole state.
    package func scoped(to documents: [Tree]) -> PlanReport {
        let scope = PlanScope(documents)
        var report = self
        report.changes = changes.filter { scope.contains($0.key) }
        // What is rented is explained where it changes: with the number of workers, or with what one is.
        let rented = Set(
            report.changes.filter { change in
                change.action != .update
                    || change.fields.contains { field in
                        field.path.hasPrefix("spec.worker") || field.path == "spec.region"
                    }
            }.map(\.key))
        report.pools = pools.filter { pool in
            scope.contains(pool.pool) && (pool.workersBefore != pool.workersAfter || rented.contains(pool.pool))
        }
        report.placements = placements.filter { scope.contains($0.task) }
        report.pending = pending.filter { scope.contains($0.task) }
        report.notes = notes.filter { note in
            note.isOfPending ? !report.pending.isEmpty : note.pool.map(scope.contains) ?? true
        }
        if report.placements.isEmpty, report.pending.isEmpty { report.estimate = nil }
        return report
    }
}

/// The objects that some documents stand for: themselves, and what controllers make of them.
private struct PlanScope {
    private var keys: Set<ObjectKey> = []
    private var pools: Set<ObjectKey> = []
    /// Plans, for what is called after them.
    private var plans: [ObjectKey] = []

    init(_ documents: [Tree]) {
        for document in documents {
            guard let key = ObjectKey(document: document) else { continue }
            keys.insert(key)
            switch key.kind {
            case .workerPool: pools.insert(key)
            case .executionPlan: add(plan: key, document["spec"] ?? .emptyObject)
            default: break
            }
        }
    }

    func contains(_ key: ObjectKey) -> Bool {
        if keys.contains(key) || pools.contains(key) { return true }
        switch key.kind {
        case .worker: return pools.contains(ObjectKey(.workerPool, key.namespace, Self.pool(ofWorker: key.name)))
        case .syncPoint:
            return plans.contains { $0.namespace == key.namespace && key.name.hasPrefix($0.name + "-") }
        default: return false
        }
    }

    private mutating func add(plan key: ObjectKey, _ spec: Tree) {
        plans.append(key)
        var tasks = spec["tasks"]?.array ?? []
        for entry in spec["regions"]?.array ?? [] {
            tasks += entry["tasks"]?.array ?? []
            let region = entry["region"]?.string ?? ""
            let pool = entry["pool"]?.string ?? "\(key.name)-\(region)"
            pools.insert(ObjectKey(.workerPool, key.namespace, pool))
        }
        for task in tasks {
            guard let name = task["name"]?.string else { continue }
            keys.insert(ObjectKey(.task, key.namespace, "\(key.name)-\(name)"))
        }
    }

    /// `front-0-2`: the second worker in slot 0 of pool front.
    private static func pool(ofWorker name: String) -> String {
        name.split(separator: "-", omittingEmptySubsequences: false).dropLast(2).joined(separator: "-")
    }
}

extension ObjectKey {
    /// Of a manifest, whose namespace is `default` where it says none.
    fileprivate init?(document: Tree) {
        guard let key = ObjectKey(object: document) else { return nil }
        self = key.kind.namespaced && key.namespace.isEmpty ? ObjectKey(key.kind, "default", key.name) : key
    }
}
