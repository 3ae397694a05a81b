/// Every kind of object the store holds: Reconcile's own six and the few of Kubernetes that it needs.
package enum Kind: String, Sendable, Hashable, CaseIterable, Comparable {
    case region = "Region"
    case workerPool = "WorkerPool"
    case executionPlan = "ExecutionPlan"
    case syncPoint = "SyncPoint"
    case worker = "Worker"
    case task = "Task"
    case namespace = "Namespace"
    case secret = "Secret"
    case configMap = "ConfigMap"
    case event = "Event"
    case lease = "Lease"
    case serviceAccount = "ServiceAccount"

    /// The order in which objects are applied and listed: what others refer to comes first.
    package static func < (a: Kind, b: Kind) -> Bool { a.rank < b.rank }

    // Not by the raw value, a string, as the compiler would.
    package static func == (a: Kind, b: Kind) -> Bool { a.rank == b.rank }
    package func hash(into hasher: inout Hasher) { hasher.combine(rank) }

    private var rank: Int {
        switch self {
        case .namespace: 0
        case .serviceAccount: 1
        case .secret: 2
        case .configMap: 3
        case .region: 4
        case .workerPool: 5
        case .executionPlan: 6
        case .syncPoint: 7
        case .worker: 8
        case .task: 9
        case .lease: 10
        case .event: 11
        }
    }

    /// Reconcile's own kinds, in the order people meet them.
    package static let own: [Kind] = [.region, .workerPool, .executionPlan, .syncPoint, .worker, .task]
    package var isOwn: Bool {
        switch self {
        case .region, .workerPool, .executionPlan, .syncPoint, .worker, .task: true
        case .namespace, .secret, .configMap, .event, .lease, .serviceAccount: false
        }
    }

    package static let group = "reconcile.dev"
    package static let version = "v1alpha1"

    /// The API group; empty for Kubernetes' core.
    package var group: String {
        switch self {
        case .lease: "coordination.k8s.io"
        case .namespace, .secret, .configMap, .event, .serviceAccount: ""
        default: Kind.group
        }
    }

    package var version: String { isOwn ? Kind.version : "v1" }
    package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    package var namespaced: Bool { self != .region && self != .namespace }

    /// The lower-case plural of resource paths.
    package var plural: String { rawValue.lowercased() + "s" }
    package var singular: String { rawValue.lowercased() }

    package var shortNames: [String] {
        switch self {
        case .region: ["rgn"]
        case .workerPool: ["wpool"]
        case .executionPlan: ["xplan"]
        case .syncPoint: ["syncp"]
        case .worker: ["wkr"]
        case .task: ["xtask"]
        case .namespace: ["ns"]
        case .configMap: ["cm"]
        case .event: ["ev"]
        case .serviceAccount: ["sa"]
        case .secret, .lease: []
        }
    }

    /// The kind of an `apiVersion` and `kind` pair as manifests write it.
    package init?(apiVersion: String, kind: String) {
        guard let found = Kind(rawValue: kind), found.apiVersion == apiVersion else { return nil }
        self = found
    }

    /// The kind under any word people type: kind, plural, singular or short name, in any case.
    package init?(word: String) {
        let lower = word.lowercased()
        let plain = lower.hasSuffix(".\(Kind.group)") ? String(lower.dropLast(Kind.group.count + 1)) : lower
        guard
            let found = Kind.allCases.first(where: {
                $0.plural == plain || $0.singular == plain || $0.shortNames.contains(plain)
            })
        else { return nil }
        self = found
    }
}
