import Model
import Ports

/// What is left for more while one batch is checked: for all, and for each namespace, so that nobody fills the store
/// for everybody. Whatever is full, what stands can be given its status, told of by events, and be deleted.
struct Room {
    private let objects: ObjectTable
    private let limits: StoreLimits
    /// A controller's batch: of what it makes, events alone may take from what is kept back.
    private let isControllers: Bool
    private var added = 0
    private var addedTo: [String: Taken] = [:]

    init(_ objects: ObjectTable, _ limits: StoreLimits, isControllers: Bool) {
        self.objects = objects
        self.limits = limits
        self.isControllers = isControllers
    }

    mutating func take(_ change: History.Change, standing: ObjectTable.Entry?) throws(StoreError) {
        let key = change.entry.object.key
        var growth = change.what == .deleted ? Taken() : Taken(of: key.kind, change.entry.bytes)
        if let standing { growth.add(Taken(of: key.kind, standing.bytes), -1) }
        added += growth.bytes
        addedTo[key.namespace, default: Taken()].add(growth)
        guard growth.bytes > 0, limits.objectsBytes + reserve(change, growth) < objects.bytes + added else { return }
        throw .full(limit: limits.objectsBytes)
    }

    /// Once the whole batch is taken: what a namespace asks for is named as a whole. `changes` grow by so much.
    func checkQuotas(_ changes: [History.Change]) throws(StoreError) {
        for (namespace, asked) in addedTo.sorted(by: { $0.key < $1.key }) {
            let taken = objects.taken[namespace] ?? Taken()
            let quota = limits.quota.with(objects.quotas[namespace])
            for resource in NamespaceQuota.Resource.allCases where asked[resource] > 0 {
                // What has no namespace is the operator's own, and bounded in bytes alone.
                if namespace.isEmpty, resource != .bytes { continue }
                let kept = resource == .bytes && isSmall(changes, namespace) ? limits.reserveBytes : 0
                guard taken[resource] + asked[resource] > quota[resource] + kept else { continue }
                throw .exceeded(
                    namespace, resource, requested: asked[resource], used: taken[resource], limited: quota[resource])
            }
        }
    }

    private func isSmall(_ changes: [History.Change], _ namespace: String) -> Bool {
        changes.allSatisfy { change in
            if change.entry.object.key.namespace != namespace || change.what == .deleted { return true }
            let growth = change.entry.bytes - (change.previous?.bytes ?? 0)
            return growth <= 0 || isKept(change, growth)
        }
    }

    private func reserve(_ change: History.Change, _ growth: Taken) -> Int {
        isKept(change, growth.bytes) ? limits.reserveBytes : 0
    }

    private func isKept(_ change: History.Change, _ growth: Int) -> Bool {
        let isTold = isControllers && change.entry.object.key.kind == .event
        return growth <= limits.smallBytes && (change.what == .updated || isTold)
    }
}

extension StoreError {
    fileprivate static func full(limit: Int) -> StoreError {
        StoreError(
            .full(namespace: nil),
            "the store is full: all objects together may take \(max(1, limit >> 20)) MiB. Delete what is no longer needed, such as "
                + "plans that have ended; what stands can still be changed a little, and deleted")
    }

    fileprivate static func exceeded(
        _ namespace: String, _ resource: NamespaceQuota.Resource, requested: Int, used: Int, limited: Int
    ) -> StoreError {
        let word = resource.rawValue
        let place = namespace.isEmpty ? "objects without a namespace" : "namespace \(namespace)"
        let raise = namespace.isEmpty ? "" : ", or have an operator raise \(resource.annotation) on the Namespace"
        return StoreError(
            .full(namespace: namespace),
            "exceeded quota: \(place), requested: \(word)=\(requested), used: \(word)=\(used), limited: \(word)=\(limited). "
                + "Delete what is no longer needed, such as plans that have ended\(raise)")
    }
}
