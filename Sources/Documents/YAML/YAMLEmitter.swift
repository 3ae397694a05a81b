import Tree

/// Writes a tree as a YAML document in block style. Depth of the tree bounds its recursion; trees that were
/// parsed are within `Limits.depth`.
struct YAMLEmitter {
    private(set) var bytes: [UInt8] = []

    /// Keys longer than this are written as explicit ones (`? key`), since readers look only so far for the
    /// colon.
    private static let longestSimpleKey = 128

    mutating func write(document tree: Tree) {
        switch tree {
        case .object(let members) where !members.isEmpty: write(members, column: 0)
        case .array(let items) where !items.isEmpty: write(items, column: 0)
        default: writeScalar(tree, column: 0)
        }
        if bytes.last != Ascii.newline { bytes.append(Ascii.newline) }
    }

    /// An object whose first key stands in `column`.
    private mutating func write(_ members: Members, column: Int) {
        var isFirst = true
        for member in members {
            if !isFirst { breakLine(column) }
            isFirst = false
            let start = bytes.count
            writeString(member.key, isKey: true, column: column)
            if bytes.count - start > Self.longestSimpleKey {
                bytes.insert(contentsOf: [UInt8(ascii: "?"), Ascii.space], at: start)
                breakLine(column)
                write(": ")
                write(afterIndicator: member.value, column: column)
            } else {
                bytes.append(Ascii.colon)
                write(value: member.value, column: column)
            }
        }
    }

    /// A value after its key: sequences stay in the key's column, as kubectl prints them.
    private mutating func write(value: Tree, column: Int) {
        switch value {
        case .object(let members) where !members.isEmpty:
            breakLine(column + 2)
            write(members, column: column + 2)
        case .array(let items) where !items.isEmpty:
            breakLine(column)
            write(items, column: column)
        default:
            bytes.append(Ascii.space)
            writeScalar(value, column: column)
        }
    }

    private mutating func write(_ items: [Tree], column: Int) {
        var isFirst = true
        for item in items {
            if !isFirst { breakLine(column) }
            isFirst = false
            write("- ")
            write(afterIndicator: item, column: column)
        }
    }

    /// A node on the line of the `-` or `:` that stands in `column`.
    private mutating func write(afterIndicator tree: Tree, column: Int) {
        switch tree {
        case .object(let members) where !members.isEmpty: write(members, column: column + 2)
        case .array(let items) where !items.isEmpty: write(items, column: column + 2)
        default: writeScalar(tree, column: column)
        }
    }

    /// Ends the line, unless a block of text has just ended it, and indents the next.
    private mutating func breakLine(_ column: Int) {
        if bytes.last != Ascii.newline { bytes.append(Ascii.newline) }
        bytes.append(contentsOf: repeatElement(Ascii.space, count: column))
    }

    private mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }
}

// MARK: - Scalars

extension YAMLEmitter {
    /// A scalar, or an empty collection, inside a collection that begins in `column`.
    private mutating func writeScalar(_ tree: Tree, column: Int) {
        switch tree {
        case .null: write("null")
        case .bool(let value): write(value ? "true" : "false")
        case .int(let value): write(String(value))
        case .double(let value): write(value.isFinite ? "\(value)" : "null")
        case .string(let text): writeString(text, isKey: false, column: column)
        case .array: write("[]")
        case .object: write("{}")
        }
    }

    private mutating func writeString(_ text: String, isKey: Bool, column: Int) {
        var text = text
        text.withUTF8 { utf8 in
            switch ScalarStyle(of: utf8, isKey: isKey) {
            case .plain: bytes.append(contentsOf: utf8)
            case .singleQuoted: writeSingleQuoted(utf8)
            case .doubleQuoted: writeDoubleQuoted(utf8)
            case .literal: writeLiteral(utf8, column: column)
            }
        }
    }

    private mutating func writeSingleQuoted(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(Ascii.apostrophe)
        for byte in text {
            if byte == Ascii.apostrophe { bytes.append(Ascii.apostrophe) }
            bytes.append(byte)
        }
        bytes.append(Ascii.apostrophe)
    }

    private mutating func writeDoubleQuoted(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(Ascii.quote)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            write(scalar.escaped)
        }
        bytes.append(Ascii.quote)
    }

    /// `|`, with `-` where the text does not end its last line and `+` where empty lines follow it, and with
    /// the indentation where the first line would hide it.
    private mutating func writeLiteral(_ text: UnsafeBufferPointer<UInt8>, column: Int) {
        bytes.append(UInt8(ascii: "|"))
        if let first = text.first, first <= Ascii.space { bytes.append(UInt8(ascii: "2")) }
        if text.last != Ascii.newline {
            bytes.append(Ascii.minus)
        } else if text.count > 1, text[text.count - 2] == Ascii.newline {
            bytes.append(Ascii.plus)
        }
        bytes.append(Ascii.newline)
        var isLineStart = true
        for byte in text {
            if isLineStart && byte != Ascii.newline {
                bytes.append(contentsOf: repeatElement(Ascii.space, count: column + 2))
            }
            bytes.append(byte)
            isLineStart = byte == Ascii.newline
        }
    }
}
