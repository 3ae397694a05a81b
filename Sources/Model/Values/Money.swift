/// An amount in US dollars, kept as whole millionths: no binary fraction ever touches money.
package struct Money: Sendable, Hashable, Comparable {
    /// Millionths of a dollar.
    package var micros: Int64

    package init(micros: Int64) { self.micros = micros }
    package init(dollars: Int64) { micros = dollars * 1_000_000 }

    package static let zero = Money(micros: 0)
    package static func < (a: Money, b: Money) -> Bool { a.micros < b.micros }
    package static func + (a: Money, b: Money) -> Money { Money(micros: a.micros &+ b.micros) }
    package static func - (a: Money, b: Money) -> Money { Money(micros: a.micros &- b.micros) }
    package static func += (a: inout Money, b: Money) { a = a + b }
    package static prefix func - (a: Money) -> Money { Money(micros: -a.micros) }

    /// What a rate of this much an hour costs over `duration`, rounded to the nearest millionth.
    package func perHour(over duration: Duration) -> Money {
        let scaled = Int128(micros) * Int128(duration.milliseconds)
        let half: Int128 = scaled < 0 ? -1_800_000 : 1_800_000
        return Money(micros: Int64(clamping: (scaled + half) / 3_600_000))
    }

    /// The amount times a ratio given as `numerator / denominator`.
    package func scaled(by numerator: Int64, over denominator: Int64) -> Money {
        guard denominator != 0 else { return .zero }
        return Money(micros: Int64(clamping: Int128(micros) * Int128(numerator) / Int128(denominator)))
    }
}

extension Money {
    /// Reads `50`, `0.09` or `1234.5`: digits, at most six of them behind the point, no sign, no exponent.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, Money.isDigits(whole), let dollars = Int64(whole), dollars <= 1_000_000_000_000
        else { return nil }
        var fraction: Int64 = 0
        if parts.count == 2 {
            guard Money.isDigits(parts[1]), parts[1].utf8.count <= 6, let digits = Int64(parts[1]) else { return nil }
            fraction = digits
            for _ in parts[1].utf8.count..<6 { fraction *= 10 }
        }
        self.init(micros: dollars * 1_000_000 + fraction)
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// The shortest exact decimal: `50`, `0.09`, `0.0416`.
    package var decimal: String {
        let sign = micros < 0 ? "-" : ""
        let whole = micros.magnitude / 1_000_000
        var fraction = String(micros.magnitude % 1_000_000)
        if fraction == "0" { return "\(sign)\(whole)" }
        fraction = String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
        while fraction.last == "0" { fraction.removeLast() }
        return "\(sign)\(whole).\(fraction)"
    }
}

extension Money: CustomStringConvertible {
    /// For people: `$12.34`; amounts under ten cents keep four digits behind the point.
    package var description: String {
        let places: Int64 = micros.magnitude < 100_000 && micros != 0 ? 4 : 2
        let unit: UInt64 = places == 4 ? 100 : 10_000
        let rounded = (micros.magnitude + unit / 2) / unit
        let base: UInt64 = places == 4 ? 10_000 : 100
        let fraction = String(rounded % base)
        let padding = String(repeating: "0", count: Int(places) - fraction.utf8.count)
        return "\(micros < 0 ? "-" : "")$\(rounded / base).\(padding)\(fraction)"
    }
}
