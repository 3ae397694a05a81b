import Documents
import Model
import Text
import Tree

/// Prints objects in the format asked for.
struct ObjectPrinter {
    let format: OutputFormat
    var showsNamespace = false
    var prefixesNames = false
    var showsLabels = false
    var showsManagedFields = false

    init(_ format: OutputFormat) { self.format = format }

    func text(_ objects: [(kind: Kind, items: [Tree])], asList: Bool, paint: Paint, now: Timestamp) -> Output {
        switch format {
        case .table, .wide:
            return .text(
                objects.filter { !$0.items.isEmpty }.map { table($0.kind).table($0.items, now: now).text(paint) }
                    .joined(separator: "\n"))
        case .name:
            let names = objects.flatMap { group in
                group.items.map { ObjectKey(group.kind, "", $0["metadata"]?["name"]?.string ?? "").resourceName }
            }
            return .text(names.map { "\($0)" }.lines())
        case .json: return .json(whole(objects.flatMap(\.items), asList: asList))
        case .yaml: return .yaml(whole(objects.flatMap(\.items), asList: asList))
        }
    }

    func table(_ kind: Kind) -> ObjectTable {
        var table = ObjectTable(kind)
        table.wide = format == .wide
        table.showsNamespace = showsNamespace
        table.prefixesNames = prefixesNames
        table.showsLabels = showsLabels
        return table
    }

    private func whole(_ items: [Tree], asList: Bool) -> Tree {
        let shown = items.map(shown)
        if !asList, shown.count == 1 { return shown[0] }
        return ["apiVersion": "v1", "kind": "List", "metadata": ["resourceVersion": ""], "items": .array(shown)]
    }

    /// The record of who owns which field is left out unless asked for.
    func shown(_ object: Tree) -> Tree {
        var object = object
        if !showsManagedFields { object["metadata"]?["managedFields"] = nil }
        return object
    }
}
