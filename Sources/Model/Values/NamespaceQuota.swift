/// What the objects of one namespace may take, so that nobody fills the store for everybody. Events count as bytes
/// alone: they have a bound of their own.
package struct NamespaceQuota: Sendable, Hashable {
    package enum Resource: String, Sendable, Hashable, CaseIterable {
        /// Of the objects as JSON.
        case bytes
        case objects
        case tasks

        /// The annotation of a Namespace that sets it.
        package var annotation: String { "reconcile.dev/quota-\(rawValue)" }
    }

    package private(set) var limits: [Resource: Int] = [.bytes: 256 << 20, .objects: 100_000, .tasks: 50_000]

    package init() {}

    package subscript(_ resource: Resource) -> Int {
        get { limits[resource] ?? 0 }
        set { limits[resource] = newValue }
    }

    /// From this share of a limit on it is said that it will be reached.
    package static let warningShare = 0.8

    /// A limit as text, `512Mi` or `2000`. Nil for what is none.
    package static func limit(_ text: String) -> Int? {
        guard let quantity = Quantity(text), quantity.milli % 1000 == 0 else { return nil }
        return Int(quantity.units)
    }

    /// What a Namespace sets otherwise; what can't be read is left as it was, and refused when it is written.
    package static func limits(_ annotation: (String) -> String?) -> [Resource: Int] {
        var set: [Resource: Int] = [:]
        for resource in Resource.allCases { set[resource] = annotation(resource.annotation).flatMap(limit) }
        return set
    }

    /// With what a Namespace sets.
    package func with(_ own: [Resource: Int]?) -> NamespaceQuota {
        guard let own else { return self }
        var quota = self
        quota.limits.merge(own) { $1 }
        return quota
    }
}

/// What the objects of one namespace take of what they may.
package struct NamespaceUsage: Sendable, Hashable {
    package let namespace: String
    package let used: [NamespaceQuota.Resource: Int]
    package let quota: NamespaceQuota

    package init(namespace: String, used: [NamespaceQuota.Resource: Int], quota: NamespaceQuota) {
        self.namespace = namespace
        self.used = used
        self.quota = quota
    }

    package func share(_ resource: NamespaceQuota.Resource) -> Double {
        Double(used[resource] ?? 0) / Double(max(1, quota[resource]))
    }

    /// What is nearest to its limit.
    package var fullest: NamespaceQuota.Resource {
        NamespaceQuota.Resource.allCases.max { share($0) < share($1) } ?? .bytes
    }

    package func sentence(_ resource: NamespaceQuota.Resource) -> String {
        "namespace \(namespace) uses \(Int(share(resource) * 100)) % of its quota: \(resource.rawValue) used: "
            + "\(used[resource] ?? 0), limited: \(quota[resource]). What would go beyond is refused: delete what is no longer "
            + "needed, such as plans that have ended, or have an operator raise \(resource.annotation) on the Namespace"
    }
}
