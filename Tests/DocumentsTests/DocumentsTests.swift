import Documents
import Testing
import Tree

@Suite struct DocumentsTests {
    static let rows: [(text: String, name: SourceName, documents: [Tree], because: String)] = [
        ("a: 1\n---\nb: 2\n", "f.yaml", [["a": 1], ["b": 2]], "YAML"),
        ("\n {\"a\": \"\\ud83d\\ude00\"}", "f.json", [["a": "😀"]], "JSON"),
        ("[1, 2]\n", "-", [[1, 2]], "JSON"), ("{a: 1}\n", "f.yaml", [["a": 1]], "YAML's flow style"),
        ("{\"a\": 1}\n---\n{\"b\": 2}\n", "-", [["a": 1], ["b": 2]], "JSON documents with markers between"),
        ("", "f", [], "nothing"),
        ("- {\"a\": 1}\n", "f", [[["a": 1]]], "YAML"),
        ("# c\n{\"a\": 1}\n", "f", [["a": 1]], "a comment before it"),
    ]

    @Test(arguments: rows.indices) func chooses(_ index: Int) throws {
        let row = Self.rows[index]
        let documents = try Documents.parse(Array(row.text.utf8), source: row.name)
        #expect(documents.map(\.tree) == row.documents, "\(row.because)")
    }

    static let refusals: [Refusal] = [
        Refusal("{\"a\": 1,\n \"a\": 2}", .duplicateKey, 2, 2, "what is wrong in JSON is not tried as YAML"),
        Refusal("{\"a\": 1,\n \"b\" 2}", .syntax, 2, 6, "JSON's own error"),
        Refusal("{a: 1,\n b: ]}", .syntax, 2, 5, "YAML came further"),
    ]

    @Test(arguments: refusals) func refused(_ row: Refusal) {
        row.check(fault { () throws(DocumentError) in try Documents.parse(Array(row.text.utf8)) })
    }

    @Test func namedJSONIsJSON() {
        let error = fault { () throws(DocumentError) in
            try Documents.parse(Array("{\"a\": 1,}".utf8), source: "f.json")
        }
        Refusal("", .syntax, 1, 9, "no trailing comma").check(error)
    }

    @Test func jsonKnowsItsLine() throws {
        #expect(try Documents.parse(Array("\n\n  [1]".utf8)).first?.line == 3)
    }

    @Test func intakeCountsAllInputs() throws {
        var limits = Limits.manifest
        limits.inputBytes = 20
        limits.documents = 3
        var intake = Intake(limits: limits)
        try intake.add(Array("a: 1\n---\nb: 2\n".utf8), source: "a.yaml")
        try intake.add(Array("c: 3\n".utf8), source: "b.yaml")
        #expect(intake.documents.map(\.source.name) == ["a.yaml", "a.yaml", "b.yaml"])
        var more = intake
        #expect(
            fault { () throws(DocumentError) in try more.add(Array("[]".utf8), source: "c") }?.code
                == .inputTooLarge)
        #expect(
            fault { () throws(DocumentError) in try more.add(Array("1".utf8), source: "c") }?.code
                == .tooManyDocuments)
        #expect(more.documents.count == 3)
    }
}
