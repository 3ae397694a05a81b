import Apply
import Documents
import Testing
import Tree

/// One manager's configuration, and what the object is after it.
private struct Step {
    var manager: String
    var spec: String
    var force = false
    /// The spec afterwards; nil where it is refused with these conflicts.
    var becomes: String?
    var conflicts: [String] = []
}

@Suite struct ServerSideApplyTests {
    private func apply(
        _ live: Tree?, _ manager: String, _ spec: Tree, force: Bool = false, at second: Int = 0
    ) throws(ApplyConflict) -> Tree {
        try ServerSideApply.apply(
            live: live, applied: pool("a", spec), manager: manager, force: force, schema: Pool.schema,
            now: at(second))
    }

    private static let stories: [(because: String, steps: [Step])] = [
        (
            "a first apply is the object",
            [Step(manager: "alice", spec: #"{"region":"r"}"#, becomes: #"{"region":"r"}"#)]
        ),
        (
            "two managers, different fields",
            [
                Step(manager: "alice", spec: #"{"region":"r"}"#, becomes: #"{"region":"r"}"#),
                Step(manager: "bob", spec: #"{"replicas":2}"#, becomes: #"{"region":"r","replicas":2}"#),
            ]
        ),
        (
            "the same value is shared, another is a conflict, force takes it",
            [
                Step(
                    manager: "alice", spec: #"{"region":"r","replicas":2}"#,
                    becomes: #"{"region":"r","replicas":2}"#),
                Step(manager: "bob", spec: #"{"replicas":2}"#, becomes: #"{"region":"r","replicas":2}"#),
                Step(manager: "bob", spec: #"{"replicas":3}"#, conflicts: [".spec.replicas"]),
                Step(
                    manager: "bob", spec: #"{"replicas":3}"#, force: true,
                    becomes: #"{"region":"r","replicas":3}"#),
                Step(manager: "bob", spec: "{}", becomes: #"{"region":"r"}"#),
            ]
        ),
        (
            "a shared field stays until its last owner lets go",
            [
                Step(
                    manager: "alice", spec: #"{"region":"r","replicas":2}"#,
                    becomes: #"{"region":"r","replicas":2}"#),
                Step(manager: "bob", spec: #"{"replicas":2}"#, becomes: #"{"region":"r","replicas":2}"#),
                Step(manager: "alice", spec: #"{"region":"r"}"#, becomes: #"{"region":"r","replicas":2}"#),
                Step(manager: "bob", spec: "{}", becomes: #"{"region":"r"}"#),
            ]
        ),
        (
            "lists by key: elements merge, and go with their owner",
            [
                Step(
                    manager: "alice", spec: #"{"env":[{"name":"A","value":"1"}]}"#,
                    becomes: #"{"env":[{"name":"A","value":"1"}]}"#),
                Step(
                    manager: "carol", spec: #"{"env":[{"name":"B","value":"2"}]}"#,
                    becomes: #"{"env":[{"name":"A","value":"1"},{"name":"B","value":"2"}]}"#),
                Step(manager: "alice", spec: "{}", becomes: #"{"env":[{"name":"B","value":"2"}]}"#),
                Step(manager: "carol", spec: "{}", becomes: "{}"),
            ]
        ),
        (
            "a member of an element can be shared between managers",
            [
                Step(
                    manager: "alice", spec: #"{"env":[{"name":"A","value":"1"}]}"#,
                    becomes: #"{"env":[{"name":"A","value":"1"}]}"#),
                Step(
                    manager: "bob", spec: #"{"env":[{"name":"A","frozen":"f"}]}"#,
                    becomes: #"{"env":[{"name":"A","value":"1","frozen":"f"}]}"#),
                Step(
                    manager: "bob", spec: #"{"env":[{"name":"A","value":"2"}]}"#,
                    conflicts: [#".spec.env[name="A"].value"#]),
                Step(manager: "alice", spec: "{}", becomes: #"{"env":[{"name":"A","frozen":"f"}]}"#),
            ]
        ),
        (
            "the order of what is applied wins, what others have stays in between",
            [
                Step(
                    manager: "alice", spec: #"{"env":[{"name":"A"},{"name":"B"},{"name":"C"}]}"#,
                    becomes: #"{"env":[{"name":"A"},{"name":"B"},{"name":"C"}]}"#),
                Step(
                    manager: "bob", spec: #"{"env":[{"name":"C"},{"name":"N"},{"name":"A"}]}"#,
                    becomes: #"{"env":[{"name":"B"},{"name":"C"},{"name":"N"},{"name":"A"}]}"#),
            ]
        ),
        (
            "sets merge by value",
            [
                Step(manager: "alice", spec: #"{"zones":["x","y"]}"#, becomes: #"{"zones":["x","y"]}"#),
                Step(manager: "bob", spec: #"{"zones":["y","z"]}"#, becomes: #"{"zones":["x","y","z"]}"#),
                Step(manager: "alice", spec: #"{"zones":["x"]}"#, becomes: #"{"zones":["x","y","z"]}"#),
                Step(manager: "bob", spec: "{}", becomes: #"{"zones":["x"]}"#),
            ]
        ),
        (
            "a plain list has one owner",
            [
                Step(manager: "alice", spec: #"{"images":["i1"]}"#, becomes: #"{"images":["i1"]}"#),
                Step(manager: "bob", spec: #"{"images":["i1","i2"]}"#, conflicts: [".spec.images"]),
                Step(
                    manager: "bob", spec: #"{"images":["i2"]}"#, force: true, becomes: #"{"images":["i2"]}"#),
                Step(manager: "alice", spec: "{}", becomes: #"{"images":["i2"]}"#),
                Step(manager: "bob", spec: "{}", becomes: "{}"),
            ]
        ),
        (
            "maps with free keys",
            [
                Step(manager: "alice", spec: #"{"labels":{"a":"1"}}"#, becomes: #"{"labels":{"a":"1"}}"#),
                Step(
                    manager: "bob", spec: #"{"labels":{"b":"2"}}"#, becomes: #"{"labels":{"a":"1","b":"2"}}"#),
                Step(manager: "bob", spec: #"{"labels":{"a":"9","b":"2"}}"#, conflicts: [".spec.labels.a"]),
                Step(manager: "alice", spec: "{}", becomes: #"{"labels":{"b":"2"}}"#),
            ]
        ),
        (
            "open values: objects merge, lists don't",
            [
                Step(
                    manager: "alice", spec: #"{"template":{"a":{"x":1},"l":[1]}}"#,
                    becomes: #"{"template":{"a":{"x":1},"l":[1]}}"#),
                Step(
                    manager: "bob", spec: #"{"template":{"a":{"y":2}}}"#,
                    becomes: #"{"template":{"a":{"x":1,"y":2},"l":[1]}}"#),
                Step(manager: "bob", spec: #"{"template":{"l":[2]}}"#, conflicts: [".spec.template.l"]),
            ]
        ),
    ]

    @Test func stories() throws {
        for (because, steps) in ServerSideApplyTests.stories {
            var live: Tree?
            for (number, step) in steps.enumerated() {
                let comment = Comment(rawValue: "\(because), step \(number + 1)")
                guard let expected = step.becomes else {
                    let error = #expect(throws: ApplyConflict.self, comment) {
                        try apply(live, step.manager, json(step.spec), force: step.force, at: number)
                    }
                    #expect(error?.conflicts.map(\.path) == step.conflicts, comment)
                    continue
                }
                live = try apply(live, step.manager, json(step.spec), force: step.force, at: number)
                // An owner that lets go of the last field of an object takes the object along.
                #expect(live?["spec"] ?? .emptyObject == json(expected), comment)
            }
        }
    }

    @Test func ownersAreThoseOfARealServer() throws {
        let first = try apply(
            nil, "alice", json(#"{"region":"us-east-1","replicas":2,"env":[{"name":"A","value":"1"}]}"#))
        #expect(
            first.owners == [
                #"alice Apply {"f:spec":{"f:env":{"k:{\"name\":\"A\"}":{".":{},"f:name":{},"f:value":{}}},"f:region":{},"f:replicas":{}}}"#
            ])
        let forced = try apply(first, "bob", json(#"{"region":"us-east-1","replicas":5}"#), force: true)
        #expect(
            forced.owners == [
                #"alice Apply {"f:spec":{"f:env":{"k:{\"name\":\"A\"}":{".":{},"f:name":{},"f:value":{}}},"f:region":{}}}"#,
                #"bob Apply {"f:spec":{"f:region":{},"f:replicas":{}}}"#,
            ])
        let merged = try apply(forced, "carol", json(#"{"env":[{"name":"B","value":"2"}]}"#))
        let released = try apply(merged, "alice", json(#"{"region":"us-east-1"}"#))
        #expect(
            released["spec"] == json(#"{"region":"us-east-1","replicas":5,"env":[{"name":"B","value":"2"}]}"#)
        )
        #expect(
            released.owners == [
                #"alice Apply {"f:spec":{"f:region":{}}}"#,
                #"bob Apply {"f:spec":{"f:region":{},"f:replicas":{}}}"#,
                #"carol Apply {"f:spec":{"f:env":{"k:{\"name\":\"B\"}":{".":{},"f:name":{},"f:value":{}}}}}"#,
            ])
    }

    @Test func conflictsInKubernetesWords() throws {
        let live = try apply(nil, "alice", json(#"{"region":"us-east-1","replicas":2}"#))
        let both = #expect(throws: ApplyConflict.self) {
            try apply(live, "bob", json(#"{"region":"w","replicas":5}"#))
        }
        #expect(
            both?.description
                == "Apply failed with 2 conflicts: conflicts with \"alice\":\n- .spec.region\n- .spec.replicas"
        )
        #expect(both?.conflicts.map(\.message) == ["conflict with \"alice\"", "conflict with \"alice\""])
        let one = #expect(throws: ApplyConflict.self) { try apply(live, "bob", json(#"{"replicas":5}"#)) }
        #expect(one?.description == "Apply failed with 1 conflict: conflict with \"alice\": .spec.replicas")
        let created = try stored()
        let update = #expect(throws: ApplyConflict.self) {
            try apply(created, "bob", json(#"{"replicas":5}"#))
        }
        #expect(
            update?.description
                == "Apply failed with 1 conflict: conflict with \"kubectl-create\" using reconcile.dev/v1alpha1: .spec.replicas"
        )
    }

    @Test func fieldsWrittenBeforeAnyRecordAreNotTakenSilently() throws {
        var live = try stored(["region": "r", "replicas": 2])
        live = live.with(["metadata", "managedFields"], nil)
        let error = #expect(throws: ApplyConflict.self) { try apply(live, "alice", ["replicas": 3]) }
        #expect(error?.conflicts.map(\.manager) == ["before-first-apply"])
        let shared = try apply(live, "alice", ["replicas": 2])
        #expect(shared["spec"] == live["spec"])
        #expect(shared.owners.count == 2)
    }

    @Test func applyingAgainIsANoop() throws {
        var random = SeededTrees(seed: 11)
        for _ in 0..<200 {
            let others = try apply(nil, "bob", random.spec())
            let spec = random.spec()
            let once = try apply(others, "alice", spec, force: true, at: 1)
            #expect(try apply(once, "alice", spec, at: 2) == once)
            #expect(try apply(once, "alice", spec, force: true, at: 2) == once)
        }
    }

    @Test func whatIsAppliedIsThere() throws {
        var random = SeededTrees(seed: 5)
        for _ in 0..<200 {
            var live: Tree?
            for manager in ["alice", "bob", "alice", "carol", "bob"] {
                let spec = random.spec()
                let result = try apply(live, manager, spec, force: true)
                // An empty map asks for no more than the map that others fill.
                let asked = spec["labels"] == .emptyObject ? spec.with(["labels"], nil) : spec
                #expect(
                    FieldSet(of: ["spec": asked], Pool.schema).subtracting(FieldSet(of: result, Pool.schema))
                        .isEmpty)
                #expect(
                    result.owned(by: manager).flatMap { FieldSet(tree: $0) }
                        == FieldSet(of: ["spec": spec], Pool.schema))
                live = result
            }
        }
    }

    @Test func oneManagerAloneGetsExactlyWhatItSays() throws {
        var random = SeededTrees(seed: 9)
        var live: Tree?
        for _ in 0..<200 {
            let spec = random.spec()
            let result = try apply(live, "alice", spec)
            let fresh = try apply(nil, "alice", spec)
            // An empty list owns nothing and is nobody's, so it may stay or go.
            #expect(withoutEmptyLists(result["spec"]) == withoutEmptyLists(fresh["spec"]))
            live = result
        }
    }

    private func withoutEmptyLists(_ tree: Tree?) -> Tree? {
        guard case .object(let members)? = tree else { return tree }
        return .object(members.reduce(into: Members()) { if $1.value != [] { $0[$1.key] = $1.value } })
    }
}
