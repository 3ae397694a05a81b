package import Model
package import Tree

/// Who owns which fields of an object: `metadata.managedFields`.
package struct ManagedFields: Sendable, Hashable {
    package enum Operation: String, Sendable, Hashable {
        case apply = "Apply"
        case update = "Update"
    }

    package struct Entry: Sendable, Hashable {
        package var manager: String
        package var operation: Operation
        package var apiVersion: String
        package var subresource: String
        package var time: Timestamp?
        package var fields: FieldSet

        package init(
            manager: String, operation: Operation, apiVersion: String, subresource: String = "",
            time: Timestamp? = nil,
            fields: FieldSet
        ) {
            self.manager = manager
            self.operation = operation
            self.apiVersion = apiVersion
            self.subresource = subresource
            self.time = time
            self.fields = fields
        }

        /// Whether two entries are one manager's; an applier stays itself when it moves to another version.
        func isSameManager(as other: Entry) -> Bool {
            manager == other.manager && operation == other.operation && subresource == other.subresource
                && (operation == .apply || apiVersion == other.apiVersion)
        }
    }

    /// More updaters than this are folded into one, the oldest first.
    package static let updaterLimit = 10
    package static let foldedManager = "ancient-changes"

    package private(set) var entries: [Entry] = []

    package init() {}

    /// Reads the list of an object; entries that can't be read are dropped, as the real server does:
    /// ownership is then unknown, never wrong.
    package init(of object: Tree) {
        for item in object["metadata"]?["managedFields"]?.array ?? [] {
            guard let manager = item["manager"]?.string,
                let operation = item["operation"]?.string.flatMap(Operation.init),
                let fields = item["fieldsV1"].flatMap({ FieldSet(tree: $0) })
            else { continue }
            entries.append(
                Entry(
                    manager: manager, operation: operation, apiVersion: item["apiVersion"]?.string ?? "",
                    subresource: item["subresource"]?.string ?? "",
                    time: item["time"]?.string.flatMap { Timestamp($0) },
                    fields: fields))
        }
    }

    /// The list as Kubernetes orders and writes it; nil when nobody owns anything.
    package var tree: Tree? {
        guard !entries.isEmpty else { return nil }
        return .array(
            entries.sorted(by: ManagedFields.precedes).map { entry in
                var item: Tree = [
                    "manager": .string(entry.manager), "operation": .string(entry.operation.rawValue),
                    "apiVersion": .string(entry.apiVersion), "fieldsType": "FieldsV1",
                    "fieldsV1": entry.fields.tree,
                ]
                if let time = entry.time { item["time"] = .string(time.wholeSeconds.description) }
                if !entry.subresource.isEmpty { item["subresource"] = .string(entry.subresource) }
                return item
            })
    }

    package func write(to object: inout Tree) {
        var metadata = object["metadata"] ?? .emptyObject
        metadata["managedFields"] = tree
        object["metadata"] = metadata
    }

    private static func precedes(_ a: Entry, _ b: Entry) -> Bool {
        if a.operation != b.operation { return a.operation.rawValue < b.operation.rawValue }
        let (first, second) = (a.time?.wholeSeconds, b.time?.wholeSeconds)
        if first != second { return (first?.milliseconds ?? .min) < (second?.milliseconds ?? .min) }
        if a.manager != b.manager { return a.manager < b.manager }
        if a.apiVersion != b.apiVersion { return a.apiVersion < b.apiVersion }
        return a.subresource < b.subresource
    }

    // MARK: - Changes

    package subscript(_ entry: Entry) -> FieldSet {
        entries.first { $0.isSameManager(as: entry) }?.fields ?? FieldSet()
    }

    /// Sets what a manager owns; owning nothing removes it.
    mutating func set(_ entry: Entry) {
        entries.removeAll { $0.isSameManager(as: entry) }
        if !entry.fields.isEmpty { entries.append(entry) }
    }

    /// Takes places from every manager but one.
    mutating func take(_ places: FieldSet, from isOther: (Entry) -> Bool) {
        guard !places.isEmpty else { return }
        for index in entries.indices where isOther(entries[index]) {
            entries[index].fields = entries[index].fields.subtracting(places)
        }
        entries.removeAll { $0.fields.isEmpty }
    }

    /// Makes the fields that one wrote by updates another's by applying; false where there are none.
    mutating func inherit(from writer: String, to manager: String, apiVersion: String) -> Bool {
        let gone = entries.filter { $0.manager == writer && $0.operation == .update && $0.subresource.isEmpty }
        guard !gone.isEmpty else { return false }
        var heir = Entry(
            manager: manager, operation: .apply, apiVersion: apiVersion, time: gone.compactMap(\.time).max(),
            fields: FieldSet())
        if let standing = entries.first(where: { $0.isSameManager(as: heir) }) { heir.time = standing.time }
        heir.fields = gone.reduce(self[heir]) { $0.union($1.fields) }
        for entry in gone { entries.removeAll { $0.isSameManager(as: entry) } }
        set(heir)
        return true
    }

    mutating func foldOldUpdaters() {
        let updaters = entries.filter { $0.operation == .update }.sorted(by: ManagedFields.precedes)
        guard updaters.count > ManagedFields.updaterLimit else { return }
        for old in updaters.prefix(updaters.count - ManagedFields.updaterLimit + 1) {
            entries.removeAll { $0.isSameManager(as: old) }
            var folded = old
            folded.manager = ManagedFields.foldedManager
            folded.subresource = ""
            folded.fields = self[folded].union(old.fields)
            set(folded)
        }
    }
}

extension ManagedFields {
    /// What a create, update or patch did: the places it wrote belong to its manager and to nobody else; the
    /// places it removed belong to nobody. `self` is the list before, of the old object.
    package mutating func update(
        old: Tree?, new: Tree, schema: Schema, manager: String, apiVersion: String, subresource: String = "",
        now: Timestamp
    ) {
        let change = Comparison(old ?? .emptyObject, new, schema)
        let written = change.written.withoutSystemFields
        take(change.removed.union(change.written), from: { _ in true })
        guard !written.isEmpty else { return }
        var entry = Entry(
            manager: manager, operation: .update, apiVersion: apiVersion, subresource: subresource,
            time: now.wholeSeconds,
            fields: FieldSet())
        entry.fields = self[entry].union(written)
        set(entry)
        foldOldUpdaters()
    }
}

extension FieldSet {
    /// Without what the system owns or what says which object it is (apimachinery,
    /// managedfields/internal/stripmeta.go).
    var withoutSystemFields: FieldSet { subtracting(FieldSet.systemFields) }

    private static let systemFields: FieldSet = {
        var set = FieldSet()
        set.insert([.field("apiVersion")])
        set.insert([.field("kind")])
        set.insert([.field("metadata")])
        for name in [
            "name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields",
            "resourceVersion",
        ] {
            set.insert([.field("metadata"), .field(name)])
        }
        return set
    }()
}
