@testable import Commands
import Documents
import Testing
import Text
import Tree

@Suite struct TablesTests {
    static let object: Tree = [
        "a": ["b": 3, "c.d": "dotted"],
        "list": [["type": "Ready", "status": "True"], ["type": "Other", "status": "False"]],
        "numbers": [1, 2, 3],
    ]

    @Test(arguments: [
        (".a.b", ["3"]), ("$.a.b", ["3"]), ("{.a.b}", ["3"]), (".a['c.d']", ["dotted"]), (".numbers[0]", ["1"]),
        (".numbers[-1]", ["3"]),
        (".numbers[7]", []), (".numbers[*]", ["1", "2", "3"]), (".list[?(@.type==\"Ready\")].status", ["True"]),
        (".list[?(@.type != 'Ready')].status", ["False"]), (".list[*].type", ["Ready", "Other"]),
        (".nothing.at.all", []),
        (".a.b.c", []), (".list[?(@.none==\"x\")].status", []), (".a.c\\.d", ["dotted"]),
        (".numbers[1:]", ["2", "3"]), (".numbers[:2]", ["1", "2"]), (".numbers[-2:-1]", ["2"]), (".numbers[2:1]", []),
        (".numbers[0,2]", ["1", "3"]), (".a['b','c.d']", ["3", "dotted"]), ("..type", ["Ready", "Other"]),
        (".list[?(@.status)].type", ["Ready", "Other"]), (".list[?(@.none)].type", []),
    ]) func pathsLeadToValues(path: String, expected: [String]) throws {
        let parsed = try #require(JSONPath(path))
        #expect(parsed.values(in: Self.object).map(CellText.plain) == expected, "\(path)")
    }

    @Test(arguments: ["a.b", ".a[", ".a[x]", ".a[?(type==1)]", ".a[?(@)]", ".a[1:2:3]", ".a[,]", ".a.", ".."])
    func otherPathsAreRefused(
        path: String
    ) {
        #expect(JSONPath(path) == nil, "\(path)")
    }

    @Test func tablesAlign() {
        var table = TextTable(["Name", "Cost"], [["a", "$1.00"], ["longer", "$10.00"]], rightAligned: [1])
        #expect(table.text().text == "NAME       COST\na         $1.00\nlonger   $10.00\n")
        table.leastWidths = [8, 0]
        #expect(table.text(headers: false).text == "a           $1.00\nlonger     $10.00\n")
        let wide = TextTable(["Name", "Message"], [["a", "a long message that is cut"]])
        #expect(wide.text(width: 20).text == "NAME   MESSAGE\na      a long messa…\n")
    }

    @Test(arguments: [
        (name: "a", message: "", lines: ["  NAME", "  a"], because: "an empty last column is left out"),
        (
            name: "a", message: "one two three four five six seven",
            lines: ["  NAME   MESSAGE", "  a      one two three four five", "         six seven"],
            because: "the rest is below itself"
        ),
        (
            name: "a", message: "process:1234567890/1234567890/12345",
            lines: ["  NAME   MESSAGE", "  a      process:1234567890/1234567", "         890/12345"],
            because: "a word longer than its room is broken"
        ),
        (
            name: "a-name-of-many-letters", message: "one two three four five six seven",
            lines: [
                "  NAME                     MESSAGE", "  a-name-of-many-letters",
                "      one two three four five six", "      seven",
            ], because: "below its row, where it would be a ribbon"
        ),
    ])
    func describedTablesLoseNothing(_ row: (name: String, message: String, lines: [String], because: String)) {
        let table = TextTable(["Name", "Message"], [[TextTable.Cell(row.name), TextTable.Cell(row.message)]])
        #expect(table.wrappedLines(Paint(false), indent: 2, width: 35).map(\.text) == row.lines, "\(row.because)")
    }

    @Test func differencesByLine() {
        let old = (1...12).map(String.init)
        var new = old
        new[1] = "two"
        new.append("13")
        #expect(
            LineDiff.unified(old, new) == [
                "@@ -1,5 +1,5 @@", " 1", "-2", "+two", " 3", " 4", " 5", "@@ -10,3 +10,4 @@", " 10", " 11", " 12",
                "+13",
            ])
        #expect(LineDiff.unified(old, old).isEmpty)
        #expect(LineDiff.unified([], ["a"]) == ["@@ -0,0 +1 @@", "+a"])
    }

    @Test func wordsWrap() {
        #expect("one two three".wrapped(to: 7) == ["one two", "three"])
        #expect("".wrapped(to: 7) == [""])
        #expect("extraordinary".wrapped(to: 5) == ["extraordinary"])
    }
}
