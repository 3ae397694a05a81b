import Documents
import Model
import Tree

/// The text of values in tables.
enum CellText {
    static let none = "<none>"

    static func plain(_ tree: Tree) -> String {
        switch tree {
        case .string(let text): text
        case .int(let value): String(value)
        case .bool(let value): value ? "true" : "false"
        case .null: ""
        case .double, .array, .object: JSON.text(tree)
        }
    }

    /// What a column shows of an object: ages for dates, `<none>` for nothing.
    static func text(_ column: PrinterColumn, _ object: Tree, now: Timestamp) -> String {
        guard let path = JSONPath(column.path) else { return none }
        let values = path.values(in: object).map(plain).filter { !$0.isEmpty }
        guard !values.isEmpty else { return none }
        if column.type == "date" { return Timestamp(values[0]).map { age($0, now) } ?? values[0] }
        return values.joined(separator: ",")
    }

    /// An amount; what is too small for its digits is not shown as nothing.
    static func money(_ amount: Money) -> String {
        amount > .zero && amount.micros < 50 ? "<$0.0001" : amount.description
    }

    static func age(_ time: Timestamp?, _ now: Timestamp) -> String {
        guard let time else { return none }
        return (now - time).age
    }
}
