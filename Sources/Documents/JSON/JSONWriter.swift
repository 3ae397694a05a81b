import Tree

/// Writes a tree as JSON, compact or with a number of spaces a level.
struct JSONWriter {
    var bytes: [UInt8] = []
    private let indent: Int?

    init(indent: Int?) { self.indent = indent }

    mutating func write(_ tree: Tree, depth: Int) {
        switch tree {
        case .null: write("null")
        case .bool(let value): write(value ? "true" : "false")
        case .int(let value): write(value)
        case .double(let value): write(value.isFinite ? "\(value)" : "null")
        case .string(let value): writeString(value)
        case .array(let items): write(items, depth: depth)
        case .object(let members): write(members, depth: depth)
        }
    }

    private mutating func write(_ items: [Tree], depth: Int) {
        bytes.append(Ascii.openBracket)
        var isFirst = true
        for item in items {
            separate(isFirst: isFirst, depth: depth + 1)
            isFirst = false
            write(item, depth: depth + 1)
        }
        if !isFirst { breakLine(depth: depth) }
        bytes.append(Ascii.closeBracket)
    }

    private mutating func write(_ members: Members, depth: Int) {
        bytes.append(Ascii.openBrace)
        var isFirst = true
        for member in members {
            separate(isFirst: isFirst, depth: depth + 1)
            isFirst = false
            writeString(member.key)
            bytes.append(Ascii.colon)
            if indent != nil { bytes.append(Ascii.space) }
            write(member.value, depth: depth + 1)
        }
        if !isFirst { breakLine(depth: depth) }
        bytes.append(Ascii.closeBrace)
    }

    private mutating func separate(isFirst: Bool, depth: Int) {
        if !isFirst { bytes.append(Ascii.comma) }
        breakLine(depth: depth)
    }

    private mutating func breakLine(depth: Int) {
        guard let indent else { return }
        bytes.append(Ascii.newline)
        bytes.append(contentsOf: repeatElement(Ascii.space, count: indent * depth))
    }

    private mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func write(_ value: Int64) {
        if (0...9).contains(value) { bytes.append(Ascii.zero + UInt8(value)) } else { write(String(value)) }
    }

    private mutating func writeString(_ text: String) {
        bytes.append(Ascii.quote)
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { writeEscaped($0) }
        if isDone == nil { Array(text.utf8).withUnsafeBufferPointer { writeEscaped($0) } }
        bytes.append(Ascii.quote)
    }

    /// Runs of ordinary bytes are copied whole.
    private mutating func writeEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        var from = 0
        for index in 0..<text.count {
            let byte = text[index]
            if byte >= Ascii.space && byte != Ascii.quote && byte != Ascii.backslash { continue }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[from..<index]))
            from = index + 1
            bytes.append(Ascii.backslash)
            switch byte {
            case Ascii.quote, Ascii.backslash: bytes.append(byte)
            case Ascii.newline: bytes.append(UInt8(ascii: "n"))
            case Ascii.carriageReturn: bytes.append(UInt8(ascii: "r"))
            case Ascii.tab: bytes.append(UInt8(ascii: "t"))
            case 0x08: bytes.append(UInt8(ascii: "b"))
            case 0x0C: bytes.append(UInt8(ascii: "f"))
            default:
                write("u00")
                bytes.append(Ascii.hexDigits[Int(byte >> 4)])
                bytes.append(Ascii.hexDigits[Int(byte & 15)])
            }
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[from...]))
    }
}
