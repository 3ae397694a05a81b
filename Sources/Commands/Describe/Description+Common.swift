import Documents
import Model
import Text
import Tree

/// What every object's page begins and ends with.
extension Description {
    mutating func identity(_ kind: Kind, _ metadata: Tree) {
        field("Name", metadata["name"]?.string)
        field("Namespace", metadata["namespace"]?.string)
        field("Kind", kind.rawValue)
        list("Labels", Self.pairs(metadata["labels"]), none: "<none>")
        list("Annotations", Self.pairs(metadata["annotations"]))
        field("Created", moment(metadata["creationTimestamp"]?.string.flatMap { Timestamp($0) }))
        if let deleting = metadata["deletionTimestamp"]?.string.flatMap({ Timestamp($0) }) {
            let finalizers = (metadata["finalizers"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
            let holders = finalizers.isEmpty ? kind == .namespace ? "what is in it" : "nothing" : finalizers
            field("Deleting", "since \(age(deleting)), held by \(holders)", colour: .yellow)
        }
        let owners = (metadata["ownerReferences"]?.array ?? []).map {
            "\(($0["kind"]?.string ?? "").lowercased())/\($0["name"]?.string ?? "")"
        }
        list("Controlled by", owners)
    }

    mutating func conditions(_ conditions: [Condition]) {
        let rows = conditions.map { condition -> [TextTable.Cell] in
            [
                TextTable.Cell(condition.type), TextTable.Cell(condition.status.rawValue, Self.colour(condition)),
                TextTable.Cell(age(condition.lastTransitionTime)), TextTable.Cell(condition.reason),
                TextTable.Cell(condition.message),
            ]
        }
        conditionTable(rows)
    }

    private mutating func conditionTable(_ rows: [[TextTable.Cell]]) {
        table("Conditions", TextTable(["Type", "Status", "Age", "Reason", "Message"], rows))
    }

    /// A namespace's phase and, where it can't go, what holds it.
    mutating func namespace(_ object: Tree) {
        state("Phase", object["status"]?["phase"]?.string)
        let rows = (object["status"]?["conditions"]?.array ?? []).map { condition -> [TextTable.Cell] in
            let texts = ["type", "status", "reason", "message"].map { condition[$0]?.string ?? "" }
            let changed = condition["lastTransitionTime"]?.string.flatMap { Timestamp($0) }
            return [
                TextTable.Cell(texts[0]), TextTable.Cell(texts[1], texts[1] == "True" ? .red : nil),
                TextTable.Cell(age(changed)), TextTable.Cell(texts[2]), TextTable.Cell(texts[3]),
            ]
        }
        conditionTable(rows)
    }

    private static func colour(_ condition: Condition) -> Paint.Colour? {
        let isBad: Set<String> = Set(
            [ConditionType.failed, .stalled, .regionDown, .capabilitiesOff, .partlySupported].map(\.rawValue))
        switch condition.status {
        case .yes: return isBad.contains(condition.type) ? .red : .green
        case .no: return isBad.contains(condition.type) ? nil : .red
        case .unknown: return .dim
        }
    }

    mutating func events(_ events: [Tree]) {
        guard !events.isEmpty else { return field("Events", "<none>") }
        table("Events", EventTable.table(events.suffix(30), now: now))
    }

    mutating func budget(_ budget: Budget?) {
        guard let budget else { return }
        var parts: [String] = []
        if let amount = budget.perHour { parts.append("\(CellText.money(amount))/h") }
        if let amount = budget.perDay { parts.append("\(CellText.money(amount))/day") }
        if let amount = budget.total { parts.append("\(CellText.money(amount)) in all") }
        guard !parts.isEmpty else { return }
        field("Budget", "\(parts.joined(separator: ", ")); then \(budget.onExceeded.rawValue)")
    }

    /// Members of an object as indented YAML, for kinds without a page of their own.
    mutating func yaml(_ title: String, _ tree: Tree?) {
        guard let tree, !tree.isNull, tree != .emptyObject else { return }
        section(title) { page in
            for line in YAML.emit(tree).split(separator: "\n") { page.raw(String(line)) }
        }
    }

    static func pairs(_ map: Tree?) -> [String] {
        (map?.object ?? Members()).filter { $0.key != "kubectl.kubernetes.io/last-applied-configuration" }
            .map { "\($0.key)=\(CellText.plain($0.value))" }
    }
}

extension Requirements {
    /// What is asked for, in one line each.
    var sentences: [String] {
        var parts: [String] = []
        if !capabilities.isEmpty { parts.append("capabilities \(capabilities.joined(separator: ", "))") }
        if let cpu { parts.append("cpu \(cpu)") }
        if let memory { parts.append("memory \(memory)") }
        if let storage { parts.append("storage \(storage)") }
        if let networkMbps { parts.append("network \(networkMbps) Mbps") }
        if let gpu, gpu.count > 0 { parts.append("\(gpu.count) GPU\(gpu.model.map { " (\($0))" } ?? "")") }
        if let latency { parts.append("latency \(latency.rawValue)") }
        if !regulations.isEmpty { parts.append("regulations \(regulations.joined(separator: ", "))") }
        if let dataLocality {
            let place =
                dataLocality.regions.isEmpty ? "where the data is" : dataLocality.regions.joined(separator: ", ")
            parts.append("data \(dataLocality.dataset.map { "\($0) " } ?? "")in \(place)")
        }
        if let maxCostPerHour { parts.append("at most \(CellText.money(maxCostPerHour))/h") }
        if let regions {
            if !regions.include.isEmpty { parts.append("only in \(regions.include.joined(separator: ", "))") }
            if !regions.exclude.isEmpty { parts.append("not in \(regions.exclude.joined(separator: ", "))") }
        }
        return parts
    }
}

extension Resources {
    var sentence: String {
        var parts: [String] = []
        if let cpu { parts.append("\(cpu) CPU") }
        if let memory { parts.append("\(memory) memory") }
        if let storage { parts.append("\(storage) storage") }
        if let networkMbps { parts.append("\(networkMbps) Mbps") }
        if let gpu, gpu.count > 0 { parts.append("\(gpu.count) GPU\(gpu.model.map { " (\($0))" } ?? "")") }
        return parts.joined(separator: ", ")
    }
}
