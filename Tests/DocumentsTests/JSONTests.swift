import Documents
import Testing
import Tree

@Suite struct JSONTests {
    static let values: [(text: String, value: Tree, because: String)] = [
        ("null", .null, "null"), (" true\n", true, "space around"), ("false", false, "false"),
        ("{}", [:], "empty"),
        ("[ ]", [], "empty"), ("[1,[2,{\"a\":[]}]]", [1, [2, ["a": []]]], "nested"),
        ("{\"b\":1,\"a\":{\"c\":null}}", ["a": ["c": .null], "b": 1], "members are sorted"),
        ("{\"\":1}", ["": 1], "an empty key"), ("0", 0, "zero"), ("-0", 0, "zero"), ("-12", -12, "negative"),
        ("9223372036854775807", .int(.max), "the largest"),
        ("-9223372036854775808", .int(.min), "the smallest"),
        ("9223372036854775808", .double(0x1p63), "beyond 64 bits"),
        ("-9223372036854775809", .double(-0x1p63), "beyond 64 bits"),
        ("1.0", .double(1), "a fraction stays one"), ("1e2", .double(100), "exponent"),
        ("0.1", .double(0.1), "fraction"),
        ("-1.5E-3", .double(-0.0015), "all parts"),
        ("1.7976931348623157e308", .double(1.7976931348623157e308), "large"),
        ("123456789012345678901234567890", .double(1.2345678901234568e29), "many digits"),
        ("1e-400", .double(0), "tiny"),
        ("\"\"", "", "empty"), ("\"short\"", "short", "short"),
        (
            "\"longer than eight bytes, than fifteen too\"", "longer than eight bytes, than fifteen too",
            "long"
        ),
        ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\u{8}\u{C}\n\r\t", "escapes"),
        ("\"\\u0041\\u00e9\\u20AC\"", "Aé€", "escapes"),
        ("\"\\ud83d\\ude00\"", "😀", "a pair"), ("\"\\u0000\"", "\0", "an escaped NUL is a character"),
        ("\"é€😀\"", "é€😀", "UTF-8"),
        ("\"1234567\\n12345678\\n\"", "1234567\n12345678\n", "escapes at word boundaries"),
        ("\"\u{7F}\"", "\u{7F}", "DEL is allowed"),
        ("\u{FEFF}[1]", [1], "a byte order mark"),
    ]

    @Test(arguments: values.indices) func value(_ index: Int) throws {
        let row = Self.values[index]
        #expect(try JSON.parse(row.text) == row.value, "\(row.because)")
    }

    static let refusals: [Refusal] = [
        Refusal("", .syntax, 1, 1, "nothing"), Refusal("  \n ", .syntax, 2, 2, "only space"),
        Refusal("{\"a\":1,\"b\":2,\"a\":3}", .duplicateKey, 1, 14, "repeated key"),
        Refusal(
            "{\n  \"a\": 1,\n  \"\\u0061\": 2\n}", .duplicateKey, 3, 3, "repeated key, written differently"),
        Refusal("[1,]", .syntax, 1, 4, "trailing comma"),
        Refusal("{\"a\":1,}", .syntax, 1, 8, "trailing comma"),
        Refusal("[1 2]", .syntax, 1, 4, "no comma"), Refusal("{\"a\" 1}", .syntax, 1, 6, "no colon"),
        Refusal("{a: 1}", .syntax, 1, 2, "no quotes"), Refusal("{1: 2}", .syntax, 1, 2, "no string"),
        Refusal("'a'", .syntax, 1, 1, "wrong quotes"), Refusal("[1] [2]", .syntax, 1, 5, "a second value"),
        Refusal("{} // c", .syntax, 1, 4, "a comment"), Refusal("[", .syntax, 1, 2, "cut short"),
        Refusal("{\"a\":", .syntax, 1, 6, "cut short"),
        Refusal("{\"a\"", .syntax, 1, 5, "cut short"), Refusal("[\n \"abc", .syntax, 2, 2, "an open string"),
        Refusal("\"\\", .syntax, 1, 2, "cut short"),
        Refusal("\"\\u12", .syntax, 1, 2, "cut short"), Refusal("\"a\\x\"", .syntax, 1, 3, "unknown escape"),
        Refusal("\"a\nb\"", .syntax, 1, 3, "a line break"),
        Refusal("\"12345678\u{1}\"", .syntax, 1, 10, "a control character"),
        Refusal("\"\\ud800\"", .badUTF8, 1, 2, "half a pair"),
        Refusal("\"\\udc00x\"", .badUTF8, 1, 2, "half a pair"),
        Refusal("\"\\ud800\\u0041\"", .badUTF8, 1, 2, "half a pair"),
        Refusal("01", .syntax, 1, 1, "leading zero"),
        Refusal("-", .syntax, 1, 2, "no digits"), Refusal("+1", .syntax, 1, 1, "plus"),
        Refusal(".5", .syntax, 1, 1, "no digit before the point"),
        Refusal("1.", .syntax, 1, 3, "no digit after the point"), Refusal("1e", .syntax, 1, 3, "no digit"),
        Refusal("1e999", .badNumber, 1, 1, "out of range"),
        Refusal("nul", .syntax, 1, 1, "no word"), Refusal("True", .syntax, 1, 1, "no word"),
        Refusal("NaN", .syntax, 1, 1, "no word"),
        Refusal("[\"é\", x]", .syntax, 1, 7, "columns count characters, not bytes"),
        Refusal("[1,\r\n2,\rx]", .syntax, 3, 1, "each kind of line end"),
        Refusal("[1]\u{A0}", .syntax, 1, 4, "space that JSON does not have"),
    ]

    @Test(arguments: refusals) func refused(_ row: Refusal) {
        row.check(fault { () throws(DocumentError) in try JSON.parse(row.text) })
    }

    @Test func encodingIsCanonical() {
        let tree: Tree = [
            "z": [1, -5, .double(0.5), .double(1), .double(1e300), .null, true, false],
            "a": ["b": [], "c": [:]],
            "s": "\"\\/\n\r\t\u{8}\u{C}\u{1}\u{7F}é😀",
        ]
        #expect(
            JSON.text(tree)
                == #"{"a":{"b":[],"c":{}},"s":"\"\\/\n\r\t\b\f\u0001"# + "\u{7F}é😀"
                + #"","z":[1,-5,0.5,1.0,1e+300,null,true,false]}"#)
        #expect(JSON.text([.double(.infinity), .double(.nan)]) == "[null,null]")
        var bytes = Array("x".utf8)
        JSON.encode([1], into: &bytes)
        #expect(bytes == Array("x[1]".utf8))
    }

    @Test func prettyIsKubectls() {
        let text = JSON.pretty(["a": [1, ["b": "c"]], "d": [], "e": [:]])
        #expect(
            text == """
                {
                    "a": [
                        1,
                        {
                            "b": "c"
                        }
                    ],
                    "d": [],
                    "e": {}
                }

                """)
    }

    @Test func longKeysAreSharedAndRight() throws {
        let names = (0..<600).map { "aRatherLongFieldName\($0 % 300)" }
        let text = "[" + names.map { "{\"\($0)\":\"\($0)\"}" }.joined(separator: ",") + "]"
        let items = try #require(try JSON.parse(text).array)
        #expect(items == names.map { [$0: .string($0)] })
    }
}
