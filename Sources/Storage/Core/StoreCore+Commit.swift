package import Model
package import Ports
import Tree

extension StoreCore {
    /// Checks the whole batch, then applies the whole batch: writes take effect in order, each with a version
    /// of its own, and a later one sees an earlier one. Refused means that nothing changed.
    ///
    /// `json`: what each write puts on the disk, where there is one; the state then holds that instead of trees.
    package mutating func commit(_ batch: Batch, json: [[UInt8]]? = nil) -> Result<CommitReceipt, StoreError> {
        let changes: [History.Change]
        do throws(StoreError) { changes = try check(batch, json) } catch { return .failure(error) }
        var results: [StoredObject?] = []
        results.reserveCapacity(changes.count)
        for (change, write) in zip(changes, batch.writes) {
            if change.what == .deleted { objects.remove(change.entry.object.key) } else { objects.put(change.entry) }
            history.append(change)
            results.append(change.what == .deleted ? nil : receipt(change.entry.object, write))
        }
        version += UInt64(changes.count)
        epoch = max(epoch, batch.epoch ?? 0)
        return .success(CommitReceipt(version: version, objects: results))
    }

    /// Whoever wrote has the tree already.
    private func receipt(_ object: StoredObject, _ write: Write) -> StoredObject {
        switch write {
        case .create(_, let tree), .update(_, let tree, _):
            object.packed == nil
                ? object
                : StoredObject(
                    key: object.key, uid: object.uid, version: object.version, tree: tree.stamped(object.version))
        case .remove: object
        }
    }

    private func check(_ wanted: Standing) throws(StoreError) {
        let object = objects[wanted.key]?.object
        let isLeaving = object.map { object in
            object.mayMention("deletionTimestamp") && object.tree["metadata"]?["deletionTimestamp"] != nil
        }
        guard let object, object.uid == wanted.uid, isLeaving == false else {
            throw StoreError(
                .conflict(wanted.key, actual: object?.version ?? 0),
                "\(wanted.key) is gone or on its way out, and this write needs it to stand: decide again")
        }
    }

    private func check(_ batch: Batch, _ json: [[UInt8]]?) throws(StoreError) -> [History.Change] {
        if let asked = batch.epoch, asked < epoch {
            throw StoreError(
                .staleEpoch(current: epoch),
                "epoch \(asked) has ended, \(epoch) leads: this writer is no longer the leader and has to stop")
        }
        for wanted in batch.standing { try check(wanted) }
        var changes: [History.Change] = []
        changes.reserveCapacity(batch.writes.count)
        var made: [ObjectKey: ObjectTable.Entry?] = [:]
        var room = Room(objects, limits, isControllers: batch.epoch != nil)
        for (index, write) in batch.writes.enumerated() {
            let standing = made[write.key] ?? objects[write.key]
            let change = try check(
                write, json?[index], against: standing, version: version + UInt64(changes.count) + 1)
            try room.take(change, standing: standing)
            if batch.writes.count > 1 {
                made.updateValue(change.what == .deleted ? nil : change.entry, forKey: write.key)
            }
            changes.append(change)
        }
        try room.checkQuotas(changes)
        return changes
    }

    private func check(
        _ write: Write, _ json: [UInt8]?, against standing: ObjectTable.Entry?, version: UInt64
    ) throws(StoreError) -> History.Change {
        switch write {
        case .create(let key, let tree):
            if let standing { throw .alreadyExists(key, standing.object.version) }
            guard let uid = tree.uid, !uid.isEmpty else { throw .noUID(key) }
            return History.Change(what: .created, entry: try entry(key, uid, tree, json, version), previous: nil)
        case .update(let key, let tree, let expecting):
            let object = try expect(key, at: expecting, standing)
            if tree.uid != object.uid { throw .otherUID(key, object) }
            let entry = try entry(key, object.uid, tree, json, version)
            return History.Change(what: tree.isReleased ? .deleted : .updated, entry: entry, previous: standing)
        case .remove(let key, let expecting):
            let object = try expect(key, at: expecting, standing)
            let entry = ObjectTable.Entry(object.restamped(version), bytes: standing?.bytes ?? 0)
            return History.Change(what: .deleted, entry: entry, previous: standing)
        }
    }

    private func expect(
        _ key: ObjectKey, at version: UInt64, _ standing: ObjectTable.Entry?
    ) throws(StoreError) -> StoredObject {
        guard let object = standing?.object else {
            throw StoreError(.notFound(key), "\(key) does not exist, or no longer")
        }
        if object.version != version {
            throw StoreError(
                .conflict(key, actual: object.version),
                "\(key) has changed: it is at version \(object.version), not \(version); read it again and retry")
        }
        return object
    }

    private func entry(
        _ key: ObjectKey, _ uid: String, _ tree: Tree, _ json: [UInt8]?, _ version: UInt64
    ) throws(StoreError) -> ObjectTable.Entry {
        let bytes = json?.count ?? tree.approximateBytes
        if bytes > limits.objectBytes { throw .tooLarge(key, bytes: bytes, limit: limits.objectBytes) }
        if let packed = json.flatMap(PackedObject.init) {
            return ObjectTable.Entry(StoredObject(key: key, uid: uid, version: version, packed: packed), bytes: bytes)
        }
        let object = StoredObject(key: key, uid: uid, version: version, tree: tree.stamped(version))
        return ObjectTable.Entry(object, bytes: bytes)
    }
}

extension StoreError {
    package static func tooLarge(_ key: ObjectKey, bytes: Int, limit: Int) -> StoreError {
        StoreError(
            .tooLarge(key, bytes: bytes),
            "\(key) takes \(bytes) bytes as JSON, more than the \(limit) an object may have")
    }

    fileprivate static func alreadyExists(_ key: ObjectKey, _ version: UInt64) -> StoreError {
        StoreError(.alreadyExists(key), "\(key) already exists, at version \(version)")
    }

    fileprivate static func noUID(_ key: ObjectKey) -> StoreError {
        StoreError(.conflict(key, actual: 0), "\(key) can't be created without metadata.uid")
    }

    fileprivate static func otherUID(_ key: ObjectKey, _ object: StoredObject) -> StoreError {
        StoreError(
            .conflict(key, actual: object.version),
            "\(key) is another object now: its metadata.uid is \(object.uid); read it again")
    }
}
