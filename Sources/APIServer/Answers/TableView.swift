import Documents
import Model
import Tree

/// Objects as the Table that `kubectl get` prints (meta.k8s.io/v1): a name, then the kind's printer columns.
struct TableView: Sendable {
    /// What travels with each row: `includeObject`.
    enum Inclusion: String, Sendable { case none = "None", metadata = "Metadata", object = "Object" }

    private struct Column: Sendable {
        let definition: Tree
        let cell: @Sendable (Tree, Timestamp) -> Tree
    }

    private let columns: [Column]
    private let inclusion: Inclusion
    private let now: Timestamp

    init(_ kind: Kind, _ inclusion: Inclusion, now: Timestamp) {
        self.init(columns: Self.table[kind] ?? [], inclusion, now: now)
    }

    private init(columns: [Column], _ inclusion: Inclusion, now: Timestamp) {
        self.columns = columns
        self.inclusion = inclusion
        self.now = now
    }

    /// CustomResourceDefinitions, which no store holds.
    static func definitions(_ inclusion: Inclusion, now: Timestamp) -> TableView {
        TableView(
            columns: [
                name, column(PrinterColumn("Created At", "date", ".metadata.creationTimestamp", "When."), raw: true),
            ],
            inclusion, now: now)
    }

    /// `metadata` is the list's own.
    func table(_ objects: [Tree], metadata: Tree, withColumns: Bool = true) -> Tree {
        [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
            "columnDefinitions": withColumns ? .array(columns.map(\.definition)) : .null,
            "rows": .array(objects.map(row)),
        ]
    }

    private func row(_ object: Tree) -> Tree {
        var row: Tree = ["cells": .array(columns.map { $0.cell(object, now) })]
        switch inclusion {
        case .none: break
        case .metadata: row["object"] = Self.partial(object)
        case .object: row["object"] = object
        }
        return row
    }

    /// An object as `PartialObjectMetadata`.
    static func partial(_ object: Tree) -> Tree {
        [
            "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
            "metadata": object["metadata"] ?? .emptyObject,
        ]
    }

    // MARK: Columns

    private static let table: [Kind: [Column]] = {
        var table: [Kind: [Column]] = [:]
        for kind in Kind.allCases {
            let columns = kind.columns.map { column($0) }
            switch kind {
            // Kubernetes' own tables count what is inside, which no path can.
            case .secret, .configMap:
                table[kind] = [name] + columns.dropLast() + [size] + columns.suffix(1)
            case .event: table[kind] = events
            default: table[kind] = [name] + columns
            }
        }
        return table
    }()

    private static let name = Column(
        definition: definition("Name", "string", "name", "The object's name, unique within its namespace.", 0),
        cell: { object, _ in object["metadata"]?["name"] ?? "" })

    private static let size = Column(
        definition: definition("Data", "string", "", "How many values it holds.", 0),
        cell: { object, _ in
            let count = (object["data"]?.object?.count ?? 0) + (object["binaryData"]?.object?.count ?? 0)
            return .string(String(count))
        })

    private static let events: [Column] = {
        let about = Column(
            definition: definition("Object", "string", "", "The object it is about.", 0),
            cell: { object, _ in
                let about = object["involvedObject"] ?? .emptyObject
                return .string("\(about["kind"]?.string?.lowercased() ?? "")/\(about["name"]?.string ?? "")")
            })
        var list = Kind.event.columns.filter { !["Kind", "Object"].contains($0.name) }.map { column($0) }
        list.insert(about, at: 3)
        list.append(
            Column(
                definition: definition("Name", "string", "name", "The event's name.", 1),
                cell: { object, _ in object["metadata"]?["name"] ?? "" }))
        return list
    }()

    private static func definition(
        _ name: String, _ type: String, _ format: String, _ description: String, _ priority: Int
    ) -> Tree {
        [
            "name": .string(name), "type": .string(type), "format": .string(format),
            "description": .string(description), "priority": .int(Int64(priority)),
        ]
    }

    /// Dates become ages here, as on a real server, except for those of builtin tables (`raw`).
    private static func column(_ column: PrinterColumn, raw: Bool = false) -> Column {
        let path = JSONPath(column.path)
        let definition = definition(
            column.name, raw ? "string" : column.type, "", column.description, column.priority)
        return Column(definition: definition) { object, now in
            guard let value = path?.values(in: object).first, !value.isNull else { return .null }
            switch value {
            case .string(let text) where column.type == "date" && !raw:
                return Timestamp(text).map { .string((now - $0).age) } ?? "<unknown>"
            case .object, .array: return .string(JSON.text(value))
            default: return value
            }
        }
    }
}
