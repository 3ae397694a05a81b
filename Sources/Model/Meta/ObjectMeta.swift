package import Tree

/// The object that made this one and whose end ends it. At most one owner has `controller`.
package struct OwnerReference: Structured, Hashable {
    package var apiVersion = ""
    package var kind = ""
    package var name = ""
    package var uid = ""
    package var controller: Bool?
    package var blockOwnerDeletion: Bool?

    package init() {}
}

/// Kubernetes' ObjectMeta, as far as it is used.
package struct ObjectMeta: Structured, Hashable {
    package var name = ""
    package var generateName: String?
    package var namespace: String?
    /// Given at creation by the store's caller, never used twice; what everything external is tagged with.
    package var uid = ""
    /// The store's version of the last write, as decimal text; compared for equality only by outsiders.
    package var resourceVersion = ""
    /// Rises when the spec changes.
    package var generation = 0
    package var creationTimestamp: Timestamp?
    package var deletionTimestamp: Timestamp?
    package var deletionGracePeriodSeconds: Int?
    package var labels: [String: String] = [:]
    package var annotations: [String: String] = [:]
    package var ownerReferences: [OwnerReference] = []
    package var finalizers: [String] = []
    package var managedFields: Tree?

    package init() {}

    package var isDeleting: Bool { deletionTimestamp != nil }
    package var controllerOwner: OwnerReference? { ownerReferences.first { $0.controller == true } }
    package var version: UInt64 { UInt64(resourceVersion) ?? 0 }
}

/// Labels, annotations and finalizers that are part of the interface.
package enum Names {
    package static let planLabel = "reconcile.dev/plan"
    package static let poolLabel = "reconcile.dev/pool"
    package static let regionLabel = "reconcile.dev/region"
    package static let taskLabel = "reconcile.dev/task"
    package static let finalizer = "reconcile.dev/cleanup"
    package static let requestedAt = "reconcile.dev/requested-at"
    /// On a task: the number of the lost attempt after which another may follow.
    package static let retryAfter = "reconcile.dev/retry-after"
    /// `arrive.reconcile.dev/PARTY: GENERATION` on a SyncPoint: an outside party has arrived.
    package static let arrivalPrefix = "arrive.reconcile.dev/"
}
