package import Model
package import Tree

/// What whoever applies a pool, or a plan that makes one, should know before it costs money. The same sentences stand
/// in the pool's condition `Underused` and in `plan`.
package enum PoolAdvice {
    /// Warnings about `object`; `regions` are those that it names, by name, as far as they exist.
    package static func warnings(_ kind: Kind, _ object: Tree, regions: [String: Tree]) -> [String] {
        let specs = regions.compactMapValues { tree in
            // try?: what the store holds and this version can't read is told where it is decided about.
            try? Region(tree: tree).spec
        }
        switch kind {
        case .workerPool:
            // try?: as above.
            guard let pool = try? WorkerPool(tree: object), let region = specs[pool.spec.region] else { return [] }
            return underuse(pool.spec.worker, region).map { ["spec.worker: \($0)"] } ?? []
        case .executionPlan:
            // try?: as above.
            guard let plan = try? ExecutionPlan(tree: object) else { return [] }
            return plan.spec.regions.enumerated().compactMap { index, entry in
                guard let template = entry.poolTemplate, let region = specs[entry.region] else { return nil }
                return underuse(template.worker, region).map { "spec.regions[\(index)].poolTemplate.worker: \($0)" }
            }
        default: return []
        }
    }

    private static func underuse(_ template: WorkerTemplate, _ region: RegionSpec) -> String? {
        PoolWorker.underuse(PoolWorker.choose(template, region), template)
    }
}
