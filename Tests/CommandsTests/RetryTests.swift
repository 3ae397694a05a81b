import Model
import Testing
import Tree

@Suite struct RetryTests {
    static let state = """
        apiVersion: reconcile.dev/v1alpha1
        kind: ExecutionPlan
        metadata: {name: site, namespace: shop}
        spec: {tasks: [{name: a, run: {command: ["true"]}}, {name: b, run: {command: ["true"]}}]}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: Task
        metadata: {name: site-a, namespace: shop, labels: {reconcile.dev/plan: site}}
        spec: {plan: site, task: a, run: {command: ["true"]}}
        status: {phase: Pending, reason: AwaitingDecision, message: worker w was lost, attempt: 2}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: Task
        metadata: {name: site-b, namespace: shop, labels: {reconcile.dev/plan: site}}
        spec: {plan: site, task: b, run: {command: ["true"]}}
        status: {phase: Failed, reason: ExitedNonZero, attempt: 1}
        """

    @Test(arguments: ["xtask/site-a", "xplan/site"])
    func aDecisionIsGivenForTheLostAttempt(_ what: String) async throws {
        let desk = try Desk()
        try await desk.store(Self.state)
        let answer = await desk.run("retry", what, "-n", "shop")
        #expect(answer.code == 0, "\(answer.err)")
        #expect(answer.out == "task.reconcile.dev/site-a is tried again: attempt 3\n")
        let task = try await desk.get(ObjectKey(.task, "shop", "site-a"))
        #expect(task["metadata"]?["annotations"]?[Names.retryAfter] == "2")
    }

    @Test func whatWaitsForNoDecisionIsLeftAlone() async throws {
        let desk = try Desk()
        try await desk.store(Self.state)
        let answer = await desk.run("retry", "xtask/site-b", "-n", "shop")
        #expect(answer.code == 1)
        #expect(answer.err.contains("is Failed: it waits for no decision\nIt has ended."))
        #expect(await desk.run("retry", "xtask/none", "-n", "shop").code == 1)
        #expect(await desk.run("retry", "wpool/x", "-n", "shop").err.contains("can't be retried"))
    }
}
