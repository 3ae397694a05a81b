/// Makes visible what would act or hide: control and escape characters, ends of lines, formatting characters such as
/// those that turn the direction of writing, and what no font shows.
enum Visible {
    /// Whether every scalar shows itself; most strings are so.
    static func isPlain(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { $0.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
    }

    /// Calls `write` for each scalar that shows itself, and `mark` for each that does not.
    static func scan(
        _ text: String, write: (Unicode.Scalar) -> Void, mark: (Unicode.Scalar) -> Void
    ) {
        var before: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            let isShown = shows(scalar, after: before)
            isShown ? write(scalar) : mark(scalar)
            before = isShown ? scalar : nil
        }
    }

    static func shows(_ scalar: Unicode.Scalar, after before: Unicode.Scalar?) -> Bool {
        if scalar.value < 0x7F { return scalar.value >= 0x20 }
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return false
        case .format:
            // Two joiners have a meaning in scripts that join their letters, and in emoji.
            guard scalar == "\u{200C}" || scalar == "\u{200D}", let before else { return false }
            return before.value > 0x7F
        // A mark of its own would change the character before the text.
        case .nonspacingMark, .enclosingMark, .spacingMark: return before != nil
        default: return !scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    /// `\n`, `\x1b`, `\u202e`: as programming languages write them.
    static func mark(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default:
            let digits = String(scalar.value, radix: 16)
            let (letter, width) = scalar.value < 0x80 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
            return "\\\(letter)\(String(repeating: "0", count: width - digits.count))\(digits)"
        }
    }
}
