import Apply
import Model
import Testing
import Tree

@Suite struct ValidationTests {
    /// What a real server says of the same values (1.36), and our own words where it has none.
    @Test(
        arguments: [
            (#"{"region":"r"}"#, [], "right"),
            (#"{}"#, ["spec.region: Required value"], "required"),
            (
                #"{"region":"r","replicas":-1}"#,
                [
                    "spec.replicas: Invalid value: -1: spec.replicas in body should be greater than or equal to 0"
                ], "minimum"
            ),
            (
                #"{"region":"r","replicas":5000}"#,
                [
                    "spec.replicas: Invalid value: 5000: spec.replicas in body should be less than or equal to 1000"
                ], "maximum"
            ),
            (
                #"{"region":"r","type":"Moon"}"#,
                [
                    #"spec.type: Unsupported value: "Moon": supported values: "Local", "CloudVM", "Container", "EdgeDevice""#
                ], "enum"
            ),
            (
                #"{"region":"r","minWorkers":"x"}"#,
                [
                    #"spec.minWorkers: Invalid value: "string": spec.minWorkers in body must be of type integer: "string""#
                ], "type"
            ),
            (
                #"{"region":"r","interval":"soon"}"#,
                [
                    #"spec.interval: Invalid value: "soon": spec.interval in body should match '^(0|([0-9]+(ms|s|m|h))+)$': expected a duration such as 90s, 5m or 4h"#
                ], "form, with the word for it"
            ),
            (
                #"{"region":""}"#,
                [#"spec.region: Invalid value: "": spec.region in body should be at least 1 chars long"#],
                "least length"
            ),
            (
                #"{"region":"0123456789012345678901234567890123456789012345678901234567890123"}"#,
                ["spec.region: Too long: may not be more than 63 bytes"], "greatest length"
            ),
            (
                #"{"region":"r","price":0.09}"#,
                [
                    #"spec.price: Invalid value: "number": spec.price in body must be of type integer,string: "number": write "0.09" in quotes"#
                ], "a fraction is told how to be written"
            ),
            (
                #"{"region":"r","price":-5}"#,
                [
                    "spec.price: Invalid value: -5: spec.price in body should be greater than or equal to 0"
                ], "bounds hold for amounts too"
            ),
            (#"{"region":"r","price":"0.09"}"#, [], "money as text"),
            (#"{"region":"r","price":50}"#, [], "money as integer"),
            (
                #"{"region":7}"#,
                [
                    #"spec.region: Invalid value: "integer": spec.region in body must be of type string: "integer": write "7" in quotes"#
                ],
                "a number where text belongs"
            ),
            (
                #"{"region":"r","images":["a","b","c","d"]}"#,
                ["spec.images: Too many: 4: must have at most 3 items"], "too many"
            ),
            (
                #"{"region":"r","env":[{"name":"A"},{"name":"B"},{"name":"A","value":"2"}]}"#,
                [#"spec.env[2]: Duplicate value: {"name":"A"}"#], "keys of a list are unique"
            ),
            (
                #"{"region":"r","zones":["x","y","x"]}"#, [#"spec.zones[2]: Duplicate value: "x""#],
                "sets too"
            ),
            (#"{"region":"r","images":["x","x"]}"#, [], "plain lists may repeat"),
            (#"{"region":"r","env":[{"value":"1"}]}"#, ["spec.env[0].name: Required value"], "inside lists"),
            (
                #"{"region":"r","env":{"A":"1"}}"#,
                [#"spec.env: Invalid value: "object": spec.env in body must be of type array: "object""#],
                "an object for a list"
            ),
            (
                #"{"region":"r","labels":{"tier":1}}"#,
                [
                    #"spec.labels.tier: Invalid value: "integer": spec.labels.tier in body must be of type string: "integer": write "1" in quotes"#
                ], "values of free keys"
            ),
            (
                #"{"region":"r","minWorkers":5,"maxWorkers":2}"#,
                ["spec: Invalid value: minWorkers must not exceed maxWorkers"], "a rule"
            ),
            (
                #"{"region":"r","minWorkers":5,"maxWorkers":2,"interval":"x"}"#,
                [
                    #"spec.interval: Invalid value: "x": spec.interval in body should match '^(0|([0-9]+(ms|s|m|h))+)$': expected a duration such as 90s, 5m or 4h"#,
                    "spec: Invalid value: minWorkers must not exceed maxWorkers",
                ], "rules still run beside a wrong value"
            ),
            (
                #"{"minWorkers":5,"maxWorkers":2}"#, ["spec.region: Required value"],
                "but not where something is missing"
            ),
        ] as [(String, [String], String)])
    func errors(_ row: (spec: String, errors: [String], because: String)) {
        let found = Validation.check(json(row.spec), schema: PoolSpec.schema, at: ["spec"]).map(\.description)
        #expect(found == row.errors, "\(row.because)")
    }

    @Test func causes() {
        let spec = json(
            #"{"replicas":-1,"type":"Moon","minWorkers":"x","images":["a","b","c","d"],"zones":["x","x"]}"#)
        let found = Validation.check(spec, schema: PoolSpec.schema).map(\.cause)
        #expect(found == [.required, .invalid, .typeInvalid, .notSupported, .duplicate, .tooMany])
    }

    @Test func transitionRulesMeetTheOldElementOfTheSameKey() {
        let old = json(#"{"region":"r","env":[{"name":"A","frozen":"1"},{"name":"B","frozen":"2"}]}"#)
        let moved = json(
            #"{"region":"r","env":[{"name":"B","frozen":"2"},{"name":"A","frozen":"1"},{"name":"C","frozen":"3"}]}"#
        )
        #expect(Validation.check(moved, old: old, schema: PoolSpec.schema).isEmpty)
        let changed = json(#"{"region":"r","env":[{"name":"B","frozen":"9"},{"name":"A","frozen":"1"}]}"#)
        let errors = Validation.check(changed, old: old, schema: PoolSpec.schema).map(\.description)
        #expect(errors == ["env[0].frozen: Invalid value: field is immutable"])
    }

    @Test func nothingIsRequiredOfAPart() {
        #expect(Validation.check(json(#"{"replicas":2}"#), schema: PoolSpec.schema, partial: true).isEmpty)
        let keyless = Validation.check(
            json(#"{"env":[{"value":"1"}]}"#), schema: PoolSpec.schema, partial: true)
        #expect(keyless.map(\.field) == ["env[0]"], "but an element without its key can't be merged")
    }

    @Test func answersAreBounded() {
        let labels = (0..<500).reduce(into: Members()) { $0["k\($1)"] = 1 }
        let spec: Tree = ["region": "r", "labels": .object(labels)]
        #expect(Validation.check(spec, schema: PoolSpec.schema).count == Validation.limit)
    }

    @Test func longValuesAreCut() {
        let spec: Tree = ["region": "r", "interval": .string(String(repeating: "x", count: 100_000))]
        let message = Validation.check(spec, schema: PoolSpec.schema)[0].message
        #expect(message.utf8.count < 500)
    }
}
