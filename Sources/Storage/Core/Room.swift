import Model
import Ports

/// What is left for more while one batch is checked: for all, and for each namespace, so that nobody fills the store
/// for everybody. Whatever is full, what stands can be given its status and be deleted.
struct Room {
    private let objects: ObjectTable
    private let limits: StoreLimits
    private var added = 0
    private var addedTo: [String: Int] = [:]

    init(_ objects: ObjectTable, _ limits: StoreLimits) {
        self.objects = objects
        self.limits = limits
    }

    mutating func take(_ change: History.Change, standing: ObjectTable.Entry?) throws(StoreError) {
        let namespace = change.entry.object.key.namespace
        let growth = (change.what == .deleted ? 0 : change.entry.bytes) - (standing?.bytes ?? 0)
        added += growth
        addedTo[namespace, default: 0] += growth
        guard growth > 0 else { return }
        let extra = change.what == .updated && growth <= limits.smallBytes ? limits.reserveBytes : 0
        let here = objects.namespaceBytes[namespace, default: 0] + addedTo[namespace, default: 0]
        if here > limits.namespaceBytes + extra {
            throw .full(namespace, limit: limits.namespaceBytes)
        }
        if objects.bytes + added > limits.objectsBytes + extra { throw .full(nil, limit: limits.objectsBytes) }
    }
}

extension StoreError {
    fileprivate static func full(_ namespace: String?, limit: Int) -> StoreError {
        let mebibytes = max(1, limit >> 20)
        guard let namespace else {
            return StoreError(
                .full(namespace: nil),
                "the store is full: all objects together may take \(mebibytes) MiB. Delete what is no longer needed, such as "
                    + "plans that have ended; what stands can still be changed a little, and deleted")
        }
        let place = namespace.isEmpty ? "objects without a namespace" : "the objects of namespace \(namespace)"
        return StoreError(
            .full(namespace: namespace),
            "\(place) may take \(mebibytes) MiB, and do. Delete what is no longer needed, such as plans that have ended; "
                + "what stands can still be changed a little, and deleted")
    }
}
