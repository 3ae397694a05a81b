import Model
import Ports
import Tree

/// What marks a container as ours, and whose it is. Everything that is released is told by these, never by its name
/// alone (S4).
struct WorkerLabels: Sendable, Hashable {
    static let cluster = "reconcile.dev/cluster"
    static let workerUID = "reconcile.dev/worker-uid"
    static let slot = "reconcile.dev/slot"
    static let attempt = "reconcile.dev/attempt"
    static let role = "reconcile.dev/role"
    static let epoch = "reconcile.dev/epoch"
    /// Where its controller listens: by it a second controller over a copied state finds the first.
    static let gateway = "reconcile.dev/gateway"

    let clusterID: String
    let workerUID: String
    let slot: Int
    let attempt: Int

    /// Nil: not a worker of ours.
    init?(_ labels: Tree?) {
        guard let clusterID = labels?[Self.cluster]?.string, let uid = labels?[Self.workerUID]?.string,
            let slot = labels?[Self.slot]?.string.flatMap({ Int($0) }),
            let attempt = labels?[Self.attempt]?.string.flatMap({ Int($0) })
        else { return nil }
        self.clusterID = clusterID
        workerUID = uid
        self.slot = slot
        self.attempt = attempt
    }

    /// The pool's own labels, and ours, which win.
    static func tree(_ request: WorkerRequest) -> Tree {
        var tree = Tree.emptyObject
        for (name, value) in request.spec.labels where !name.hasPrefix("reconcile.dev/") { tree[name] = .string(value) }
        tree[cluster] = .string(request.clusterID)
        tree[workerUID] = .string(request.workerUID)
        tree[slot] = .string(String(request.slot))
        tree[attempt] = .string(String(request.attempt))
        tree["reconcile.dev/namespace"] = .string(request.key.namespace)
        tree["reconcile.dev/worker"] = .string(request.key.name)
        tree["reconcile.dev/region"] = .string(request.region)
        tree["reconcile.dev/pool"] = .string(request.pool)
        tree[epoch] = .string(String(request.epoch))
        return tree
    }

    /// The name follows from uid, slot and attempt, so that the engine itself refuses a second one (S1).
    static func name(uid: String, slot: Int, attempt: Int) -> String { "reconcile-\(uid)-\(slot)-\(attempt)" }
}
