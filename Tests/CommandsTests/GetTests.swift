import Commands
import Model
import Testing
import Tree

@Suite struct GetTests {
    static let state = """
        apiVersion: reconcile.dev/v1alpha1
        kind: Region
        metadata: {name: here}
        spec: {provider: {local: {}}}
        status: {provider: local, conditions: [{type: Ready, status: "True", reason: ProviderReady, message: ok}], summary: {workers: 1/1, cost: $0.10, latency: 20ms, circuit: Closed}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: Task
        metadata: {name: hello-greet, namespace: shop, labels: {reconcile.dev/plan: hello}}
        spec: {plan: hello, task: greet, region: here, run: {command: [echo, hello]}}
        status: {phase: Running, attempt: 1, startedAt: "2026-11-23T17:58:30Z", assignment: {worker: pool-0, region: here}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: Task
        metadata: {name: hello-bow, namespace: shop, labels: {reconcile.dev/plan: hello, tier: back}}
        spec: {plan: hello, task: bow, run: {command: [echo, bow]}}
        status: {phase: Pending, reason: WaitingForDependencies, message: waits for greet}
        """

    private func desk() async throws -> Desk {
        let desk = try Desk()
        try await desk.store(Self.state)
        return desk
    }

    @Test func tablesLookLikeKubectls() async throws {
        let desk = try await desk()
        #expect(
            await desk.run("get", "xtask", "-n", "shop").out == """
                NAME          REGION   WORKER   PHASE     ATTEMPT   AGE
                hello-bow     <none>   <none>   Pending   <none>    0s
                hello-greet   here     pool-0   Running   1         0s

                """)
        #expect(
            await desk.run("get", "tasks", "-A", "-l", "tier=back", "-o", "wide").out == """
                NAMESPACE   NAME        REGION   WORKER   PHASE     ATTEMPT   AGE   PLAN    STARTED   REASON                   MESSAGE
                shop        hello-bow   <none>   <none>   Pending   <none>    0s    hello   <none>    WaitingForDependencies   waits for greet

                """)
        #expect(
            await desk.run("get", "region").out == """
                NAME   PROVIDER   ROLE       READY   WORKERS   COST/H   LATENCY   CIRCUIT   AGE
                here   local      Regional   True    1/1       $0.10    20ms      Closed    0s

                """)
    }

    @Test func severalKindsAndNames() async throws {
        let desk = try await desk()
        let both = await desk.run("get", "rgn,xtask", "-n", "shop")
        #expect(both.out.contains("\n\nNAME                             REGION"))
        #expect(both.out.contains("task.reconcile.dev/hello-bow"))
        #expect(
            await desk.run("get", "reconcile", "-n", "shop", "-o", "name").out
                == "region.reconcile.dev/here\ntask.reconcile.dev/hello-bow\ntask.reconcile.dev/hello-greet\n")
        #expect(
            await desk.run("get", "xtask/hello-bow", "rgn/here", "-n", "shop", "-o", "name").out
                == "task.reconcile.dev/hello-bow\nregion.reconcile.dev/here\n")
    }

    @Test func jsonAndYAMLLeaveOutManagedFields() async throws {
        let desk = try await desk()
        let yaml = await desk.run("get", "rgn", "here", "-o", "yaml")
        #expect(yaml.out.hasPrefix("apiVersion: reconcile.dev/v1alpha1\nkind: Region\nmetadata:\n"))
        #expect(!yaml.out.contains("managedFields"))
        #expect(
            await desk.run("get", "rgn", "here", "-o", "yaml", "--show-managed-fields").out.contains("managedFields"))
        let list = await desk.run("get", "rgn", "-o", "json")
        #expect(list.out.contains("\"kind\": \"List\""))
    }

    @Test func whatIsNotThereIsSaidWithTheNearest() async throws {
        let desk = try await desk()
        #expect(await desk.run("get", "xplan").err == "No resources found in default namespace.\n")
        let typo = await desk.run("get", "xtask", "hello-gret", "-n", "shop")
        #expect(
            typo.err
                == "error: tasks.reconcile.dev \"hello-gret\" not found in namespace \"shop\"\nDid you mean \"hello-greet\"?\n"
        )
        #expect(typo.code == 1)
        let elsewhere = await desk.run("get", "xtask", "hello-greet")
        #expect(elsewhere.err.hasSuffix("There is one in namespace \"shop\": add -n shop\n"))
        let kind = await desk.run("get", "regoins")
        #expect(kind.err == "error: there is no kind \"regoins\"\nDid you mean \"regions\"?\n")
        let some = await desk.run("get", "xtask", "hello-greet", "nothing", "-n", "shop", "-o", "name")
        #expect(some.out == "task.reconcile.dev/hello-greet\n")
        #expect(some.code == 1)
    }

    @Test func eventsAreListedAndFiltered() async throws {
        let desk = try await desk()
        try await desk.store(
            """
            apiVersion: v1
            kind: Event
            metadata: {name: a.1, namespace: shop}
            involvedObject: {kind: Task, name: hello-greet, namespace: shop}
            reason: Running
            message: on pool-0
            type: Normal
            count: 4
            firstTimestamp: "2026-11-23T17:58:00Z"
            lastTimestamp: "2026-11-23T17:59:57Z"
            ---
            apiVersion: v1
            kind: Event
            metadata: {name: b.1, namespace: default}
            involvedObject: {kind: Region, name: here}
            reason: RegionDown
            message: silent
            type: Warning
            count: 1
            firstTimestamp: "2026-11-23T17:50:00Z"
            lastTimestamp: "2026-11-23T17:50:00Z"
            """)
        #expect(
            await desk.run("events", "-n", "shop").out == """
                LAST SEEN         TYPE     REASON    OBJECT             MESSAGE
                3s (x4 over 2m)   Normal   Running   task/hello-greet   on pool-0

                """)
        #expect(
            await desk.run("events").out == """
                LAST SEEN   TYPE      REASON       OBJECT        MESSAGE
                10m         Warning   RegionDown   region/here   silent

                """)
        #expect(
            await desk.run("events", "xtask/hello-greet", "-n", "shop").out == """
                LAST SEEN         TYPE     REASON    MESSAGE
                3s (x4 over 2m)   Normal   Running   on pool-0

                """)
        #expect(await desk.run("events", "-n", "empty").err == "No events found.\n")
    }

    @Test func watchingShowsEachChangeInItsColumns() async throws {
        let desk = try await desk()
        let key = ObjectKey(.task, "shop", "hello-bow")
        let recorder = Recorder()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await desk.run(["get", "xtask", "-n", "shop", "-w"], out: recorder) }
            group.addTask {
                await desk.until { recorder.text.contains("hello-greet") }
                try? await desk.setStatus(key, ["phase": "Running", "attempt": 1])
                await desk.until { recorder.text.split(separator: "\n").count > 3 }
            }
            await group.next()
            group.cancelAll()
        }
        #expect(
            recorder.text == """
                NAME          REGION   WORKER   PHASE     ATTEMPT   AGE
                hello-bow     <none>   <none>   Pending   <none>    0s
                hello-greet   here     pool-0   Running   1         0s
                hello-bow     <none>   <none>   Running   1         0s

                """)
    }
}
