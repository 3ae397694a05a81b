import Model
import Tree

/// Objects as a person's manifests and the admission make them.
enum Manifest {
    static func region(_ index: Int, _ chance: inout Chance) -> Deed {
        var spec = RegionSpec()
        spec.provider.local = LocalRegion()
        spec.latency = .milliseconds(Int64(10 + index))
        return create(Region(metadata: metadata(Scenario.region(index), namespace: nil, &chance), spec: spec))
    }

    static func pool(_ name: String, region: Int, size: Int, elastic: Bool, slots: Int, _ chance: inout Chance) -> Deed
    {
        var spec = WorkerPoolSpec()
        spec.region = Scenario.region(region)
        if elastic {
            spec.minWorkers = chance.below(2)
            spec.maxWorkers = size
        } else {
            spec.minWorkers = size
            spec.maxWorkers = size
            spec.replicas = size
        }
        spec.worker.maxConcurrentTasks = slots
        spec.disruption.drainDeadline = .seconds(Int64(chance.within(2...20)))
        return create(WorkerPool(metadata: metadata(name, &chance), spec: spec))
    }

    static func metadata(_ name: String, namespace: String? = Scenario.namespace, _ chance: inout Chance) -> ObjectMeta
    {
        var metadata = ObjectMeta()
        metadata.name = name
        metadata.namespace = namespace
        metadata.uid = chance.uid()
        metadata.generation = 1
        return metadata
    }

    static func create<Object: Resource>(_ object: Object) -> Deed { .create(object.key, object.tree) }

    static func poolKey(_ name: String) -> ObjectKey { ObjectKey(.workerPool, Scenario.namespace, name) }
    static func planKey(_ name: String) -> ObjectKey { ObjectKey(.executionPlan, Scenario.namespace, name) }
}
