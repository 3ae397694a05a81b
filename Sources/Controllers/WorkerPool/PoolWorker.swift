import Model
import Placement

/// What a pool's next worker is made as.
enum PoolWorker {
    struct Choice {
        let backend: Backend
        let instanceType: String?
        let resources: Resources
        /// Tasks at once.
        let slots: Int
        /// Nil where no offering fits.
        let price: PriceRecord?
        let reason: String
    }

    static func choose(_ template: WorkerTemplate, _ region: RegionSpec) -> Choice {
        do throws(BackendRule.Mismatch) {
            let choice = try OfferingChoice.choose(template, region: region)
            let resources = choice.chosen?.resources ?? template.resources ?? Resources()
            return Choice(
                backend: choice.backend, instanceType: choice.chosen?.name, resources: resources,
                slots: slots(template, of: resources, on: region), price: choice.chosen?.price, reason: choice.sentence)
        } catch {
            return Choice(
                backend: error.backend, instanceType: nil, resources: Resources(), slots: 1, price: nil,
                reason: error.description)
        }
    }

    /// A sentence where most of a machine that costs something can't be used: fewer tasks at once than half of its
    /// processors. Nil otherwise.
    static func underuse(_ choice: Choice, _ template: WorkerTemplate) -> String? {
        guard let declared = template.maxConcurrentTasks, let type = choice.instanceType,
            let price = choice.price?.perHour, price > .zero, let cpu = choice.resources.cpu
        else { return nil }
        let processors = Int(cpu.milli / 1000)
        guard processors >= 4, declared * 2 <= processors else { return nil }
        return
            "\(type) has \(processors) processors and runs \(declared) tasks at once (maxConcurrentTasks): tasks of one "
            + "processor leave \(processors - declared) of them unused, at \(price)/h; leave maxConcurrentTasks out for one a processor, or "
            + "name a smaller type"
    }

    /// As the pool says; else one for each whole processor of a machine that is rented by type.
    private static func slots(_ template: WorkerTemplate, of resources: Resources, on region: RegionSpec) -> Int {
        if let declared = template.maxConcurrentTasks { return declared }
        guard [.aws, .gcp, .azure].contains(region.provider.kind ?? .local) else { return 1 }
        return Int(max(1, (resources.cpu?.milli ?? 0) / 1000))
    }

    /// The kinds of worker that a pool can make, where it has a choice: those with what it asks for, without such as
    /// cost no less than another one that has no less of anything.
    static func types(_ template: WorkerTemplate, _ region: RegionSpec) -> [PlacementType] {
        // try?: a pool without a choice; its own decision says why.
        guard let considered = try? OfferingChoice.choose(template, region: region).considered else { return [] }
        var types: [PlacementType] = []
        for row in considered where row.rejection == nil {
            let slots = slots(template, of: row.resources, on: region)
            guard !types.contains(where: { $0.slots >= slots && $0.capacity.holds(row.resources) }) else { continue }
            types.append(
                PlacementType(row.name, capacity: row.resources, slots: slots, costPerHour: row.price.perHour))
        }
        return types.count > 1 ? types : []
    }

    /// `type`: the instance type that tasks need; nil: the cheapest that the pool allows.
    static func make(
        _ pool: WorkerPool, _ region: RegionSpec, slot: Int, attempt: Int, type: String? = nil
    ) -> Worker {
        var template = pool.spec.worker
        if let type { template.instanceTypes = [type] }
        let choice = choose(template, region)
        var metadata = ObjectMeta()
        metadata.name = "\(pool.metadata.name)-\(slot)-\(attempt)"
        metadata.namespace = pool.metadata.namespace
        metadata.labels = template.labels
        metadata.labels[Names.poolLabel] = pool.metadata.name
        metadata.labels[Names.regionLabel] = pool.spec.region
        metadata.ownerReferences = [pool.ownerReference]
        metadata.finalizers = [Names.finalizer]
        var spec = WorkerSpec()
        spec.pool = pool.metadata.name
        spec.region = pool.spec.region
        spec.slot = slot
        spec.attempt = attempt
        spec.type = template.type
        spec.backend = choice.backend
        spec.instanceType = choice.instanceType
        spec.capabilities = template.capabilities
        spec.maxConcurrentTasks = choice.slots
        spec.resources = choice.resources
        spec.price = choice.price ?? PriceRecord()
        spec.image = template.image
        spec.env = template.env
        spec.labels = template.labels
        spec.healthCheck = pool.spec.healthCheck
        spec.lease = pool.spec.lease
        spec.drainDeadline = pool.spec.disruption.drainDeadline
        return Worker(metadata: metadata, spec: spec)
    }
}
