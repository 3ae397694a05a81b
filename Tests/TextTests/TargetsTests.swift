import Testing
import Text

/// Strings of every kind of character through every target.
@Suite struct TargetsTests {
    /// Of every general category of Unicode the first, the last and two between; all of the first blocks; what is known
    /// to do harm.
    static let scalars: [Unicode.Scalar] = {
        var byCategory: [Unicode.GeneralCategory: [Unicode.Scalar]] = [:]
        var all: [Unicode.Scalar] = []
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            if value < 0x180 || (0x2000...0x206F).contains(value) || (0xFFF0...0xFFFF).contains(value) {
                all.append(scalar)
            } else {
                byCategory[scalar.properties.generalCategory, default: []].append(scalar)
            }
        }
        for members in byCategory.values {
            for part in 0...3 { all.append(members[(members.count - 1) * part / 3]) }
        }
        return all + ["\u{61C}", "\u{180E}", "\u{FEFF}", "\u{FFF9}", "\u{E0001}", "\u{E007F}", "\u{3164}", "\u{115F}"]
    }()

    /// Whether a terminal might do anything with it but show it.
    private static func acts(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse: true
        case .format: scalar != "\u{200D}" && scalar != "\u{200C}"
        default: false
        }
    }

    private static func encode(_ text: String) -> [(target: String, text: String)] {
        [
            ("terminal", Encoded<Terminal>(text).text), ("annotation", Encoded<Annotation>(text).text),
            ("property", Encoded<AnnotationProperty>(text).text), ("XML", Encoded<XML>(text).text),
            ("Markdown", Encoded<Markdown>(text).text), ("shell", Encoded<Shell>(text).text),
            ("YAML", Encoded<YAMLScalar>(text).text),
        ]
    }

    @Test func nothingOfAnyCategoryActs() {
        for scalar in Self.scalars {
            for around in ["", "a", "é", "\r", "e\u{301}"] {
                let text = "\(around)\(scalar)z"
                for (target, encoded) in Self.encode(text) {
                    let left = encoded.unicodeScalars.filter(Self.acts)
                    #expect(
                        left.isEmpty,
                        "\(target) of U+\(String(scalar.value, radix: 16)) after \(around.debugDescription)")
                }
                let once = Encoded<Terminal>(text).text
                #expect(Encoded<Terminal>(once).text == once, "what is shown once is not changed by showing it again")
            }
        }
    }

    /// Every line end there is, CR LF among them, which Swift counts as one character.
    @Test func oneLineStaysOneLine() {
        for end in ["\n", "\r", "\r\n", "\u{B}", "\u{C}", "\u{85}", "\u{2028}", "\u{2029}"] {
            for (target, encoded) in Self.encode("a\(end)::error ::b") {
                let isOneLine = encoded.allSatisfy { !$0.isNewline }
                #expect(isOneLine, "\(target) \(end.debugDescription)")
            }
        }
        // Not literals: those are ours, and go through as they are.
        let (line, property) = ("a\r\nb%", "a:b,c")
        #expect(Encoded<Annotation>(line).text == "a%0D%0Ab%25")
        #expect(Encoded<AnnotationProperty>(property).text == "a%3Ab%2Cc")
    }

    @Test(arguments: [
        ("plain", "plain"), ("\u{1B}[2J", "\\x1b[2J"), ("a\tb\r\nc", "a\\tb\\r\\nc"), ("\u{9B}31m", "\\u009b31m"),
        ("\u{202E}txt.exe", "\\u202etxt.exe"), ("حزمة", "حزمة"), ("می‌خواهم", "می‌خواهم"), ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("a\u{200D}b", "a\\u200db"),
        ("\u{301}x", "\\u0301x"), ("e\u{301}", "e\u{301}"), ("\u{E0041}", "\\U000e0041"), ("", ""),
    ])
    func terminalsShowIt(text: String, shown: String) {
        #expect(Encoded<Terminal>(text).text == shown)
    }

    @Test func xmlHasOnlyItsOwnCharacters() {
        let text = "<a b=\"c\">&'\u{FFFE}\u{0}\n"
        #expect(
            Encoded<XML>(text).text == "&lt;a b=&quot;c&quot;&gt;&amp;&apos;\\ufffe\\x00&#10;"
        )
    }

    @Test(arguments: [
        ("us-east-1", "us-east-1"), ("<img src=x onerror=y>", "&lt;img src=x onerror=y&gt;"), ("a|b", "a\\|b"),
        ("[x](http://y)", "\\[x\\](http\\://y)"), ("`rm`", "\\`rm\\`"), ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("# head", "\\# head"), ("@team", "\\@team"), ("www.x.y", "www\\.x.y"), ("a\nb", "a\\\\nb"),
        ("    code", "&#32;   code"),
    ])
    func markdownShowsText(text: String, shown: String) {
        #expect(Encoded<Markdown>(text).text == shown)
    }

    @Test func aBlockOfMarkdownIsNotEndedFromWithin() {
        let lines: Encoded<Terminal> = "a \("```")\n\("````")\n"
        #expect(Encoded<Markdown>(block: lines).text == "`````\na ```\n````\n`````\n")
    }

    @Test(arguments: [
        ("plan.yaml", "plan.yaml"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("", "''"), ("$(reboot)", "'$(reboot)'"),
        ("a\nb'\\", "$'a\\nb\\'\\\\'"), ("é", "'é'"),
    ])
    func shellsTakeOneWord(text: String, word: String) {
        #expect(Encoded<Shell>(text).text == word)
    }

    @Test func yamlTakesOneScalar() {
        let text = "a: \"b\"\n- c\\\u{7F}"
        #expect(Encoded<YAMLScalar>(text).text == "\"a: \\\"b\\\"\\n- c\\\\\\x7f\"")
    }

    @Test func literalsAreOursAndWhatIsPutIntoThemIsNot() {
        let outside = "\u{1B}[31m\n"
        let inner: Encoded<Terminal> = "\u{1B}[1m\(outside)\u{1B}[0m"
        let text: Encoded<Terminal> = "a\n\(inner) \(outside) \(7)"
        #expect(text.text == "a\n\u{1B}[1m\\x1b[31m\\n\u{1B}[0m \\x1b[31m\\n 7")
    }
}
