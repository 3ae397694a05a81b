/// Reads decimal fractions.
enum Decimal {
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
        1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// The double nearest to a numeral that the caller found to be `[+-]digits[.digits][e[+-]digits]`, digits
    /// missing on at most one side of the point. Infinite if it is out of range.
    ///
    /// Up to 15 digits with a small exponent are exact in one step (Clinger 1990); the rest goes the long
    /// way.
    static func double(_ numeral: UnsafeBufferPointer<UInt8>) -> Double {
        var mantissa: UInt64 = 0
        var digits = 0
        var scale = 0
        var seenPoint = false
        var index = 0
        var negative = false
        if let first = numeral.first, first == Ascii.minus || first == Ascii.plus {
            negative = first == Ascii.minus
            index = 1
        }
        while index < numeral.count {
            let byte = numeral[index]
            if Ascii.isDigit(byte) {
                if mantissa != 0 || byte != Ascii.zero { digits += 1 }
                if digits > 15 { return slow(numeral) }
                mantissa = mantissa * 10 + UInt64(byte - Ascii.zero)
                if seenPoint { scale -= 1 }
            } else if byte == Ascii.dot {
                seenPoint = true
            } else {
                guard let exponent = smallExponent(numeral, from: index + 1) else { return slow(numeral) }
                scale += exponent
                break
            }
            index += 1
        }
        guard abs(scale) <= 22 else { return slow(numeral) }
        let value = scale < 0 ? Double(mantissa) / powersOfTen[-scale] : Double(mantissa) * powersOfTen[scale]
        return negative ? -value : value
    }

    private static func smallExponent(_ numeral: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard start < numeral.count, numeral.count - start <= 4 else { return nil }
        let signed = numeral[start] == Ascii.minus || numeral[start] == Ascii.plus
        var value = 0
        for index in (signed ? start + 1 : start)..<numeral.count {
            value = value * 10 + Int(numeral[index] - Ascii.zero)
        }
        return numeral[start] == Ascii.minus ? -value : value
    }

    private static func slow(_ numeral: UnsafeBufferPointer<UInt8>) -> Double {
        var text = String(decoding: numeral, as: UTF8.self)
        if text.utf8.last == Ascii.dot { text.removeLast() }
        return Double(text) ?? .infinity
    }
}
