import Documents
import Testing
import Tree

@Suite struct YAMLTests {
    static let streams: [(text: String, documents: [Tree], because: String)] = [
        ("", [], "nothing"), ("\n\n", [], "empty lines"), ("# only\n# comments\n", [], "comments"),
        ("---\n", [], "one empty document"), ("---\n---\n...\n---\n", [], "empty documents"),
        ("a: 1\n---\nb: 2\n", [["a": 1], ["b": 2]], "two documents"),
        ("---\na: 1\n---\n# none\n---\nb: 2\n...\n", [["a": 1], ["b": 2]], "an empty one between"),
        ("--- 1\n--- two\n", [1, "two"], "scalars on the marker's line"),
        ("null\n", [.null], "null is a value, not an empty document"),
        ("\"\"\n", [""], "an empty string is a value"),
        ("%YAML 1.1\n---\na: 1\n", [["a": 1]], "a version directive"),
        ("\u{FEFF}a: 1\n", [["a": 1]], "a byte order mark"),
        ("a: 1\r\nb: 2\r\n", [["a": 1, "b": 2]], "CR LF"),
        ("{\"a\": [1, {\"b\": null}]}", [["a": [1, ["b": .null]]]], "JSON is flow style"),
        ("a:\n- 1\n- b: 2\n  c: 3\n", [["a": [1, ["b": 2, "c": 3]]]], "sequence under its key"),
        ("- - 1\n  - 2\n- []\n- {}\n", [[[1, 2], [], [:]]], "nested and empty"),
        ("? a\n: 1\n? b\n", [["a": 1, "b": .null]], "explicit keys"),
        ("a: |\n  x\n   y\n\nb: >\n  x\n  y\n", [["a": "x\n y\n", "b": "x y\n"]], "blocks"),
        ("a: 'it''s'\nb: \"\\t\\x41\\u00e9\"\n", [["a": "it's", "b": "\tAé"]], "quotes"),
        (
            "a: &x {b: 1}\nc: *x\nd: [*x, *x]\n",
            [["a": ["b": 1], "c": ["b": 1], "d": [["b": 1], ["b": 1]]]], "aliases"
        ),
        (
            "a: &x 1\nb: *x\nc: &x 2\nd: *x\n", [["a": 1, "b": 1, "c": 2, "d": 2]],
            "the last anchor of a name counts"
        ),
        ("&k key: 1\nv: *k\n", [["key": 1, "v": "key"]], "an anchored key"),
        ("a: &k key\n*k : 1\n", [["a": "key", "key": 1]], "an alias as a key"),
        ("%TAG !y! tag:yaml.org,2002:\n---\nv: !y!int '1'\n", [["v": 1]], "a short name for a known tag"),
        ("z: 1\na: 2\nm: 3\n", [["a": 2, "m": 3, "z": 1]], "members are sorted"),
    ]

    @Test(arguments: streams.indices) func stream(_ index: Int) throws {
        let row = Self.streams[index]
        let documents = try YAML.parse(row.text, source: "f.yaml")
        #expect(documents.map(\.tree) == row.documents, "\(row.because)")
        #expect(documents.map(\.index) == Array(documents.indices))
        #expect(documents.allSatisfy { $0.source == "f.yaml" })
    }

    @Test func documentsKnowTheirLine() throws {
        let documents = try YAML.parse("# head\na: 1\n---\n\n# b\nb: 2\n---\n---\n- 1\n")
        #expect(documents.map(\.line) == [2, 6, 9])
    }

    static let refusals: [Refusal] = [
        Refusal("a: 1\nb: 2\na: 3\n", .duplicateKey, 3, 1, "repeated key"),
        Refusal("x:\n- k: 1\n  j: 2\n  \"k\": 3\n", .duplicateKey, 4, 3, "repeated key, quoted differently"),
        Refusal("{a: 1, b: 2, a: 3}", .duplicateKey, 1, 14, "repeated key in flow style"),
        Refusal("a: &k b\nb: 1\n*k : 2\n", .duplicateKey, 3, 1, "repeated key by alias"),
        Refusal("a:\n  <<: {b: 1}\n", .mergeKey, 2, 3, "merge key"),
        Refusal("a: &x {b: 1}\nc:\n  d: 1\n  <<: *x\n", .mergeKey, 4, 3, "merge key with an alias"),
        Refusal("a: !!binary aGk=\n", .unknownTag, 1, 4, "binary"),
        Refusal("a: !mine 1\n", .unknownTag, 1, 4, "a tag of its own"),
        Refusal("a: !!timestamp 2026-01-02\n", .unknownTag, 1, 4, "timestamp"),
        Refusal("a: !!set {b}\n", .unknownTag, 1, 4, "set"),
        Refusal("!mine a: 1\n", .unknownTag, 1, 1, "a tag on a key"),
        Refusal("a: !e!x 1\n", .unknownTag, 1, 4, "an undeclared tag handle"),
        Refusal("a: !!int abc\n", .tagMismatch, 1, 4, "no integer"),
        Refusal("a: !!int 1.5\n", .tagMismatch, 1, 4, "no integer"),
        Refusal("a: !!bool 1\n", .tagMismatch, 1, 4, "no boolean"),
        Refusal("a: !!null x\n", .tagMismatch, 1, 4, "not null"),
        Refusal("a: !!map [1]\n", .tagMismatch, 1, 4, "no object"),
        Refusal("a: !!str {b: 1}\n", .tagMismatch, 1, 4, "no string"),
        Refusal("a: *nowhere\n", .undefinedAlias, 1, 4, "undefined alias"),
        Refusal("a: &x 1\n---\nb: *x\n", .undefinedAlias, 3, 4, "anchors end with their document"),
        Refusal("a: &x [1, *x]\n", .undefinedAlias, 1, 11, "an alias inside its anchor"),
        Refusal("? [a]\n: 1\n", .badKey, 1, 3, "a sequence as a key"),
        Refusal("a: 1\n{b: 1}: 2\n", .badKey, 2, 1, "an object as a key"),
        Refusal("a: &x [1]\n*x : 2\n", .badKey, 2, 1, "an alias of an array as a key"),
        Refusal("?\n: 1\n", .badKey, 1, 2, "no key"),
        Refusal("a: 1\n\tb: 2\n", .syntax, 2, 1, "a tab as indentation"),
        Refusal("a: b: c\n", .syntax, 1, 5, "two colons on a line"),
        Refusal("a: 1\n b: 2\n", .syntax, 2, 3, "indented too far"),
        Refusal("a:\n  - 1\n - 2\n", .syntax, 3, 2, "indented between"),
        Refusal("a: \"open\nb: 1\n", .syntax, 3, 1, "an open quote"),
        Refusal("a: [1, 2\nb: 3\n", .syntax, 2, 2, "an open bracket"),
        Refusal("a: @x\n", .syntax, 1, 4, "a reserved character"),
        Refusal("a: \"\\q\"\n", .syntax, 1, 5, "an escape that YAML does not have"),
        Refusal("a: 1\n...\nb: 2\n", .syntax, 3, 1, "a document without its marker"),
        Refusal("a: 1\n---\n] c\n", .syntax, 3, 1, "a bracket that nothing opened"),
        Refusal("a: 1\nb: \u{1}\n", .badCharacter, 2, 4, "a control character"),
        Refusal("a: 1\nbé: x\u{7F}\n", .badCharacter, 2, 6, "columns count characters, not bytes"),
    ]

    @Test(arguments: refusals) func refused(_ row: Refusal) {
        row.check(fault { () throws(DocumentError) in try YAML.parse(row.text) })
    }

    @Test func errorNamesItsPlaceWhyAndTheRemedy() {
        let error = fault { () throws(DocumentError) in try YAML.parse("a: 1\n\tb: 2\n", source: "plan.yaml")
        }
        #expect(
            error?.description
                == "plan.yaml:2:1: found a tab character that violates indentation while scanning a plain scalar that began"
                + " on line 1; YAML is indented with spaces: replace the tab")
        let onInput = fault { () throws(DocumentError) in try YAML.parse("a: *b", source: .standardInput) }
        #expect(onInput?.description.hasPrefix("<stdin>:1:4: no anchor &b") == true)
    }

    static let badBytes: [(bytes: [UInt8], code: DocumentError.Code, column: Int, because: String)] = [
        ([0x61, 0xFF], .badUTF8, 2, "no lead byte"), ([0x61, 0x80], .badUTF8, 2, "a lone continuation"),
        ([0xC3], .badUTF8, 1, "cut short"), ([0xC0, 0x80], .badUTF8, 1, "overlong"),
        ([0xE0, 0x80, 0x80], .badUTF8, 1, "overlong"),
        ([0xED, 0xA0, 0x80], .badUTF8, 1, "a surrogate"),
        ([0xF4, 0x90, 0x80, 0x80], .badUTF8, 1, "beyond Unicode"),
        ([0xF0, 0x80, 0x80, 0x80], .badUTF8, 1, "overlong"),
        ([0xC3, 0xA9, 0xE2, 0x82], .badUTF8, 2, "cut short"),
        ([0xFF, 0xFE, 0x61, 0x00], .badUTF8, 1, "UTF-16"), ([0x61, 0x62, 0x00, 0x63], .nulByte, 3, "NUL"),
        (Array("12345678\u{0}".utf8), .nulByte, 9, "NUL after a whole word"),
    ]

    @Test(arguments: badBytes.indices) func badText(_ index: Int) {
        let row = Self.badBytes[index]
        let inYAML = fault { () throws(DocumentError) in try YAML.parse(Array("a: 1\nb: ".utf8) + row.bytes) }
        Refusal("", row.code, 2, row.column + 3, row.because).check(inYAML)
        let inJSON = fault { () throws(DocumentError) in
            try JSON.parse(Array("[\n\"".utf8) + row.bytes + Array("\"]".utf8))
        }
        Refusal("", row.code, 2, row.column + 1, row.because).check(inJSON)
    }
}
