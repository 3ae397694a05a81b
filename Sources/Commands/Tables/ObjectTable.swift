import Model
import Tree

/// Objects of one kind as `get` shows them.
struct ObjectTable {
    var kind: Kind
    var wide = false
    var showsNamespace = false
    /// `workerpool.reconcile.dev/frontend` instead of `frontend`: where several kinds follow each other.
    var prefixesNames = false
    var showsLabels = false

    init(_ kind: Kind) { self.kind = kind }

    func table(_ objects: [Tree], now: Timestamp) -> TextTable {
        let columns = kind.columns.filter { wide || $0.priority == 0 }
        var headers = ["Name"] + columns.map(\.name)
        if showsNamespace, kind.namespaced { headers.insert("Namespace", at: 0) }
        if showsLabels { headers.append("Labels") }
        let paths = columns.map { ($0, JSONPath($0.path)) }
        return TextTable(headers, objects.map { row($0, paths, now) })
    }

    private func row(_ object: Tree, _ columns: [(column: PrinterColumn, path: JSONPath?)], _ now: Timestamp)
        -> [TextTable.Cell]
    {
        let metadata = object["metadata"] ?? .emptyObject
        let name = metadata["name"]?.string ?? ""
        var row: [TextTable.Cell] = [TextTable.Cell(prefixesNames ? ObjectKey(kind, "", name).resourceName : name)]
        for (column, path) in columns {
            let text = CellText.text(column, at: path, of: object, now: now)
            row.append(TextTable.Cell(text, Self.coloured.contains(column.name) ? .of(state: text) : nil))
        }
        if showsNamespace, kind.namespaced { row.insert(TextTable.Cell(metadata["namespace"]?.string ?? ""), at: 0) }
        if showsLabels {
            let labels = (metadata["labels"]?.object ?? Members()).map { "\($0.key)=\(CellText.plain($0.value))" }
            row.append(.optional(labels.joined(separator: ",")))
        }
        return row
    }

    /// The columns that are never left out: whose row it is, and how it is.
    func kept(_ table: TextTable) -> Set<Int> {
        Set(
            table.headers.indices.filter {
                ["Namespace", "Name"].contains(table.headers[$0]) || Self.coloured.contains(table.headers[$0])
            })
    }

    private static let coloured: Set<String> = ["Phase", "State", "Ready", "Circuit", "Status"]
}
