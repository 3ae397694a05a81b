/// A Kubernetes quantity (`500m`, `2`, `256Mi`, `1.5G`), held exactly in thousandths of its unit.
///
/// The largest value is about 9.2e15 units (8 PiB of memory); the smallest step is one thousandth, and finer input is
/// rounded up, as the resource.Quantity of k8s.io/apimachinery rounds.
package struct Quantity: Sendable, Hashable, Comparable {
    /// Thousandths of the unit: millicores of CPU, thousandths of a byte of memory.
    package var milli: Int64

    package init(milli: Int64) { self.milli = milli }
    package init(_ units: Int64) { milli = units * 1000 }

    package static let zero = Quantity(milli: 0)
    /// Whole units, rounded up.
    package var units: Int64 { milli >= 0 ? (milli + 999) / 1000 : milli / 1000 }

    package static func < (a: Quantity, b: Quantity) -> Bool { a.milli < b.milli }
    package static func + (a: Quantity, b: Quantity) -> Quantity {
        let (sum, overflow) = a.milli.addingReportingOverflow(b.milli)
        return Quantity(milli: overflow ? .max : sum)
    }
    package static func - (a: Quantity, b: Quantity) -> Quantity { Quantity(milli: a.milli &- b.milli) }
    package static func += (a: inout Quantity, b: Quantity) { a = a + b }
    package static func -= (a: inout Quantity, b: Quantity) { a = a - b }

    package static func mebibytes(_ count: Int64) -> Quantity { Quantity(count << 20) }
    package static func gibibytes(_ count: Int64) -> Quantity { Quantity(count << 30) }
}

extension Quantity {
    /// The unit that ends a text: its length, by what it multiplies and by what it divides.
    private static func suffix(of text: String) -> (length: Int, multiplier: Int128, divisor: Int128)? {
        var bytes = text.utf8.reversed().makeIterator()
        guard let last = bytes.next() else { return nil }
        switch last {
        case UInt8(ascii: "n"): return (1, 1, 1_000_000_000)
        case UInt8(ascii: "u"): return (1, 1, 1_000_000)
        case UInt8(ascii: "m"): return (1, 1, 1_000)
        case UInt8(ascii: "k"): return (1, 1_000, 1)
        case UInt8(ascii: "M"): return (1, 1_000_000, 1)
        case UInt8(ascii: "G"): return (1, 1_000_000_000, 1)
        case UInt8(ascii: "T"): return (1, 1_000_000_000_000, 1)
        case UInt8(ascii: "P"): return (1, 1_000_000_000_000_000, 1)
        case UInt8(ascii: "E"): return (1, 1_000_000_000_000_000_000, 1)
        case UInt8(ascii: "i"): break
        default: return nil
        }
        switch bytes.next() {
        case UInt8(ascii: "K"): return (2, 1 << 10, 1)
        case UInt8(ascii: "M"): return (2, 1 << 20, 1)
        case UInt8(ascii: "G"): return (2, 1 << 30, 1)
        case UInt8(ascii: "T"): return (2, 1 << 40, 1)
        case UInt8(ascii: "P"): return (2, 1 << 50, 1)
        case UInt8(ascii: "E"): return (2, 1 << 60, 1)
        default: return nil
        }
    }

    /// Reads the text form; nil for anything else, for a sign, and for values past the largest.
    package init?(_ text: String) {
        var digits = Substring(text)
        var numerator: Int128 = 1000
        var denominator: Int128 = 1
        if let (length, multiplier, divisor) = Quantity.suffix(of: text) {
            digits = digits.dropLast(length)
            numerator *= multiplier
            denominator = divisor
        } else if let mark = digits.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            guard let exponent = Int(digits[digits.index(after: mark)...]), (-9...18).contains(exponent) else {
                return nil
            }
            digits = digits[..<mark]
            for _ in 0..<abs(exponent) { if exponent > 0 { numerator *= 10 } else { denominator *= 10 } }
        }
        var value: Int128 = 0
        var sawPoint = false
        guard digits.utf8.contains(where: { (0x30...0x39).contains($0) }), digits.utf8.count <= 30 else { return nil }
        for byte in digits.utf8 {
            switch byte {
            case UInt8(ascii: ".") where !sawPoint: sawPoint = true
            case 0x30...0x39:
                // Digits past the ninth behind the point are below the smallest step.
                if sawPoint {
                    guard denominator < 1_000_000_000_000_000_000 else { continue }
                    denominator *= 10
                }
                value = value * 10 + Int128(byte - 0x30)
                guard value < 1 << 62 else { return nil }
            default: return nil
            }
        }
        let scaled = value.multipliedReportingOverflow(by: numerator)
        guard !scaled.overflow else { return nil }
        let rounded = (scaled.partialValue + denominator - 1) / denominator
        guard let milli = Int64(exactly: rounded) else { return nil }
        self.init(milli: milli)
    }
}

extension Quantity: CustomStringConvertible {
    /// The shortest exact form: binary suffixes for whole multiples of 1024 from 1Ki up, `m` for thousandths.
    package var description: String {
        guard milli % 1000 == 0 else { return "\(milli)m" }
        let units = milli / 1000
        guard units != 0 else { return "0" }
        for (suffix, shift) in [("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)]
        where units.magnitude >= 1 << shift {
            if units % (1 << shift) == 0 { return "\(units >> shift)\(suffix)" }
        }
        return String(units)
    }
}
