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
    static func text(_ column: PrinterColumn, at path: JSONPath?, of object: Tree, now: Timestamp) -> String {
        guard let path else { return none }
        let values = path.values(in: object).map(plain).filter { !$0.isEmpty }
        guard !values.isEmpty else { return none }
        // What controllers and specs write as decimals is shown as money everywhere.
        if ["Cost", "Cost/h"].contains(column.name), let amount = Money(values[0].replacing("$", with: "")) {
            return money(amount)
        }
        if column.type == "date" { return Timestamp(values[0]).map { age($0, now) } ?? values[0] }
        return values.joined(separator: ",")
    }

    /// An amount, the same everywhere: two digits behind the point, up to four below a dollar; what is too small for
    /// them is not shown as nothing.
    static func money(_ amount: Money) -> String {
        let magnitude = amount.micros.magnitude
        if magnitude > 0, magnitude < 50 { return "<$0.0001" }
        let isSmall = magnitude < 1_000_000
        let unit: UInt64 = isSmall ? 100 : 10_000
        let rounded = (magnitude + unit / 2) / unit * (isSmall ? 1 : 100)
        let whole = rounded / 10_000
        var digits = String(rounded % 10_000)
        digits = String(repeating: "0", count: 4 - digits.count) + digits
        while digits.count > 2, digits.last == "0" { digits.removeLast() }
        return "\(amount.micros < 0 ? "-" : "")$\(whole).\(digits)"
    }

    static func age(_ time: Timestamp?, _ now: Timestamp) -> String {
        guard let time else { return none }
        return (now - time).age
    }
}
