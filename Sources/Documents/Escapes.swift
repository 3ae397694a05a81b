extension Unicode.Scalar {
    /// The character as it stands in double quotes in YAML: itself, or an escape where libyaml would not read
    /// it so.
    var escaped: String {
        switch self {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\t": return "\\t"
        case "\r": return "\\r"
        case "\0": return "\\0"
        case "\u{20}"..."\u{7E}": return String(self)
        case "\u{A0}"..."\u{2027}", "\u{202A}"..."\u{FEFE}", "\u{FF00}"..."\u{FFFD}", "\u{10000}"...:
            return String(self)
        default: return hexadecimalEscape
        }
    }

    private var hexadecimalEscape: String {
        let digits = String(value, radix: 16, uppercase: true)
        let (letter, width) = value < 0x100 ? ("x", 2) : value < 0x10000 ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: width - digits.count) + digits
    }
}

/// Text from an input for use in a message: in double quotes, with control characters escaped, cut at 80
/// characters.
func quoted(_ text: String) -> String {
    let cut = text.unicodeScalars.prefix(80)
    let shown = cut.map(\.escaped).joined()
    return cut.endIndex == text.unicodeScalars.endIndex ? "\"\(shown)\"" : "\"\(shown)…\""
}
