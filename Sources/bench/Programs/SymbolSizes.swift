/// How many bytes of a program the symbols of each module take, by their mangled names.
struct SymbolSizes {
    private var bytes: [String: Int] = [:]

    /// From the lines of `nm --print-size`: address, size, type, name.
    init(nm text: String) {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count == 4, let size = Int(fields[1], radix: 16), !"bBU".contains(fields[2]) else { continue }
            bytes[Self.module(fields[3]), default: 0] += size
        }
    }

    /// The largest first.
    var largest: [(module: String, bytes: Int)] {
        bytes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }

    private static let prefixes = [
        ("CCryptoBoringSSL", "BoringSSL (swift-crypto)"), ("CNIOBoringSSL", "BoringSSL (swift-nio-ssl)"),
        ("sqlite3", "SQLite"),
        ("_ZN5swift", "the Swift runtime"), ("swift_", "the Swift runtime"), ("symbolic", "Swift metadata"),
        ("__swift", "Swift metadata"), ("get_", "Swift metadata"), ("block_", "Swift metadata"),
    ]

    private static func module(_ symbol: Substring) -> String {
        guard symbol.hasPrefix("$s") || symbol.hasPrefix("_$s") else {
            return prefixes.first { symbol.contains($0.0) }?.1 ?? "C, and what has no name of a module"
        }
        let mangled = symbol.drop { $0 != "s" }.dropFirst()
        // A module's name comes first, behind its length; where the standard library's comes first, what it was
        // specialised for comes later.
        return identifier(mangled) ?? "the Swift standard library, specialised"
    }

    private static func identifier(_ text: Substring) -> String? {
        guard let start = text.firstIndex(where: { $0.isASCII && $0.isNumber && $0 != "0" }) else { return nil }
        let digits = text[start...].prefix { $0.isASCII && $0.isNumber }
        guard let length = Int(digits), length > 1, length < 60, digits.endIndex < text.endIndex else { return nil }
        let rest = text[digits.endIndex...]
        guard rest.count >= length else { return nil }
        return String(rest.prefix(length))
    }
}
