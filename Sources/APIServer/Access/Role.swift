import Model

/// The built-in roles. There are no others, and no objects that bind them: a certificate's group or a service
/// account's annotation names one.
package enum Role: String, Sendable, Hashable, CaseIterable {
    /// Everything.
    case admin
    /// Everything that plans and pools need: no identities, no status, and neither Workers nor Tasks, which controllers
    /// make.
    case edit
    /// Reading, without secrets.
    case view
    /// Its own Worker and the tasks assigned to it, each by name.
    case worker
    /// What a controller does: statuses, events, leases; no identities.
    case coordinator

    /// The annotation of a ServiceAccount that grants its tokens a role in its namespace.
    package static let annotation = "reconcile.dev/role"

    /// One line of a role, in the terms of Kubernetes' PolicyRule.
    struct Rule: Sendable, Hashable {
        var verbs: [String]
        var groups: [String]
        var resources: [String]

        func admits(_ verb: String, _ group: String, _ resource: String) -> Bool {
            Self.has(verbs, verb) && Self.has(groups, group) && Self.has(resources, resource)
        }

        private static func has(_ list: [String], _ word: String) -> Bool { list == ["*"] || list.contains(word) }
    }

    private static let reading = ["get", "list", "watch"]
    private static let writing = ["create", "update", "patch", "delete", "deletecollection"]

    /// Empty for a worker: what is its own is not a matter of kinds.
    var rules: [Rule] {
        let own = Kind.own.map(\.plural)
        let parts = own.map { "\($0)/status" } + ["workerpools/scale", "tasks/log"]
        let lease = Kind.lease.group
        let view = [
            Rule(verbs: Self.reading, groups: [Kind.group], resources: own + parts),
            Rule(
                verbs: Self.reading, groups: [""],
                resources: ["namespaces", "configmaps", "events", "serviceaccounts"]),
            Rule(verbs: Self.reading, groups: [lease], resources: ["leases"]),
            Rule(verbs: Self.reading, groups: ["apiextensions.k8s.io"], resources: ["customresourcedefinitions"]),
        ]
        let made = MadeByControllers.kinds.map(\.plural)
        switch self {
        case .admin: return [Rule(verbs: ["*"], groups: ["*"], resources: ["*"])]
        case .view: return view
        case .edit:
            return view + [
                Rule(
                    verbs: Self.writing, groups: [Kind.group],
                    resources: own.filter { !made.contains($0) } + ["workerpools/scale"]),
                Rule(verbs: Self.writing.filter { $0 != "create" }, groups: [Kind.group], resources: made),
                Rule(verbs: Self.writing, groups: [""], resources: ["configmaps", "events"]),
                Rule(verbs: Self.reading + Self.writing, groups: [""], resources: ["secrets"]),
                Rule(verbs: Self.writing, groups: [lease], resources: ["leases"]),
            ]
        case .coordinator:
            return view + [
                Rule(
                    verbs: Self.writing, groups: [Kind.group],
                    resources: own + own.map { "\($0)/status" } + ["workerpools/scale"]),
                Rule(verbs: Self.writing, groups: [""], resources: ["events"]),
                Rule(verbs: Self.reading, groups: [""], resources: ["secrets"]),
                Rule(verbs: Self.writing, groups: [lease], resources: ["leases"]),
            ]
        case .worker: return []
        }
    }
}
