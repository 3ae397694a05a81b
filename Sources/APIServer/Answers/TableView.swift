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
    private var apiVersion = "meta.k8s.io/v1"

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

    /// In that version of tables.
    func named(_ apiVersion: String) -> TableView {
        var view = self
        view.apiVersion = apiVersion
        return view
    }

    /// `metadata` is the list's own.
    func table(_ objects: [Tree], metadata: Tree, withColumns: Bool = true) -> Tree {
        [
            "kind": "Table", "apiVersion": .string(apiVersion), "metadata": metadata,
            "columnDefinitions": withColumns ? .array(columns.map(\.definition)) : .null,
            "rows": .array(objects.map(row)),
        ]
    }

    private func row(_ object: Tree) -> Tree {
        var row: Tree = ["cells": .array(columns.map { $0.cell(object, now) })]
        switch inclusion {
        case .none: row["object"] = .null
        case .metadata: row["object"] = Self.partial(object, apiVersion: apiVersion)
        case .object: row["object"] = object
        }
        return row
    }

    /// An object as `PartialObjectMetadata`.
    static func partial(_ object: Tree, apiVersion: String = "meta.k8s.io/v1") -> Tree {
        [
            "kind": "PartialObjectMetadata", "apiVersion": .string(apiVersion),
            "metadata": object["metadata"] ?? .emptyObject,
        ]
    }

    // MARK: Columns

    private static let table: [Kind: [Column]] = {
        var table: [Kind: [Column]] = [:]
        for kind in Kind.allCases {
            let columns = kind.columns.map { column($0, isOwn: kind.isOwn) }
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
            return .int(Int64(count))
        })

    /// Events tell the last of a series, where there is one.
    private static let events: [Column] = [
        event("Last Seen", "When it happened last.") { object, now in
            age([object["series"]?["lastObservedTime"], object["lastTimestamp"], first(object)], now)
        },
        event("Type", "Normal or Warning.") { object, _ in text(object["type"]) },
        event("Reason", "The cause in one word.") { object, _ in text(object["reason"]) },
        event("Object", "The object it is about.") { object, _ in
            let about = object["involvedObject"] ?? .emptyObject
            let kind = about["kind"]?.string?.lowercased() ?? ""
            let name = about["name"]?.string ?? ""
            return .string(name.isEmpty ? kind : "\(kind)/\(name)")
        },
        event("Subobject", "The part of it that is meant.", wide: true) { object, _ in
            text(object["involvedObject"]?["fieldPath"])
        },
        event("Source", "Who saw it, and where.", wide: true) { object, _ in
            let component = object["source"]?["component"]?.string ?? ""
            let source = component.isEmpty ? object["reportingComponent"]?.string ?? "" : component
            let host = object["source"]?["host"]?.string ?? ""
            let place = host.isEmpty ? object["reportingInstance"]?.string ?? "" : host
            return .string(place.isEmpty ? source : "\(source), \(place)")
        },
        event("Message", "The cause in a sentence.") { object, _ in text(object["message"]) },
        event("First Seen", "When it happened first.", wide: true) { object, now in age([first(object)], now) },
        Column(
            definition: definition("Count", "integer", "", "How often it happened.", 1),
            cell: { object, _ in
                let count = object["series"]?["count"]?.int ?? object["count"]?.int ?? 0
                return .int(max(1, count))
            }),
        Column(
            definition: definition("Name", "string", "name", "The event's name.", 1),
            cell: { object, _ in object["metadata"]?["name"] ?? "" }),
    ]

    private static func event(
        _ name: String, _ description: String, wide: Bool = false,
        _ cell: @escaping @Sendable (Tree, Timestamp) -> Tree
    ) -> Column {
        Column(definition: definition(name, "string", "", description, wide ? 1 : 0), cell: cell)
    }

    private static func text(_ value: Tree?) -> Tree { .string(value?.string ?? "") }

    private static func first(_ event: Tree) -> Tree? {
        event["firstTimestamp"]?.string == nil ? event["eventTime"] : event["firstTimestamp"]
    }

    /// Since the first of some times that there is.
    private static func age(_ times: [Tree?], _ now: Timestamp) -> Tree {
        let time = times.lazy.compactMap { $0?.string.flatMap { Timestamp($0) } }.first
        return .string(time.map { (now - $0).age } ?? "<unknown>")
    }

    private static func definition(
        _ name: String, _ type: String, _ format: String, _ description: String, _ priority: Int
    ) -> Tree {
        [
            "name": .string(name), "type": .string(type), "format": .string(format),
            "description": .string(description), "priority": .int(Int64(priority)),
        ]
    }

    /// Dates become ages here, as on a real server, except for those of builtin tables (`raw`).
    private static func column(_ column: PrinterColumn, raw: Bool = false, isOwn: Bool = true) -> Column {
        let path = JSONPath(column.path)
        let isText = raw || !isOwn && column.type == "date"
        let definition = definition(
            column.name, isText ? "string" : column.type, "", column.description, column.priority)
        return Column(definition: definition) { object, now in
            guard let value = path?.values(in: object).first, !value.isNull else { return isOwn ? .null : "" }
            switch value {
            case .string(let text) where column.type == "date" && !raw:
                return Timestamp(text).map { .string((now - $0).age) } ?? "<unknown>"
            case .object, .array: return .string(JSON.text(value))
            default: return value
            }
        }
    }
}
