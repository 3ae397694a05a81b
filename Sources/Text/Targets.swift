/// A terminal, or a line of a log: one line, whatever the string holds.
package enum Terminal: TextTarget {
    package static func encode(_ text: String) -> String {
        if Visible.isPlain(text) { return text }
        var shown = ""
        shown.reserveCapacity(text.utf8.count)
        Visible.scan(
            text, write: { shown.unicodeScalars.append($0) }, mark: { shown += Visible.mark($0) })
        return shown
    }
}

/// The data of a CI system's command, as in GitHub's `::error ::DATA`
/// (docs.github.com, "Workflow commands"). Ends of lines are its own to show.
package enum Annotation: TextTarget {
    package static func encode(_ text: String) -> String { Percent.encode(text, also: []) }
}

/// A property of a CI system's command, as in `::error file=PROPERTY::`.
package enum AnnotationProperty: TextTarget {
    package static func encode(_ text: String) -> String { Percent.encode(text, also: [":", ","]) }
}

private enum Percent {
    static func encode(_ text: String, also: Set<Unicode.Scalar>) -> String {
        var encoded = ""
        func write(_ scalar: Unicode.Scalar) {
            guard scalar == "%" || also.contains(scalar) else { return encoded.unicodeScalars.append(scalar) }
            encoded += "%" + String(scalar.value, radix: 16, uppercase: true)
        }
        Visible.scan(text, write: write) { scalar in
            switch scalar {
            case "\r": encoded += "%0D"
            case "\n": encoded += "%0A"
            default: encoded += Visible.mark(scalar)
            }
        }
        return encoded
    }
}

/// Attributes and text of XML 1.0, which has no way at all to write most control characters.
package enum XML: TextTarget {
    package static func encode(_ text: String) -> String {
        var encoded = ""
        func write(_ scalar: Unicode.Scalar) {
            switch scalar {
            case "&": encoded += "&amp;"
            case "<": encoded += "&lt;"
            case ">": encoded += "&gt;"
            case "\"": encoded += "&quot;"
            case "'": encoded += "&apos;"
            default: encoded.unicodeScalars.append(scalar)
            }
        }
        Visible.scan(text, write: write) { scalar in
            switch scalar {
            case "\n", "\r", "\t": encoded += "&#\(scalar.value);"
            default: encoded += Visible.mark(scalar)
            }
        }
        return encoded
    }
}

/// A stretch of text in a paragraph, a list or a table of GitHub's Markdown.
package enum Markdown: TextTarget {
    package static func encode(_ text: String) -> String {
        var encoded = ""
        var written = 0
        func write(_ scalar: Unicode.Scalar) {
            switch scalar {
            case "<": encoded += "&lt;"
            case ">": encoded += "&gt;"
            case "&": encoded += "&amp;"
            case "\\", "`", "*", "_", "[", "]", "|", "~", "@", "#", "!", "$", ":": encoded += "\\\(scalar)"
            // A list, a heading or a rule begins with these, and `1.` with a point.
            case "-" where written == 0, "+" where written == 0, "=" where written == 0: encoded += "\\\(scalar)"
            case ".", ")":
                let isNumbered = encoded.unicodeScalars.allSatisfy { ("0"..."9").contains($0) }
                // `www.` becomes a link by itself.
                encoded += isNumbered || encoded.suffix(3).lowercased() == "www" ? "\\\(scalar)" : "\(scalar)"
            case " " where written == 0: encoded += "&#32;"
            default: encoded.unicodeScalars.append(scalar)
            }
            written += 1
        }
        Visible.scan(text, write: write) { scalar in
            encoded += "\\" + Visible.mark(scalar)
            written += 1
        }
        return encoded
    }
}

extension Encoded<Markdown> {
    /// Lines as they are, in a block that no run of backticks in them ends.
    package init(block lines: Encoded<Terminal>) {
        var longest = 0
        var run = 0
        for byte in lines.text.utf8 {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = Encoded(raw: String(repeating: "`", count: max(3, longest + 1)))
        self = "\(fence)\n\(Encoded(raw: lines.text))\(fence)\n"
    }
}

/// One word of a shell's command line, for the commands that are there to be copied.
package enum Shell: TextTarget {
    package static func encode(_ text: String) -> String {
        let isBare =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-_./=:,@%+".utf8.contains(byte)
                }
            }
        if isBare { return text }
        guard Terminal.encode(text) != text else { return "'\(text.replacing("'", with: "'\\''"))'" }
        // What can't be seen is written by its number, in the quotes that read numbers.
        var quoted = "$'"
        func write(_ scalar: Unicode.Scalar) {
            if scalar == "'" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        Visible.scan(text, write: write, mark: { quoted += Visible.mark($0) })
        return quoted + "'"
    }
}

/// A scalar of YAML in double quotes, as in a kubeconfig.
package enum YAMLScalar: TextTarget {
    package static func encode(_ text: String) -> String {
        var quoted = "\""
        func write(_ scalar: Unicode.Scalar) {
            if scalar == "\"" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        Visible.scan(text, write: write, mark: { quoted += Visible.mark($0) })
        return quoted + "\""
    }
}
