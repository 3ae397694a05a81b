import Commands
import Model
import Testing
import Tree

@Suite struct ChangeTests {
    @Test func scaleSuspendResumeCancelMaintain() async throws {
        let desk = try Desk()
        try await desk.store(
            """
            apiVersion: reconcile.dev/v1alpha1
            kind: WorkerPool
            metadata: {name: p}
            spec: {region: here}
            ---
            apiVersion: reconcile.dev/v1alpha1
            kind: ExecutionPlan
            metadata: {name: hello}
            spec: {tasks: [{name: a, run: {command: [a]}}]}
            ---
            apiVersion: reconcile.dev/v1alpha1
            kind: Worker
            metadata: {name: w}
            spec: {pool: p, region: here, slot: 0}
            """)
        let pool = ObjectKey(.workerPool, "default", "p")
        let plan = ObjectKey(.executionPlan, "default", "hello")
        #expect(await desk.run("scale", "wpool/p", "--replicas", "4").out == "workerpool.reconcile.dev/p scaled\n")
        #expect(try await desk.get(pool)["spec"]?["replicas"] == 4)
        #expect(await desk.run("scale", "xplan/hello", "--replicas", "4").code == 1)
        #expect(await desk.run("suspend", "hello").out == "executionplan.reconcile.dev/hello suspended\n")
        #expect(await desk.run("suspend", "xplan/hello").out == "executionplan.reconcile.dev/hello already suspended\n")
        #expect(try await desk.get(plan)["spec"]?["suspend"] == true)
        #expect(await desk.run("resume", "xplan/hello").out == "executionplan.reconcile.dev/hello resumed\n")
        #expect(await desk.run("cancel", "xplan/hello").out == "executionplan.reconcile.dev/hello cancelled\n")
        #expect(try await desk.get(plan)["spec"]?["cancel"] == true)
        #expect(await desk.run("maintenance", "wkr/w").out == "worker.reconcile.dev/w in maintenance\n")
        #expect(await desk.run("maintenance", "wkr/w", "--off").out == "worker.reconcile.dev/w back in service\n")
        let region = await desk.run("suspend", "rgn/here")
        #expect(region.err == "error: a Region has no `suspend`\nName xplan/NAME or wpool/NAME.\n")
    }

    @Test func arrivingWritesTheGeneration() async throws {
        let desk = try Desk()
        try await desk.store(
            """
            apiVersion: reconcile.dev/v1alpha1
            kind: SyncPoint
            metadata: {name: go}
            spec: {participants: [{external: release-manager}, {external: legal}]}
            """)
        let answer = await desk.run("arrive", "syncp/go", "--as", "release-manager")
        #expect(answer.out == "release-manager arrived at syncpoint.reconcile.dev/go\n", "\(answer.err)")
        let point = try await desk.get(ObjectKey(.syncPoint, "default", "go"))
        #expect(point["metadata"]?["annotations"]?["arrive.reconcile.dev/release-manager"] == "1")
        let typo = await desk.run("arrive", "go", "--as", "release-manger")
        #expect(
            typo.err
                == "error: syncpoint.reconcile.dev/go has no external party \"release-manger\"\nDid you mean \"release-manager\"?\n"
        )
        #expect(typo.code == 1)
    }
}
