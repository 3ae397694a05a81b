import Apply
import Documents
import Model
import Testing
import Tree

@Suite struct DiffTests {
    @Test(
        arguments: [
            (#"{"a":1}"#, #"{"a":1}"#, [], "equal"),
            (
                #"{"a":1,"b":{"c":2}}"#, #"{"a":3,"b":{"c":2,"d":4}}"#, ["a: 1 -> 3", "b.d: - -> 4"],
                "the smallest values"
            ),
            (#"{"a":{"b":1}}"#, #"{}"#, [#"a: {"b":1} -> -"#], "a whole branch"),
            (
                #"{"l":["x","y"]}"#, #"{"l":["x","z"]}"#, [#"l: ["x","y"] -> ["x","z"]"#],
                "a list of values is one"
            ),
            (
                #"{"l":[{"name":"A","v":1},{"name":"B"}]}"#, #"{"l":[{"name":"N"},{"name":"A","v":2}]}"#,
                [#"l[0]: - -> {"name":"N"}"#, "l[1].v: 1 -> 2", #"l[1]: {"name":"B"} -> -"#],
                "elements with names keep them"
            ),
            (
                #"{"l":[{"name":"A"},{"name":"B"}]}"#, #"{"l":[{"name":"B"},{"name":"A"}]}"#,
                [#"l: [{"name":"A"},{"name":"B"}] -> [{"name":"B"},{"name":"A"}]"#],
                "an order is a difference"
            ),
        ] as [(String, String, [String], String)])
    func changes(_ row: (old: String, new: String, changes: [String], because: String)) {
        let found = Diff.of(json(row.old), json(row.new)).map { change in
            "\(change.path): \(change.old.map(JSON.text) ?? "-") -> \(change.new.map(JSON.text) ?? "-")"
        }
        #expect(found == row.changes, "\(row.because)")
    }

    @Test func keysComeFromTheSchema() {
        let old = json(
            #"{"conditions":[{"type":"Ready","status":"False"},{"type":"Stalled","status":"True"}]}"#)
        let new = json(
            #"{"conditions":[{"type":"Ready","status":"True"},{"type":"Stalled","status":"True"}]}"#)
        #expect(
            Diff.of(old, new, schema: PoolStatus.schema).map(\.path.description) == ["conditions[0].status"])
    }

    @Test func noChangeMeansEqual() {
        var random = SeededTrees(seed: 21)
        for _ in 0..<300 {
            let (a, b) = (random.tree(depth: 3), random.tree(depth: 3))
            #expect(Diff.of(a, b).isEmpty == (a == b))
        }
    }
}
