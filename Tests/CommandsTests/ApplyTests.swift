import Commands
import Model
import Testing
import Tree

@Suite struct ApplyTests {
    @Test func createdThenUnchangedThenConfigured() async throws {
        let desk = try Desk()
        try desk.write("plan.yaml", Desk.hello)
        let first = await desk.run("apply", "-f", "$DIR/plan.yaml", "-n", "shop")
        #expect(
            first.out == """
                namespace/shop created: it did not exist
                region.reconcile.dev/here created
                executionplan.reconcile.dev/hello created

                """, "\(first.err)")
        #expect(first.err == "Next: reconcile get tasks -n shop -w\n")
        #expect(first.code == 0)
        let second = await desk.run("apply", "-f", "$DIR/plan.yaml", "-n", "shop")
        #expect(second.out == "region.reconcile.dev/here unchanged\nexecutionplan.reconcile.dev/hello unchanged\n")
        try desk.write("plan.yaml", Desk.hello.replacing("echo, bow]", with: "echo, curtsey]"))
        let dry = await desk.run("apply", "-f", "$DIR/plan.yaml", "-n", "shop", "--dry-run")
        #expect(
            dry.out
                == "region.reconcile.dev/here unchanged (server dry run)\nexecutionplan.reconcile.dev/hello configured (server dry run)\n"
        )
        let third = await desk.run("apply", "-f", "$DIR/plan.yaml", "-n", "shop")
        #expect(third.out == "region.reconcile.dev/here unchanged\nexecutionplan.reconcile.dev/hello configured\n")
    }

    @Test func nothingIsStoredWhereOneManifestIsWrong() async throws {
        let desk = try Desk()
        try desk.write("a.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n")
        try desk.write("b.yaml", "apiVersion: v1\nkind: Nmespace\nmetadata: {name: b}\n")
        #expect(await desk.run("apply", "-f", "$DIR").code == 4)
        #expect(await desk.run("get", "ns").err == "No resources found\n")
    }

    @Test func dryRunInANamespaceThatIsNotThere() async throws {
        let desk = try Desk()
        try desk.write("plan.yaml", Desk.hello)
        let answer = await desk.run("apply", "-f", "$DIR/plan.yaml", "-n", "new", "--dry-run")
        #expect(answer.code == 0, "\(answer.err)")
        #expect(answer.out.hasPrefix("namespace/new created: it did not exist (server dry run)\n"))
        #expect(await desk.run("get", "ns").err == "No resources found\n")
    }

    @Test func fieldsOfOthersAreTakenOverOnlyOnDemand() async throws {
        let desk = try Desk()
        try await desk.store(
            "apiVersion: reconcile.dev/v1alpha1\nkind: Region\nmetadata: {name: here}\nspec: {role: Master, provider: {local: {}}}"
        )
        try desk.write(
            "r.yaml",
            "apiVersion: reconcile.dev/v1alpha1\nkind: Region\nmetadata: {name: here}\nspec: {role: Regional, provider: {local: {}}}\n"
        )
        let refused = await desk.run("apply", "-f", "$DIR/r.yaml")
        #expect(refused.code == 1)
        #expect(refused.err.contains("$DIR/r.yaml:1: region/here: "), "\(refused.err)")
        #expect(refused.err.contains("--force-conflicts"))
        #expect(
            await desk.run("apply", "-f", "$DIR/r.yaml", "--force-conflicts").out
                == "region.reconcile.dev/here configured\n")
    }

    @Test func unsupportedFieldsWarn() async throws {
        let desk = try Desk()
        let name = unsupportedFields(
            in: ["spec": ["worker": ["spot": ["enabled": true]], "healthCheck": ["retries": 3]]], of: .workerPool)
        guard let field = name.first else { return }
        try desk.write(
            "p.yaml",
            "apiVersion: reconcile.dev/v1alpha1\nkind: WorkerPool\nmetadata: {name: p}\nspec: {region: here, worker: {spot: {enabled: true}}, healthCheck: {retries: 3}}\n"
        )
        let answer = await desk.run("validate", "-f", "$DIR/p.yaml")
        #expect(
            answer.err.contains("Warning: default/workerpool/p: \(field) is stored and shown but not acted on yet"),
            "\(answer.err)")
    }

    @Test func diffShowsLinesAndExitsLikeKubectl() async throws {
        let desk = try Desk()
        try desk.write("plan.yaml", Desk.hello)
        let new = await desk.run("diff", "-f", "$DIR/plan.yaml")
        #expect(new.code == 1)
        #expect(
            new.out.contains(
                "--- default/executionplan/hello (not stored)\n+++ default/executionplan/hello ($DIR/plan.yaml:1)\n"))
        await desk.run("apply", "-f", "$DIR/plan.yaml")
        let same = await desk.run("diff", "-f", "$DIR/plan.yaml")
        #expect(same.code == 0, "\(same.out)\(same.err)")
        #expect(same.out.isEmpty)
        try desk.write("plan.yaml", Desk.hello.replacing("echo, bow]", with: "echo, curtsey]"))
        let changed = await desk.run("diff", "-f", "$DIR/plan.yaml")
        #expect(changed.code == 1)
        #expect(changed.out.contains("-        - bow\n+        - curtsey\n"), "\(changed.out)")
        try desk.write("plan.yaml", "kind: x")
        #expect(await desk.run("diff", "-f", "$DIR/plan.yaml").code == 4)
    }

    @Test func deleteGoesBackwardsAndWaits() async throws {
        let desk = try Desk()
        try desk.write("plan.yaml", Desk.hello)
        await desk.run("apply", "-f", "$DIR/plan.yaml")
        let gone = await desk.run("delete", "-f", "$DIR/plan.yaml")
        #expect(gone.out == "executionplan.reconcile.dev/hello deleted\nregion.reconcile.dev/here deleted\n")
        #expect(gone.code == 0)
        #expect(await desk.run("delete", "-f", "$DIR/plan.yaml").code == 0, "what manifests name may be gone already")
        let missing = await desk.run("delete", "xplan/hello")
        #expect(missing.err == "error: executionplans.reconcile.dev \"hello\" not found in namespace \"default\"\n")
        #expect(missing.code == 1)
        #expect(await desk.run("delete", "xplan/hello", "--ignore-not-found").code == 0)
    }

    @Test func deletionThatIsHeldTimesOut() async throws {
        let desk = try Desk()
        try await desk.store(
            "apiVersion: reconcile.dev/v1alpha1\nkind: Region\nmetadata: {name: r, finalizers: [reconcile.dev/cleanup]}\nspec: {provider: {local: {}}}"
        )
        let held = await desk.run("delete", "rgn/r", "--timeout", "200ms")
        #expect(held.code == 3)
        #expect(held.out == "region.reconcile.dev/r deleted\n")
        #expect(held.err.hasPrefix("error: timed out waiting for region.reconcile.dev/r\n"), "\(held.err)")
        #expect(await desk.run("delete", "rgn/r", "--wait=false").code == 0)
    }
}
