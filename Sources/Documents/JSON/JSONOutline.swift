import Tree

/// The outline of a JSON text. The text is parsed strictly first, so the walk may trust it: every load is in
/// bounds because every value of the text has an end.
struct JSONOutline {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0
    /// The place of the byte at `measured`, from which the next place is measured.
    private var place = Position(line: 1, column: 1)
    private var measured = 0

    static func parse(_ text: UnsafeBufferPointer<UInt8>, limits: Limits) throws(Fault) -> Outline {
        try InputText.check(text, limits: limits)
        _ = try JSONParser.parse(text, limits: limits)
        var walk = JSONOutline(bytes: text)
        return walk.value()
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private mutating func value() -> Outline {
        skipSpace()
        var outline = Outline(position: position())
        switch bytes[at] {
        case Ascii.openBrace:
            at += 1
            while !passes(Ascii.closeBrace) {
                let position = position()
                let key = string()
                _ = passes(Ascii.colon)
                outline.fields.append(Outline.Field(key: key, position: position, value: value()))
                _ = passes(Ascii.comma)
            }
        case Ascii.openBracket:
            at += 1
            while !passes(Ascii.closeBracket) {
                outline.items.append(value())
                _ = passes(Ascii.comma)
            }
        case Ascii.quote: passString()
        default: while at < bytes.count, !isDelimiter(bytes[at]) { at += 1 }
        }
        return outline
    }

    /// Passes over white space, then over that byte if it is there, then over white space again.
    private mutating func passes(_ byte: UInt8) -> Bool {
        skipSpace()
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        skipSpace()
        return true
    }

    private mutating func string() -> String {
        let start = at
        passString()
        // try?: a key that can't be read is named by nobody.
        guard
            // try?: as above.
            let tree = try? JSONParser.parse(
                UnsafeBufferPointer(rebasing: bytes[start..<at]), limits: .answer)
        else {
            return ""
        }
        return tree.string ?? ""
    }

    private mutating func passString() {
        at += 1
        while bytes[at] != Ascii.quote { at += bytes[at] == Ascii.backslash ? 2 : 1 }
        at += 1
    }

    private mutating func skipSpace() {
        while at < bytes.count, bytes[at] <= Ascii.space { at += 1 }
    }

    private func isDelimiter(_ byte: UInt8) -> Bool {
        byte <= Ascii.space || byte == Ascii.comma || byte == Ascii.closeBrace || byte == Ascii.closeBracket
    }

    private mutating func position() -> Position {
        let step = Position(of: at - measured, in: UnsafeBufferPointer(rebasing: bytes[measured...]))
        place =
            step.line == 1
            ? Position(line: place.line, column: place.column + step.column - 1)
            : Position(line: place.line + step.line - 1, column: step.column)
        measured = at
        return place
    }
}
