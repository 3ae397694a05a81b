import Commands
import Model
import Storage
import Testing
import Tree

@Suite struct LogsTests {
    private func desk() async throws -> Desk {
        let desk = try Desk()
        try await desk.store(
            """
            apiVersion: reconcile.dev/v1alpha1
            kind: ExecutionPlan
            metadata: {name: hello, namespace: shop}
            spec: {tasks: [{name: greet, run: {command: [a]}}, {name: bow, run: {command: [a]}}, {name: end, run: {command: [a]}}]}
            ---
            apiVersion: reconcile.dev/v1alpha1
            kind: Task
            metadata: {name: hello-bow, namespace: shop, labels: {reconcile.dev/plan: hello}}
            spec: {plan: hello, task: bow, run: {command: [a]}}
            status: {phase: Succeeded, attempt: 1}
            ---
            apiVersion: reconcile.dev/v1alpha1
            kind: Task
            metadata: {name: hello-greet, namespace: shop, labels: {reconcile.dev/plan: hello}}
            spec: {plan: hello, task: greet, run: {command: [a]}}
            status: {phase: Succeeded, attempt: 2}
            ---
            apiVersion: reconcile.dev/v1alpha1
            kind: Task
            metadata: {name: hello-end, namespace: shop, labels: {reconcile.dev/plan: hello}}
            spec: {plan: hello, task: end, run: {command: [a]}}
            status: {phase: Pending, reason: WaitingForDependencies, message: waits for bow}
            """)
        for (task, attempt, text) in [
            ("hello-bow", 1, "one\ntwo\nthree"), ("hello-greet", 1, "first\n"), ("hello-greet", 2, "second\n"),
        ] {
            let uid = try #require(try await desk.get(ObjectKey(.task, "shop", task))["metadata"]?["uid"]?.string)
            try desk.runtime.blobs.append(Array(text.utf8), to: "tasks/\(uid)/\(attempt).log")
        }
        return desk
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let words: [String]
        let out: String
        let because: String
        var testDescription: String { because }
    }

    static let cases = [
        Case(words: ["xtask/hello-greet"], out: "second\n", because: "the last attempt's log"),
        Case(
            words: ["hello-greet", "--attempt", "1"], out: "first\n",
            because: "a bare name is a task's; an older attempt"),
        Case(words: ["xtask/hello-bow", "--tail", "2"], out: "two\nthree\n", because: "the last lines"),
        Case(words: ["xtask/hello-bow", "--tail", "2", "-f"], out: "two\nthree\n", because: "followed after its end"),
        Case(words: ["xtask/hello-bow", "-f"], out: "one\ntwo\nthree\n", because: "a line without end gets one"),
        Case(
            words: ["xplan/hello"], out: "bow   | one\nbow   | two\nbow   | three\ngreet | second\n",
            because: "each line with its task"),
        Case(words: ["xtask/hello-end"], out: "", because: "nothing has run"),
    ]

    @Test(arguments: cases) func prints(_ test: Case) async throws {
        let desk = try await desk()
        let answer = await desk.run(["logs"] + test.words + ["-n", "shop"])
        #expect(answer.out == test.out, "\(test.because): \(answer.err)")
        #expect(answer.code == 0)
    }

    @Test func theRestHasNone() async throws {
        let desk = try await desk()
        #expect(
            await desk.run("logs", "xtask/hello-end", "-n", "shop").err
                == "hello-end has not started: WaitingForDependencies: waits for bow\n")
        let region = await desk.run("logs", "rgn/x")
        #expect(region.code == 1)
        #expect(region.err.contains("a Region has no log"))
    }
}
