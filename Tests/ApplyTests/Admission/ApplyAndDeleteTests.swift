import Apply
import Documents
import Model
import Testing
import Tree

@Suite struct ApplyAdmissionTests {
    private func apply(
        _ live: Tree?, _ applied: Tree, _ manager: String? = "alice", force: Bool = false,
        _ subresource: Subresource = .none,
        at second: Int = 0
    ) throws -> Admitted {
        try Pool.admission.prepareApply(
            live: live, applied: applied, namespace: "ecommerce", force: force, subresource: subresource,
            uid: "u-1",
            by(manager, at: second))
    }

    @Test func createsWithDefaultsThatNobodyOwns() throws {
        let admitted = try apply(nil, pool("ssa", json(#"{"region":"us-east-1","replicas":2}"#)))
        #expect(admitted.created)
        #expect(
            admitted.tree["spec"]
                == json(
                    #"{"interval":"30s","maxWorkers":10,"minWorkers":0,"region":"us-east-1","replicas":2,"type":"Local"}"#
                ))
        #expect(admitted.tree["metadata"]?["generation"] == 1)
        #expect(admitted.tree.owners == [#"alice Apply {"f:spec":{"f:region":{},"f:replicas":{}}}"#])
    }

    @Test func applyingAgainIsNoWrite() throws {
        var random = SeededTrees(seed: 2)
        for _ in 0..<100 {
            let document = pool("a", random.spec())
            let once = try apply(nil, document).tree.at(version: "7")
            let again = try apply(once, document, at: 60)
            #expect(!again.changed && again.tree == once)
            let changed = try apply(once, pool("a", random.spec()), at: 60).tree
            #expect(try !apply(changed, pool("a", changed["spec"] ?? .null), force: true, at: 90).created)
        }
    }

    @Test func anUnownedDefaultReturnsWhenItsValueGoes() throws {
        let live = try apply(nil, pool("a", ["region": "r", "replicas": 5])).tree.at(version: "7")
        let admitted = try apply(live, pool("a", ["region": "r"]))
        #expect(admitted.tree["spec"]?["replicas"] == 1)
        #expect(admitted.tree["metadata"]?["generation"] == 2)
    }

    @Test func statusByItself() throws {
        let live = try apply(nil, pool("a", ["region": "r"])).tree.at(version: "7")
        let document = json(
            #"{"apiVersion":"reconcile.dev/v1alpha1","kind":"WorkerPool","metadata":{"name":"a","labels":{"x":"y"}},"spec":{"region":"other"},"status":{"replicas":2,"conditions":[{"type":"Ready","status":"True"}]}}"#
        )
        let admitted = try apply(live, document, "reconcile-controller", force: true, .status)
        #expect(admitted.tree["status"] == document["status"])
        #expect(admitted.tree["spec"] == live["spec"])
        #expect(admitted.tree["metadata"]?["labels"] == nil)
        #expect(
            admitted.tree.owners.last
                == #"reconcile-controller Apply/status {"f:status":{"f:conditions":{"k:{\"type\":\"Ready\"}":{".":{},"f:status":{},"f:type":{}}},"f:replicas":{}}}"#
        )
        let main = try apply(
            admitted.tree, document.with(["spec", "region"], "r").with(["metadata", "labels"], nil), at: 4)
        #expect(!main.changed, "status is ignored through the main resource")
        #expect(refusal { try apply(nil, document, "c", .status) }.reason == .notFound)
    }

    @Test func conflictsAreStatuses() throws {
        let live = try apply(nil, pool("a", ["region": "r", "replicas": 2])).tree
        let error = refusal { try apply(live, pool("a", ["region": "w", "replicas": 5]), "bob") }
        #expect(
            error.status
                == json(
                    #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Apply failed with 2 conflicts: conflicts with \"alice\":\n- .spec.region\n- .spec.replicas","reason":"Conflict","details":{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"alice\"","field":".spec.region"},{"reason":"FieldManagerConflict","message":"conflict with \"alice\"","field":".spec.replicas"}]},"code":409}"#
                ))
    }

    @Test func refused() throws {
        let live = try apply(nil, pool("a", ["region": "r"])).tree.at(version: "7")
        let nobody = refusal { try apply(live, pool("a"), nil) }
        #expect(
            nobody.message
                == #"PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch"#
        )
        #expect(nobody.code == 422)
        let record = refusal { try apply(live, pool("a", metadata: ["managedFields": [["manager": "x"]]])) }
        #expect(record.message == "metadata.managedFields must be nil" && record.code == 400)
        let stale = refusal { try apply(live, pool("a", metadata: ["resourceVersion": "1"])) }
        #expect(stale.reason == .conflict)
        let unknown = refusal { try apply(live, pool("a", ["region": "r", "nope": 1])) }
        #expect(unknown.code == 400)
        #expect(
            unknown.message
                == "failed to create typed patch object (ecommerce/a; reconcile.dev/v1alpha1, Kind=WorkerPool): .spec.nope: field not declared in schema"
        )
        let wrong = refusal { try apply(live, pool("a", ["replicas": "many"])) }
        #expect(wrong.fieldErrors.map(\.field) == ["spec.replicas"])
    }

    @Test func aRuleHoldsForTheMergedWhole() throws {
        let live = try apply(nil, pool("a", ["region": "r", "maxWorkers": 2])).tree
        let error = refusal { try apply(live, pool("a", ["minWorkers": 5]), "bob") }
        #expect(
            error.fieldErrors.map(\.description) == [
                "spec: Invalid value: minWorkers must not exceed maxWorkers"
            ])
    }
}

@Suite struct DeleteTests {
    @Test func withoutFinalizersItGoes() throws {
        #expect(try Pool.admission.prepareDelete(old: stored(), now: at(5)) == .remove)
    }

    @Test func withFinalizersItIsMarked() throws {
        let old = try stored(metadata: ["finalizers": ["reconcile.dev/cleanup"]])
        let marked = old.with(["metadata", "deletionTimestamp"], .string(at(5).wholeSeconds.description))
            .with(["metadata", "deletionGracePeriodSeconds"], 0).with(["metadata", "generation"], 2)
        #expect(try Pool.admission.prepareDelete(old: old, now: at(5)) == .mark(marked))
        #expect(try Pool.admission.prepareDelete(old: marked, now: at(9)) == .underWay)
    }

    @Test func dependentsFirst() throws {
        guard
            case .mark(let tree) = try Pool.admission.prepareDelete(
                old: stored(), DeleteOptions(propagation: .foreground), now: at(5))
        else {
            Issue.record("a foreground deletion waits")
            return
        }
        #expect(tree["metadata"]?["finalizers"] == ["foregroundDeletion"])
    }

    @Test func preconditions() throws {
        let old = try stored()
        let uid = refusal {
            try Pool.admission.prepareDelete(old: old, DeleteOptions(uid: "u-9"), now: at(5))
        }
        #expect(
            uid.message
                == #"Operation cannot be fulfilled on WorkerPool.reconcile.dev "a": the UID in the precondition (u-9) does not match the UID in record (u-1). The object might have been deleted and then recreated"#
        )
        let version = refusal {
            try Pool.admission.prepareDelete(old: old, DeleteOptions(resourceVersion: "1"), now: at(5))
        }
        #expect(
            version.message
                == #"Operation cannot be fulfilled on WorkerPool.reconcile.dev "a": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (7). The object might have been modified"#
        )
        #expect(version.status["details"] == ["name": "a", "group": "reconcile.dev", "kind": "WorkerPool"])
    }
}
