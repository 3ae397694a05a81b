import Tree

/// What YAML text without quotes means, as Kubernetes reads it (sigs.k8s.io/yaml over go-yaml v2): YAML 1.1's
/// words and numbers, except that `y` and `n` stay strings, as do timestamps and sexagesimal numbers.
enum PlainScalar {
    case text
    case value(Tree)
    /// `.inf`, `.nan` and their like, which JSON has no word for.
    case notFinite

    static func tree(_ events: borrowing YAMLEvents) throws(Fault) -> Tree {
        switch resolve(events.scalar) {
        case .text: return .string(String(decoding: events.scalar, as: UTF8.self))
        case .value(let tree): return tree
        case .notFinite:
            throw Fault(
                .badNumber, at: events.position,
                "infinity and NaN are not values here; quote it if it is meant as text")
        }
    }

    static func resolve(_ text: UnsafeBufferPointer<UInt8>) -> PlainScalar {
        guard let first = text.first else { return .value(.null) }
        switch first {
        case Ascii.zero...Ascii.nine, Ascii.minus, Ascii.plus: return number(text)
        case Ascii.dot:
            if isNotFinite(text) { return .notFinite }
            return isFraction(text) ? finite(text) : .text
        case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "y"),
            UInt8(ascii: "Y"), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "o"), UInt8(ascii: "O"),
            UInt8(ascii: "~"):
            return text.count <= 5 ? word(text) : .text
        default: return .text
        }
    }

    /// Whether a numeral is a whole number too large for 64 bits, which is kept as the nearest double.
    static func isHuge(_ text: UnsafeBufferPointer<UInt8>, _ value: Double) -> Bool {
        let hasPoint = text.contains(Ascii.dot)
        let isHexadecimal = text.contains { $0 | 0x20 == UInt8(ascii: "x") }
        let hasExponent = !isHexadecimal && text.contains { $0 | 0x20 == UInt8(ascii: "e") }
        return value.magnitude >= 0x1p63 && !hasPoint && !hasExponent
    }

    /// Words count in lower case, capitalised and in upper case, and in no other mixture.
    private static func word(_ text: UnsafeBufferPointer<UInt8>) -> PlainScalar {
        if text.count == 1 { return text[0] == UInt8(ascii: "~") ? .value(.null) : .text }
        let rest = text[1...]
        let isLower = rest.allSatisfy { $0 & 0x20 != 0 }
        let isUpper = text.allSatisfy { $0 & 0x20 == 0 }
        guard isLower || isUpper else { return .text }
        switch String(decoding: text.lazy.map { $0 | 0x20 }, as: UTF8.self) {
        case "true", "yes", "on": return .value(.bool(true))
        case "false", "no", "off": return .value(.bool(false))
        case "null": return .value(.null)
        default: return .text
        }
    }

    private static func isNotFinite(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.count <= 5 else { return false }
        guard let last = text.last, last | 0x20 == UInt8(ascii: "f") || last | 0x20 == UInt8(ascii: "n") else {
            return false
        }
        switch String(decoding: text, as: UTF8.self) {
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN",
            ".NAN":
            return true
        default: return false
        }
    }
}

// MARK: - Numbers

extension PlainScalar {
    private static func number(_ text: UnsafeBufferPointer<UInt8>) -> PlainScalar {
        // Most text that begins like a number is none: dates, versions, sizes. Only these bytes occur in one.
        guard text.allSatisfy(isNumeric) else { return isNotFinite(text) ? .notFinite : .text }
        if text.count <= 18, let value = count(text) { return .value(.int(value)) }
        return withoutUnderscores(text) { numeral in
            if let whole = integer(numeral) { return .value(whole) }
            return isFraction(numeral) ? finite(numeral) : .text
        }
    }

    /// The plainest form, which nearly all numbers have: digits alone, no leading zero, few enough for 64 bits.
    private static func count(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        if text.count > 1, text[0] == Ascii.zero { return nil }
        var value: Int64 = 0
        for byte in text {
            guard Ascii.isDigit(byte) else { return nil }
            value = value &* 10 &+ Int64(byte &- Ascii.zero)
        }
        return value
    }

    private static func isNumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case Ascii.minus, Ascii.plus, Ascii.dot, Ascii.underscore, UInt8(ascii: "x"), UInt8(ascii: "X"),
            UInt8(ascii: "o"), UInt8(ascii: "O"):
            true
        default: Ascii.hexValue(byte) != nil
        }
    }

    private static func withoutUnderscores<R>(
        _ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> R
    ) -> R {
        if !text.contains(Ascii.underscore) { return body(text) }
        return text.filter { $0 != Ascii.underscore }.withUnsafeBufferPointer(body)
    }

    /// A whole number: `[+-]` and digits, with the prefix `0x`, `0o` or `0b`, or a leading zero for octal.
    /// What passes 64 bits becomes the nearest double.
    private static func integer(_ numeral: UnsafeBufferPointer<UInt8>) -> Tree? {
        var digits = numeral[...]
        let isNegative = digits.first == Ascii.minus
        if isNegative || digits.first == Ascii.plus { digits = digits.dropFirst() }
        var radix: UInt32 = 10
        if digits.count > 1, digits.first == Ascii.zero {
            switch digits[digits.startIndex + 1] | 0x20 {
            case UInt8(ascii: "x"): radix = 16
            case UInt8(ascii: "o"): radix = 8
            case UInt8(ascii: "b"): radix = 2
            default: radix = 0
            }
            digits = digits.dropFirst(radix == 0 ? 1 : 2)
            if radix == 0 { radix = 8 }
        }
        if digits.isEmpty { return nil }
        var magnitude: UInt64 = 0
        var approximate = 0.0
        var overflow = false
        for byte in digits {
            guard let digit = Ascii.hexValue(byte), digit < radix else { return nil }
            let (high, tooHigh) = magnitude.multipliedReportingOverflow(by: UInt64(radix))
            let (sum, tooBig) = high.addingReportingOverflow(UInt64(digit))
            overflow = overflow || tooHigh || tooBig
            magnitude = sum
            approximate = approximate * Double(radix) + Double(digit)
        }
        if !overflow, let value = Int64(magnitude: magnitude, isNegative: isNegative) { return .int(value) }
        if radix == 10 { return nil }  // read again as a fraction, correctly rounded
        return approximate.isFinite ? .double(isNegative ? -approximate : approximate) : nil
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
    private static func isFraction(_ numeral: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        func peek() -> UInt8 { index < numeral.count ? numeral[index] : 0 }
        func passDigits() -> Int {
            let start = index
            while Ascii.isDigit(peek()) { index += 1 }
            return index - start
        }
        if peek() == Ascii.minus || peek() == Ascii.plus { index += 1 }
        let whole = passDigits()
        if peek() == Ascii.dot {
            index += 1
            if passDigits() == 0 && whole == 0 { return false }
        } else if whole == 0 {
            return false
        }
        if peek() | 0x20 == UInt8(ascii: "e") {
            index += 1
            if peek() == Ascii.minus || peek() == Ascii.plus { index += 1 }
            if passDigits() == 0 { return false }
        }
        return index == numeral.count
    }

    private static func finite(_ numeral: UnsafeBufferPointer<UInt8>) -> PlainScalar {
        let value = Decimal.double(numeral)
        return value.isFinite ? .value(.double(value)) : .text
    }
}
