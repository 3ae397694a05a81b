import Tree

/// Reads one JSON value from bytes that `InputText` has found to be UTF-8.
///
/// Works on offsets into the buffer; every load is guarded by `count`. Depth is checked before each
/// recursion, so the stack it needs is bounded by `Limits.depth`.
struct JSONParser: ~Copyable {
    private let bytes: UnsafePointer<UInt8>
    private let count: Int
    private let limits: Limits
    private var at = 0
    private var nodes = 0
    private var items = ValueStack<Tree>()
    private var members = MemberStack()
    private var keys = KeyCache()
    private var scratch: [UInt8] = []

    static func parse(_ buffer: UnsafeBufferPointer<UInt8>, limits: Limits) throws(Fault) -> Tree {
        guard let base = buffer.baseAddress, !buffer.isEmpty else {
            throw Fault(.syntax, at: 0, "the input is empty")
        }
        if buffer.count > limits.documentBytes {
            throw Fault(
                .documentTooLarge, at: limits.documentBytes,
                "the document has \(buffer.count) bytes, more than the \(limits.documentBytes) allowed"
            )
        }
        var parser = JSONParser(bytes: base, count: buffer.count, limits: limits)
        return try parser.document()
    }

    private init(bytes: UnsafePointer<UInt8>, count: Int, limits: Limits) {
        self.bytes = bytes
        self.count = count
        self.limits = limits
    }

    private mutating func document() throws(Fault) -> Tree {
        skipSpace()
        if at == count { throw Fault(.syntax, at: at, "the input holds no value") }
        let tree = try value(depth: 0)
        skipSpace()
        if at < count {
            throw Fault(
                .syntax, at: at, "\(found()) after the end of the value; a JSON input holds one value")
        }
        return tree
    }

    private mutating func value(depth: Int) throws(Fault) -> Tree {
        nodes += 1
        if nodes > limits.nodes { throw Fault.tooManyNodes(limits.nodes, at: .offset(at)) }
        guard at < count else { throw Fault(.syntax, at: at, "the text ends where a value is expected") }
        switch bytes[at] {
        case Ascii.quote: return .string(try string(isKey: false))
        case Ascii.openBrace: return try object(depth: depth)
        case Ascii.openBracket: return try array(depth: depth)
        case Ascii.minus, Ascii.zero...Ascii.nine: return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw Fault(.syntax, at: at, "\(found()) where a value is expected")
        }
    }

    private mutating func object(depth: Int) throws(Fault) -> Tree {
        if depth >= limits.depth { throw Fault.tooDeep(limits.depth, at: .offset(at)) }
        let start = members.height
        at += 1
        skipSpace()
        if at < count, bytes[at] == Ascii.closeBrace {
            at += 1
            return .emptyObject
        }
        while true {
            let place = at
            guard at < count, bytes[at] == Ascii.quote else {
                throw Fault(.syntax, at: at, "\(found()) where a key in double quotes is expected")
            }
            let key = try string(isKey: true)
            skipSpace()
            guard at < count, bytes[at] == Ascii.colon else {
                throw Fault(
                    .syntax, at: at, "\(found()) where the `:` after the key \(quoted(key)) is expected")
            }
            at += 1
            skipSpace()
            members.push(key, try value(depth: depth + 1), mark: MemberStack.Mark(place))
            skipSpace()
            guard at < count, bytes[at] == Ascii.comma else { break }
            at += 1
            skipSpace()
        }
        guard at < count, bytes[at] == Ascii.closeBrace else {
            throw Fault(.syntax, at: at, "\(found()) where `,` or `}` is expected")
        }
        at += 1
        do {
            return .object(try members.popObject(from: start))
        } catch {
            throw Fault.duplicateKey(error.key, at: .offset(Int(error.mark)))
        }
    }

    private mutating func array(depth: Int) throws(Fault) -> Tree {
        if depth >= limits.depth { throw Fault.tooDeep(limits.depth, at: .offset(at)) }
        let start = items.height
        at += 1
        skipSpace()
        if at < count, bytes[at] == Ascii.closeBracket {
            at += 1
            return .array([])
        }
        while true {
            items.push(try value(depth: depth + 1))
            skipSpace()
            guard at < count, bytes[at] == Ascii.comma else { break }
            at += 1
            skipSpace()
        }
        guard at < count, bytes[at] == Ascii.closeBracket else {
            throw Fault(.syntax, at: at, "\(found()) where `,` or `]` is expected")
        }
        at += 1
        return .array(items.pop(from: start))
    }

    private mutating func word(_ word: StaticString, _ tree: Tree) throws(Fault) -> Tree {
        let length = word.utf8CodeUnitCount
        for index in 0..<length where at + index >= count || bytes[at + index] != word.utf8Start[index] {
            throw Fault(
                .syntax, at: at, "\(found()) where a value is expected; JSON has true, false and null")
        }
        at += length
        return tree
    }

    @inline(__always) private mutating func skipSpace() {
        while at < count, bytes[at] <= Ascii.space, isSpace(bytes[at]) { at += 1 }
    }

    @inline(__always) private func isSpace(_ byte: UInt8) -> Bool {
        byte == Ascii.space || byte == Ascii.newline || byte == Ascii.carriageReturn || byte == Ascii.tab
    }

    /// The character at the current place, for messages.
    private func found() -> String {
        guard at < count else { return "the text ends" }
        let rest = UnsafeBufferPointer(start: bytes + at, count: min(4, count - at))
        return "found \(quoted(String(String(decoding: rest, as: UTF8.self).unicodeScalars.prefix(1))))"
    }
}

// MARK: - Strings

extension JSONParser {
    private mutating func string(isKey: Bool) throws(Fault) -> String {
        let start = at + 1
        let end = plainRun(from: start)
        if end < count, bytes[end] == Ascii.quote {
            if end - start > limits.scalarBytes {
                throw Fault.scalarTooLarge(limits.scalarBytes, at: .offset(at))
            }
            at = end + 1
            let text = UnsafeBufferPointer(start: bytes + start, count: end - start)
            return isKey ? keys.string(text) : String(decoding: text, as: UTF8.self)
        }
        return try escapedString(from: start, firstStop: end)
    }

    /// The first offset that is a quote, a backslash, a control character or the end.
    @inline(__always) private func plainRun(from start: Int) -> Int {
        var index = start
        let raw = UnsafeRawPointer(bytes)
        while index + 8 <= count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let quotes = word ^ 0x2222_2222_2222_2222
            let slashes = word ^ 0x5C5C_5C5C_5C5C_5C5C
            // The lowest marked byte is exact: borrows only travel upwards.
            let marks =
                ((quotes &- 0x0101_0101_0101_0101) & ~quotes)
                | ((slashes &- 0x0101_0101_0101_0101) & ~slashes)
                | ((word &- 0x2020_2020_2020_2020) & ~word)
            let hits = marks & 0x8080_8080_8080_8080
            if hits != 0 { return index + hits.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < count, bytes[index] != Ascii.quote, bytes[index] != Ascii.backslash,
            bytes[index] >= Ascii.space
        {
            index += 1
        }
        return index
    }

    private mutating func escapedString(from start: Int, firstStop: Int) throws(Fault) -> String {
        let opening = at
        scratch.removeAll(keepingCapacity: true)
        var from = start
        at = firstStop
        while true {
            scratch.append(contentsOf: UnsafeBufferPointer(start: bytes + from, count: at - from))
            if scratch.count > limits.scalarBytes {
                throw Fault.scalarTooLarge(limits.scalarBytes, at: .offset(opening))
            }
            guard at < count else {
                throw Fault(.syntax, at: opening, "the string that begins here has no closing quote")
            }
            if bytes[at] == Ascii.quote { break }
            guard bytes[at] == Ascii.backslash else {
                throw Fault(
                    .syntax, at: at,
                    "\(found()) inside a string; write control characters as escapes such as \\n")
            }
            try escape()
            from = at
            at = plainRun(from: at)
        }
        at += 1
        return String(decoding: scratch, as: UTF8.self)
    }

    private mutating func escape() throws(Fault) {
        let place = at
        at += 2
        guard place + 1 < count else { throw Fault(.syntax, at: place, "the text ends inside an escape") }
        switch bytes[place + 1] {
        case Ascii.quote: scratch.append(Ascii.quote)
        case Ascii.backslash: scratch.append(Ascii.backslash)
        case UInt8(ascii: "/"): scratch.append(UInt8(ascii: "/"))
        case UInt8(ascii: "b"): scratch.append(0x08)
        case UInt8(ascii: "f"): scratch.append(0x0C)
        case UInt8(ascii: "n"): scratch.append(Ascii.newline)
        case UInt8(ascii: "r"): scratch.append(Ascii.carriageReturn)
        case UInt8(ascii: "t"): scratch.append(Ascii.tab)
        case UInt8(ascii: "u"): try unicodeEscape(at: place)
        default:
            throw Fault(
                .syntax, at: place, "an escape that JSON does not have; a backslash itself is written \\\\")
        }
    }

    private mutating func unicodeEscape(at place: Int) throws(Fault) {
        var value = try fourHexDigits(place)
        if (0xD800...0xDBFF).contains(value), at + 1 < count, bytes[at] == Ascii.backslash,
            bytes[at + 1] == UInt8(ascii: "u")
        {
            at += 2
            let low = try fourHexDigits(place)
            if (0xDC00...0xDFFF).contains(low) { value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00) }
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw Fault(
                .badUTF8, at: place,
                "half a surrogate pair is no character; write both halves, or the character")
        }
        scratch.append(contentsOf: UTF8.encode(scalar)!)
    }

    private mutating func fourHexDigits(_ place: Int) throws(Fault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard at < count, let digit = Ascii.hexValue(bytes[at]) else {
                throw Fault(.syntax, at: place, "\\u needs four hexadecimal digits")
            }
            value = value << 4 | digit
            at += 1
        }
        return value
    }
}

// MARK: - Numbers

extension JSONParser {
    private mutating func number() throws(Fault) -> Tree {
        let start = at
        let isNegative = bytes[at] == Ascii.minus
        if isNegative { at += 1 }
        guard at < count, Ascii.isDigit(bytes[at]) else {
            throw Fault(.syntax, at: at, "\(found()) where the digits of a number are expected")
        }
        if bytes[at] == Ascii.zero, at + 1 < count, Ascii.isDigit(bytes[at + 1]) {
            throw Fault(
                .syntax, at: start,
                "a number with a leading zero; remove the zero, or quote it if it is a string")
        }
        var magnitude: UInt64 = 0
        var overflow = false
        while at < count, Ascii.isDigit(bytes[at]) {
            let (high, tooHigh) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, tooBig) = high.addingReportingOverflow(UInt64(bytes[at] - Ascii.zero))
            overflow = overflow || tooHigh || tooBig
            magnitude = sum
            at += 1
        }
        let isWhole = try !fraction()
        if at - start > limits.scalarBytes {
            throw Fault.scalarTooLarge(limits.scalarBytes, at: .offset(start))
        }
        if isWhole && !overflow, let value = Int64(magnitude: magnitude, isNegative: isNegative) {
            return .int(value)
        }
        let double = Decimal.double(UnsafeBufferPointer(start: bytes + start, count: at - start))
        if double.isInfinite { throw Fault(.badNumber, at: start, "this number is out of range") }
        return .double(double)
    }

    /// Passes over `.digits` and `e±digits`; true if there was either.
    private mutating func fraction() throws(Fault) -> Bool {
        let start = at
        if at < count, bytes[at] == Ascii.dot {
            at += 1
            try digits()
        }
        if at < count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < count, bytes[at] == Ascii.minus || bytes[at] == Ascii.plus { at += 1 }
            try digits()
        }
        return at > start
    }

    private mutating func digits() throws(Fault) {
        guard at < count, Ascii.isDigit(bytes[at]) else {
            throw Fault(.syntax, at: at, "\(found()) where the digits of a number are expected")
        }
        while at < count, Ascii.isDigit(bytes[at]) { at += 1 }
    }
}

extension Int64 {
    /// Nil where the value does not fit.
    init?(magnitude: UInt64, isNegative: Bool) {
        if !isNegative {
            self.init(exactly: magnitude)
        } else if magnitude <= UInt64(Int64.max) + 1 {
            self = Int64(truncatingIfNeeded: 0 &- magnitude)
        } else {
            return nil
        }
    }
}
