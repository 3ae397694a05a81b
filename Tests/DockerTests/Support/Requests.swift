import Model
import Ports

extension WorkerRequest {
    static func sample(
        uid: String = "u-1", cluster: String = "cluster-a", _ change: (inout WorkerSpec) -> Void = { _ in }
    ) -> WorkerRequest {
        var spec = WorkerSpec()
        spec.pool = "pool"
        change(&spec)
        return WorkerRequest(
            key: ObjectKey(.worker, "default", "pool-3"), workerUID: uid, region: "engine", pool: "pool", slot: 3,
            attempt: 2, epoch: 7, clusterID: cluster, spec: spec, joinToken: "single-use-token")
    }

    var ref: WorkerRef {
        WorkerRef(
            workerUID: workerUID, region: region, pool: pool, slot: slot, attempt: attempt, providerID: nil)
    }
}
