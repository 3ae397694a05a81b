import Commands
import Model
import Testing
import Tree

@Suite struct OnceTests {
    static let plan = ObjectKey(.executionPlan, "default", "hello")

    private func finished(_ phase: String, condition: String = "Succeeded") -> Tree {
        [
            "observedGeneration": 1, "phase": .string(phase), "message": "all 2 tasks succeeded",
            "startedAt": "2026-11-23T17:59:00Z",
            "finishedAt": "2026-11-23T18:00:00Z", "counts": ["total": 2, "succeeded": 2],
            "conditions": [
                [
                    "type": .string(condition), "status": "True", "reason": "Completed", "message": "",
                    "observedGeneration": 1,
                ]
            ],
        ]
    }

    static let children = """
        apiVersion: reconcile.dev/v1alpha1
        kind: Task
        metadata: {name: hello-bow, labels: {reconcile.dev/plan: hello}}
        spec: {plan: hello, task: bow, region: here, run: {command: [echo]}}
        status: {phase: Succeeded, attempt: 2, startedAt: "2026-11-23T17:59:30Z", finishedAt: "2026-11-23T18:00:00Z", cost: "0.001", assignment: {worker: hello-here-0, region: here}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: Task
        metadata: {name: hello-greet, labels: {reconcile.dev/plan: hello}}
        spec: {plan: hello, task: greet, region: here, run: {command: [echo]}}
        status: {phase: Succeeded, attempt: 1, startedAt: "2026-11-23T17:59:05Z", finishedAt: "2026-11-23T17:59:30Z", cost: "0.002", assignment: {worker: hello-here-0, region: here}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: SyncPoint
        metadata: {name: hello-second, labels: {reconcile.dev/plan: hello}}
        spec: {plan: hello, participants: [{region: here}]}
        status: {state: Released, releasedAt: "2026-11-23T17:59:50Z", summary: {arrived: 1/1}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: SyncPoint
        metadata: {name: hello-waits, labels: {reconcile.dev/plan: hello}}
        spec: {plan: hello, participants: [{region: here}]}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: SyncPoint
        metadata: {name: hello-first, labels: {reconcile.dev/plan: hello}}
        spec: {plan: hello, participants: [{region: here}]}
        status: {state: Released, releasedAt: "2026-11-23T17:59:30Z", summary: {arrived: 1/1}}
        """

    static let ready: Tree = [
        "observedGeneration": 1,
        "conditions": [
            ["type": "Ready", "status": "True", "reason": "ProviderReady", "message": "", "observedGeneration": 1]
        ],
    ]

    /// A desk whose plan was applied, and whose controllers answer soon after.
    private func run(
        _ words: [String], environment: [String: String] = [:], _ status: Tree, children: String = children
    ) async throws -> Desk.Answer {
        let desk = try Desk(environment: environment)
        try desk.write("plan.yaml", Desk.hello)
        async let answer = desk.run(["--once", "-f", "$DIR/plan.yaml"] + words)
        for _ in 0..<100 {
            if (try? await desk.get(Self.plan)) != nil { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        try await desk.store(children)
        try await desk.setStatus(ObjectKey(.region, "", "here"), Self.ready)
        try await desk.setStatus(Self.plan, status)
        return await answer
    }

    @Test func successEndsWithASummary() async throws {
        let answer = try await run(["--local"], finished("Succeeded"))
        #expect(
            answer.out == """
                namespace/default created: it did not exist
                region.reconcile.dev/here created
                executionplan.reconcile.dev/hello created
                Plan hello: Succeeded after 60s, 2 of 2 tasks succeeded

                TASK    REGION   WORKER         PHASE       ATTEMPTS   DURATION     COST
                greet   here     hello-here-0   Succeeded          1        25s   $0.002
                bow     here     hello-here-0   Succeeded          2        30s   $0.001

                SYNC POINT   STATE      ARRIVED   RELEASED
                first        Released   1/1       30s after the start
                second       Released   1/1       50s after the start
                waits        Waiting    0         <none>

                Total: 2 tasks in 1 region, 60s, $0.003
                3 changed

                """, "\(answer.err)")
        #expect(answer.code == 0)
        #expect(answer.err.contains("18:00:00 task bow: Succeeded in 30s (attempt 2)\n"), "\(answer.err)")
    }

    @Test func failureIsTwo() async throws {
        let answer = try await run(["--wait"], finished("Failed", condition: "Failed"))
        #expect(answer.code == 2)
        #expect(answer.err.hasSuffix("default/executionplan/hello: all 2 tasks succeeded\n"), "\(answer.err)")
    }

    @Test func timeoutIsThree() async throws {
        let answer = try await run(["--wait", "--timeout", "1s"], ["observedGeneration": 1, "phase": "Running"])
        #expect(answer.code == 3)
        #expect(answer.err.contains("timed out after 1s; not done:\ndefault/executionplan/hello"), "\(answer.err)")
    }

    @Test func workThatRunsOnIsFive() async throws {
        let answer = try await run([], ["observedGeneration": 1, "phase": "Running"])
        #expect(answer.code == 5)
        #expect(answer.err.hasSuffix("work still runs; follow it with: reconcile get tasks -w\n"), "\(answer.err)")
    }

    @Test func wrongManifestsAreFourAndAnnotated() async throws {
        let desk = try Desk(environment: ["GITHUB_ACTIONS": "true"])
        var text =
            "apiVersion: reconcile.dev/v1alpha1\nkind: Region\nmetadata: {name: r}\nspec:\n  provider: {local: {}}\n"
        for index in 0..<12 { text += "  wrong\(index): 1\n" }
        try desk.write("r.yaml", text)
        let answer = await desk.run("--once", "-f", "$DIR/r.yaml")
        #expect(answer.code == 4)
        let lines = answer.out.split(separator: "\n")
        #expect(lines.count == 10)
        #expect(lines.first == "::error file=$DIR/r.yaml,line=6,col=3::spec.wrong0: unknown field")
        #expect(lines.last == "::error ::3 more errors in manifests")
        #expect(desk.runtime.onceOptions.isEmpty, "nothing is opened for wrong manifests")
    }

    @Test func pipelinesGetSummaryOutputsAndJUnit() async throws {
        let desk = try Desk()
        try await desk.store(Shop.state)
        try desk.write("plan.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n")
        let directory = desk.directory
        let answer = try await run(
            ["--local", "--junit", "\(directory)/junit.xml", "--ci", "github"],
            environment: ["GITHUB_STEP_SUMMARY": "\(directory)/summary.md", "GITHUB_OUTPUT": "\(directory)/output"],
            finished("Succeeded"))
        #expect(answer.code == 0)
        #expect(try desk.read("output") == "exit-code=0\nchanged=3\ntasks=2\nsucceeded=2\ncost=0.003\n")
        #expect(
            try desk.read("summary.md").contains("| greet | here | hello-here-0 | Succeeded | 1 | 25s | \\$0.002 |\n"))
        #expect(
            try desk.read("junit.xml") == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites name="reconcile">
                  <testsuite name="hello" tests="2" failures="0" skipped="0" time="60.000" timestamp="2026-11-23T17:59:00">
                    <testcase name="greet" classname="hello.here" time="25.000"/>
                    <testcase name="bow" classname="hello.here" time="30.000"/>
                  </testsuite>
                </testsuites>

                """)
    }

    @Test func dryRunPlans() async throws {
        let desk = try Desk()
        try desk.write("plan.yaml", Desk.hello)
        let answer = await desk.run("--once", "--dry-run", "--local", "-f", "$DIR/plan.yaml")
        #expect(answer.out == "No changes.\n")
        #expect(answer.code == 0)
        #expect(desk.runtime.planned.first?.0.local == true)
        #expect(desk.runtime.planned.first?.1 == 2)
        #expect(await desk.run("get", "xplan").err == "No resources found in default namespace.\n")
    }
}
