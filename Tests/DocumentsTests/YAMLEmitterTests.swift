import Documents
import Testing
import Tree

@Suite struct YAMLEmitterTests {
    /// What kubectl prints for a value `v`; the rows follow the encoder tests of go-yaml v2.
    static let values: [(value: Tree, text: String, because: String)] = [
        ("hi", "v: hi", "a word"), ("true", "v: \"true\"", "a boolean's name"),
        ("yes", "v: \"yes\"", "a boolean's name in YAML 1.1"),
        ("y", "v: \"y\"", "a boolean's name for other readers"), ("null", "v: \"null\"", "null's name"),
        ("", "v: \"\"", "empty"),
        ("10", "v: \"10\"", "a number"), ("1_0", "v: \"1_0\"", "a number"),
        ("0x1F", "v: \"0x1F\"", "a number"), ("1.5", "v: \"1.5\"", "a number"),
        (".inf", "v: \".inf\"", "a number elsewhere"), ("1:1", "v: \"1:1\"", "sexagesimal"),
        ("1.2.3", "v: 1.2.3", "no number"), ("2Gi", "v: 2Gi", "no number"),
        ("2026-01-02T03:04:05Z", "v: \"2026-01-02T03:04:05Z\"", "a timestamp"),
        ("2026-01-02", "v: \"2026-01-02\"", "a date"), ("2026-01-02-x", "v: 2026-01-02-x", "no date"),
        (10, "v: 10", "integer"), (-10, "v: -10", "integer"), (.double(0.1), "v: 0.1", "fraction"),
        (.double(1), "v: 1.0", "a fraction stays one"), (.double(1e300), "v: 1e+300", "exponent"),
        (.null, "v: null", "null"), (true, "v: true", "boolean"), ([:], "v: {}", "empty"),
        ([], "v: []", "empty"),
        ("-", "v: '-'", "an indicator"), ("-c", "v: -c", "no indicator"),
        ("b: c", "v: 'b: c'", "a colon and a space"), ("b:c", "v: b:c", "a colon alone"),
        ("b:", "v: 'b:'", "a colon at the end"),
        ("Hello #comment", "v: 'Hello #comment'", "a comment"), ("a#b", "v: a#b", "no comment"),
        ("*x", "v: '*x'", "an alias"), ("it's", "v: it's", "an apostrophe inside"),
        ("'q'", "v: '''q'''", "an apostrophe at the beginning"), (" x", "v: ' x'", "space"),
        ("<foo>", "v: <foo>", "angle brackets"), ("{{ x }}", "v: '{{ x }}'", "a template"),
        ("你好", "v: 你好", "Unicode"), ("😀", "v: 😀", "beyond 16 bits"), ("a\tb", "v: \"a\\tb\"", "a tab"),
        ("\0\u{1B}", "v: \"\\0\\x1B\"", "control characters"),
        ("\u{85}", "v: \"\\x85\"", "YAML 1.1's line break"),
        ("a\rb", "v: \"a\\rb\"", "a carriage return"), ("line\nline", "v: |-\n  line\n  line", "lines"),
        ("line\n", "v: |\n  line", "a whole line"), ("l\n\n", "v: |+\n  l\n", "empty lines after it"),
        ("  l\nm\n", "v: |2\n    l\n  m", "indented text"),
        ("\n\nl\n", "v: |2\n\n\n  l", "empty lines before it"),
        ("a \nb", "v: \"a \\nb\"", "space at a line's end would not be seen"),
        ("\n", "v: \"\\n\"", "nothing but breaks"),
        ("#!/bin/sh\n\tx: y\n", "v: |\n  #!/bin/sh\n  \tx: y", "a script"),
        (["A", "B"], "v:\n- A\n- B", "sequences stay in their key's column"),
        (["A\nB"], "v:\n- |-\n  A\n  B", "text in a sequence"),
        (["A", 1, ["B": [2, 3]]], "v:\n- A\n- 1\n- B:\n  - 2\n  - 3", "an object in a sequence"),
        ([[1, [2]], [:]], "v:\n- - 1\n  - - 2\n- {}", "nested sequences"),
        (["b": ["d": "c"], "a": "x\ny\n"], "v:\n  a: |\n    x\n    y\n  b:\n    d: c", "nested objects"),
        (
            [["a": ["b": 1], "c": "x\ny\n"]], "v:\n- a:\n    b: 1\n  c: |\n    x\n    y",
            "an object in a sequence"
        ), (["true": 1, "a b": 2, "a: b": 3], "v:\n  a b: 2\n  'a: b': 3\n  \"true\": 1", "keys"),
    ]

    @Test(arguments: values.indices) func value(_ index: Int) throws {
        let row = Self.values[index]
        #expect(YAML.emit(["v": row.value]) == row.text + "\n", "\(row.because)")
        #expect(try yaml(row.text + "\n") == ["v": row.value], "\(row.because)")
    }

    @Test func resource() {
        let tree: Tree = [
            "apiVersion": "reconcile.dev/v1", "kind": "ExecutionPlan",
            "metadata": ["name": "shop", "labels": ["app": "on"]],
            "spec": [
                "tasks": [
                    ["name": "load", "run": ["command": ["sh", "-c", "set -e\nload\n"]], "dependsOn": []],
                    ["name": "check", "after": ["load"], "retries": 3],
                ]
            ],
        ]
        #expect(
            YAML.emit(tree) == """
                apiVersion: reconcile.dev/v1
                kind: ExecutionPlan
                metadata:
                  labels:
                    app: "on"
                  name: shop
                spec:
                  tasks:
                  - dependsOn: []
                    name: load
                    run:
                      command:
                      - sh
                      - -c
                      - |
                        set -e
                        load
                  - after:
                    - load
                    name: check
                    retries: 3

                """)
    }

    @Test func documentsAreSeparated() throws {
        let trees: [Tree] = [["a": 1], "x\ny\n", [], .null, "l\n\n"]
        let text = YAML.emit(documents: trees)
        #expect(try YAML.parse(text).map(\.tree) == trees)
        #expect(text.hasPrefix("a: 1\n---\n|\n  x\n  y\n---\n[]\n---\nnull\n---\n"))
    }

    @Test func longKeysAreExplicit() throws {
        let key = String(repeating: "long: ", count: 400)
        let tree: Tree = [key: ["a": 1, "b": [1, 2]], key + "2": [1, [2]], key + "3": "x\ny\n", "z": 1]
        #expect(YAML.emit(tree).hasPrefix("? 'long: long: "))
        #expect(try yaml(YAML.emit(tree)) == tree)
    }

    @Test(arguments: 0..<8) func roundTripIsIdentity(_ seed: Int) throws {
        var random = Seeded(UInt64(seed))
        for round in 0..<400 {
            let tree = Tree.random(&random)
            let canonical = JSON.text(tree)
            let text = YAML.emit(tree)
            let again = try YAML.parse(text, limits: .answer)
            // Bytes rather than trees: strings compare equal under canonical equivalence.
            func same(_ other: Tree) -> Bool { JSON.encode(other) == Array(canonical.utf8) }
            try #require(again.count == 1 && same(again[0].tree), "seed \(seed), round \(round):\n\(text)")
            try #require(
                same(try JSON.parse(canonical, limits: .answer)),
                "seed \(seed), round \(round):\n\(canonical)")
            try #require(
                same(try JSON.parse(JSON.pretty(tree), limits: .answer)), "seed \(seed), round \(round)")
            try #require(YAML.emit(again[0].tree) == text, "emission is stable: seed \(seed), round \(round)")
        }
    }
}
