import Testing

@testable import Host

@Suite
struct OutputFileTests {
    struct Case: Sendable, CustomStringConvertible {
        let because: String
        let text: String
        let values: [String: String]
        var note: String?
        var description: String { because }
    }

    @Test(arguments: [
        Case(because: "nothing written, nothing read", text: "", values: [:]),
        Case(because: "a line is a value", text: "A=1\nB=two words\n", values: ["A": "1", "B": "two words"]),
        Case(because: "the last line needs no end", text: "A=1", values: ["A": "1"]),
        Case(because: "a value may hold what it likes but a line end", text: "U=a=b # c", values: ["U": "a=b # c"]),
        Case(because: "the last of a key counts", text: "A=1\nA=2\n", values: ["A": "2"]),
        Case(because: "empty is a value", text: "A=\n", values: ["A": ""]),
        Case(because: "blank lines and comments are none", text: "\n# A=1\n\nB=2\r\n", values: ["B": "2"]),
        Case(
            because: "what is no line of that form is left out, and said", text: "A=1\nnonsense\n=x\n1A=2\n",
            values: ["A": "1"], note: "line 2 of $RECONCILE_OUTPUT is not KEY=VALUE and was left out"),
        Case(
            because: "keys may be as tasks write them", text: "image.tag-1=x\n_y=z",
            values: ["image.tag-1": "x", "_y": "z"]),
        Case(
            because: "4 KiB are allowed", text: "A=" + String(repeating: "x", count: 4096),
            values: ["A": String(repeating: "x", count: 4096)]),
    ])
    func reads(_ row: Case) throws {
        let file = try OutputFile.parse(Array(row.text.utf8)).get()
        #expect(file.values == row.values, "\(row.because)")
        #expect(file.note == row.note)
    }

    @Test func badUTF8IsLeftOut() throws {
        let file = try OutputFile.parse(Array("A=1\nB=".utf8) + [0xFF, 0x0A]).get()
        #expect(file.values == ["A": "1"])
        #expect(file.note != nil)
    }

    @Test func aValueBeyondItsBoundIsRefusedByName() {
        let text = "OK=1\nBIG=" + String(repeating: "x", count: 4097)
        #expect(throws: OutputFile.TooLarge.self) { try OutputFile.parse(Array(text.utf8)).get() }
        if case .failure(let error) = OutputFile.parse(Array(text.utf8)) {
            #expect(error.message.contains("BIG has 4097"))
        }
    }

    @Test func allTogetherHaveABound() throws {
        // Eight of four times 1024 bytes with their keys are a little more than 32 KiB.
        let line = { (key: Int) in "K\(key)=" + String(repeating: "x", count: 4094) + "\n" }
        #expect(throws: Never.self) { try OutputFile.parse(Array((0..<8).map(line).joined().utf8)).get() }
        #expect(throws: OutputFile.TooLarge.self) {
            try OutputFile.parse(Array(((0..<8).map(line).joined() + "A=").utf8)).get()
        }
    }
}
