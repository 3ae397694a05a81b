import Apply
import Documents
import Model
import Testing
import Tree

@Suite struct UpdateTests {
    private func update(
        _ old: Tree, _ new: Tree, _ subresource: Subresource = .none, manager: String? = "unknown"
    ) throws -> Admitted {
        try Pool.admission.prepareUpdate(old: old, new: new, subresource: subresource, by(manager, at: 3))
    }

    @Test func aNewSpecIsANewGeneration() throws {
        let old = try stored(["region": "us-east-1", "replicas": 2])
        let admitted = try update(old, old.with(["spec", "replicas"], 3))
        #expect(admitted.changed && !admitted.created)
        #expect(admitted.tree["metadata"]?["generation"] == 2)
        #expect(
            admitted.tree.owners == [
                #"kubectl-create Update {"f:spec":{".":{},"f:interval":{},"f:maxWorkers":{},"f:minWorkers":{},"f:region":{},"f:type":{}}}"#,
                #"unknown Update {"f:spec":{"f:replicas":{}}}"#,
            ])
    }

    @Test func whatChangesNothingIsNoWrite() throws {
        let old = try stored()
        let again = try update(old, old)
        #expect(!again.changed && again.tree == old)
        let patched = try Pool.admission.preparePatch(
            old: old, .merge(json(#"{"spec":{"replicas":1}}"#)), by("other", at: 9))
        #expect(!patched.changed && patched.tree == old)
        let bare = try update(old, pool("a", metadata: ["resourceVersion": "7"]))
        #expect(!bare.changed, "system metadata that is left out is kept")
    }

    @Test func labelsAreNoNewGeneration() throws {
        let old = try stored()
        let admitted = try Pool.admission.preparePatch(
            old: old, .merge(json(#"{"metadata":{"labels":{"tier":"gold"}}}"#)), by("kubectl-label", at: 3))
        #expect(admitted.changed)
        #expect(admitted.tree["metadata"]?["generation"] == 1)
        #expect(
            admitted.tree.owned(by: "kubectl-label")
                == json(#"{"f:metadata":{"f:labels":{".":{},"f:tier":{}}}}"#))
        let removed = try Pool.admission.preparePatch(
            old: admitted.tree, .merge(json(#"{"metadata":{"labels":{"tier":null}}}"#)), by("x", at: 4))
        #expect(removed.tree["metadata"]?["labels"] == nil)
        #expect(removed.tree.owned(by: "kubectl-label") == nil)
        #expect(removed.tree.owned(by: "x") == nil)
    }

    @Test func statusAndSpecAreApart() throws {
        let old = try stored()
        let through = try update(old, old.with(["status"], ["replicas": 9]))
        #expect(!through.changed, "status is ignored through the main resource")

        let status = json(
            #"{"replicas":2,"conditions":[{"type":"Ready","status":"False","reason":"Starting"}]}"#)
        let wish = old.with(["spec", "replicas"], 7).with(["metadata", "labels"], ["x": "y"]).with(
            ["status"], status)
        let admitted = try update(old, wish, .status, manager: "reconcile-controller")
        #expect(admitted.tree["status"] == status)
        #expect(admitted.tree["spec"] == old["spec"])
        #expect(admitted.tree["metadata"]?["labels"] == nil)
        #expect(admitted.tree["metadata"]?["generation"] == 1)
        #expect(
            admitted.tree.owners.last
                == #"reconcile-controller Update/status {"f:status":{".":{},"f:conditions":{".":{},"k:{\"type\":\"Ready\"}":{".":{},"f:reason":{},"f:status":{},"f:type":{}}},"f:replicas":{}}}"#
        )

        let kept = try update(admitted.tree, pool("a", ["region": "w"], metadata: ["resourceVersion": "7"]))
        #expect(kept.tree["status"] == status)
        #expect(kept.tree["metadata"]?["generation"] == 2)
    }

    @Test func aControllerWithoutAManagerLeavesTheRecord() throws {
        let old = try stored()
        let admitted = try update(old, old.with(["status"], ["replicas": 2]), .status, manager: nil)
        #expect(admitted.changed)
        #expect(admitted.tree["metadata"] == old["metadata"])
    }

    @Test func statusIsValidated() throws {
        let old = try stored()
        let error = refusal {
            try update(old, old.with(["status"], json(#"{"conditions":[{"type":"Ready"}]}"#)), .status)
        }
        #expect(error.fieldErrors.map(\.description) == ["status.conditions[0].status: Required value"])
    }

    @Test(
        arguments: [
            (
                ["metadata", "resourceVersion"], "6", 409,
                #"Operation cannot be fulfilled on workerpools.reconcile.dev "a": the object has been modified; please apply your changes to the latest version and try again"#
            ),
            (
                ["metadata", "resourceVersion"], nil, 422,
                #"workerpools.reconcile.dev "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update"#
            ),
            (
                ["metadata", "uid"], "u-9", 409,
                #"Operation cannot be fulfilled on workerpools.reconcile.dev "a": StorageError: invalid object, Code: 4, Key: /registry/reconcile.dev/workerpools/ecommerce/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: u-9, UID in object meta: u-1"#
            ),
            (
                ["metadata", "name"], "zzz", 400,
                "the name of the object (zzz) does not match the name on the URL (a)"
            ),
            (
                ["metadata", "namespace"], "zzz", 400,
                "the namespace of the provided object does not match the namespace sent on the request"
            ),
            (
                ["metadata", "creationTimestamp"], "x", 400,
                #"WorkerPool in version "v1alpha1" cannot be handled as a WorkerPool: parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse it"#
            ),
            (
                ["spec", "region"], nil, 422,
                #"WorkerPool.reconcile.dev "a" is invalid: [spec.region: Required value, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]"#
            ),
            (
                ["spec", "replicaz"], 4, 400,
                #"WorkerPool in version "v1alpha1" cannot be handled as a WorkerPool: strict decoding error: unknown field "spec.replicaz""#
            ),
        ] as [([String], Tree?, Int, String)])
    func refused(_ row: (path: [String], value: Tree?, code: Int, message: String)) throws {
        let old = try stored()
        let error = refusal { try update(old, old.with(row.path, row.value)) }
        #expect(error.code == row.code)
        #expect(error.message == row.message)
    }

    @Test(arguments: [
        (
            #"{"metadata":{"uid":"x"}}"#, 422,
            #"WorkerPool.reconcile.dev "a" is invalid: metadata.uid: Invalid value: "x": field is immutable"#
        ),
        (
            #"{"metadata":{"name":"x"}}"#, 400,
            "the name of the object (x) does not match the name on the URL (a)"
        ),
        (
            #"{"metadata":{"resourceVersion":"1"},"spec":{"replicas":5}}"#, 409,
            #"Operation cannot be fulfilled on workerpools.reconcile.dev "a": the object has been modified; please apply your changes to the latest version and try again"#
        ),
    ])
    func refusedPatches(_ row: (patch: String, code: Int, message: String)) throws {
        let old = try stored()
        let error = refusal {
            try Pool.admission.preparePatch(old: old, .merge(json(row.patch)), by("unknown"))
        }
        #expect(error.code == row.code)
        #expect(error.message == row.message)
    }

    @Test func anUnknownFieldInAPatch() throws {
        let old = try stored()
        let error = refusal {
            try Pool.admission.preparePatch(old: old, .merge(json(#"{"spec":{"replicaz":4}}"#)), by("x"))
        }
        #expect(error.code == 422)
        #expect(error.message.hasPrefix(#" "" is invalid: patch: Invalid value: "{\"apiVersion\":"#))
        #expect(error.message.hasSuffix(#"strict decoding error: unknown field "spec.replicaz""#))
        #expect(error.unknownFields.map(\.nearest) == ["replicas"])
    }

    @Test func jsonPatches() throws {
        let old = try stored()
        let patch = json(
            #"[{"op":"test","path":"/spec/region","value":"us-east-1"},{"op":"replace","path":"/spec/replicas","value":5}]"#
        )
        #expect(
            try Pool.admission.preparePatch(old: old, .json(patch), by("x")).tree["spec"]?["replicas"] == 5)
        let failing = json(#"[{"op":"test","path":"/spec/region","value":"nope"}]"#)
        let error = refusal { try Pool.admission.preparePatch(old: old, .json(failing), by("x")) }
        #expect(
            error.status["reason"] == "Invalid" && error.status["details"] == .emptyObject
                && error.code == 422)
        #expect(error.message.hasPrefix("the server rejected our request due to an error in our request"))
    }

    @Test func ownersCanBeRewrittenOrForgotten() throws {
        let old = try stored()
        let handed = json(
            #"[{"apiVersion":"reconcile.dev/v1alpha1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:region":{}}},"manager":"kubectl","operation":"Apply","time":"2026-11-23T10:27:44Z"}]"#
        )
        let rewritten = try update(old, old.with(["metadata", "managedFields"], handed))
        #expect(rewritten.changed && rewritten.tree["metadata"]?["managedFields"] == handed)
        let forgotten = try update(old, old.with(["metadata", "managedFields"], [.emptyObject]))
        #expect(forgotten.changed && forgotten.tree["metadata"]?["managedFields"] == nil)
        let emptied = try update(old, old.with(["metadata", "managedFields"], []))
        #expect(!emptied.changed, "of custom resources a list of nothing says nothing")
        let silent = try update(old, old.with(["metadata", "managedFields"], nil))
        #expect(!silent.changed, "clients that don't know the record can't lose it")
    }

    @Test func finalizersOfADeletingObject() throws {
        let old = try stored(metadata: ["finalizers": ["reconcile.dev/cleanup"]])
        guard case .mark(let deleting) = try Pool.admission.prepareDelete(old: old, now: at(5)) else {
            Issue.record("it has a finalizer")
            return
        }
        let error = refusal {
            try update(
                deleting, deleting.with(["metadata", "finalizers"], ["reconcile.dev/cleanup", "x.dev/y"]))
        }
        #expect(
            error.fieldErrors.map(\.description) == [
                #"metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x.dev/y"}"#
            ])
        let released = try update(deleting, deleting.with(["metadata", "finalizers"], nil))
        #expect(released.changed && released.tree["metadata"]?["finalizers"] == nil)
        #expect(released.tree["metadata"]?["deletionTimestamp"] != nil)
    }

    @Test func scale() throws {
        let old = try stored().with(["status"], ["replicas": 2, "selector": "pool=a"])
        #expect(
            Scale.tree(of: old, .workerPool)
                == json(
                    """
                    {"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":"a","namespace":"ecommerce","uid":"u-1",
                    "resourceVersion":"7","creationTimestamp":"\(at(0).wholeSeconds)"},"spec":{"replicas":1},
                    "status":{"replicas":2,"selector":"pool=a"}}
                    """))
        let patch = Patch.merge(json(#"{"spec":{"replicas":6}}"#))
        let admitted = try Pool.admission.preparePatch(old: old, patch, subresource: .scale, by("kubectl"))
        #expect(admitted.tree["spec"]?["replicas"] == 6)
        #expect(admitted.tree["metadata"]?["generation"] == 2)
        #expect(admitted.tree.owners.contains(#"kubectl Update/scale {"f:spec":{"f:replicas":{}}}"#))
        let stale = Scale.tree(of: old, .workerPool).with(["metadata", "resourceVersion"], "1")
        #expect(refusal { try update(old, stale, .scale) }.reason == .conflict)
        let wrong = refusal {
            try Pool.admission.preparePatch(
                old: old, .merge(json(#"{"spec":{"replicas":5000}}"#)), subresource: .scale, by("k"))
        }
        #expect(
            wrong.message
                == #"WorkerPool.reconcile.dev "a" is invalid: spec.replicas: Invalid value: 5000: spec.replicas in body should be less than or equal to 1000"#
        )
    }

    @Test func aTimeMayBeWrittenInAnotherWay() throws {
        let old = try stored()
        let time = try #require(old["metadata"]?["creationTimestamp"]?.string)
        let other = time.replacing("Z", with: "+00:00")
        let new = old.with(["metadata", "creationTimestamp"], .string(other)).with(["spec", "replicas"], 3)
        let admitted = try Pool.admission.prepareUpdate(old: old, new: new, by("python"))
        #expect(admitted.tree["metadata"]?["creationTimestamp"]?.string == time)
    }
}
