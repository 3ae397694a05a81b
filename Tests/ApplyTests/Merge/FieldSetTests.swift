import Apply
import Documents
import Testing
import Tree

@Suite struct FieldSetTests {
    /// Sets as a real server wrote them.
    @Test(arguments: [
        #"{"f:spec":{".":{},"f:interval":{},"f:maxWorkers":{},"f:region":{}}}"#,
        #"{"f:metadata":{"f:labels":{".":{},"f:tier":{}}},"f:spec":{"f:replicas":{}}}"#,
        #"{"f:status":{".":{},"f:conditions":{".":{},"k:{\"type\":\"Ready\"}":{".":{},"f:reason":{},"f:type":{}}},"f:replicas":{}}}"#,
        #"{"f:metadata":{"f:finalizers":{".":{},"v:\"reconcile.dev/cleanup\"":{}}}}"#,
        "{}",
    ])
    func roundTrip(_ text: String) throws {
        let set = try #require(FieldSet(tree: json(text)))
        #expect(JSON.text(set.tree) == text)
    }

    @Test(arguments: [#"{"spec":{}}"#, #"{"f:spec":1}"#, #"{"f:spec":{"x:y":{}}}"#, "[]"])
    func unreadable(_ text: String) { #expect(FieldSet(tree: json(text)) == nil) }

    @Test func algebraLaws() throws {
        var random = SeededTrees(seed: 3)
        func draw() -> FieldSet { FieldSet(of: pool("a", random.spec()), Pool.schema) }
        for _ in 0..<200 {
            let (a, b) = (draw(), draw())
            #expect(a.union(b) == b.union(a))
            #expect(a.intersection(b) == b.intersection(a))
            #expect(a.subtracting(b).union(a.intersection(b)) == a)
            #expect(a.subtracting(b).intersection(b).isEmpty)
            #expect(a.union(b).subtracting(b) == a.subtracting(b))
            #expect(Set(a.union(b).paths) == Set(a.paths).union(b.paths))
            #expect(FieldSet(tree: a.tree) == a)
        }
    }

    @Test(arguments: [
        (#"{"f:spec":{"f:env":{"k:{\"name\":\"A\"}":{"f:value":{}}}}}"#, #".spec.env[name="A"].value"#),
        (
            #"{"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{}}}}"#,
            #".spec.ports[port=80,protocol="TCP"]"#
        ),
        (#"{"f:spec":{"f:zones":{"v:\"x\"":{}}}}"#, #".spec.zones[="x"]"#),
        (#"{"f:spec":{"f:list":{"i:3":{}}}}"#, ".spec.list[3]"),
    ])
    func pathsAsConflictsNameThem(_ row: (set: String, path: String)) throws {
        let set = try #require(FieldSet(tree: json(row.set)))
        #expect(set.paths.map { $0.map(\.description).joined() } == [row.path])
    }

    @Test(arguments: [
        (#"{"region":"r"}"#, #"{"f:spec":{"f:region":{}}}"#, "leaves"),
        (
            #"{"env":[{"name":"A","value":"1"}]}"#,
            #"{"f:spec":{"f:env":{"k:{\"name\":\"A\"}":{".":{},"f:name":{},"f:value":{}}}}}"#, "keyed list"
        ),
        (#"{"zones":["x"]}"#, #"{"f:spec":{"f:zones":{"v:\"x\"":{}}}}"#, "set"),
        (#"{"images":["x"]}"#, #"{"f:spec":{"f:images":{}}}"#, "a plain list is one value"),
        (#"{"labels":{"a":"b"}}"#, #"{"f:spec":{"f:labels":{"f:a":{}}}}"#, "free keys"),
        (#"{"labels":{}}"#, #"{"f:spec":{"f:labels":{}}}"#, "an empty object is owned itself"),
        (#"{"probe":{"path":"/"}}"#, #"{"f:spec":{"f:probe":{"f:path":{}}}}"#, "nested"),
        (
            #"{"template":{"a":{"b":1},"c":[1]}}"#,
            #"{"f:spec":{"f:template":{"f:a":{".":{},"f:b":{}},"f:c":{}}}}"#, "open values"
        ),
    ])
    func ofAConfiguration(_ row: (spec: String, set: String, because: String)) {
        let set = FieldSet(of: ["spec": json(row.spec)], Pool.schema)
        #expect(JSON.text(set.tree) == row.set, "\(row.because)")
    }
}
