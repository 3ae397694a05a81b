/// A number of 0 to 1 to four places, `0.9600`; larger ones likewise. Built without a formatter, and kept,
/// because a round prints tens of thousands.
struct ScoreText {
    private var known = [String](repeating: "", count: 10_001)

    mutating func callAsFunction(_ value: Double) -> String {
        guard value >= 0, value < 1.1 else { return decimalText(value, places: 4) }
        let scaled = Int(value * 10_000 + 0.5)
        guard known.indices.contains(scaled) else { return decimalText(value, places: 4) }
        if known[scaled].isEmpty { known[scaled] = decimalText(value, places: 4) }
        return known[scaled]
    }
}

/// A decimal with exactly `places` digits behind the point, rounded to the nearest. `rounded()` would need
/// libm, which a module without Foundation does not link.
func decimalText(_ value: Double, places: Int) -> String {
    guard value.isFinite, value.magnitude < 1e12 else { return value < 0 ? "-inf" : "inf" }
    var unit = 1
    for _ in 0..<places { unit *= 10 }
    let scaled = Int(value.magnitude * Double(unit) + 0.5)
    let sign = value < 0 && scaled != 0 ? "-" : ""
    if places == 0 { return "\(sign)\(scaled)" }
    let fraction = String(scaled % unit)
    return "\(sign)\(scaled / unit).\(String(repeating: "0", count: places - fraction.utf8.count))\(fraction)"
}
