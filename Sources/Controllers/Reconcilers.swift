package import Engine

/// The reconcilers of all six kinds.
package enum Reconcilers {
    package static let all: [AnyReconciler] = [
        AnyReconciler(RegionReconciler(), in: \.regions),
        AnyReconciler(PoolReconciler(), in: \.pools),
        AnyReconciler(PlanReconciler(), in: \.plans),
        AnyReconciler(SyncPointReconciler(), in: \.syncPoints),
        AnyReconciler(WorkerReconciler(), in: \.workers),
        AnyReconciler(TaskReconciler(), in: \.tasks),
    ]
}
