import Apply
import Documents
import Model
import Testing
import Tree

@Suite struct ManagedFieldsTests {
    @Test func listsOfARealServerRoundTrip() {
        let list = json(
            #"""
            [{"apiVersion":"reconcile.dev/v1alpha1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:region":{}}},
              "manager":"alice","operation":"Apply","time":"2026-11-23T10:27:44Z"},
             {"apiVersion":"reconcile.dev/v1alpha1","fieldsType":"FieldsV1","fieldsV1":{"f:status":{"f:replicas":{}}},
              "manager":"reconcile-controller","operation":"Apply","subresource":"status","time":"2026-11-23T10:27:44Z"},
             {"apiVersion":"reconcile.dev/v1alpha1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{".":{},"f:type":{}}},
              "manager":"kubectl-create","operation":"Update","time":"2026-11-23T10:27:41Z"}]
            """#)
        let object: Tree = ["metadata": ["managedFields": list]]
        #expect(ManagedFields(of: object).tree == list)
        var copy: Tree = ["metadata": ["name": "a"]]
        ManagedFields(of: object).write(to: &copy)
        #expect(copy == ["metadata": ["name": "a", "managedFields": list]])
    }

    @Test func whatCantBeReadIsDropped() {
        let object = json(
            #"{"metadata":{"managedFields":[{},{"manager":"x","operation":"Frob","fieldsV1":{}},{"manager":"y","operation":"Update","fieldsV1":{"bad":1}}]}}"#
        )
        #expect(ManagedFields(of: object).entries.isEmpty)
        #expect(ManagedFields(of: .null).tree == nil)
    }

    @Test func everyUpdaterOwnsWhatItWrote() {
        var owners = ManagedFields()
        func update(_ old: Tree?, _ new: Tree, _ manager: String) {
            owners.update(
                old: old, new: new, schema: Pool.schema, manager: manager,
                apiVersion: "reconcile.dev/v1alpha1", now: at(0))
        }
        let first = pool("a", ["region": "r", "replicas": 1])
        update(nil, first, "ann")
        #expect(texts(owners) == [#"ann {"f:spec":{".":{},"f:region":{},"f:replicas":{}}}"#])
        let second = pool("a", ["region": "r", "replicas": 2])
        update(first, second, "ben")
        #expect(
            texts(owners) == [
                #"ann {"f:spec":{".":{},"f:region":{}}}"#, #"ben {"f:spec":{"f:replicas":{}}}"#,
            ])
        update(second, second, "cleo")
        #expect(owners.entries.count == 2, "who changes nothing owns nothing")
        update(second, pool("a", ["region": "r"]), "cleo")
        #expect(
            texts(owners) == [#"ann {"f:spec":{".":{},"f:region":{}}}"#], "what is gone belongs to nobody")
    }

    @Test func updatersAreBounded() {
        var owners = ManagedFields()
        var old = pool("a", ["region": "r"])
        for number in 0..<40 {
            var new = old
            new["spec"] = [
                "region": "r", "labels": .object((0...number).reduce(into: Members()) { $0["k\($1)"] = "v" }),
            ]
            owners.update(
                old: old, new: new, schema: Pool.schema, manager: "m\(number)",
                apiVersion: "reconcile.dev/v1alpha1",
                now: at(number))
            old = new
        }
        #expect(owners.entries.count == ManagedFields.updaterLimit)
        let folded = owners.entries.first { $0.manager == ManagedFields.foldedManager }
        #expect(folded?.fields.contains([.field("spec"), .field("labels"), .field("k0")]) == true)
        let all = owners.entries.reduce(FieldSet()) { $0.union($1.fields) }
        #expect(
            (0..<40).allSatisfy { all.contains([.field("spec"), .field("labels"), .field("k\($0)")]) },
            "nothing is lost")
    }

    private func texts(_ owners: ManagedFields) -> [String] {
        owners.entries.map { "\($0.manager) \(JSON.text($0.fields.tree))" }.sorted()
    }
}
