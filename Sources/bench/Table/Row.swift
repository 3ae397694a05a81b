/// One line of the table: what was measured, what it has to reach, where it is going, and what it stands beside.
struct Row: Sendable {
    enum Wish: Sendable { case more, less }

    var name: String
    var value: Double
    var unit: Unit
    /// The number an issue asks for, and the goal beyond it; nil where it is only reported.
    var gate: Double?
    var goal: Double?
    var wish = Wish.more
    /// The floor or the peer, measured in the same run.
    var beside = ""

    private static let widths = (name: 44, value: 14, gate: 26)

    static var header: String { line("measure", "value", "gate (goal)", "", "beside") }
    static let footer =
        "CPU time where one core computes, the clock where somebody waits. ✓ reaches its gate, ✗ misses it."

    var line: String { Self.line(name, unit.text(value), gateText, mark, beside) }

    private var gateText: String {
        guard let gate else { return "" }
        let sign = wish == .more ? "≥" : "≤"
        return "\(sign) \(unit.text(gate))" + (goal.map { " (\(unit.text($0)))" } ?? "")
    }

    private var mark: String {
        guard let gate else { return " " }
        return (wish == .more ? value >= gate : value <= gate) ? "✓" : "✗"
    }

    private static func line(_ name: String, _ value: String, _ gate: String, _ mark: String, _ beside: String)
        -> String
    {
        let text =
            pad(name, widths.name) + pad(value, widths.value, right: true) + " " + (mark.isEmpty ? " " : mark) + " "
            + pad(gate, widths.gate) + beside
        return String(text.reversed().drop { $0 == " " }.reversed())
    }

    private static func pad(_ text: String, _ width: Int, right: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - text.count))
        return right ? blanks + text : text + blanks
    }
}

/// What a number counts.
enum Unit: Sendable {
    case perSecond, milliseconds, seconds, mebibytes, kibibytes, megabytesPerSecond
    /// A number without a unit.
    case plain

    func text(_ value: Double) -> String {
        switch self {
        case .perSecond: "\(grouped(value))/s"
        case .milliseconds: "\(short(value)) ms"
        case .seconds: "\(short(value)) s"
        case .mebibytes: "\(short(value)) MiB"
        case .kibibytes: "\(short(value)) KiB"
        case .plain: short(value)
        case .megabytesPerSecond: "\(short(value)) MB/s"
        }
    }
}

/// Whole, with commas: 1,234,567.
func grouped(_ value: Double) -> String {
    let digits = String(Int(value.rounded()))
    var text = ""
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
        text.append(digit)
    }
    return text
}

/// About three digits: 0.042, 1.23, 45.6, 789.
func short(_ value: Double) -> String {
    let places = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3
    let scale = [1.0, 10, 100, 1000][places]
    let scaled = Int((value * scale).rounded())
    guard places > 0 else { return grouped(value) }
    let fraction = String(scaled % Int(scale))
    let padded = String(repeating: "0", count: places - fraction.count) + fraction
    let trimmed = String(padded.reversed().drop { $0 == "0" }.reversed())
    return "\(scaled / Int(scale))" + (trimmed.isEmpty ? "" : "." + trimmed)
}
