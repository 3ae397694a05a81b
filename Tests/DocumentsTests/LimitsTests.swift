import Documents
import Testing
import Tree

/// Guarantee S13: what an input may cost is checked before its values are built.
@Suite struct LimitsTests {
    /// Generous for a debug build on a busy machine; what it guards against takes minutes or all memory.
    static let soon = Duration.seconds(10)

    @Test func bombIsRefused() {
        var text = "a: &a [x,x,x,x,x,x,x,x,x]\n"
        for (name, before) in zip("bcdefghi", "abcdefgh") {
            text +=
                "\(name): &\(name) [" + [String](repeating: "*\(before)", count: 9).joined(separator: ",")
                + "]\n"
        }
        #expect(text.utf8.count < 400)
        let took = ContinuousClock().measure {
            Refusal("", .aliasExpansion, 5, 8, "a billion laughs").check(
                fault { () throws(DocumentError) in try YAML.parse(text) })
        }
        #expect(took < Self.soon)
    }

    static let deep: [(text: String, because: String)] = [
        (String(repeating: "[", count: 20_000), "open brackets"),
        (String(repeating: "[", count: 20_000) + String(repeating: "]", count: 20_000), "closed brackets"),
        (String(repeating: "{\"a\":", count: 20_000), "objects"),
        (String(repeating: "- ", count: 20_000), "block sequences"),
        (String(repeating: "? ", count: 20_000), "explicit keys"),
        (String(repeating: "[\n", count: 20_000), "a bracket a line"),
        ((0..<1_000).map { String(repeating: " ", count: $0) + "a:\n" }.joined(), "indentation"),
    ]

    @Test(arguments: deep.indices) func deepIsRefused(_ index: Int) {
        let row = Self.deep[index]
        let took = ContinuousClock().measure {
            let error = fault { () throws(DocumentError) in try YAML.parse(row.text) }
            #expect(
                error?.code == .tooDeep || error?.code == .badKey,
                "\(row.because): \(String(describing: error))")
            let inJSON = fault { () throws(DocumentError) in try JSON.parse(row.text) }
            #expect(inJSON?.code == .tooDeep || inJSON?.code == .syntax, "\(row.because)")
            #expect(fault { () throws(DocumentError) in try Documents.parse(Array(row.text.utf8)) } != nil)
        }
        #expect(took < Self.soon)
    }

    @Test func depthIsCountedInCollections() throws {
        let allowed = String(repeating: "[", count: 64) + "1" + String(repeating: "]", count: 64)
        #expect(try yaml(allowed) == JSON.parse(allowed))
        let error = Refusal("", .tooDeep, 1, 65, "the 65th bracket")
        error.check(fault { () throws(DocumentError) in try JSON.parse("[" + allowed + "]") })
        error.check(fault { () throws(DocumentError) in try YAML.parse("[" + allowed + "]") })
    }

    @Test func aliasesCountTowardsDepth() throws {
        let lines = (1...70).map { "a\($0): &a\($0) [\($0 == 1 ? "" : "*a\($0 - 1)")]\n" }.joined()
        // The object is one level, so that the array that would reach level 65 is a64.
        Refusal("", .tooDeep, 64, 12, "nested by aliases").check(
            fault { () throws(DocumentError) in try YAML.parse(lines) })
        let allowed = (1...63).map { "a\($0): &a\($0) [\($0 == 1 ? "" : "*a\($0 - 1)")]\n" }.joined()
        #expect(try yaml(allowed).object?.count == 63)
    }

    @Test func aliasesMayRepeatTenThousandValues() throws {
        let anchor = "a: &a [" + [String](repeating: "x", count: 99).joined(separator: ",") + "]\nb:\n"
        #expect(try yaml(anchor + String(repeating: "- *a\n", count: 100))["b"]?.array?.count == 100)
        let error = fault { () throws(DocumentError) in
            try YAML.parse(anchor + String(repeating: "- *a\n", count: 101))
        }
        Refusal("", .aliasExpansion, 103, 3, "the 101st alias of 100 values").check(error)
    }

    @Test func nodes() throws {
        func list(_ count: Int) -> String {
            "[" + [String](repeating: "0", count: count).joined(separator: ",") + "]"
        }
        #expect(try JSON.parse(list(99_999)).array?.count == 99_999)
        #expect(try yaml(list(99_999)).array?.count == 99_999)
        let error = Refusal("", .tooManyNodes, 1, 200_000, "the 100,001st value")
        error.check(fault { () throws(DocumentError) in try JSON.parse(list(100_000)) })
        error.check(fault { () throws(DocumentError) in try YAML.parse(list(100_000)) })
    }

    @Test func documentBytes() throws {
        let body = "a: " + String(repeating: "x", count: (1 << 20) - 4) + "\n"
        #expect(body.utf8.count == 1 << 20)
        #expect(try YAML.parse(body + "---\n" + String(body.dropLast(5)) + "\n---\nb: 1\n").count == 3)
        let error = fault { () throws(DocumentError) in try YAML.parse("a: 1\n---\n" + body) }
        Refusal("", .documentTooLarge, 3, (1 << 20) - 3, "four bytes too many, the marker's").check(error)
        let json = "\"" + String(repeating: "x", count: 1 << 20) + "\""
        Refusal("", .documentTooLarge, 1, (1 << 20) + 1, "two bytes too many").check(
            fault { () throws(DocumentError) in try JSON.parse(json) })
    }

    @Test func scalarBytes() {
        var limits = Limits.manifest
        limits.scalarBytes = 10
        let rows: [(String, Int)] = [("a: 12345678901", 4), ("a: 'elevenchars'", 4), ("elevencharsx: 1", 1)]
        for (text, column) in rows {
            Refusal("", .scalarTooLarge, 1, column, text).check(
                fault { () throws(DocumentError) in try YAML.parse(text, limits: limits) })
        }
        for text in ["[\"elevenchars\"]", "[12345678901]", "[\"eleven\\nchars\"]", "{\"elevenchars\":1}"] {
            Refusal("", .scalarTooLarge, 1, 2, text).check(
                fault { () throws(DocumentError) in try JSON.parse(text, limits: limits) })
        }
    }

    @Test func documents() throws {
        let many = String(repeating: "--- 1\n", count: 10_000)
        #expect(try YAML.parse(many).count == 10_000)
        Refusal("", .tooManyDocuments, 10_001, 1, "one more").check(
            fault { () throws(DocumentError) in try YAML.parse(many + "--- 1\n") })
        Refusal("", .tooManyDocuments, 10_001, 1, "empty ones count too").check(
            fault { () throws(DocumentError) in try YAML.parse(String(repeating: "---\n", count: 20_000)) })
    }

    @Test func hundredMegabytesAreRefusedAtOnce() {
        let bytes = [UInt8](repeating: Ascii_x, count: 100 << 20)
        let took = ContinuousClock().measure {
            for error in [
                fault { () throws(DocumentError) in try YAML.parse(bytes) },
                fault { () throws(DocumentError) in try JSON.parse(bytes) },
                fault { () throws(DocumentError) in try Documents.parse(bytes) },
            ] {
                Refusal("", .inputTooLarge, 1, 1, "more than 64 MiB").check(error)
            }
        }
        #expect(took < .seconds(1))
    }

    private let Ascii_x = UInt8(ascii: "x")

    @Test func hostileShapesTakeLinearTime() {
        let keysBackwards = (0..<60_000).reversed().map { "\"\(100_000 + $0)\":1" }.joined(separator: ",")
        let directives = (0..<60_000).map { "%TAG !t\($0)! x\n" }.joined() + "--- 1\n"
        let took = ContinuousClock().measure {
            #expect(throws: Never.self) { try JSON.parse("{" + keysBackwards + "}") }
            #expect(throws: Never.self) { try YAML.parse("{" + keysBackwards + "}") }
            Refusal("", .unknownTag, 65, 1, "tag directives").check(
                fault { () throws(DocumentError) in try YAML.parse(directives) })
            Refusal("", .unknownTag, 65, 1, "tag directives after lone CRs").check(
                fault { () throws(DocumentError) in
                    try YAML.parse(String(directives.map { $0 == "\n" ? "\r" : $0 }))
                })
            Refusal("", .undefinedAlias, 1, 2, "aliases").check(
                fault { () throws(DocumentError) in
                    try YAML.parse("[" + String(repeating: "*a,", count: 90_000) + "]")
                })
        }
        #expect(took < Self.soon)
    }
}
