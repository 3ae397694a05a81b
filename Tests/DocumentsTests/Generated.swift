import Tree

/// SplitMix64: the same numbers from a seed everywhere.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension Tree {
    /// A tree that favours what printers get wrong: text that looks like something else, breaks, spaces, odd
    /// characters.
    static func random(_ random: inout Seeded, depth: Int = 0) -> Tree {
        switch Int.random(in: 0..<(depth < 4 ? 12 : 8), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2:
            return .int(Int64(truncatingIfNeeded: random.next()) >> Int64.random(in: 0..<64, using: &random))
        case 3: return .double(.random(&random))
        case 4...7: return .string(.random(&random))
        case 8, 9:
            return .array(
                (0..<Int.random(in: 0..<5, using: &random)).map { _ in .random(&random, depth: depth + 1) })
        default:
            var members = Members()
            for _ in 0..<Int.random(in: 0..<5, using: &random) {
                members[.random(&random)] = .random(&random, depth: depth + 1)
            }
            return .object(members)
        }
    }

    /// The paths of all values in it.
    func paths(_ here: FieldPath = FieldPath()) -> [FieldPath] {
        switch self {
        case .array(let items): [here] + items.indices.flatMap { items[$0].paths(here + $0) }
        case .object(let members): [here] + members.flatMap { $0.value.paths(here + $0.key) }
        default: [here]
        }
    }
}

extension Double {
    fileprivate static func random(_ random: inout Seeded) -> Double {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return Double(Int.random(in: -1000...1000, using: &random))
        case 1: return Double(Int.random(in: -1000...1000, using: &random)) / 100
        case 2: return Double.random(in: -1e30...1e30, using: &random)
        default:
            let value = Double(bitPattern: random.next())
            return value.isFinite ? value : 0.5
        }
    }
}

extension String {
    private static let words = [
        "", "true", "yes", "No", "on", "off", "y", "N", "null", "~", "0", "10", "-1", "+1", "0x1F", "0777",
        "08", "0o7", "0b1",
        "1_000", "1.5", ".5", "1e3", "1e400", ".inf", "-.INF", ".nan", "1:20", "2026-01-02",
        "2026-01-02T03:04:05Z", "<<", "=",
        "-", "--", "---", "--- x", "...", "?", ":", ": ", " :", "a: b", "a:", "a #b", "#", "# x", "a#b", "&a",
        "*a", "!a",
        "|", ">", "%a", "@a", "`a", "{", "}", "[", "]", "{a: 1}", "[1]", ",", "'", "''", "\"", "\\", "it's",
        "say \"hi\"",
        " lead", "trail ", "\t", "\ta", "a\tb", "a\t", "\n", "\n\n", "\r", "a\rb", "a\r\nb", "line\n",
        "line\nline", "line\n\n\n",
        "\nlead", "  lead\nline", "line \nline", "line\n  more\n\nend", "\tx\ny", "a\n\tb\n", "a\n---\nb",
        "# a\nb: c\n",
        "#!/bin/sh\nset -e\n\techo \"$1\"\n", "é", "日本語", "😀", "e\u{301}", "\u{85}", "a\u{2028}b", "\u{2029}",
        "\u{FEFF}x", "\u{FFFE}",
        "\u{FFFF}", "\u{A0}", "\u{9F}", "\u{7F}", "\0", "a\0b", "\u{1}", "\u{1B}[31m", "\u{10FFFF}", "- a",
        "? a", "-a", "?a", ":a",
        "name", "terminationGracePeriodSeconds", "app.kubernetes.io/name", "/bin/sh", "-c", "2Gi", "500m",
        "$(X)", "{{ x }}",
    ]

    fileprivate static func random(_ random: inout Seeded) -> String {
        switch Int.random(in: 0..<8, using: &random) {
        case 0...3: return words.randomElement(using: &random)!
        case 4, 5: return words.randomElement(using: &random)! + words.randomElement(using: &random)!
        case 6:
            let alphabet = Array(" \t\n\r'\"\\:#-?,[]{}&*!|>%@`ab01._~=<é\u{2028}😀\u{85}\0".unicodeScalars)
            var text = ""
            for _ in 0..<Int.random(in: 0..<12, using: &random) {
                text.unicodeScalars.append(alphabet.randomElement(using: &random)!)
            }
            return text
        default:
            let word = words.randomElement(using: &random)! + "x"
            return String(repeating: word, count: Int.random(in: 1..<300, using: &random))
        }
    }
}
