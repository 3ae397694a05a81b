import Apply
import Testing
import Tree

@Suite struct JSONPatchTests {
    /// RFC 6902, appendix A, and what it leaves out.
    @Test(arguments: [
        (
            #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#, #"{"baz":"qux","foo":"bar"}"#,
            "A.1"
        ),
        (
            #"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
            #"{"foo":["bar","qux","baz"]}"#, "A.2"
        ),
        (#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#, "A.3"),
        (
            #"{"foo":["bar","qux","baz"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#, #"{"foo":["bar","baz"]}"#,
            "A.4"
        ),
        (
            #"{"baz":"qux","foo":"bar"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#,
            #"{"baz":"boo","foo":"bar"}"#, "A.5"
        ),
        (
            #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
            #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
            #"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#, "A.6"
        ),
        (
            #"{"foo":["all","grass","cows","eat"]}"#, #"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
            #"{"foo":["all","cows","eat","grass"]}"#, "A.7"
        ),
        (
            #"{"baz":"qux","foo":["a",2,"c"]}"#,
            #"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#,
            #"{"baz":"qux","foo":["a",2,"c"]}"#, "A.8"
        ),
        (
            #"{"foo":"bar"}"#, #"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
            #"{"foo":"bar","child":{"grandchild":{}}}"#, "A.10"
        ),
        (
            #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#,
            #"{"foo":"bar","baz":"qux"}"#, "A.11"
        ),
        (#"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":10}]"#, #"{"/":9,"~1":10}"#, "A.14"),
        (
            #"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
            #"{"foo":["bar",["abc","def"]]}"#, "A.16"
        ),
        (#"{"a":1}"#, #"[{"op":"replace","path":"","value":{"b":2}}]"#, #"{"b":2}"#, "the whole document"),
        (
            #"{"a":{"x":1}}"#,
            #"[{"op":"copy","from":"/a","path":"/b"},{"op":"replace","path":"/b/x","value":2}]"#,
            #"{"a":{"x":1},"b":{"x":2}}"#, "a copy is apart from its source"
        ),
        (#"{"a":1}"#, #"[{"op":"move","from":"/a","path":"/a"}]"#, #"{"a":1}"#, "a move to where it is"),
        (#"{"a":1}"#, #"[{"op":"test","path":"/a","value":1.0}]"#, #"{"a":1}"#, "numbers are equal by value"),
        (
            #"{"a":[1]}"#, #"[{"op":"replace","path":"/a/0","value":null}]"#, #"{"a":[null]}"#,
            "null is a value"
        ),
        (
            #"{"a":[[1,2]]}"#, #"[{"op":"remove","path":"/a/0/1"},{"op":"add","path":"/a/0/0","value":0}]"#,
            #"{"a":[[0,1]]}"#, "deep"
        ),
    ])
    func applied(_ row: (target: String, patch: String, result: String, because: String)) throws {
        #expect(
            try JSONPatch.apply(json(row.patch), to: json(row.target)) == json(row.result), "\(row.because)")
    }

    @Test(arguments: [
        (
            #"[{"op":"test","path":"/spec/region","value":"x"}]"#,
            "testing value /spec/region failed: test failed", 422
        ),
        (
            #"[{"op":"remove","path":"/spec/nope/x"}]"#,
            #"remove operation does not apply: doc is missing path: "/spec/nope/x": missing value"#, 422
        ),
        (
            #"[{"op":"remove","path":"/spec/nope"}]"#,
            "error in remove for path: '/spec/nope': Unable to remove nonexistent key: nope: missing value",
            422
        ),
        (
            #"[{"op":"replace","path":"/spec/nope","value":1}]"#,
            "replace operation does not apply: doc is missing key: /spec/nope: missing value", 422
        ),
        (
            #"[{"op":"add","path":"/spec/list/9","value":1}]"#,
            "error in add for path: '/spec/list/9': Unable to access invalid index: 9: invalid index referenced",
            422
        ),
        (
            #"[{"op":"add","path":"/spec/list/01","value":1}]"#,
            "error in add for path: '/spec/list/01': Unable to access invalid index: 01: invalid index referenced",
            422
        ),
        (
            #"[{"op":"move","from":"/no","path":"/spec/y"}]"#,
            "move operation does not apply: doc is missing from path: /no: missing value", 422
        ),
        (
            #"[{"op":"move","from":"/spec","path":"/spec/y"}]"#,
            "move operation does not apply: /spec can't move into itself, to /spec/y", 422
        ),
        (
            #"[{"op":"copy","from":"/no","path":"/spec/y"}]"#,
            #"copy operation does not apply: doc is missing from path: "/no": missing value"#, 422
        ),
        (#"[{"op":"frob","path":"/spec"}]"#, "Unexpected kind: frob", 422),
        (#"[{"op":"add","path":"/spec/y"}]"#, #"add operation needs "value""#, 400),
        (
            #"[{"op":"remove","path":"spec"}]"#,
            #"remove operation needs "path", a JSON pointer such as /spec/replicas"#, 400
        ),
        (#"[{"path":"/spec"}]"#, #"an operation is an object with "op" and "path""#, 400),
        (#"{"op":"remove"}"#, "a JSON patch is a list of operations, not object", 400),
    ])
    func refused(_ row: (patch: String, message: String, code: Int)) {
        let target = json(#"{"spec":{"region":"r","list":[1,2]}}"#)
        let error = #expect(throws: JSONPatchError.self) { try JSONPatch.apply(json(row.patch), to: target) }
        #expect(error?.description == row.message)
        #expect(error.map { AdmissionError.patch($0).code } == row.code)
    }

    @Test func patchesAreBounded() {
        let operation = json(#"{"op":"test","path":"/a","value":1}"#)
        let many = Tree.array(Array(repeating: operation, count: JSONPatch.operationLimit + 1))
        #expect(throws: JSONPatchError.self) { try JSONPatch.apply(many, to: ["a": 1]) }

        // Each copy doubles the object: a thousand of them would not end.
        let doubling = json(#"{"op":"copy","from":"","path":"/x"}"#)
        let bomb = Tree.array(Array(repeating: doubling, count: 1000))
        let error = #expect(throws: JSONPatchError.self) { try JSONPatch.apply(bomb, to: ["a": "some text"]) }
        #expect(error?.code == .tooLarge)

        // Moves nest one into the other what no document could.
        let round = ["/a", "/b"].flatMap { name -> [Tree] in
            let other = name == "/a" ? "/b" : "/a"
            return [
                ["op": "add", "path": .string(other), "value": .emptyObject],
                ["op": "move", "from": .string(name), "path": .string("\(other)/x")],
            ]
        }
        let nesting = Tree.array((0..<50).flatMap { _ in round })
        let deep = #expect(throws: JSONPatchError.self) { try JSONPatch.apply(nesting, to: ["a": 1]) }
        #expect(deep?.code == .tooLarge)
    }
}
