import Client
import Model
import Tree

/// Events as kubectl shows them.
enum EventTable {
    static func events(about key: ObjectKey, _ objects: ObjectClient) async throws(ClientError) -> [Tree] {
        let namespace = key.namespace.isEmpty ? nil : key.namespace
        return sorted(try await objects.list(.event, namespace: namespace, fields: fields(key)).items)
    }

    /// What selects the events about one object.
    static func fields(_ key: ObjectKey) -> String {
        let fields = "involvedObject.kind=\(key.kind.rawValue),involvedObject.name=\(key.name)"
        return key.namespace.isEmpty ? fields : fields + ",involvedObject.namespace=\(key.namespace)"
    }

    /// By the last time each was seen.
    static func sorted(_ events: [Tree]) -> [Tree] {
        func time(_ event: Tree) -> String {
            event["lastTimestamp"]?.string ?? event["eventTime"]?.string ?? event["metadata"]?["creationTimestamp"]?
                .string ?? ""
        }
        // Times are of whole seconds: within one, what was written first happened first.
        func version(_ event: Tree) -> Int {
            event["metadata"]?["resourceVersion"]?.string.flatMap { Int($0) } ?? 0
        }
        return events.sorted { (time($0), version($0)) < (time($1), version($1)) }
    }

    static func table(_ events: [Tree], now: Timestamp, objects: Bool = false, namespaces: Bool = false) -> TextTable {
        var headers = ["Last seen", "Type", "Reason", "Message"]
        if objects { headers.insert("Object", at: 3) }
        if namespaces { headers.insert("Namespace", at: 0) }
        let rows = events.map { event -> [TextTable.Cell] in
            let type = event["type"]?.string ?? "Normal"
            var row: [TextTable.Cell] = [
                TextTable.Cell(age(event, now)), TextTable.Cell(type, type == "Warning" ? .yellow : nil),
                TextTable.Cell(event["reason"]?.string ?? ""), TextTable.Cell(event["message"]?.string ?? ""),
            ]
            if objects {
                let kind = (event["involvedObject"]?["kind"]?.string ?? "").lowercased()
                row.insert(TextTable.Cell("\(kind)/\(event["involvedObject"]?["name"]?.string ?? "")"), at: 3)
            }
            if namespaces { row.insert(TextTable.Cell(event["metadata"]?["namespace"]?.string ?? ""), at: 0) }
            return row
        }
        return TextTable(headers, rows)
    }

    /// `3s`, or `3s (x4 over 2m)`.
    private static func age(_ event: Tree, _ now: Timestamp) -> String {
        let first = event["firstTimestamp"]?.string.flatMap { Timestamp($0) }
        let last = event["lastTimestamp"]?.string.flatMap { Timestamp($0) } ?? first
        let count = event["count"]?.int ?? 1
        let text = CellText.age(last, now)
        guard count > 1, let first else { return text }
        return "\(text) (x\(count) over \((now - first).age))"
    }
}
