import Documents
import Testing
import Tree

/// The rows follow the decoder tests of go-yaml v2 as Kubernetes carries it (sigs.k8s.io/yaml).
@Suite struct PlainScalarTests {
    static let values: [(text: String, value: Tree, because: String)] = [
        ("hello", "hello", "a word"),
        ("yes", true, "YAML 1.1"), ("Yes", true, "YAML 1.1"), ("YES", true, "YAML 1.1"),
        ("no", false, "YAML 1.1"), ("No", false, "YAML 1.1"), ("NO", false, "YAML 1.1"),
        ("on", true, "YAML 1.1"), ("On", true, "YAML 1.1"), ("ON", true, "YAML 1.1"),
        ("off", false, "YAML 1.1"), ("Off", false, "YAML 1.1"), ("OFF", false, "YAML 1.1"),
        ("true", true, "JSON"), ("True", true, "capitalised"), ("TRUE", true, "upper case"),
        ("false", false, "JSON"), ("False", false, "capitalised"), ("FALSE", false, "upper case"),
        ("tRUE", "tRUE", "mixed case is text"), ("yEs", "yEs", "mixed case is text"),
        ("oN", "oN", "mixed case is text"),
        ("y", "y", "one letter stays text"), ("Y", "Y", "one letter stays text"),
        ("n", "n", "one letter stays text"), ("N", "N", "one letter stays text"),
        ("yesterday", "yesterday", "longer than the word"), ("nulls", "nulls", "longer than the word"),
        ("null", .null, "JSON"), ("Null", .null, "capitalised"), ("NULL", .null, "upper case"),
        ("~", .null, "YAML's null"),
        ("", .null, "nothing is null"),
        ("'yes'", "yes", "quoted"), ("\"10\"", "10", "quoted"), ("'~'", "~", "quoted"), ("''", "", "quoted"),
        ("|-\n  yes", "yes", "a block is text"), (">-\n  10", "10", "a block is text"),
        ("0", 0, "zero"), ("-0", 0, "zero"), ("10", 10, "decimal"), ("-10", -10, "negative"),
        ("+10", 10, "plus"),
        ("685_230", 685230, "underscores"), ("+685_230", 685230, "underscores"), ("1__0", 10, "underscores"),
        ("02472256", 685230, "octal"), ("0777", 511, "octal"), ("0o777", 511, "octal"), ("00", 0, "octal"),
        ("0x_0A_74_AE", 685230, "hexadecimal"), ("0xff", 255, "hexadecimal"), ("-0x1F", -31, "hexadecimal"),
        ("0b1010_0111_0100_1010_1110", 685230, "binary"), ("-0b101010", -42, "binary"),
        ("9223372036854775807", .int(.max), "the largest"),
        ("-9223372036854775808", .int(.min), "the smallest"),
        ("9223372036854775808", .double(0x1p63), "beyond 64 bits"),
        ("18446744073709551616", .double(0x1p64), "beyond 64 bits"),
        ("0x10000000000000000", .double(0x1p64), "beyond 64 bits"),
        ("08", .double(8), "no octal digit: go-yaml reads a fraction"),
        ("0.1", .double(0.1), "fraction"), (".1", .double(0.1), "no digit before the point"),
        ("1.", .double(1), "no digit after the point"), ("-.1", .double(-0.1), "negative fraction"),
        ("6.8523e+5", .double(685230), "exponent"),
        ("685.230_15e+03", .double(685230.15), "underscores and exponent"),
        ("123456E1", .double(1_234_560), "upper-case exponent"), ("1e3", .double(1000), "exponent alone"),
        (".5e2", .double(50), "exponent"), ("1.e2", .double(100), "exponent after the point"),
        (
            "1.797693134862315708145274237317043567981e+308", .double(1.7976931348623157e308),
            "the largest fraction"
        ),
        (
            "4.940656458412465441765687928682213723651e-324", .double(.leastNonzeroMagnitude),
            "the smallest fraction"
        ),
        ("0.1000000000000000055511151231257827", .double(0.1), "many digits"),
        ("1e400", "1e400", "out of range is text, as in go-yaml"),
        ("1.2.3", "1.2.3", "version"), ("1.10.0", "1.10.0", "version"), ("10m", "10m", "quantity"),
        ("2Gi", "2Gi", "quantity"),
        ("1:20", "1:20", "sexagesimal stays text"), ("190:20:30", "190:20:30", "sexagesimal stays text"),
        ("2026-01-02", "2026-01-02", "date stays text"),
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", "timestamp stays text"),
        ("-", "-", "a lone sign would be a sequence"), ("+", "+", "sign"),
        ("-b_c", "-b_c", "sign and letters"),
        ("0x", "0x", "prefix without digits"), ("0b2", "0b2", "no binary digit"),
        ("0o8", "0o8", "no octal digit"),
        ("1e", "1e", "exponent without digits"), ("1e+", "1e+", "exponent without digits"),
        (".", ".", "a point"),
        ("..", "..", "points"), ("1_", 1, "underscore at the end"),
        ("_1", "_1", "underscore at the beginning"),
        ("50cent", "50cent", "digits and letters"), ("=", "=", "YAML 1.1's default value is text"),
        ("<<", "<<", "only a key merges"), ("!!str 10", "10", "tag"), ("!!int '10'", 10, "tag"),
        ("!!int 0x10", 16, "tag"), ("!!float 1", .double(1), "tag"), ("!!float '1.5'", .double(1.5), "tag"),
        ("!!bool 'on'", true, "tag"), ("!!null ''", .null, "tag"), ("! 10", "10", "the tag of plain text"),
        ("!!int 18446744073709551616", .double(0x1p64), "tag"),
        ("!<tag:yaml.org,2002:str> 1", "1", "verbatim tag"),
        ("!!map {a: 1}", ["a": 1], "tag"), ("!!seq [1]", [1], "tag"), ("!!str", "", "tag of nothing"),
        ("\"\\0\"", "\0", "an escaped NUL is a character"), ("\"\\U0001F600\"", "😀", "escape"),
        ("😀", "😀", "beyond 16 bits"),
    ]

    @Test(arguments: values.indices) func value(_ index: Int) throws {
        let row = Self.values[index]
        // As a member's value; a lone `-` would begin a sequence there too.
        let text = row.text == "-" ? "v: '-'" : "v: \(row.text)"
        #expect(try yaml(text)["v"] == row.value, "\(row.text): \(row.because)")
    }

    @Test(arguments: [".inf", ".Inf", ".INF", "+.inf", "-.inf", "-.INF", ".nan", ".NaN", ".NAN"])
    func notFinite(_ text: String) {
        let error = fault { () throws(DocumentError) in try YAML.parse("v: \(text)") }
        Refusal("", .badNumber, 1, 4, "JSON has no such number").check(error)
    }

    @Test(arguments: [".iNF", ".infinity", "inf", "nan", "+.nan"]) func namesOfNoNumber(_ text: String) throws {
        #expect(try yaml("v: \(text)")["v"] == .string(text))
    }

    @Test(arguments: ["yes", "on", "1.10", "0x10", "null", "~", "2026-01-02", "'q'", "\"\"", "!!str 1"])
    func keysAreTextAsWritten(_ key: String) throws {
        let name = key.hasPrefix("!!str ") ? "1" : key.filter { $0 != "'" && $0 != "\"" }
        #expect(try yaml("\(key): 1").object?.keys == [name])
    }
}
