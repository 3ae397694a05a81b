import Apply
import Model
import Testing
import Tree

@Suite struct UnknownFieldsTests {
    @Test(
        arguments: [
            (#"{"spec":{"region":"r"}}"#, [], "all known"),
            (
                #"{"spec":{"replicaz":3}}"#, [#"unknown field "spec.replicaz" replicas"#],
                "a typo and what was meant"
            ),
            (
                #"{"spec":{"env":[{"name":"A"},{"valu":"1"}]}}"#,
                [#"unknown field "spec.env[1].valu" value"#], "inside a list"
            ),
            (#"{"spec":{"labels":{"any":"thing"}}}"#, [], "free keys"),
            (#"{"spec":{"template":{"deep":{"er":1}}}}"#, [], "open values"),
            (#"{"metadata":{"label":{}}}"#, [#"unknown field "metadata.label" labels"#], "metadata"),
            (#"{"zzzzzzzz":1,"spec":{"region":{}}}"#, [#"unknown field "zzzzzzzz" -"#], "nothing near"),
        ] as [(String, [String], String)])
    func found(_ row: (tree: String, found: [String], because: String)) {
        let found = UnknownFields.find(json(row.tree), Pool.schema).map { "\($0) \($0.nearest ?? "-")" }
        #expect(found == row.found, "\(row.because)")
    }

    @Test func pruningLeavesTheKnown() {
        var tree = json(
            #"{"a":1,"spec":{"region":"r","b":2,"env":[{"name":"A","c":3}],"labels":{"d":"4"},"template":{"e":5}}}"#
        )
        UnknownFields.prune(&tree, Pool.schema)
        #expect(
            tree
                == json(
                    #"{"spec":{"region":"r","env":[{"name":"A"}],"labels":{"d":"4"},"template":{"e":5}}}"#))
        #expect(UnknownFields.find(tree, Pool.schema).isEmpty)
    }

    @Test func answersAreBounded() {
        let members = (0..<500).reduce(into: Members()) { $0["k\($1)"] = 1 }
        #expect(UnknownFields.find(.object(members), Pool.schema).count == UnknownFields.limit)
    }
}
