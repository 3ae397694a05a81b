import Commands
import Testing

@Suite struct ManifestTests {
    @Test func validManifestsAreCounted() async throws {
        let desk = try Desk()
        try desk.write("plan.yaml", Desk.hello)
        let answer = await desk.run("validate", "-f", "$DIR/plan.yaml")
        #expect(answer.out == "2 objects valid\n")
        #expect(answer.code == 0, "\(answer.err)")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let yaml: String
        let expected: String
        let because: String
        var testDescription: String { because }
        init(_ yaml: String, _ expected: String, because: String) {
            self.yaml = yaml
            self.expected = expected
            self.because = because
        }
    }

    static let cases = [
        Case(
            "apiVersion: reconcile.dev/v1alpha1\nkind: ExecutionPlan\nmetadata: {name: x}\nspec:\n  shceduling: {}\n",
            "f.yaml:5:3: spec.shceduling: unknown field; did you mean \"scheduling\"?",
            because: "an unknown field is located at its key"),
        Case(
            "apiVersion: reconcile.dev/v1alpha1\nkind: ExecutionPln\nmetadata: {name: x}\n",
            "f.yaml:2:7: kind: \"ExecutionPln\" is none that Reconcile keeps; did you mean \"ExecutionPlan\"?",
            because: "a misspelt kind names the nearest"),
        Case(
            "apiVersion: reconcile.dev/v1\nkind: Region\nmetadata: {name: x}\n",
            "f.yaml:1:13: apiVersion: \"reconcile.dev/v1\" has no Region; write reconcile.dev/v1alpha1",
            because: "the version is part of what a kind is"),
        Case(
            "apiVersion: reconcile.dev/v1alpha1\nkind: Region\nspec: {}\n",
            "f.yaml:1:1: metadata.name: Required value: the name of the Region",
            because: "what is missing is located at its nearest parent"),
        Case(
            """
            apiVersion: reconcile.dev/v1alpha1
            kind: ExecutionPlan
            metadata: {name: x}
            spec:
              tasks:
                - {name: a, run: {command: [x]}, dependsOn: [bb]}
                - {name: b, run: {command: [x]}}

            """,
            "f.yaml:6:50: spec.tasks[0].dependsOn[0]: Invalid value: no task \"bb\" in this plan; did you mean \"b\"?",
            because: "names that don't resolve are found without a state"),
        Case(
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n",
            "f.yaml:8:9: namespace/x is already at f.yaml:3:18; keep one of them", because: "one object, one manifest"),
        Case("a: b: c\n", "f.yaml:1:5:", because: "text that is no YAML is located too"),
        Case(
            "- a\n- b\n", "f.yaml:1:1: expected an object with apiVersion, kind and metadata, got array",
            because: "a list is no object"),
    ]

    @Test(arguments: cases) func faultsHaveAPlace(_ test: Case) async throws {
        let desk = try Desk()
        try desk.write("f.yaml", test.yaml)
        let answer = await desk.run("validate", "-f", "$DIR/f.yaml")
        let error = answer.err.replacing("$DIR/", with: "")
        #expect(error.contains(test.expected), "\(test.because): \(error)")
        #expect(answer.code == 4)
        #expect(answer.out.isEmpty)
    }

    @Test func everyFaultIsSaidAtOnce() async throws {
        let desk = try Desk()
        try desk.write(
            "a.yaml", "apiVersion: reconcile.dev/v1alpha1\nkind: Region\nmetadata: {name: x}\nspec: {rol: Master}\n")
        try desk.write("b.yaml", "kind: Nothing\n")
        let answer = await desk.run("apply", "-f", "$DIR/b.yaml", "-f", "$DIR/a.yaml")
        #expect(answer.code == 4)
        #expect(answer.err.contains("$DIR/b.yaml:1:7:"))
        #expect(answer.err.hasSuffix("in the manifests; nothing was applied.\n"))
    }

    @Test func inputsThatHoldNothing() async throws {
        let desk = try Desk()
        try desk.write("empty.yaml", "# nothing here\n")
        try desk.write("dir/readme.txt", "no manifest")
        try desk.write("dir/inner/x.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n")
        let empty = await desk.run("validate", "-f", "$DIR/empty.yaml")
        #expect(empty.err == "error: $DIR/empty.yaml: no objects in it: empty, or comments only\n")
        #expect(empty.code == 4)
        let bare = await desk.run("validate", "-f", "$DIR/dir")
        #expect(
            bare.err == """
                error: $DIR/dir: no manifests in this directory: no file ends in .yaml, .yml or .json
                Add -R to go into the directories in it.

                """)
        #expect(bare.code == 4)
        #expect(await desk.run("validate", "-f", "$DIR/dir", "-R").out == "1 object valid\n")
        let missing = await desk.run("validate", "-f", "$DIR/none.yaml")
        #expect(missing.err == "error: $DIR/none.yaml: there is no such file or directory\n")
        #expect(missing.code == 1)
        #expect(await desk.run("validate").code == 1, "no -f is wrong usage")
    }

    @Test func standardInputAndLists() async throws {
        let desk = try Desk(
            input: """
                {"apiVersion": "v1", "kind": "List", "items": [
                  {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}},
                  {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "B!"}}
                ]}
                """)
        let answer = await desk.run("validate", "-f", "-")
        #expect(answer.err.contains("<stdin>:3:"), "the item, not the list: \(answer.err)")
        #expect(answer.code == 4)
    }

    @Test func largeFilesAreRefusedBySize() async throws {
        let desk = try Desk()
        let size = 100 << 20
        // Sparse: reading it would take memory, opening it does not.
        try SparseFile.make("\(desk.directory)/big.yaml", size: size)
        let answer = await desk.run("validate", "-f", "$DIR/big.yaml")
        #expect(answer.err.contains("too large: all manifests together may have 64 MiB"))
        #expect(answer.code == 4)
    }
}
