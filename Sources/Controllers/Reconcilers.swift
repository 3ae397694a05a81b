package import Engine

/// The reconcilers of all six kinds.
package enum Reconcilers {
    package static let all: [AnyReconciler] = [
        AnyReconciler(RegionReconciler(), in: { $0.regions }),
        AnyReconciler(PoolReconciler(), in: { $0.pools }),
        AnyReconciler(PlanReconciler(), in: { $0.plans }),
        AnyReconciler(SyncPointReconciler(), in: { $0.syncPoints }),
        AnyReconciler(WorkerReconciler(), in: { $0.workers }),
        AnyReconciler(TaskReconciler(), in: { $0.tasks }),
    ]
}
