import Tree

/// How a string is written in YAML: the plainest way that reads back as the same string, chosen as kubectl
/// does.
enum ScalarStyle {
    case plain
    case singleQuoted
    case doubleQuoted
    case literal

    init(of text: UnsafeBufferPointer<UInt8>, isKey: Bool) {
        let shape = Shape(text)
        if shape.needsEscapes {
            self = .doubleQuoted
        } else if shape.hasBreak {
            self = isKey || shape.hasSpaceAtLineEnd || shape.isBlank ? .doubleQuoted : .literal
        } else if shape.hasTab || Self.meansMore(text) {
            self = .doubleQuoted
        } else {
            self = shape.hasIndicator ? .singleQuoted : .plain
        }
    }

    /// Whether the text without quotes would be another type, here or for another reader of YAML 1.1.
    private static func meansMore(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard case .text = PlainScalar.resolve(text) else { return true }
        guard let first = text.first else { return true }
        if text.count == 1 { return [UInt8]("yYnN=".utf8).contains(first) }
        if text.count == 2 { return first == UInt8(ascii: "<") && text[1] == UInt8(ascii: "<") }
        return isDate(text) || isSexagesimal(text)
    }

    /// `2026-1-2`, alone or with a time after it.
    private static func isDate(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.prefix(while: Ascii.isDigit).count == 4, text.count >= 8 else { return false }
        var rest = text[4...]
        for _ in 0..<2 {
            guard rest.first == Ascii.minus else { return false }
            rest = rest.dropFirst()
            let digits = rest.prefix(while: Ascii.isDigit).count
            guard (1...2).contains(digits) else { return false }
            rest = rest.dropFirst(digits)
        }
        guard let next = rest.first else { return true }
        return next | 0x20 == UInt8(ascii: "t") || next == Ascii.space
    }

    /// `190:20:30.15`, which YAML 1.1 counts in sixties.
    private static func isSexagesimal(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = text.first, Ascii.isDigit(first) || first == Ascii.minus || first == Ascii.plus
        else { return false }
        return text.contains(Ascii.colon)
            && text.dropFirst().allSatisfy {
                Ascii.isDigit($0) || $0 == Ascii.colon || $0 == Ascii.underscore || $0 == Ascii.dot
            }
    }
}

extension ScalarStyle {
    /// What a text contains that rules a style out.
    private struct Shape {
        /// Characters that libyaml does not read as they are, and those it takes for line breaks.
        var needsEscapes = false
        var hasBreak = false
        var hasTab = false
        var hasSpaceAtLineEnd = false
        /// Something that has a meaning in a plain scalar.
        var hasIndicator = false
        /// Nothing but line breaks and spaces.
        var isBlank = true

        init(_ text: UnsafeBufferPointer<UInt8>) {
            guard let first = text.first, let last = text.last else { return }
            hasIndicator =
                first == Ascii.space || last == Ascii.space || last == Ascii.colon
                || Self.beginsWithIndicator(text, first)
            hasSpaceAtLineEnd = last == Ascii.space
            for index in text.indices {
                let byte = text[index]
                if byte > Ascii.colon && byte < 0x7F {
                    isBlank = false
                } else {
                    add(byte, before: index > 0 ? text[index - 1] : 0, rest: text[index...])
                }
            }
        }

        private mutating func add(_ byte: UInt8, before: UInt8, rest: Slice<UnsafeBufferPointer<UInt8>>) {
            switch byte {
            case Ascii.newline:
                hasBreak = true
                if before == Ascii.space || before == Ascii.tab { hasSpaceAtLineEnd = true }
                return
            case Ascii.space: return
            case Ascii.tab: hasTab = true
            case Ascii.hash: if before == Ascii.space { hasIndicator = true }
            case Ascii.colon: if rest.dropFirst().first == Ascii.space { hasIndicator = true }
            case 0..<Ascii.space, 0x7F: needsEscapes = true
            case 0xC2: if rest.dropFirst().first! < 0xA0 { needsEscapes = true }
            case 0xE2:
                if rest.starts(with: [0xE2, 0x80, 0xA8]) || rest.starts(with: [0xE2, 0x80, 0xA9]) {
                    needsEscapes = true
                }
            case 0xEF:
                let isUnreadable =
                    rest.starts(with: [0xEF, 0xBB, 0xBF]) || rest.starts(with: [0xEF, 0xBF, 0xBE])
                    || rest.starts(with: [0xEF, 0xBF, 0xBF])
                if isUnreadable { needsEscapes = true }
            default: break
            }
            isBlank = false
        }

        private static func beginsWithIndicator(_ text: UnsafeBufferPointer<UInt8>, _ first: UInt8) -> Bool {
            switch first {
            case Ascii.hash, Ascii.comma, Ascii.openBracket, Ascii.closeBracket, Ascii.openBrace,
                Ascii.closeBrace,
                UInt8(ascii: "&"), UInt8(ascii: "*"), UInt8(ascii: "!"), UInt8(ascii: "|"), UInt8(ascii: ">"),
                Ascii.apostrophe, Ascii.quote, Ascii.percent, UInt8(ascii: "@"), UInt8(ascii: "`"):
                return true
            case UInt8(ascii: "?"), Ascii.colon: return text.count == 1 || text[1] == Ascii.space
            case Ascii.minus, Ascii.dot:
                let isMarker = text.count >= 3 && text[1] == first && text[2] == first
                return isMarker || (first == Ascii.minus && (text.count == 1 || text[1] == Ascii.space))
            default: return false
            }
        }
    }
}
