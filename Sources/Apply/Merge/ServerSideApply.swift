package import Model
package import Tree

/// Server-side apply: what a manager says about an object is merged into it, what it no longer says goes if
/// nobody else owns it, and what another manager owns differently is a conflict (structured-merge-diff,
/// merge/update.go).
package enum ServerSideApply {
    /// The object as it becomes, `metadata.managedFields` included, without defaults and system metadata:
    /// those are `Admission`'s. Applying the same again gives the very same tree.
    ///
    /// `schema` is that of the whole object. `applied` must fit it and hold no managedFields. `live` is nil
    /// where there is no object yet.
    package static func apply(
        live: Tree?, applied: Tree, manager: String, force: Bool, schema: Schema, now: Timestamp,
        subresource: String = ""
    ) throws(ApplyConflict) -> Tree {
        let apiVersion = applied["apiVersion"]?.string ?? ""
        var owners = ManagedFields(of: live ?? .null)
        if let live, owners.entries.isEmpty { owners.adopt(live, schema, apiVersion: apiVersion, now: now) }
        let before = live.map(withoutManagedFields) ?? .emptyObject

        let named = FieldSet(of: applied, schema)
        var entry = ManagedFields.Entry(
            manager: manager, operation: .apply, apiVersion: apiVersion, subresource: subresource,
            fields: named.withoutSystemFields)
        let last = owners[entry]
        let previous = owners.entries.first { $0.isSameManager(as: entry) }
        let unchanged = last == entry.fields && previous?.apiVersion == apiVersion
        // An apply that changes nothing of the object has no time of its own.
        entry.time = previous?.time
        owners.set(entry)

        let merged = StructuredMerge.merge(before, applied, schema)
        if unchanged, merged == before, let live { return live }
        let isShrinking = !last.subtracting(entry.fields).isEmpty
        var result = isShrinking ? pruned(merged, last: last, named: named, owners: owners, schema) : merged
        let change = Comparison(before, result, schema)
        try take(change, for: entry, from: &owners, force: force)
        if before != result, !entry.fields.isEmpty {
            entry.time = now.wholeSeconds
            owners.set(entry)
        }
        owners.write(to: &result)
        return result
    }

    /// Removes what the manager owned, no longer names, and nobody else owns. What it names holds on to what is around
    /// it too, the name of the object to all of its metadata.
    private static func pruned(
        _ merged: Tree, last: FieldSet, named: FieldSet, owners: ManagedFields, _ schema: Schema
    ) -> Tree {
        let last = last.withNamedParents(schema)
        let all = FieldSet(of: merged, schema).withNamedParents(schema)
        let owned = owners.entries.reduce(named) { $0.union($1.fields) }.withNamedParents(schema)
        let bare = merged.removing(last, schema)
        let kept = FieldSet(of: bare, schema).withNamedParents(schema).union(owned)
        let restored = merged.removing(all.subtracting(kept), schema)
        let remaining = FieldSet(of: restored, schema).withNamedParents(schema)
        return merged.removing(all.subtracting(remaining).intersection(last), schema)
    }

    /// Finds the conflicts; with `force`, or where there are none, the others lose what was changed.
    private static func take(
        _ change: Comparison, for entry: ManagedFields.Entry, from owners: inout ManagedFields, force: Bool
    ) throws(ApplyConflict) {
        let written = change.written
        var conflicts: [ApplyConflict.Conflict] = []
        for other in owners.entries where !other.isSameManager(as: entry) {
            for path in other.fields.intersection(written).paths {
                conflicts.append(ApplyConflict.Conflict(path, entry: other))
            }
        }
        guard force || conflicts.isEmpty else { throw ApplyConflict(conflicts) }
        owners.take(written) { !$0.isSameManager(as: entry) }
        owners.take(change.removed) { !$0.isSameManager(as: entry) }
    }

    private static func withoutManagedFields(_ object: Tree) -> Tree {
        guard var metadata = object["metadata"] else { return object }
        var object = object
        metadata["managedFields"] = nil
        object["metadata"] = metadata
        return object
    }
}

extension ManagedFields {
    /// An object that was written before anybody tracked its fields: all of them belong to a manager of that
    /// name, so that the first apply can't silently take them.
    fileprivate mutating func adopt(_ object: Tree, _ schema: Schema, apiVersion: String, now: Timestamp) {
        // Status is written by nobody who writes the object.
        var object = object
        object["status"] = nil
        update(
            old: nil, new: object, schema: schema, manager: "before-first-apply", apiVersion: apiVersion,
            now: now)
    }
}
