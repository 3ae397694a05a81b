import Documents
import Model
import Text
import Tree

/// Prints objects in the format asked for.
struct ObjectPrinter {
    let format: OutputFormat
    private var template: JSONPathTemplate?
    private var columns: CustomColumns?
    private var order: SortKey?
    var showsHeaders = true
    /// Columns of the terminal; nil: nothing is left out.
    var width: Int?
    var showsNamespace = false
    var prefixesNames = false
    var showsLabels = false
    var showsManagedFields = false

    init(_ format: OutputFormat, sortBy: String? = nil) throws(CommandError) {
        self.format = format
        order = try sortBy.map { key throws(CommandError) in try SortKey(key) }
        switch format {
        case .jsonpath(let text): template = try JSONPathTemplate(text)
        case .customColumns(let text): columns = try CustomColumns(text)
        default: break
        }
    }

    /// Whether an empty answer is worth a sentence: programs get an empty one.
    var isForPeople: Bool {
        switch format {
        case .table, .wide, .name, .customColumns: true
        case .json, .yaml, .jsonpath: false
        }
    }

    func text(_ groups: [(kind: Kind, items: [Tree])], asList: Bool, paint: Paint, now: Timestamp) -> Output {
        let objects = order.map { order in groups.map { ($0.kind, order.sorted($0.items)) } } ?? groups
        switch format {
        case .table, .wide:
            return .text(
                objects.filter { !$0.items.isEmpty }.map {
                    rows($0.kind, $0.items, now: now).text(paint, headers: showsHeaders)
                }.joined(separator: "\n"))
        case .name:
            let names = objects.flatMap { group in
                group.items.map { ObjectKey(group.kind, "", $0["metadata"]?["name"]?.string ?? "").resourceName }
            }
            return .text(names.map { "\($0)" }.lines())
        case .jsonpath: return .text(template?.text(whole(objects.flatMap(\.items), asList: asList)) ?? "")
        case .customColumns:
            return .text(columns?.table(objects.flatMap(\.items)).text(paint, headers: showsHeaders) ?? "")
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

    /// What fits; what was asked for by name, or with `wide`, is shown in any case.
    func rows(_ kind: Kind, _ items: [Tree], now: Timestamp) -> TextTable {
        let objects = table(kind)
        let table = objects.table(items, now: now)
        return table.fitted(to: format == .wide ? nil : width, keeping: objects.kept(table))
    }

    private func whole(_ items: [Tree], asList: Bool) -> Tree {
        let shown = items.map(shown)
        if !asList, shown.count == 1 { return shown[0] }
        return ["apiVersion": "v1", "kind": "List", "metadata": ["resourceVersion": ""], "items": .array(shown)]
    }

    /// What is held of an object until all are there: a third of most is what is left out in the end.
    func needed(of kind: Kind) -> (Tree) -> Tree {
        switch format {
        case .customColumns: return { $0 }
        case .table where order == nil, .wide where order == nil, .name where order == nil:
            let parts = NeededParts(kind, wide: format == .wide)
            return { parts.of($0) }
        default: return shown
        }
    }

    /// The record of who owns which field is left out unless asked for.
    func shown(_ object: Tree) -> Tree {
        var object = object
        if !showsManagedFields { object["metadata"]?["managedFields"] = nil }
        return object
    }
}
