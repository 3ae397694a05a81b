import Model
import Placement

/// What a pool's next worker is made as.
enum PoolWorker {
    struct Choice {
        let backend: Backend
        let instanceType: String?
        let resources: Resources
        /// Nil where no offering fits.
        let price: PriceRecord?
        let reason: String
    }

    static func choose(_ template: WorkerTemplate, _ region: RegionSpec) -> Choice {
        do throws(BackendRule.Mismatch) {
            let choice = try OfferingChoice.choose(template, region: region)
            return Choice(
                backend: choice.backend, instanceType: choice.chosen?.name,
                resources: template.resources ?? choice.chosen?.resources ?? Resources(), price: choice.chosen?.price,
                reason: choice.sentence)
        } catch {
            return Choice(
                backend: error.backend, instanceType: nil, resources: Resources(), price: nil, reason: error.description
            )
        }
    }

    static func make(_ pool: WorkerPool, _ region: RegionSpec, slot: Int, attempt: Int) -> Worker {
        let template = pool.spec.worker
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
        spec.maxConcurrentTasks = template.maxConcurrentTasks
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
