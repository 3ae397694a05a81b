import Commands
import Model
import Testing
import Tree

@Suite struct WaitTests {
    static let point = """
        apiVersion: reconcile.dev/v1alpha1
        kind: SyncPoint
        metadata: {name: p}
        spec: {participants: [{external: a}]}
        """

    struct Case: Sendable, CustomTestStringConvertible {
        let status: Tree
        let aim: String
        let code: Int32
        let because: String
        var testDescription: String { because }
    }

    static func conditions(_ list: (String, String)...) -> Tree {
        let all = list.map {
            Tree(
                dictionaryLiteral: ("type", .string($0.0)), ("status", .string($0.1)), ("reason", "Why"),
                ("message", "so"), ("observedGeneration", 1))
        }
        return ["conditions": .array(all)]
    }

    static let cases = [
        Case(
            status: conditions(("Succeeded", "True")), aim: "condition=Succeeded", code: 0, because: "it is met already"
        ),
        Case(
            status: conditions(("Succeeded", "True")), aim: "condition=succeeded=true", code: 0,
            because: "kubectl does not care about case"),
        Case(
            status: conditions(("Succeeded", "False"), ("Failed", "True")), aim: "condition=Succeeded", code: 2,
            because: "what failed will not succeed"),
        Case(
            status: conditions(("Succeeded", "False"), ("Failed", "True")), aim: "condition=Failed", code: 0,
            because: "failing can be waited for"),
        Case(
            status: conditions(("Succeeded", "Unknown")), aim: "condition=Succeeded", code: 3, because: "time runs out"),
        Case(
            status: [
                "conditions": [
                    ["type": "Succeeded", "status": "True", "reason": "R", "message": "", "observedGeneration": 0]
                ]
            ], aim: "condition=Succeeded", code: 3, because: "a condition of an older spec says nothing"),
        Case(status: conditions(), aim: "create", code: 0, because: "it is there"),
        Case(status: conditions(), aim: "delete", code: 3, because: "it stays there"),
    ]

    @Test(arguments: cases) func waits(_ test: Case) async throws {
        let desk = try Desk()
        try await desk.store(Self.point)
        try await desk.setStatus(ObjectKey(.syncPoint, "default", "p"), test.status)
        let answer = await desk.run("wait", "syncp/p", "--for=\(test.aim)", "--timeout", "300ms")
        #expect(answer.code == test.code, "\(test.because): \(answer.out)\(answer.err)")
        if test.code == 0 { #expect(answer.out == "syncpoint.reconcile.dev/p condition met\n") }
        if test.code == 2 { #expect(answer.err.contains("syncpoint.reconcile.dev/p failed: Why: so")) }
    }

    @Test func seesWhatChangesMeanwhile() async throws {
        let desk = try Desk()
        try await desk.store(Self.point)
        async let answer = desk.run("wait", "syncp/p", "--for=condition=Succeeded", "--timeout", "30s")
        try await Task.sleep(for: .milliseconds(100))
        try await desk.setStatus(ObjectKey(.syncPoint, "default", "p"), Self.conditions(("Succeeded", "True")))
        #expect(await answer.code == 0)
    }

    @Test func namesAreChecked() async throws {
        let desk = try Desk()
        #expect(await desk.run("wait", "syncp/p", "--for=condition=Ready").code == 1)
        #expect(await desk.run("wait", "syncp/p", "--for=delete").code == 0, "what is not there is gone")
        #expect(await desk.run("wait", "syncp/p", "--for=nonsense").code == 1)
    }
}
