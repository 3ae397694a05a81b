import Documents
import Testing
import Tree

@Suite struct PositionsTests {
    static let manifest = """
        # a plan
        kind: Region
        ---
        ---
        kind: ExecutionPlan
        spec:
          tasks:
          - name: load
            run: {command: [sh, -c, "true"]}
          - name: é
            retries: "3"
            tmpl: &t
              cpu: 1
          - *t
        """

    static func path(_ steps: Any...) -> FieldPath {
        FieldPath(steps.map { ($0 as? String).map { .field($0) } ?? .index($0 as! Int) })
    }

    static let rows: [(path: FieldPath, part: Positions.Part, line: Int, column: Int, because: String)] = [
        (path(), .value, 5, 1, "the document"),
        (path("kind"), .value, 5, 7, "a value"), (path("kind"), .key, 5, 1, "its key"),
        (path("spec"), .value, 7, 3, "an object begins with its first key"),
        (path("spec"), .key, 6, 1, "its key"),
        (path("spec", "tasks", 0), .value, 8, 5, "an item"),
        (path("spec", "tasks", 0), .key, 8, 5, "an item has no key"),
        (path("spec", "tasks", 0, "run", "command", 2), .value, 9, 29, "flow style"),
        (path("spec", "tasks", 1, "retries"), .value, 11, 14, "a quoted value"),
        (path("spec", "tasks", 1, "retries"), .key, 11, 5, "the key of a quoted value"),
        (path("spec", "tasks", 2), .value, 14, 5, "an alias"),
        (path("spec", "tasks", 2, "cpu"), .value, 13, 12, "behind an alias"),
        (path("spec", "tasks", 1, "missing"), .value, 10, 5, "the nearest parent"),
        (path("spec", "missing", "deeper"), .key, 6, 1, "the nearest parent's key"),
        (path("spec", "tasks", 9), .value, 8, 3, "beyond the end: the array"),
        (path("missing"), .key, 5, 1, "no parent but the document"),
        (path("kind", "deeper"), .value, 5, 7, "a scalar has no members"),
    ]

    @Test(arguments: rows.indices) func inYAML(_ index: Int) {
        let row = Self.rows[index]
        let found = Positions.locate(row.path, part: row.part, in: Array(Self.manifest.utf8), document: 1)
        #expect(found == Position(line: row.line, column: row.column), "\(row.path): \(row.because)")
    }

    @Test func otherDocuments() {
        let bytes = Array(Self.manifest.utf8)
        #expect(Positions.locate(["kind"], in: bytes, document: 0) == Position(line: 2, column: 7))
        #expect(Positions.locate(["kind"], in: bytes, document: 2) == nil)
        #expect(Positions.locate(["kind"], in: Array("a: [".utf8)) == nil)
    }

    @Test func inJSON() {
        let text = "\u{FEFF}{ \"é\\n\": [1, {\"b\": \"\\\"x\"},\n  [] ],\n\t\"c\" : -1.5e3, \"d\":{} }"
        let rows: [(FieldPath, Positions.Part, Int, Int)] = [
            (Self.path(), .value, 1, 1), (Self.path("é\n"), .key, 1, 3), (Self.path("é\n"), .value, 1, 10),
            (Self.path("é\n", 1, "b"), .key, 1, 15), (Self.path("é\n", 1, "b"), .value, 1, 20),
            (Self.path("é\n", 2), .value, 2, 3),
            (Self.path("c"), .key, 3, 2), (Self.path("c"), .value, 3, 8),
            (Self.path("d", "x"), .value, 3, 20),
        ]
        for (path, part, line, column) in rows {
            #expect(
                Positions.locate(path, part: part, in: Array(text.utf8))
                    == Position(line: line, column: column), "\(path)")
        }
    }

    @Test func everyPathOfEveryTreeIsFound() throws {
        var random = Seeded(7)
        for _ in 0..<50 {
            let tree = Tree.random(&random)
            for text in [YAML.emit(tree), JSON.pretty(tree)] {
                for path in tree.paths() {
                    #expect(Positions.locate(path, in: Array(text.utf8)) != nil, "\(path) in \(text)")
                }
            }
        }
    }
}
